// Package onnx reads the structure of ONNX models: every graph, node, function and
// tensor, without keeping any of them and without reading tensor data. It follows
// onnx.proto of ONNX 1.23 (IR version 13), https://github.com/onnx/onnx.
//
// [Read] walks a model once and calls a [Visitor]; what is wrong with the file as a
// protocol buffer is an error, what is odd about it goes to the visitor.
package onnx

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/merlon-security/merlon/engine/protowalk"
)

// Visitor takes what a model consists of. Every field is optional.
type Visitor struct {
	Node   func(*Node)
	Tensor func(*Tensor)
	// Odd is called for fields that the specification does not know, or that occur
	// more often than it allows.
	Odd func(offset int64, message string, what protowalk.Oddity, field int32, bytes int64)
	// Count makes the reader count tensor data in variable-length encoding, for
	// which it must be read.
	Count bool
}

// Limits bounds what is kept of a model. The zero value of a field stands for its
// default.
type Limits struct {
	Functions int // model-local functions. Optional, default 100,000
	Calls     int // distinct calls between functions. Optional, default 1,000,000
	Metadata  int // metadata pairs. Optional, default 1,000
}

// Model is what a file says about itself.
type Model struct {
	Runtime         string // version of the format of ONNX Runtime; "" for a ModelProto
	IRVersion       int64
	Producer        string
	ProducerVersion string
	Domain          string
	ModelVersion    int64
	Doc             string
	Opsets          []Opset
	Metadata        []Pair
	Omitted         int // metadata pairs beyond the limit
	Functions       []Function
	Training        int // training_info entries
	Graphs          int // main graph, subgraphs and training graphs
	Nodes           int64
	Tensors         int64
	Depth           int // of control-flow subgraphs; 0: none
	calls           map[callee]int64
}

// Opset is a set of operators that a model uses.
type Opset struct {
	Domain  string // "" for the default, ai.onnx
	Version int64
}

// Pair is an entry of metadata or of external data.
type Pair struct{ Key, Value string }

// Function is a function that the model brings along.
type Function struct {
	Domain, Name, Overload string
	Offset                 int64
	Nodes                  int64
	calls                  map[callee]int64
}

type callee struct{ domain, name, overload string }

// maxText is how many bytes of a name or text are kept.
const maxText = 4096

const many = protowalk.Many

var (
	modelShape = protowalk.Shape{1: protowalk.Varint, 2: protowalk.Bytes, 3: protowalk.Bytes, 4: protowalk.Bytes,
		5: protowalk.Varint, 6: protowalk.Bytes, 7: protowalk.Bytes, 8: many | protowalk.Bytes, 14: many | protowalk.Bytes,
		20: many | protowalk.Bytes, 25: many | protowalk.Bytes, 26: many | protowalk.Bytes}
	opsetShape    = protowalk.Shape{1: protowalk.Bytes, 2: protowalk.Varint}
	pairShape     = protowalk.Shape{1: protowalk.Bytes, 2: protowalk.Bytes}
	trainingShape = protowalk.Shape{1: protowalk.Bytes, 2: protowalk.Bytes, 3: many | protowalk.Bytes, 4: many | protowalk.Bytes}
)

// reader is one walk over one model.
type reader struct {
	w   *protowalk.Walker
	v   Visitor
	lim Limits
	m   *Model

	depth    int               // of control flow
	calls    map[callee]int64  // of the function that is being read
	edges    int               // kept in all calls
	function *Function         // nil in the main graph
	names    map[string]string // operators, interned
}

// Read walks the model in the first size bytes of r. The model holds what was read
// before an error.
func Read(ctx context.Context, r io.ReaderAt, size int64, lim Limits, v Visitor) (*Model, error) {
	if lim.Functions <= 0 {
		lim.Functions = 100_000
	}
	if lim.Calls <= 0 {
		lim.Calls = 1_000_000
	}
	if lim.Metadata <= 0 {
		lim.Metadata = 1000
	}
	m := &Model{calls: map[callee]int64{}}
	d := &reader{w: protowalk.New(ctx, r, size, protowalk.Limits{}), v: v, lim: lim, m: m, calls: m.calls, names: map[string]string{}}
	return m, d.each("ModelProto", d.w.All(), modelShape, d.model)
}

// each walks a message of a known shape.
func (d *reader) each(message string, s protowalk.Span, shape protowalk.Shape, f func(protowalk.Field) error) error {
	return d.w.EachOf(s, shape, func(field protowalk.Field, o protowalk.Oddity) error {
		if d.v.Odd != nil {
			d.v.Odd(field.At, message, o, int32(field.Num), field.Body.Len())
		}
		return nil
	}, f)
}

func (d *reader) text(f protowalk.Field) (string, error) {
	s, _, err := d.w.Text(f, maxText)
	return s, err
}

func (d *reader) model(f protowalk.Field) (err error) {
	m := d.m
	switch f.Num {
	case 1:
		m.IRVersion = int64(f.Value)
	case 2:
		m.Producer, err = d.text(f)
	case 3:
		m.ProducerVersion, err = d.text(f)
	case 4:
		m.Domain, err = d.text(f)
	case 5:
		m.ModelVersion = int64(f.Value)
	case 6:
		m.Doc, err = d.text(f)
	case 7:
		return d.graph(f.Body)
	case 8:
		o, err := d.opset(f.Body)
		if len(m.Opsets) < d.lim.Metadata {
			m.Opsets = append(m.Opsets, o)
		}
		return err
	case 14:
		p, err := d.pair(f.Body)
		if len(m.Metadata) < d.lim.Metadata {
			m.Metadata = append(m.Metadata, p)
		} else {
			m.Omitted++
		}
		return err
	case 20:
		m.Training++
		return d.each("TrainingInfoProto", f.Body, trainingShape, func(f protowalk.Field) error {
			if f.Num <= 2 {
				return d.graph(f.Body)
			}
			_, err := d.pair(f.Body)
			return err
		})
	case 25:
		return d.functionProto(f)
	}
	return err
}

func (d *reader) opset(s protowalk.Span) (o Opset, err error) {
	err = d.each("OperatorSetIdProto", s, opsetShape, func(f protowalk.Field) (err error) {
		if f.Num == 1 {
			o.Domain, err = d.text(f)
		} else {
			o.Version = int64(f.Value)
		}
		return err
	})
	return o, err
}

func (d *reader) pair(s protowalk.Span) (p Pair, err error) {
	err = d.each("StringStringEntryProto", s, pairShape, func(f protowalk.Field) (err error) {
		if f.Num == 1 {
			p.Key, err = d.text(f)
		} else {
			p.Value, err = d.text(f)
		}
		return err
	})
	return p, err
}

// limit is the error for a model that has more of something than is kept.
func limit(off int64, n int, what string) error {
	return &protowalk.Error{Offset: off, What: fmt.Sprintf("a model with more than %d %s", n, what), Err: protowalk.ErrLimit}
}

// Shape is that of a whole model, for [protowalk.Prefix].
func Shape() protowalk.Shape { return modelShape }

// FirstBytes are the bytes that a model can begin with.
func FirstBytes() string { return modelShape.FirstBytes(slices.Collect(maps.Keys(modelShape))...) }
