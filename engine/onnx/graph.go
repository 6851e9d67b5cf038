package onnx

import "github.com/merlon-security/merlon/engine/protowalk"

// Node is one operator.
type Node struct {
	Name, Op, Domain, Overload string
	Offset                     int64
	Inputs                     int
	Depth                      int       // of the control-flow subgraph it is in; 0: not in one
	Function                   *Function // that it is in; nil: none
	Attrs                      []Attr    // at most [MaxAttrs]
}

// Attr is an attribute of a node. Text is set for a string, cut after 4 KB.
type Attr struct {
	Name, Text string
	Int        int64
	Bytes      int64 // length of the string
}

// MaxAttrs is how many attributes of a node are kept; no operator has half as many.
const MaxAttrs = 64

// Attr returns the named attribute.
func (n *Node) Attr(name string) (Attr, bool) {
	for _, a := range n.Attrs {
		if a.Name == name {
			return a, true
		}
	}
	return Attr{}, false
}

var (
	graphShape = protowalk.Shape{1: many | protowalk.Bytes, 2: protowalk.Bytes, 5: many | protowalk.Bytes, 10: protowalk.Bytes,
		11: many | protowalk.Bytes, 12: many | protowalk.Bytes, 13: many | protowalk.Bytes, 14: many | protowalk.Bytes,
		15: many | protowalk.Bytes, 16: many | protowalk.Bytes}
	nodeShape = protowalk.Shape{1: many | protowalk.Bytes, 2: many | protowalk.Bytes, 3: protowalk.Bytes, 4: protowalk.Bytes,
		5: many | protowalk.Bytes, 6: protowalk.Bytes, 7: protowalk.Bytes, 8: protowalk.Bytes, 9: many | protowalk.Bytes,
		10: many | protowalk.Bytes}
	attrShape = protowalk.Shape{1: protowalk.Bytes, 2: protowalk.I32, 3: protowalk.Varint, 4: protowalk.Bytes, 5: protowalk.Bytes,
		6: protowalk.Bytes, 7: many | protowalk.I32, 8: many | protowalk.Varint, 9: many | protowalk.Bytes, 10: many | protowalk.Bytes,
		11: many | protowalk.Bytes, 13: protowalk.Bytes, 14: protowalk.Bytes, 15: many | protowalk.Bytes, 20: protowalk.Varint,
		21: protowalk.Bytes, 22: protowalk.Bytes, 23: many | protowalk.Bytes}
	functionShape = protowalk.Shape{1: protowalk.Bytes, 2: protowalk.Varint, 3: protowalk.Varint, 4: many | protowalk.Bytes, 5: many | protowalk.Bytes,
		6: many | protowalk.Bytes, 7: many | protowalk.Bytes, 8: protowalk.Bytes, 9: many | protowalk.Bytes, 10: protowalk.Bytes,
		11: many | protowalk.Bytes, 12: many | protowalk.Bytes, 13: protowalk.Bytes, 14: many | protowalk.Bytes}
	valueShape = protowalk.Shape{1: protowalk.Bytes, 2: protowalk.Bytes, 3: protowalk.Bytes, 4: many | protowalk.Bytes}
)

func (d *reader) graph(s protowalk.Span) error {
	d.m.Graphs++
	d.m.Depth = max(d.m.Depth, d.depth)
	return d.each("GraphProto", s, graphShape, func(f protowalk.Field) error {
		switch f.Num {
		case 1:
			return d.node(f)
		case 5:
			return d.tensor(f, Initializer)
		case 11, 12, 13:
			return d.each("ValueInfoProto", f.Body, valueShape, nothing)
		case 15:
			return d.sparse(f, SparseInitializer)
		case 16:
			_, err := d.pair(f.Body)
			return err
		}
		return nil
	})
}

func nothing(protowalk.Field) error { return nil }

func (d *reader) node(field protowalk.Field) error {
	n := &Node{Offset: field.At, Depth: d.depth, Function: d.function}
	err := d.each("NodeProto", field.Body, nodeShape, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			n.Inputs++
		case 3:
			n.Name, err = d.text(f)
		case 4:
			n.Op, err = d.interned(f)
		case 5:
			err = d.attr(f, n)
		case 7:
			n.Domain, err = d.interned(f)
		case 8:
			n.Overload, err = d.text(f)
		case 9:
			_, err = d.pair(f.Body)
		}
		return err
	})
	if err != nil {
		return err
	}
	d.m.Nodes++
	if d.function != nil {
		d.function.Nodes++
	}
	if d.calls != nil {
		key := callee{normal(n.Domain), n.Op, n.Overload}
		if _, known := d.calls[key]; !known {
			if d.edges++; d.edges > d.lim.Calls {
				return limit(field.At, d.lim.Calls, "kinds of call")
			}
		}
		d.calls[key]++
	}
	if d.v.Node != nil {
		d.v.Node(n)
	}
	return nil
}

// interned is text for strings of which a model has few.
func (d *reader) interned(f protowalk.Field) (string, error) {
	s, err := d.text(f)
	if err != nil {
		return s, err
	}
	if known, ok := d.names[s]; ok {
		return known, nil
	}
	if len(d.names) < 10_000 {
		d.names[s] = s
	}
	return s, nil
}

// normal gives the default domain one name.
func normal(domain string) string {
	if domain == "ai.onnx" {
		return ""
	}
	return domain
}

func (d *reader) attr(field protowalk.Field, n *Node) error {
	var a Attr
	err := d.each("AttributeProto", field.Body, attrShape, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			a.Name, err = d.interned(f)
		case 3:
			a.Int = int64(f.Value)
		case 4:
			a.Text, err = d.text(f)
			a.Bytes = f.Body.Len()
		case 5, 10:
			err = d.tensor(f, Attribute)
		case 6, 11:
			d.depth++
			err = d.graph(f.Body)
			d.depth--
		case 22, 23:
			err = d.sparse(f, Attribute)
		}
		return err
	})
	if len(n.Attrs) < MaxAttrs {
		n.Attrs = append(n.Attrs, a)
	}
	return err
}

func (d *reader) functionProto(field protowalk.Field) error {
	if len(d.m.Functions) >= d.lim.Functions {
		return limit(field.At, d.lim.Functions, "functions")
	}
	fn := &Function{Offset: field.At, calls: map[callee]int64{}}
	d.function, d.calls = fn, fn.calls
	err := d.each("FunctionProto", field.Body, functionShape, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			fn.Name, err = d.text(f)
		case 7:
			err = d.node(f)
		case 9:
			_, err = d.opset(f.Body)
		case 10:
			fn.Domain, err = d.text(f)
		case 11:
			var sink Node // default values of attributes; not an operator
			err = d.attr(f, &sink)
		case 13:
			fn.Overload, err = d.text(f)
		case 14:
			_, err = d.pair(f.Body)
		}
		return err
	})
	d.function, d.calls = nil, d.m.calls
	d.m.Functions = append(d.m.Functions, *fn)
	return err
}
