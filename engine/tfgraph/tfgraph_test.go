package tfgraph

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
)

func str(b []byte, num protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, num, protowire.BytesType), s)
}

func node(name, op string, inputs ...string) []byte {
	n := str(str(nil, 1, name), 2, op)
	for _, in := range inputs {
		n = str(n, 3, in)
	}
	return n
}

func read(kind Kind, b []byte) (*Model, []string, error) {
	var ops []string
	m, err := Read(context.Background(), bytes.NewReader(b), int64(len(b)), kind, Visitor{
		Node:     func(n *Node) { ops = append(ops, n.Function+"/"+n.Op) },
		Function: func(name string, _ int64) { ops = append(ops, "function "+name) },
		Scope:    func() { ops = append(ops, ".") },
	})
	return m, ops, err
}

// TestFunctionsComeLast reads nodes before the functions they call, wherever the
// library stands, and functions whose signature stands behind their nodes.
func TestFunctionsComeLast(t *testing.T) {
	signature := str(nil, 1, "f")
	late := str(str(nil, 3, string(node("a", "Inner"))), 1, string(signature))
	library := str(nil, 1, string(late))
	g := str(str(str(nil, 2, string(library)), 1, string(node("x", "Outer"))), 4, "\x08\x01")
	m, got, err := read(Graph, g)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"/Outer", ".", "f/Inner", "function f", "."}, got); d != "" {
		t.Error(d)
	}
	if m.Nodes != 2 || m.Functions != 1 || m.Versions != 1 {
		t.Errorf("%+v", m)
	}
}

// TestManyNodes reads two million nodes without keeping them.
func TestManyNodes(t *testing.T) {
	g := bytes.Repeat(str(nil, 1, string(node("n", "NoOp"))), 2_000_000)
	n := 0
	m, err := Read(context.Background(), bytes.NewReader(g), int64(len(g)), Graph, Visitor{Node: func(*Node) { n++ }})
	if err != nil || n != 2_000_000 || m.Nodes != 2_000_000 {
		t.Error(n, err)
	}
}

func TestCheck(t *testing.T) {
	for name, tt := range map[string]struct {
		t  Tensor
		ok bool
	}{
		"packed":         {Tensor{DType: 1, Shape: []int64{2, 2}, Packed: 16}, true},
		"too short":      {Tensor{DType: 1, Shape: []int64{2, 2}, Packed: 15}, false},
		"repeated value": {Tensor{DType: 1, Shape: []int64{2, 2}, Values: 1}, true},
		"too many":       {Tensor{DType: 1, Shape: []int64{2}, Values: 3}, false},
		"overflow":       {Tensor{DType: 1, Shape: []int64{1 << 40, 1 << 40}}, false},
		"unknown type":   {Tensor{DType: 77}, false},
		"unknown shape":  {Tensor{DType: 1, Shape: []int64{-1}}, false},
		"strings":        {Tensor{DType: 7, Shape: []int64{2}, Values: 2}, true},
	} {
		if err := tt.t.Check(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(str(str(nil, 1, string(node("x", "Relu", "y"))), 4, "\x08\x01"), uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, k uint8) {
		Recognise(b)
		_, _, _ = read([]Kind{SavedModel, MetaGraph, Graph, KerasMetadata}[k%4], b)
	})
}
