package tfgraph

import "github.com/merlon-security/merlon/engine/protowalk"

// Node is one operation.
type Node struct {
	Name, Op string
	Offset   int64
	Function string   // that it is in; "" in a graph
	Inputs   []string // at most 8 of them
	Texts    []string // of a constant, or of text attributes: at most 8
	Tensor   *Tensor  // of a constant
	DType    int32    // attribute dtype
	Shape    []int64  // attribute shape
	HasShape bool
}

// maxKept is how many inputs and texts of a node are kept.
const maxKept = 8

func (d *reader) meta(s protowalk.Span) error {
	return d.each("MetaGraphDef", s, metaShape, func(f protowalk.Field) error {
		switch f.Num {
		case 1:
			return d.each("MetaInfoDef", f.Body, infoShape, func(f protowalk.Field) (err error) {
				switch f.Num {
				case 4:
					var tag string
					if tag, err = d.text(f); len(d.m.Tags) < 100 {
						d.m.Tags = append(d.m.Tags, tag)
					}
				case 5:
					d.m.Version, err = d.text(f)
				}
				return err
			})
		case 2:
			return d.graph(f.Body)
		case 6:
			return d.each("AssetFileDef", f.Body, assetShape, func(x protowalk.Field) error {
				if x.Num != 2 {
					return nil
				}
				name, err := d.text(x)
				if err == nil && d.v.Asset != nil {
					d.v.Asset(name, x.At)
				}
				return err
			})
		case 7:
			return d.objects(f.Body)
		}
		return nil
	})
}

func (d *reader) graph(s protowalk.Span) error {
	d.m.Graphs++
	var library []protowalk.Span
	err := d.each("GraphDef", s, graphShape, func(f protowalk.Field) error {
		switch f.Num {
		case 1:
			return d.node(f, "")
		case 2:
			library = append(library, f.Body) // after the nodes, which are one scope
		case 3, 4:
			d.m.Versions++
		}
		return nil
	})
	d.endScope()
	for _, l := range library {
		if err == nil {
			err = d.each("FunctionDefLibrary", l, libraryShape, func(f protowalk.Field) error {
				if f.Num == 1 {
					return d.function(f)
				}
				return nil
			})
		}
	}
	return err
}

func (d *reader) endScope() {
	if d.v.Scope != nil {
		d.v.Scope()
	}
}

func (d *reader) function(field protowalk.Field) error {
	d.m.Functions++
	name := ""
	var nodes []protowalk.Span
	err := d.each("FunctionDef", field.Body, functionShape, func(f protowalk.Field) error {
		switch f.Num {
		case 1:
			return d.each("OpDef", f.Body, opShape, func(f protowalk.Field) (err error) {
				if f.Num == 1 {
					name, err = d.text(f)
				}
				return err
			})
		case 3:
			if name == "" { // a writer that puts the signature last
				nodes = append(nodes, protowalk.Span{Start: f.At, End: f.Body.End})
				return nil
			}
			return d.node(f, name)
		}
		return nil
	})
	for _, n := range nodes {
		if err == nil {
			err = d.w.Each(n, func(f protowalk.Field) error { return d.node(f, name) })
		}
	}
	if d.v.Function != nil {
		d.v.Function(name, field.At)
	}
	d.endScope()
	return err
}

func (d *reader) node(field protowalk.Field, function string) error {
	d.m.Nodes++
	n := &Node{Offset: field.At, Function: function}
	err := d.each("NodeDef", field.Body, nodeShape, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			n.Name, err = d.text(f)
		case 2:
			n.Op, err = d.text(f)
		case 3:
			if len(n.Inputs) < maxKept {
				var in string
				in, err = d.text(f)
				n.Inputs = append(n.Inputs, in)
			}
		case 5:
			err = d.attr(f, n)
		}
		return err
	})
	if err == nil && d.v.Node != nil {
		d.v.Node(n)
	}
	return err
}

// attr reads an entry of the map of attributes.
func (d *reader) attr(field protowalk.Field, n *Node) error {
	key := ""
	return d.each("NodeDef.AttrEntry", field.Body, entryShape, func(f protowalk.Field) (err error) {
		if f.Num == 1 {
			key, err = d.text(f)
			return err
		}
		return d.value(f.Body, key, n)
	})
}

func (d *reader) value(s protowalk.Span, key string, n *Node) error {
	return d.each("AttrValue", s, attrShape, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			return d.each("ListValue", f.Body, listShape, func(f protowalk.Field) error {
				if f.Num == 2 {
					return d.keep(f, n)
				}
				return nil
			})
		case 2:
			return d.keep(f, n)
		case 6:
			if key == "dtype" {
				n.DType = int32(f.Value)
			}
		case 7:
			if key == "shape" {
				n.Shape, n.HasShape, err = d.shape(f.Body)
			}
		case 8:
			if key == "value" {
				n.Tensor, err = d.tensor(f, n)
			}
		}
		return err
	})
}

// keep remembers a text of a node.
func (d *reader) keep(f protowalk.Field, n *Node) error {
	if len(n.Texts) == maxKept {
		return nil
	}
	s, _, err := d.w.Text(f, maxText)
	n.Texts = append(n.Texts, s)
	return err
}
