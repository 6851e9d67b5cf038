package onnx

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/merlon-security/merlon/engine/protowalk"
)

func field(b []byte, num protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), content)
}

func read(b []byte, v Visitor) (*Model, error) {
	return Read(context.Background(), bytes.NewReader(b), int64(len(b)), Limits{}, v)
}

// TestManyTensors reads two million tensors of a few bytes each without keeping them.
func TestManyTensors(t *testing.T) {
	one := field(nil, 5, []byte("\x08\x00\x10\x01\x42\x01w"))
	b := field(nil, 7, bytes.Repeat(one, 2_000_000))
	n := 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m, err := read(b, Visitor{Tensor: func(*Tensor) { n++ }})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if err != nil || m.Tensors != 2_000_000 || n != 2_000_000 {
		t.Fatal(n, err)
	}
	if after.HeapAlloc > before.HeapAlloc+16<<20 {
		t.Errorf("%d bytes are kept", after.HeapAlloc-before.HeapAlloc)
	}
}

// TestHugeTensor describes a tensor of 200 GB without reading it.
func TestHugeTensor(t *testing.T) {
	const size = 200 << 30
	tensor := []byte("\x08\x80\x80\x80\x80\xa0\x06\x10\x02\x42\x01w") // dims 200 << 30, UINT8, name
	tensor = protowire.AppendVarint(protowire.AppendTag(tensor, 9, protowire.BytesType), size)
	graph := protowire.AppendVarint(protowire.AppendTag(nil, 5, protowire.BytesType), size+uint64(len(tensor)))
	head := protowire.AppendVarint(protowire.AppendTag(nil, 7, protowire.BytesType), size+uint64(len(tensor)+len(graph)))
	head = append(append(head, graph...), tensor...)
	r := &counted{head: head}
	var got *Tensor
	_, err := Read(context.Background(), r, size+int64(len(head)), Limits{}, Visitor{Tensor: func(t *Tensor) { got = t }})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := got.Bytes(); n != size || err != nil || got.Check() != nil {
		t.Errorf("%d bytes, %v, %v", n, err, got.Check())
	}
	if r.read > 1<<20 {
		t.Errorf("%d bytes were read", r.read)
	}
}

type counted struct {
	head []byte
	read int64
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(c.head)) {
		copy(p, c.head[off:])
	}
	c.read += int64(len(p))
	return len(p), nil
}

func TestDepthIsBounded(t *testing.T) {
	graph := []byte{}
	for range 200 { // graph in an attribute in a node in a graph
		graph = field(nil, 1, field(nil, 5, field(nil, 6, graph)))
	}
	if _, err := read(field(nil, 7, graph), Visitor{}); !errors.Is(err, protowalk.ErrLimit) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(field([]byte("\x08\x0a"), 7, field(nil, 5, []byte("\x08\x04\x10\x01\x42\x01w\x4a\x04abcd"))))
	f.Add(field(nil, 25, field(field(nil, 1, []byte("f")), 7, field(nil, 4, []byte("f")))))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, _ := read(b, Visitor{Count: true,
			Node: func(n *Node) { n.Attr("x") },
			Tensor: func(x *Tensor) {
				if x.Check() == nil && x.HasRaw && x.Location != 1 {
					if n, err := x.Bytes(); err != nil || n != x.Raw.Len() {
						t.Errorf("accepted %v of %s in %d bytes", x.Dims, x.Type(), x.Raw.Len())
					}
				}
			}})
		m.Expansion()
	})
}
