package onnx

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/engine/flatbuf"
	"github.com/merlon-security/merlon/engine/protowalk"
)

// ORT is the identifier of the FlatBuffer in which ONNX Runtime keeps models (.ort):
// onnxruntime/core/flatbuffers/schema/ort.fbs of ONNX Runtime 1.23.
const ORT = "ORTM"

// maxGraphDepth is how deep subgraphs may nest, as in the binary form.
const maxGraphDepth = 33

// ReadORT is [Read] for a model in the format of ONNX Runtime. It has no functions:
// they are inlined when it is made.
func ReadORT(ctx context.Context, r io.ReaderAt, size int64, lim Limits, v Visitor) (*Model, error) {
	if lim.Metadata <= 0 {
		lim.Metadata = 1000
	}
	d := &ortReader{ctx: ctx, b: flatbuf.New(r, size), v: v, m: &Model{calls: map[callee]int64{}}}
	session := d.b.Root(ORT)
	d.m.Runtime = session.String(0, maxText)
	d.newer("InferenceSession", session, 4)
	model := session.Table(1)
	d.newer("Model", model, 10)
	m := d.m
	m.IRVersion = int64(model.U64(0))
	opsets := model.Vector(1, 4)
	for i := range min(opsets.Len, lim.Metadata) {
		o := opsets.Table(i)
		m.Opsets = append(m.Opsets, Opset{o.String(0, maxText), int64(o.U64(1))})
	}
	m.Producer, m.ProducerVersion = model.String(2, maxText), model.String(3, maxText)
	m.Domain, m.ModelVersion, m.Doc = model.String(4, maxText), int64(model.U64(5)), model.String(6, maxText)
	pairs := model.Vector(9, 4)
	m.Omitted = max(0, pairs.Len-lim.Metadata)
	for i := range min(pairs.Len, lim.Metadata) {
		p := pairs.Table(i)
		m.Metadata = append(m.Metadata, Pair{p.String(0, maxText), p.String(1, maxText)})
	}
	if g := model.Table(7); g.Has() {
		if err := d.graph(g); err != nil {
			return m, err
		}
	}
	return m, d.b.Err()
}

// ortReader is one walk over one model.
type ortReader struct {
	ctx   context.Context
	b     *flatbuf.Buffer
	v     Visitor
	m     *Model
	depth int
}

// newer tells of fields that the schema does not have.
func (d *ortReader) newer(message string, t flatbuf.Table, known int) {
	for i := known; i < t.Fields(); i++ {
		if t.Set(i) && d.v.Odd != nil {
			d.v.Odd(t.At, message, protowalk.Unknown, int32(i), 0)
			return
		}
	}
}

func (d *ortReader) graph(g flatbuf.Table) error {
	if d.depth > maxGraphDepth {
		return &protowalk.Error{Offset: g.At, What: fmt.Sprintf("nesting of more than %d graphs", maxGraphDepth), Err: protowalk.ErrLimit}
	}
	d.m.Graphs++
	d.m.Depth = max(d.m.Depth, d.depth)
	d.newer("Graph", g, 9)
	weights := g.Vector(0, 4)
	for i := range weights.Len {
		if err := d.tensor(weights.Table(i), Initializer, nil); err != nil {
			return err
		}
	}
	nodes := g.Vector(2, 4)
	for i := range nodes.Len {
		if err := d.node(nodes.Table(i)); err != nil {
			return err
		}
	}
	sparse := g.Vector(7, 4)
	for i := range sparse.Len {
		t := sparse.Table(i)
		dims := t.Vector(2, 8)
		shape := make([]int64, 0, 8)
		for k := range min(dims.Len, maxORTDims) {
			shape = append(shape, dims.I64(k))
		}
		for field := range 2 {
			if err := d.tensor(t.Table(field), SparseInitializer, shape); err != nil {
				return err
			}
			shape = nil // that of the values only
		}
	}
	d.optimizations(g.Table(8))
	return d.b.Err()
}

