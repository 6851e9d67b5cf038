package secret

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"sort"
	"strings"

	"github.com/merlon-security/merlon/engine/gguf"
	"github.com/merlon-security/merlon/engine/marshal"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text/secret"
)

// harvest is text that was gathered from a binary: a line for each piece, and where in
// the file it is.
type harvest struct {
	text bytes.Buffer
	at   []piece
}

// piece is where a line begins: in the text, and in the file; -1: unknown.
type piece struct {
	start  int
	offset int64
}

func (l *harvest) add(text string, offset int64) {
	l.at = append(l.at, piece{l.text.Len(), offset})
	l.text.WriteString(strings.ReplaceAll(text, "\n", "\\n"))
	l.text.WriteByte('\n')
}

// maxBinary is how much of a compiled module is read, and how much text is gathered,
// in bytes.
const maxBinary = 8 << 20

// harvested gathers the text of a file that is none, or nil for any other: the metadata
// of GGUF models, the constants of compiled Python.
func harvested(ctx context.Context, f scan.File) (*harvest, error) {
	switch head := f.Head(); {
	case bytes.HasPrefix(head, []byte("GGUF")):
		return ggufText(ctx, f)
	case compiled(f.Ref().Name(), head):
		b, err := scan.Bytes(f, maxBinary)
		if err != nil {
			return nil, err
		}
		return pythonText(b), nil
	}
	return nil, nil
}

// compiled reports a module that Python compiled: its magic number ends in CR LF.
func compiled(name string, head []byte) bool {
	ext := strings.ToLower(path.Ext(name))
	return (ext == ".pyc" || ext == ".pyo") && len(head) > 16 && head[2] == '\r' && head[3] == '\n'
}

// ggufText is the metadata: what of a header that is broken comes before the fault.
// That it is broken the scanner of models says.
func ggufText(ctx context.Context, f scan.File) (*harvest, error) {
	l := &harvest{}
	_, err := gguf.Read(ctx, f, gguf.Handler{Pair: func(p *gguf.Pair) error {
		if s, ok := p.Value.(string); ok && l.text.Len() < maxBinary {
			l.add(fmt.Sprintf("%s = %q", p.Key, s), p.Offset)
		}
		if !strings.HasPrefix(p.Key, "tokenizer.") {
			for _, s := range p.Items {
				if l.text.Len() < maxBinary {
					l.add(fmt.Sprintf("%s = %q", p.Key, s), p.At)
				}
			}
		}
		return ctx.Err()
	}})
	if ctxErr := ctx.Err(); ctxErr != nil {
		return nil, ctxErr
	}
	_ = err
	return l, nil
}

// pythonText is what string constants there are, and, where the format is not known,
// what can be read.
func pythonText(b []byte) *harvest {
	l := &harvest{}
	for _, header := range []int{16, 12, 8} { // Python 3.7, 3.3, before
		code, err := marshal.Read(b[min(header, len(b)):])
		if err != nil {
			continue
		}
		for _, c := range code.All() {
			for _, s := range c.Texts {
				if l.text.Len() < maxBinary {
					l.add(s, int64(bytes.Index(b, []byte(s[:min(len(s), 64)]))))
				}
			}
		}
		return l
	}
	for i := 0; i < len(b); {
		j := i
		for j < len(b) && b[j] >= ' ' && b[j] < 0x7f {
			j++
		}
		if j-i >= 12 {
			l.add(string(b[i:j]), int64(i))
		}
		i = j + 1
	}
	return l
}

// gathered reports what is in the text of a binary, where in the file it is.
func (r *reporter) gathered(d *secret.Detector, l *harvest) {
	b := l.text.Bytes()
	found := d.Find(b)
	for i := range found {
		m := &found[i]
		p := l.at[max(0, sort.Search(len(l.at), func(k int) bool { return l.at[k].start > m.Start })-1)]
		at := finding.Location{Ref: r.ref}
		if p.offset >= 0 {
			at.Offset = &p.offset
		}
		r.add(b, m, at, "", found)
	}
}
