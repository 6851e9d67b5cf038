// Package secret finds credentials in files: source code, configuration, notebooks,
// logs, manifests, archive members and the headers of models. What a credential
// is, package text/secret knows; this package brings the text and says where.
//
// A finding never holds the value: it shows its length, for long values the first
// four characters, and is named so that nobody can work the value out of the name.
package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text/secret"
)

// New returns the scanner of the built-in types.
func New() scan.Scanner { return scanner{secret.Default, rules(), nil} }

// NewWith returns the scanners of files and of histories for the built-in types and
// others, whose rules are made as those of the built-in ones are.
func NewWith(more []secret.Type) (scan.Scanner, scan.ProjectScanner, error) {
	d, err := secret.New(more)
	if err != nil {
		return nil, nil, err
	}
	all := slices.Clone(rules())
	for _, t := range more {
		all = append(all, ruleOf(t))
	}
	detect := func() *secret.Detector { return d }
	return scanner{detect, all, nil}, historian{detect, all, nil}, nil
}

type scanner struct {
	detect func() *secret.Detector
	rules  []finding.Rule
	check  Check // Optional
}

// Info implements [scan.Scanner]. Trees that somebody else wrote are not shown to
// it: their keys are theirs to rotate.
func (sc scanner) Info() scan.Info {
	return scan.Info{ID: "secret", Version: "2", Rules: sc.rules, Interest: &scan.Interest{
		Text:     true,
		Suffixes: []string{".safetensors", ".gguf", ".pyc", ".pyo"},
		Magics:   scan.At(0, "GGUF"), // whatever the model is called
	}}
}

// Wants takes text of any encoding, and models whose header is text.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	switch head := fi.Head; {
	case head == nil:
		return scan.Head
	case fi.Hint == "" && notebook(fi):
		return scan.No
	case len(head) > 0 && (bytes.IndexByte(head, 0) < 0 || wide(head)):
		return scan.Yes
	case len(head) > 8 && head[8] == '{' && strings.HasSuffix(strings.ToLower(fi.Ref.Name()), ".safetensors"):
		return scan.Yes
	case bytes.HasPrefix(head, []byte("GGUF")), compiled(fi.Ref.Name(), head):
		return scan.Yes
	}
	return scan.No
}

// notebook says that a file is handed on by the scanner of notebooks, cell by cell, or
// as it is if it turns out to be none.
func notebook(fi scan.FileInfo) bool {
	return strings.HasSuffix(strings.ToLower(fi.Ref.Name()), ".ipynb") && bytes.HasPrefix(bytes.TrimLeft(fi.Head, "\xef\xbb\xbf \t\r\n"), []byte("{"))
}

const (
	whole  = 8 << 20  // longer files are read in windows, bytes
	window = 4 << 20  // bytes looked at at once
	around = 64 << 10 // bytes shown around a window, longer than any value and its name
	most   = 2000     // findings of one file
)

// errMany is reported for a file that holds more credentials than anybody reads.
var errMany = fmt.Errorf("more than %d credentials; the others are not listed: is this a list of keys, or random data?", most)

// Scan implements [scan.Scanner].
func (sc scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	r := &reporter{sink: s, ref: f.Ref(), place: placeOf(f.Ref().Name()), check: sc.check, ctx: ctx}
	d := sc.detect()
	head := f.Head()
	if l, err := harvested(ctx, f); err != nil || l != nil {
		if err == nil {
			r.gathered(d, l)
		}
		return errors.Join(err, r.err)
	}
	if body, n := safetensors(f); n > 0 {
		return sc.stream(ctx, d, io.NewSectionReader(f, body, n), n, r)
	}
	if f.Size() > whole && !wide(head) {
		return sc.stream(ctx, d, f, f.Size(), r)
	}
	if f.Size() > whole {
		return errors.New("text in UTF-16 or UTF-32 of more than 8 MB: convert it to UTF-8 to have it looked at")
	}
	text, err := scan.Bytes(f, whole)
	if err != nil {
		return err
	}
	if wide(head) {
		text = narrow(text)
	}
	r.all(d, text)
	return r.err
}

// stream looks at a long file window by window. What lies around a window is seen,
// so that a value and its name may stand on both sides of a border.
func (sc scanner) stream(ctx context.Context, d *secret.Detector, f io.ReaderAt, size int64, r *reporter) error {
	buf := make([]byte, 0, window+2*around)
	for at := int64(0); at < size && r.err == nil; at += window {
		if err := ctx.Err(); err != nil {
			return err
		}
		from := max(0, at-around)
		to := min(size, at+window+around)
		buf = buf[:to-from]
		if n, err := f.ReadAt(buf, from); n < len(buf) {
			return fmt.Errorf("read at %d: %w", from+int64(n), err)
		}
		begin := int(at - from)
		end := min(begin+window, len(buf))
		r.window(d, buf, begin, end)
	}
	return r.err
}

var _ scan.Scanner = scanner{}
