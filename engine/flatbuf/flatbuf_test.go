package flatbuf

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// sample is {0: "hi", 1: [1, 2]} by hand.
var sample = []byte{
	16, 0, 0, 0, 'T', 'E', 'S', 'T', // root table, identifier
	8, 0, 12, 0, 4, 0, 8, 0, // vtable of two fields
	8, 0, 0, 0, 8, 0, 0, 0, 12, 0, 0, 0, // table: back to the vtable, on to string and vector
	2, 0, 0, 0, 'h', 'i', 0, 0,
	2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0,
}

func TestRead(t *testing.T) {
	b := New(bytes.NewReader(sample), int64(len(sample)))
	r := b.Root("TEST")
	if got := r.String(0, 10); got != "hi" {
		t.Errorf("string %q, %v", got, b.Err())
	}
	if v := r.Vector(1, 4); v.Len != 2 || v.I32(0) != 1 || v.I32(1) != 2 || v.I32(2) != 0 || b.Err() != nil {
		t.Errorf("vector %+v, %v", v, b.Err())
	}
	if r.Set(7) || r.Table(7).Has() || r.U32(7) != 0 || r.Vector(7, 4).Len != 0 {
		t.Error("a field beyond the vtable is there")
	}
	if r.Fields() != 2 {
		t.Errorf("%d fields", r.Fields())
	}
}

func TestBad(t *testing.T) {
	for name, s := range map[string]string{
		"empty": "", "short": "\x04\x00", "root outside": "\xff\xff\xff\x7fTEST",
		"identifier":     "\x08\x00\x00\x00NONE\x00\x00\x00\x00",
		"vtable outside": "\x08\x00\x00\x00TEST\xff\xff\xff\x7f", "vtable before": "\x08\x00\x00\x00TEST\x00\x01\x00\x00",
	} {
		b := New(strings.NewReader(s), int64(len(s)))
		b.Root("TEST").Table(0).Vector(0, 4).Table(1).String(2, 10)
		if b.Err() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// TestAccesses points every element of a vector to the same table: what looks like
// much work ends.
func TestAccesses(t *testing.T) {
	b := New(bytes.NewReader(sample), int64(len(sample)))
	b.left = 100
	for range 200 {
		b.Root("TEST")
	}
	if !errors.Is(b.Err(), ErrLimit) {
		t.Error(b.Err())
	}
}

func FuzzRead(f *testing.F) {
	f.Add(sample)
	f.Fuzz(func(t *testing.T, s []byte) {
		b := New(bytes.NewReader(s), int64(len(s)))
		r := b.Root("")
		v := r.Vector(0, 4)
		for i := range min(v.Len, 100) {
			v.Table(i).String(i%4, 100)
			v.I32(i)
		}
		r.Table(1).Vector(1, 1).Bytes(1000)
		_, _ = FlexStrings(s)
	})
}
