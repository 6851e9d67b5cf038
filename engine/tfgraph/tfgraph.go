// Package tfgraph reads the structure of TensorFlow graphs: every node of graphs and
// functions, assets, variables and Keras metadata, without reading the data of
// tensors. It follows the messages of tensorflow/core/protobuf and
// tensorflow/core/framework in TensorFlow 2.21: SavedModel, MetaGraphDef, GraphDef.
package tfgraph

import (
	"context"
	"fmt"
	"io"

	"github.com/merlon-security/merlon/engine/protowalk"
)

// Kind is what a file holds.
type Kind string

// The kinds.
const (
	SavedModel    Kind = "SavedModel"
	MetaGraph     Kind = "MetaGraphDef"
	Graph         Kind = "GraphDef"
	KerasMetadata Kind = "keras_metadata"
)

// Visitor takes what a file consists of. Every field is optional.
type Visitor struct {
	Node     func(*Node)
	Function func(name string, offset int64)
	Scope    func() // after the last node of a graph or function
	Asset    func(file string, offset int64)
	Variable func(*Variable)
	// Keras is called with the configuration of a Keras layer, in JSON.
	Keras func(json string, offset int64)
	// Odd is called for fields that the messages do not have.
	Odd func(offset int64, message string, what protowalk.Oddity, field int32, bytes int64)
}

// Model is what a file says about itself.
type Model struct {
	Kind      Kind
	Version   string // of the TensorFlow that wrote it
	Tags      []string
	Graphs    int
	Versions  int // graphs that say which version of the format they have
	Nodes     int64
	Functions int64
	Objects   int64
}

// Variable is a variable of a SavedModel.
type Variable struct {
	Name   string
	DType  int32
	Shape  []int64 // -1: unknown
	Offset int64
}

const (
	many = protowalk.Many
	vint = protowalk.Varint
	raw  = protowalk.Bytes
)

var (
	savedShape = protowalk.Shape{1: vint, 2: many | raw}
	metaShape  = protowalk.Shape{1: raw, 2: raw, 3: raw, 4: many | raw, 5: many | raw, 6: many | raw, 7: raw}
	infoShape  = protowalk.Shape{1: raw, 2: raw, 3: raw, 4: many | raw, 5: raw, 6: raw, 7: vint, 8: many | raw}
	assetShape = protowalk.Shape{1: raw, 2: raw}
	graphShape = protowalk.Shape{1: many | raw, 2: raw, 3: vint, 4: raw, 5: raw}
	nodeShape  = protowalk.Shape{1: raw, 2: raw, 3: many | raw, 4: raw, 5: many | raw, 6: raw, 7: raw}
	entryShape = protowalk.Shape{1: raw, 2: raw}
	attrShape  = protowalk.Shape{1: raw, 2: raw, 3: vint, 4: protowalk.I32, 5: vint, 6: vint, 7: raw, 8: raw, 9: raw, 10: raw}
	listShape  = protowalk.Shape{2: many | raw, 3: many | vint, 4: many | protowalk.I32, 5: many | vint, 6: many | vint, 7: many | raw,
		8: many | raw, 9: many | raw}
	libraryShape  = protowalk.Shape{1: many | raw, 2: many | raw, 3: many | raw}
	functionShape = protowalk.Shape{1: raw, 3: many | raw, 4: many | raw, 5: many | raw, 6: many | raw, 7: many | raw, 8: many | raw}
	opShape       = protowalk.Shape{1: raw, 2: many | raw, 3: many | raw, 4: many | raw, 5: raw, 6: raw, 8: raw, 16: vint, 17: vint,
		18: vint, 19: vint, 20: many | raw, 21: vint}
	objectsShape = protowalk.Shape{1: many | raw, 2: many | raw}
	objectShape  = protowalk.Shape{1: many | raw, 3: many | raw, 4: raw, 5: raw, 6: raw, 7: raw, 8: raw, 9: raw, 10: raw,
		11: many | raw, 12: raw, 13: raw, 14: raw, 15: many | raw, 16: raw}
	userShape     = protowalk.Shape{1: raw, 2: raw, 3: raw}
	variableShape = protowalk.Shape{1: vint, 2: raw, 3: vint, 4: vint, 5: vint, 6: raw, 7: raw, 8: many | raw}
	kerasShape    = protowalk.Shape{1: many | raw}
	layerShape    = protowalk.Shape{2: vint, 3: raw, 4: raw, 5: raw, 6: raw}
)

