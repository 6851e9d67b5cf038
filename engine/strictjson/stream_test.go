package strictjson

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// parser is what [Parser] and [Stream] share.
type parser interface {
	Kind() Kind
	Object(func([]byte, int) error) error
	Array(func(int) error) error
	Text() (string, error)
	Number() (string, error)
	Skip() error
	End() error
}

// walk writes down what a parser sees, and leaves every third value to be skipped.
func walk(p parser, out *strings.Builder, n *int) error {
	switch *n++; p.Kind() {
	case Object:
		out.WriteString("{")
		err := p.Object(func(k []byte, _ int) error {
			out.WriteString(string(k) + ":")
			if *n%3 == 0 {
				*n++
				return nil
			}
			return walk(p, out, n)
		})
		out.WriteString("}")
		return err
	case Array:
		out.WriteString("[")
		err := p.Array(func(int) error { return walk(p, out, n) })
		out.WriteString("]")
		return err
	case String:
		s, err := p.Text()
		out.WriteString(s + ";")
		return err
	case Number:
		s, err := p.Number()
		out.WriteString(s + ";")
		return err
	}
	return p.Skip()
}

func both(t *testing.T, doc []byte, o Options) (same bool) {
	t.Helper()
	var a, b strings.Builder
	p, s := New(doc, o), NewStream(bytes.NewReader(doc), o)
	run := func(p parser, out *strings.Builder) error {
		n := 0
		if err := walk(p, out, &n); err != nil {
			return err
		}
		return p.End()
	}
	errA, errB := run(p, &a), run(s, &b)
	if (errA == nil) != (errB == nil) {
		t.Errorf("%q: the parser says %v, the stream %v", doc, errA, errB)
	}
	if errA == nil && a.String() != b.String() {
		t.Errorf("%q: the parser sees %q, the stream %q", doc, a.String(), b.String())
	}
	if errA == nil && len(p.Duplicates) < maxDuplicates && (len(p.Duplicates) != s.Duplicates) {
		t.Errorf("%q: the parser sees %d duplicates, the stream %d", doc, len(p.Duplicates), s.Duplicates)
	}
	return errA == nil
}

const streamed = `{"a":[1.5e3,-2,{"b":null}],"c":"\ud83d\ude00\n\"","d":[true,false,[[]],{}],"a":0} `

func TestStreamIsAsParser(t *testing.T) {
	for _, doc := range []string{streamed, `[]`, `{"a":1,"a":2}`, `[1,]`, `[,1]`, `{"a" 1}`, `{"a":}`, `{,}`, `01`, `1.`, `-`, `1e`, `nul`, `nulll`, `truex`, `"a`, `"\x"`, `"\`, ``, ` `,
		`[1] 2`, `[1 2]`, `{"a":1 "b":2}`, "\"\x01\"", "\"\xff\"", `NaN`, `[Infinity,-Infinity]`, `"\ud800"`, strings.Repeat("[", 200), `1a`, `tru`, `[true false]`} {
		both(t, []byte(doc), Options{})
		both(t, []byte(doc), Options{Python: true})
	}
	for n := range len(streamed) {
		both(t, []byte(streamed[:n]), Options{})
	}
}

func TestStreamBounds(t *testing.T) {
	if _, err := NewStream(strings.NewReader(`"`+strings.Repeat("x", maxText)+`"`), Options{}).Text(); err == nil {
		t.Error("a string of any length is kept")
	}
	if _, err := NewStream(strings.NewReader(strings.Repeat("1", 2*maxNumber)), Options{}).Number(); err == nil {
		t.Error("a number of any length is kept")
	}
	want := errors.New("broken")
	r := io.MultiReader(strings.NewReader(`{"a": [1, `), iotest.ErrReader(want))
	if err := NewStream(r, Options{}).Skip(); !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}

func FuzzStream(f *testing.F) {
	f.Add([]byte(streamed), true)
	f.Fuzz(func(t *testing.T, doc []byte, python bool) { both(t, doc, Options{Python: python}) })
}
