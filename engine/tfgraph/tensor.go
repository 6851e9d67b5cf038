package tfgraph

import (
	"fmt"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/merlon-security/merlon/engine/protowalk"
)

// Tensor is a constant, without its data.
type Tensor struct {
	DType  int32
	Shape  []int64
	Stored int64 // bytes in the file
	Packed int64 // bytes of tensor_content
	Values int64 // values given one by one; fewer than the shape has are repeated
}

// types are the names of tensorflow.DataType, and bits per element; 0 for those
// without a fixed size.
var types = map[int32]struct {
	name string
	bits int64
}{
	1: {"float32", 32}, 2: {"float64", 64}, 3: {"int32", 32}, 4: {"uint8", 8}, 5: {"int16", 16}, 6: {"int8", 8}, 7: {"string", 0},
	8: {"complex64", 64}, 9: {"int64", 64}, 10: {"bool", 8}, 11: {"qint8", 8}, 12: {"quint8", 8}, 13: {"qint32", 32}, 14: {"bfloat16", 16},
	15: {"qint16", 16}, 16: {"quint16", 16}, 17: {"uint16", 16}, 18: {"complex128", 128}, 19: {"float16", 16}, 20: {"resource", 0},
	21: {"variant", 0}, 22: {"uint32", 32}, 23: {"uint64", 64}, 24: {"float8_e5m2", 8}, 25: {"float8_e4m3fn", 8}, 26: {"float8_e4m3fnuz", 8},
	27: {"float8_e4m3b11fnuz", 8}, 28: {"float8_e5m2fnuz", 8}, 29: {"int4", 8}, 30: {"uint4", 8}, 31: {"int2", 8}, 32: {"uint2", 8}, 33: {"float4_e2m1fn", 8},
}

// TypeName spells an element type as TensorFlow does; references (100 and more) are
// spelled as what they refer to.
func TypeName(dtype int32) string {
	if t, ok := types[dtype%100]; ok {
		return t.name
	}
	return fmt.Sprintf("type %d", dtype)
}

// KnownType reports whether TensorFlow has an element type.
func KnownType(dtype int32) bool { _, ok := types[dtype]; return ok }

// FixedSize reports whether all elements of a type take the same number of bytes.
func FixedSize(dtype int32) bool { return types[dtype].bits > 0 }

// Elements is the product of a shape, -1 when a dimension is unknown. It fails for
// more elements than fit 62 bits.
func Elements(shape []int64) (int64, error) {
	n := uint64(1)
	for _, d := range shape {
		if d < -1 {
			return 0, fmt.Errorf("dimension %d is negative", d)
		}
		if d == -1 {
			return -1, nil
		}
		hi, lo := bits.Mul64(n, uint64(d))
		if hi != 0 || lo > 1<<62 {
			return 0, fmt.Errorf("shape %v has more than 2^62 elements", shape)
		}
		n = lo
	}
	return int64(n), nil
}

// Bytes is how much memory a shape of an element type takes; 0 where that is not
// fixed.
func Bytes(dtype int32, shape []int64) (int64, error) {
	n, err := Elements(shape)
	if err != nil || n < 0 {
		return 0, err
	}
	hi, lo := bits.Mul64(uint64(n), uint64(types[dtype%100].bits))
	if hi != 0 || lo > 1<<62 {
		return 0, fmt.Errorf("shape %v takes more than 2^59 bytes", shape)
	}
	return int64(lo / 8), nil
}

// Check says how the data of a constant contradict its type and shape; nil if they do
// not. TensorFlow repeats the last of values that are too few.
func (t *Tensor) Check() error {
	n, err := Elements(t.Shape)
	if err != nil {
		return err
	}
	if _, ok := types[t.DType]; !ok {
		return fmt.Errorf("unknown element type %d", t.DType)
	}
	need, err := Bytes(t.DType, t.Shape)
	switch {
	case err != nil:
		return err
	case n < 0:
		return fmt.Errorf("a constant of unknown shape")
	case t.Packed > 0 && types[t.DType].bits > 0 && t.Packed != need:
		return fmt.Errorf("%d bytes declared by type and shape, %d stored", need, t.Packed)
	case t.Values > n:
		return fmt.Errorf("%d values declared by the shape, %d stored", n, t.Values)
	}
	return nil
}

var (
	tensorShape = protowalk.Shape{1: vint, 2: raw, 3: vint, 4: raw, 5: many | protowalk.I32, 6: many | protowalk.I64, 7: many | vint,
		8: many | raw, 9: many | protowalk.I32, 10: many | vint, 11: many | vint, 12: many | protowalk.I64, 13: many | vint, 14: many | raw,
		15: many | raw, 16: many | vint, 17: many | vint, 18: raw}
	shapeShape = protowalk.Shape{2: many | raw, 3: vint}
	dimShape   = protowalk.Shape{1: vint, 2: raw}
)

func (d *reader) tensor(field protowalk.Field, n *Node) (*Tensor, error) {
	t := &Tensor{Stored: field.Body.Len()}
	err := d.each("TensorProto", field.Body, tensorShape, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			t.DType = int32(f.Value)
		case 2:
			t.Shape, _, err = d.shape(f.Body)
		case 4:
			t.Packed = f.Body.Len()
		case 5, 6:
			c, err := d.w.Numbers(f, tensorShape[f.Num].Type(), nil)
			t.Values += c
			return err
		case 7, 10, 11, 13, 16, 17:
			if f.Type == protowire.BytesType && f.Body.Len() > 1<<20 {
				return nil // not worth counting
			}
			c, err := d.w.Numbers(f, protowire.VarintType, nil)
			t.Values += c
			return err
		case 8:
			t.Values++
			return d.keep(f, n)
		}
		return err
	})
	return t, err
}

func (d *reader) shape(s protowalk.Span) (dims []int64, known bool, err error) {
	known = true
	err = d.each("TensorShapeProto", s, shapeShape, func(f protowalk.Field) error {
		if f.Num == 3 {
			known = known && f.Value == 0
			return nil
		}
		size := int64(0)
		err := d.each("Dim", f.Body, dimShape, func(f protowalk.Field) error {
			if f.Num == 1 {
				size = int64(f.Value)
			}
			return nil
		})
		if len(dims) < 255 { // TensorFlow ends at 254
			dims = append(dims, size)
		}
		return err
	})
	return dims, known, err
}