// Recognise tells from the first bytes of a file whether it is one of these messages;
// "" if not.
func Recognise(head []byte) Kind {
	inner := func(f protowalk.Field, shape protowalk.Shape) ([]protowalk.Field, bool) {
		if f.Body.Start >= int64(len(head)) {
			return nil, false
		}
		return protowalk.Prefix(head[f.Body.Start:min(f.Body.End, int64(len(head)))], shape)
	}
	if fields, ok := protowalk.Prefix(head, savedShape); ok && len(fields) >= 2 && fields[0].Num == 1 && fields[0].Value <= 16 && fields[1].Num == 2 {
		if meta, ok := inner(fields[1], metaShape); ok && meta[0].Num <= 2 {
			if _, ok := inner2(head, fields[1], meta[0]); ok {
				return SavedModel
			}
		}
	}
	if fields, ok := protowalk.Prefix(head, metaShape); ok && fields[0].Num <= 2 {
		last := fields[len(fields)-1]
		graph := false // in sight, or behind the end of the first bytes
		for _, f := range fields {
			graph = graph || f.Num == 2
		}
		graph = graph || last.Num == 1 && last.Body.End > int64(len(head)) && len(head) >= 1024
		if _, ok := inner2(head, protowalk.Field{}, fields[0]); ok && graph && (fields[0].Num == 2 || isInfo(head, fields[0])) {
			return MetaGraph
		}
	}
	if fields, ok := protowalk.Prefix(head, graphShape); ok && fields[0].Num == 1 {
		node, ok := inner(fields[0], nodeShape)
		if ok && len(node) >= 2 && node[0].Num == 1 && node[1].Num == 2 {
			at := fields[0].Body.Start
			if word(head, at, node[0]) && word(head, at, node[1]) {
				return Graph
			}
		}
	}
	return ""
}

// inner2 checks the message in a field of a MetaGraphDef, which itself lies in outer.
func inner2(head []byte, outer, f protowalk.Field) ([]protowalk.Field, bool) {
	start := outer.Body.Start + f.Body.Start
	if start >= int64(len(head)) {
		return nil, f.Body.Len() > 0
	}
	shape := infoShape
	if f.Num == 2 {
		shape = graphShape
	}
	return protowalk.Prefix(head[start:min(outer.Body.Start+f.Body.End, int64(len(head)))], shape)
}

// isInfo asks for more of a MetaGraphDef's first field, which is like many messages:
// a list of operators or a version string of TensorFlow.
func isInfo(head []byte, f protowalk.Field) bool {
	fields, ok := inner2(head, protowalk.Field{}, f)
	if !ok {
		return false
	}
	for _, x := range fields {
		if x.Num == 2 && x.Body.Len() > 0 {
			ops := head[min(f.Body.Start+x.Body.Start, int64(len(head))):min(f.Body.Start+x.Body.End, int64(len(head)))]
			list, ok := protowalk.Prefix(ops, protowalk.Shape{1: many | raw})
			if !ok {
				return false
			}
			if at := list[0].Body.Start; at < int64(len(ops)) {
				_, ok = protowalk.Prefix(ops[at:min(list[0].Body.End, int64(len(ops)))], opShape)
			}
			return ok
		}
		if x.Num == 5 || x.Num == 4 { // a version, or a tag
			return word(head, f.Body.Start, x)
		}
	}
	return false
}

// word reports whether a field holds a name: letters, digits and a few signs.
func word(head []byte, base int64, f protowalk.Field) bool {
	s := head[min(base+f.Body.Start, int64(len(head))):min(base+f.Body.End, int64(len(head)))]
	for _, c := range s {
		if c < '!' || c > '~' {
			return false
		}
	}
	return f.Body.Len() > 0
}

// reader is one walk over one file.
type reader struct {
	w *protowalk.Walker
	v Visitor
	m *Model
}

// maxText is how many bytes of a name or text are kept.
const maxText = 4096

// Read walks a file of the given kind in the first size bytes of r.
func Read(ctx context.Context, r io.ReaderAt, size int64, kind Kind, v Visitor) (*Model, error) {
	d := &reader{w: protowalk.New(ctx, r, size, protowalk.Limits{}), v: v, m: &Model{Kind: kind}}
	switch kind {
	case SavedModel:
		return d.m, d.each("SavedModel", d.w.All(), savedShape, func(f protowalk.Field) error {
			if f.Num == 2 {
				return d.meta(f.Body)
			}
			return nil
		})
	case MetaGraph:
		return d.m, d.meta(d.w.All())
	case Graph:
		return d.m, d.graph(d.w.All())
	case KerasMetadata:
		return d.m, d.keras()
	}
	return d.m, fmt.Errorf("no such kind %q", kind)
}

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
