package gguf

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// builder writes files of any version and byte order.
type builder struct {
	order binary.AppendByteOrder
	v1    bool
	b     []byte
}

func build(version uint32, order binary.AppendByteOrder, tensors, pairs uint64) *builder {
	w := &builder{order: order, v1: version == 1, b: []byte("GGUF")}
	return w.u32(version).length(tensors).length(pairs)
}

func (w *builder) u32(n uint32) *builder { w.b = w.order.AppendUint32(w.b, n); return w }
func (w *builder) u64(n uint64) *builder { w.b = w.order.AppendUint64(w.b, n); return w }
func (w *builder) raw(s string) *builder { w.b = append(w.b, s...); return w }
func (w *builder) text(s string) *builder {
	return w.length(uint64(len(s))).raw(s)
}

func (w *builder) length(n uint64) *builder {
	if w.v1 {
		return w.u32(uint32(n))
	}
	return w.u64(n)
}

func (w *builder) tensor(name string, kind uint32, offset uint64, dims ...uint64) *builder {
	w.text(name).u32(uint32(len(dims)))
	for _, d := range dims {
		w.length(d)
	}
	return w.u32(kind).u64(offset)
}

type got struct {
	Pairs   []Pair
	Tensors []Tensor
	Layout  Layout
}

func read(b []byte) (got, error) {
	var g got
	l, err := Read(context.Background(), bytes.NewReader(b), Handler{
		Pair: func(p *Pair) error { g.Pairs = append(g.Pairs, *p); return nil },
		Tensor: func(t *Tensor) error {
			c := *t
			c.Dims = append([]uint64(nil), t.Dims...)
			g.Tensors = append(g.Tensors, c)
			return nil
		},
	})
	g.Layout = l
	return g, err
}

func TestEveryVersionAndByteOrder(t *testing.T) {
	for _, version := range []uint32{1, 2, 3} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			w := build(version, order, 1, 4)
			w.text("general.architecture").u32(uint32(String)).text("llama")
			w.text("n").u32(uint32(Int16)).raw(string(order.AppendUint16(nil, 0x8000)))
			w.text("f").u32(uint32(Float64)).u64(math.Float64bits(-1.5))
			w.text("nested").u32(uint32(Array)).u32(uint32(Array)).length(2)
			w.u32(uint32(String)).length(2).text("a").text("bc")
			w.u32(uint32(Uint16)).length(3).raw("xxyyzz")
			w.tensor("w", 2, 0, 64, 3)
			g, err := read(w.b)
			if err != nil {
				t.Fatalf("version %d %s: %v", version, order, err)
			}
			if g.Layout.Version != version || g.Layout.BigEndian != (order == binary.AppendByteOrder(binary.BigEndian)) || g.Layout.Data%32 != 0 {
				t.Errorf("version %d %s: layout %+v", version, order, g.Layout)
			}
			var values []any
			for _, p := range g.Pairs {
				values = append(values, p.Value)
			}
			if diff := cmp.Diff([]any{"llama", int16(-32768), -1.5, nil}, values); diff != "" {
				t.Errorf("version %d %s: %s", version, order, diff)
			}
			if p := g.Pairs[3]; p.Count != 2 || strings.Join(p.Items, ",") != "a,bc" {
				t.Errorf("nested array read as %+v", p)
			}
			if n, err := g.Tensors[0].Bytes(); err != nil || n != 108 || cmp.Diff([]uint64{64, 3}, g.Tensors[0].Dims) != "" {
				t.Errorf("tensor %+v has %d bytes, %v", g.Tensors[0], n, err)
			}
		}
	}
}

