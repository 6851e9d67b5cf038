package ubjson_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/engine/ubjson"
)

// render prints a document as JSON would look.
func render(p *ubjson.Parser, b *strings.Builder) error {
	switch p.Kind() {
	case ubjson.Object:
		b.WriteString("{")
		err := p.Object(func(k []byte, _ int) error {
			fmt.Fprintf(b, "%s:", k)
			err := render(p, b)
			b.WriteString(";")
			return err
		})
		b.WriteString("}")
		return err
	case ubjson.Array:
		b.WriteString("[")
		err := p.Array(func(int) error {
			err := render(p, b)
			b.WriteString(";")
			return err
		})
		b.WriteString("]")
		return err
	case ubjson.String:
		s, err := p.Text()
		b.WriteString(s)
		return err
	case ubjson.Number:
		n, err := p.Number()
		fmt.Fprint(b, n)
		return err
	case ubjson.Bool:
		v, err := p.Bool()
		fmt.Fprint(b, v)
		return err
	}
	b.WriteString("-")
	return p.Skip()
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ doc, want string }{
		{"{}", "{}"},
		{"{U\x01aU\x05}", "{a:5;}"},
		{"{U\x01aSU\x02hiU\x01bCxU\x01cZU\x01dT}", "{a:hi;b:x;c:-;d:true;}"},
		{"[i\xffI\x01\x00l\x00\x00\x00\x01L\x00\x00\x00\x00\x00\x00\x00\x02]", "[-1;256;1;2;]"},
		{"[$d#U\x02\x3f\x80\x00\x00\xbf\x00\x00\x00", "[1;-0.5;]"},
		{"[#U\x02U\x01[]", "[1;[];]"},
		{"[$[#U\x02#U\x00]", "[[];[];]"},
		{"{$U#U\x02U\x01a\x01U\x01b\x02", "{a:1;b:2;}"},
		{"{#U\x01U\x01aZ", "{a:-;}"},
		{"N[NU\x01N]", "[1;]"},
		{"[$T#U\x02", "[true;true;]"},
	} {
		p := ubjson.New(strings.NewReader(tt.doc), int64(len(tt.doc)))
		var b strings.Builder
		err := render(p, &b)
		if err == nil {
			err = p.End()
		}
		if err != nil || b.String() != tt.want {
			t.Errorf("%q: %q %v, want %q", tt.doc, b.String(), err, tt.want)
		}
		p = ubjson.New(strings.NewReader(tt.doc), int64(len(tt.doc)))
		if err := p.Skip(); err != nil || p.End() != nil {
			t.Errorf("%q cannot be skipped: %v %v", tt.doc, err, p.End())
		}
	}
}

func TestRefused(t *testing.T) {
	for name, doc := range map[string]string{
		"empty":                "",
		"open":                 "[U\x01",
		"count lies":           "[#L\x7f\xff\xff\xff\xff\xff\xff\xff",
		"typed count lies":     "[$d#L\x00\x00\x00\x7f\xff\xff\xff\xff",
		"items without bytes":  "[$Z#l\x7f\xff\xff\xff",
		"negative count":       "[#i\xff",
		"type without count":   "[$U]",
		"string length lies":   "SL\x00\x00\x00\x00\x7f\xff\xff\xff",
		"no such type":         "x",
		"container of no type": "[$x#U\x01",
		"deep":                 strings.Repeat("[", 1000),
		"trailing":             "Zx",
	} {
		for _, read := range []func(*ubjson.Parser) error{
			func(p *ubjson.Parser) error { var b strings.Builder; return render(p, &b) },
			(*ubjson.Parser).Skip,
		} {
			p := ubjson.New(strings.NewReader(doc), int64(len(doc)))
			err := read(p)
			if err == nil {
				err = p.End()
			}
			if err == nil {
				t.Errorf("%s was read", name)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("{U\x01a[$d#U\x02\x3f\x80\x00\x00\xbf\x00\x00\x00U\x01bSU\x02hi}"))
	f.Fuzz(func(_ *testing.T, doc []byte) {
		var b strings.Builder
		_ = render(ubjson.New(bytes.NewReader(doc), int64(len(doc))), &b)
		_ = ubjson.New(bytes.NewReader(doc), int64(len(doc))).Skip()
	})
}