// optimizations reads which operators ONNX Runtime may put in place of others when it
// loads the model.
func (d *ortReader) optimizations(t flatbuf.Table) {
	containers := t.Vector(0, 4)
	for i := range containers.Len {
		records := containers.Table(i).Vector(1, 4)
		for k := range records.Len {
			ids := records.Table(k).Vector(3, 4)
			for n := range ids.Len {
				// An id is DOMAIN:OPERATOR:VERSION.
				parts := strings.Split(ids.String(n, maxText), ":")
				if len(parts) == 3 && d.v.Node != nil {
					d.v.Node(&Node{Name: "runtime optimization", Op: parts[1], Domain: parts[0], Offset: records.At, Depth: d.depth})
				}
				if d.b.Err() != nil {
					return
				}
			}
		}
	}
}

func (d *ortReader) node(t flatbuf.Table) error {
	if d.m.Nodes++; d.m.Nodes&0xfff == 0 && d.ctx.Err() != nil {
		return d.ctx.Err()
	}
	n := &Node{Name: t.String(0, maxText), Domain: t.String(2, maxText), Op: t.String(5, maxText), Offset: t.At, Depth: d.depth, Inputs: t.Vector(8, 4).Len}
	d.newer("Node", t, 13)
	attrs := t.Vector(10, 4)
	for i := range attrs.Len {
		if err := d.attr(attrs.Table(i), n); err != nil {
			return err
		}
	}
	if err := d.b.Err(); err != nil {
		return err
	}
	if d.v.Node != nil {
		d.v.Node(n)
	}
	return nil
}

func (d *ortReader) attr(t flatbuf.Table, n *Node) error {
	text := t.Vector(5, 1)
	a := Attr{Name: t.String(0, maxText), Int: int64(t.U64(4)), Text: text.Text(maxText), Bytes: int64(text.Len)}
	d.newer("Attribute", t, 13)
	if len(n.Attrs) < MaxAttrs {
		n.Attrs = append(n.Attrs, a)
	}
	if x := t.Table(6); x.Has() {
		if err := d.tensor(x, Attribute, nil); err != nil {
			return err
		}
	}
	list := t.Vector(11, 4)
	for i := range list.Len {
		if err := d.tensor(list.Table(i), Attribute, nil); err != nil {
			return err
		}
	}
	d.depth++
	defer func() { d.depth-- }()
	if g := t.Table(7); g.Has() {
		if err := d.graph(g); err != nil {
			return err
		}
	}
	graphs := t.Vector(12, 4)
	for i := range graphs.Len {
		if err := d.graph(graphs.Table(i)); err != nil {
			return err
		}
	}
	return d.b.Err()
}

// maxORTDims is how many dimensions of a tensor are kept, as in the binary form.
const maxORTDims = 64

func (d *ortReader) tensor(t flatbuf.Table, role Role, dense []int64) error {
	if d.m.Tensors++; d.m.Tensors&0xfff == 0 && d.ctx.Err() != nil {
		return d.ctx.Err()
	}
	if !t.Has() && d.b.Err() == nil {
		return errors.New("a tensor is missing")
	}
	x := &Tensor{Name: t.String(0, maxText), DType: t.I32(3), Role: role, Offset: t.At, Dense: dense}
	dims := t.Vector(2, 8)
	x.Rank = dims.Len
	for i := range min(dims.Len, maxORTDims) {
		x.Dims = append(x.Dims, dims.I64(i))
	}
	d.newer("Tensor", t, 7)
	if raw := t.Vector(4, 1); t.Set(4) {
		x.HasRaw, x.Raw, x.Inline = true, protowalk.Span{Start: raw.At, End: raw.At + int64(raw.Len)}, int64(raw.Len)
	}
	texts := t.Vector(5, 4)
	if x.Stored[2] = int64(texts.Len); texts.Len > 0 {
		x.Inline += 4 * int64(texts.Len)
	}
	if t.Set(6) && int64(t.U64(6)) >= 0 {
		x.Location = 1 // in a file that the caller of ONNX Runtime names
	}
	if err := d.b.Err(); err != nil {
		return err
	}
	if d.v.Tensor != nil {
		d.v.Tensor(x)
	}
	return nil
}