func TestLies(t *testing.T) {
	le := binary.LittleEndian
	one := func() *builder { return build(3, le, 0, 1).text("k") }
	for _, tt := range []struct {
		name string
		b    []byte
		want error
	}{
		{"no magic", []byte("GGML....."), ErrMagic},
		{"tensor count wraps", build(3, le, 1<<63, 0).b, ErrOverflow},
		{"pair count wraps", build(3, le, 0, math.MaxUint64).b, ErrOverflow},
		{"tensor count beyond the file", build(3, le, 1000, 0).b, ErrTruncated},
		{"pair count beyond the file", build(3, le, 0, 1000).b, ErrTruncated},
		{"key length wraps", build(3, le, 0, 1).u64(math.MaxUint64).raw(strings.Repeat("x", 64)).b, ErrOverflow},
		{"key length beyond the file", build(3, le, 0, 1).u64(1000).raw(strings.Repeat("x", 64)).b, ErrTruncated},
		{"string length wraps", one().u32(uint32(String)).u64(math.MaxUint64).b, ErrOverflow},
		{"string length beyond the file", one().u32(uint32(String)).u64(10).raw("x").b, ErrTruncated},
		{"array length wraps", one().u32(uint32(Array)).u32(uint32(Uint64)).u64(1 << 61).b, ErrOverflow},
		{"array of strings wraps", one().u32(uint32(Array)).u32(uint32(String)).u64(1 << 61).b, ErrOverflow},
		{"array beyond the file", one().u32(uint32(Array)).u32(uint32(Uint64)).u64(1 << 40).b, ErrTruncated},
		{"array of strings beyond the file", one().u32(uint32(Array)).u32(uint32(String)).u64(1 << 40).b, ErrTruncated},
		{"alignment zero", build(3, le, 0, 1).text("general.alignment").u32(uint32(Uint32)).u32(0).b, ErrAlignment},
		{"alignment 48", build(3, le, 0, 1).text("general.alignment").u32(uint32(Uint32)).u32(48).b, ErrAlignment},
		{"alignment of another type", build(3, le, 0, 1).text("general.alignment").u32(uint32(Uint64)).u64(32).b, ErrAlignment},
		{"alignment 64", build(3, le, 0, 1).text("general.alignment").u32(uint32(Uint32)).u32(64).b, nil},
	} {
		if _, err := read(tt.b); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	nested := one().u32(uint32(Array))
	for range 20 {
		nested.u32(uint32(Array)).u64(1)
	}
	if _, err := read(nested.b); !errors.Is(err, ErrBound) && !errors.Is(err, ErrTruncated) {
		t.Errorf("deeply nested arrays: %v", err)
	}
}

func TestTensorBytes(t *testing.T) {
	for _, tt := range []struct {
		kind Type
		dims []uint64
		n    uint64
		want error
	}{
		{0, []uint64{3, 5}, 60, nil},
		{0, nil, 4, nil},
		{0, []uint64{0, 1 << 63}, 0, nil},
		{12, []uint64{256, 2}, 288, nil},
		{12, []uint64{255, 2}, 0, ErrBlock},
		{2, []uint64{16, 2}, 0, ErrBlock},
		{99, []uint64{1}, 0, ErrType},
		{1 << 31, []uint64{1}, 0, ErrType},
		{0, []uint64{1 << 32, 1 << 32}, 0, ErrOverflow},
		{0, []uint64{1 << 31, 1 << 31, 4}, 0, ErrOverflow},
		{0, []uint64{1 << 61}, 0, ErrOverflow},
		{24, []uint64{1 << 62}, 1 << 62, nil},
		{24, []uint64{1 << 63}, 0, ErrOverflow},
	} {
		n, err := (&Tensor{Dims: tt.dims, Type: tt.kind}).Bytes()
		if n != tt.n || !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%v of %s: %d, %v; want %d, %v", tt.dims, tt.kind, n, err, tt.n, tt.want)
		}
	}
}

func TestLongStringsArePassedOver(t *testing.T) {
	w := build(3, binary.LittleEndian, 0, 2)
	w.text("long").u32(uint32(String)).text(strings.Repeat("x", MaxText+1))
	w.text("after").u32(uint32(Bool)).raw("\x02")
	g, err := read(w.b)
	if err != nil || len(g.Pairs) != 2 || g.Pairs[0].Value != nil || g.Pairs[0].Length != MaxText+1 {
		t.Fatalf("%v", err)
	}
	if g.Pairs[1].Value != true || g.Pairs[1].OddBools != 1 {
		t.Errorf("%+v", g.Pairs[1])
	}
}

func FuzzRead(f *testing.F) {
	f.Add(build(3, binary.LittleEndian, 1, 1).text("k").u32(uint32(Array)).u32(uint32(String)).u64(1).text("x").tensor("w", 2, 0, 64).b)
	f.Add(build(1, binary.BigEndian, 1, 1).text("k").u32(uint32(String)).text("x").tensor("w", 0, 0, 1, 2).b)
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := read(b)
		if err == nil && (uint64(len(g.Tensors)) != g.Layout.Tensors || uint64(len(g.Pairs)) != g.Layout.Pairs) {
			t.Fatalf("%d of %d tensors, %d of %d pairs", len(g.Tensors), g.Layout.Tensors, len(g.Pairs), g.Layout.Pairs)
		}
		for _, x := range g.Tensors {
			_, _ = x.Bytes()
		}
	})
}
