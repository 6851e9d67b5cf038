package sast

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/text/strictyaml"
)

// maxDocuments is how many files of one folder are read.
const maxDocuments = 1000

// Load reads models and rules of one's own: the files *.yaml and *.yml in each folder
// and in its subfolders models and rules. They add to what is built in. An error names
// file and line, what is wrong and what to do.
func Load(dirs ...string) (*Knowledge, error) {
	docs, err := embeddedDocuments()
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, dir := range dirs {
		own, err := documentsIn(dir)
		if err != nil {
			return nil, err
		}
		for _, d := range own {
			fmt.Fprintf(sum, "%d\n%s", len(d.text), d.text)
		}
		docs = append(docs, own...)
	}
	k, err := load(docs)
	if err != nil {
		return nil, err
	}
	if len(dirs) > 0 {
		k.digest = hex.EncodeToString(sum.Sum(nil))
	}
	return k, nil
}

func documentsIn(dir string) ([]document, error) {
	var docs []document
	for _, sub := range []string{"", "models", "rules"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		if sub != "" && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
				continue
			}
			name := filepath.Join(dir, sub, e.Name())
			text, err := safeio.ReadFile(name, strictyaml.MaxSize)
			if err != nil {
				return nil, err
			}
			if docs = append(docs, document{name, text}); len(docs) > maxDocuments {
				return nil, fmt.Errorf("%s: more than %d files of rules", dir, maxDocuments)
			}
		}
	}
	if len(docs) == 0 {
		return nil, fmt.Errorf("%s: no rules there; put *.yaml files into the folder, or into its subfolders models and rules", dir)
	}
	return docs, nil
}

// mistake is an error in a document, near a word of it.
type mistake struct {
	after, word string // the first line with word, from the first line with after on
	msg         string
}

func (m *mistake) Error() string { return m.msg }

// mistakef is about a word in a document.
func mistakef(word, format string, args ...any) error {
	return &mistake{word: word, msg: fmt.Sprintf(format, args...)}
}

// inRule says which rule an error is about.
func inRule(err error, id string) error {
	m := &mistake{after: id, word: id, msg: err.Error()}
	if e, ok := errors.AsType[*mistake](err); ok {
		m.word = e.word
	}
	if id != "" && !strings.Contains(m.msg, id) {
		m.msg = id + ": " + m.msg
	}
	return m
}

// parserPosition is how the YAML library begins an error: "[3:5] ".
var parserPosition = pattern(`^\[(\d+):\d+\] `)

// mistake puts file and line in front of an error.
func (d document) mistake(err error) error {
	line, msg := 1, err.Error()
	if e, ok := errors.AsType[*strictyaml.Error](err); ok {
		line, msg = max(e.Line, 1), e.Msg
	} else if m, ok := errors.AsType[*mistake](err); ok {
		line = d.line(m.after, m.word)
	} else if m := parserPosition().FindStringSubmatch(msg); m != nil {
		line, _ = strconv.Atoi(m[1])
		msg = msg[len(m[0]):]
	}
	return fmt.Errorf("%s:%d: %s", d.name, line, msg)
}

// line finds a word, counted from 1.
func (d document) line(after, word string) int {
	lines := bytes.Split(d.text, []byte("\n"))
	find := func(word string, from int) int {
		if word == "" {
			return -1
		}
		re := regexp.MustCompile(`(^|[^\w.-])` + regexp.QuoteMeta(word) + `($|[^\w.-])`)
		return slices.IndexFunc(lines[from:], func(l []byte) bool { return re.Match(l) })
	}
	start := max(find(after, 0), 0)
	return start + max(find(word, start), 0) + 1
}
