package msgpack_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/engine/msgpack"
)

func render(p *msgpack.Parser, b *strings.Builder) error {
	h, err := p.Next()
	if err != nil {
		return err
	}
	switch h.Kind {
	case msgpack.Nil:
		b.WriteString("nil")
	case msgpack.Bool, msgpack.Int:
		fmt.Fprint(b, h.Int)
	case msgpack.Float:
		fmt.Fprint(b, h.Float)
	case msgpack.Str, msgpack.Bin, msgpack.Ext:
		c, err := p.Bytes(h, 100)
		fmt.Fprintf(b, "%s%d:%s", h.Kind, h.Type, c)
		return err
	default:
		n := h.N
		if h.Kind == msgpack.Map {
			n *= 2
		}
		b.WriteString("[")
		for range n {
			if err := render(p, b); err != nil {
				return err
			}
			b.WriteString(" ")
		}
		b.WriteString("]")
	}
	return nil
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ doc, want string }{
		{"\xc0", "nil"},
		{"\xc3", "1"},
		{"\x7f", "127"},
		{"\xff", "-1"},
		{"\xcc\xff", "255"},
		{"\xd0\xff", "-1"},
		{"\xd1\xff\xfe", "-2"},
		{"\xcd\x01\x00", "256"},
		{"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "9223372036854775807"},
		{"\xca\x3f\x80\x00\x00", "1"},
		{"\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00", "1.5"},
		{"\xa2hi", "a string0:hi"},
		{"\xd9\x02hi", "a string0:hi"},
		{"\xc4\x02hi", "bytes0:hi"},
		{"\x92\x01\x02", "[1 2 ]"},
		{"\xdc\x00\x01\x05", "[5 ]"},
		{"\x81\xa1a\x01", "[a string0:a 1 ]"},
		{"\xd4\x05x", "an extension5:x"},
		{"\xc7\x02\xffhi", "an extension-1:hi"},
		{"\xc8\x00\x02\x01hi", "an extension1:hi"},
	} {
		var b strings.Builder
		p := msgpack.New(strings.NewReader(tt.doc), int64(len(tt.doc)))
		if err := render(p, &b); err != nil || b.String() != tt.want || p.Left() != 0 {
			t.Errorf("%q: %q %v, want %q", tt.doc, b.String(), err, tt.want)
		}
		p = msgpack.New(strings.NewReader(tt.doc), int64(len(tt.doc)))
		h, err := p.Next()
		if err == nil {
			err = p.Skip(h)
		}
		if err != nil || p.Left() != 0 {
			t.Errorf("%q cannot be skipped: %v", tt.doc, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for name, doc := range map[string]string{
		"empty":       "",
		"reserved":    "\xc1",
		"string lies": "\xdb\x7f\xff\xff\xff",
		"array lies":  "\xdd\xff\xff\xff\xff",
		"map lies":    "\xdf\xff\xff\xff\xff",
		"ext lies":    "\xc9\xff\xff\xff\xff\x01",
		"deep":        strings.Repeat("\x91", 2000) + "\x01",
	} {
		p := msgpack.New(strings.NewReader(doc), int64(len(doc)))
		h, err := p.Next()
		if err == nil {
			err = p.Skip(h)
		}
		if err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("\x82\xa1a\xd4\x05x\xa1b\x92\x01\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		p := msgpack.New(bytes.NewReader(doc), int64(len(doc)))
		for p.Left() > 0 {
			before := p.Offset()
			h, err := p.Next()
			if err != nil || p.Skip(h) != nil {
				return
			}
			if p.Offset() <= before {
				t.Fatal("no progress")
			}
		}
	})
}
