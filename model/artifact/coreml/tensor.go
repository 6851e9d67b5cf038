package coreml

import (
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/merlon-security/merlon/engine/protowalk"
)

// weights describes the parameters of a neural network's layer, which have no shape
// of their own.
func (v *visitor) weights(f protowalk.Field, layer, field string) error {
	dtype, n, size := "float32", int64(0), int64(0)
	err := v.w.Each(f.Body, func(f protowalk.Field) error {
		switch f.Num {
		case 1: // floatValue
			c, err := v.w.Numbers(f, protowire.Fixed32Type, nil)
			n, size = n+c, size+4*c
			return err
		case 2: // float16Value
			dtype, n, size = "float16", f.Body.Len()/2, f.Body.Len()
		case 30, 31: // rawValue, int8RawValue
			if f.Body.Len() > 0 {
				dtype, n, size = "quantised", f.Body.Len(), f.Body.Len()
			}
		}
		return nil
	})
	v.tensor(strings.TrimPrefix(layer+"."+field, "."), dtype, []int64{n}, size)
	return err
}

// value is what is known of a tensor in a program.
type value struct {
	name  string
	dtype uint64
	shape []int64
}

// maxAttributes bounds what is kept of one operation. Those that make weights have at
// most seven.
const maxAttributes = 64

// constant describes the result of an operation of type const, and what an operation
// constexpr_... makes weights of: its attributes (before iOS 18; since then its inputs,
// which are constants).
func (v *visitor) constant(field protowalk.Field) error {
	kind := ""
	var result value
	var attributes []value
	err := v.w.Each(field.Body, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			kind, _, err = v.w.Text(f, 64)
		case 3: // outputs: NamedValueType
			result.shape = []int64{}
			err = v.w.Each(f.Body, func(f protowalk.Field) (err error) {
				switch {
				case f.Num == 1:
					result.name, _, err = v.w.Text(f, maxText)
				case f.Num == 2 && f.Type == protowire.BytesType:
					err = v.valueType(f, &result)
				}
				return err
			})
		case 5: // attributes: map<string, Value>
			if f.Type != protowire.BytesType || len(attributes) == maxAttributes {
				return nil
			}
			x := value{shape: []int64{}}
			err = v.w.Each(f.Body, func(f protowalk.Field) (err error) {
				switch {
				case f.Num == 1:
					x.name, _, err = v.w.Text(f, maxText)
				case f.Num == 2 && f.Type == protowire.BytesType: // Value
					err = v.w.Each(f.Body, func(f protowalk.Field) error {
						if f.Num != 2 || f.Type != protowire.BytesType {
							return nil
						}
						return v.valueType(f, &x)
					})
				}
				return err
			})
			attributes = append(attributes, x)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case kind == "const":
		v.constantValue(result)
	case strings.HasPrefix(kind, "constexpr_"):
		for _, x := range attributes {
			if x.name != "name" {
				x.name = result.name + "." + x.name
				v.constantValue(x)
			}
		}
	}
	return nil
}

// valueType reads the tensor in a MILSpec.ValueType.
func (v *visitor) valueType(f protowalk.Field, x *value) error {
	return v.w.Each(f.Body, func(f protowalk.Field) error {
		if f.Num != 1 || f.Type != protowire.BytesType {
			return nil
		}
		return v.w.Each(f.Body, func(f protowalk.Field) error { // TensorType
			switch {
			case f.Num == 1:
				x.dtype = f.Value
			case f.Num == 3 && f.Type == protowire.BytesType && len(x.shape) < 64:
				n := int64(-1)
				err := v.w.Each(f.Body, func(f protowalk.Field) error { // Dimension
					if f.Num != 1 || f.Type != protowire.BytesType {
						return nil
					}
					n = 0
					return v.w.Each(f.Body, func(f protowalk.Field) error {
						n = int64(f.Value)
						return nil
					})
				})
				x.shape = append(x.shape, n)
				return err
			}
			return nil
		})
	})
}

func (v *visitor) constantValue(x value) {
	t := dtypes[x.dtype]
	size := t.bytes
	for _, n := range x.shape {
		if n < 0 || n > 0 && size > 1<<60/n {
			size = 0
			break
		}
		size *= n
	}
	v.tensor(x.name, t.name, x.shape, size)
}

// dtypes is MILSpec.DataType.
var dtypes = map[uint64]struct {
	name  string
	bytes int64
}{
	1: {"bool", 1}, 2: {"string", 0}, 10: {"float16", 2}, 11: {"float32", 4}, 12: {"float64", 8}, 13: {"bfloat16", 2}, 21: {"int8", 1},
	22: {"int16", 2}, 23: {"int32", 4}, 24: {"int64", 8}, 25: {"int4", 1}, 31: {"uint8", 1}, 32: {"uint16", 2}, 33: {"uint32", 4},
	34: {"uint64", 8}, 35: {"uint4", 1}, 36: {"uint2", 1}, 37: {"uint1", 1}, 38: {"uint6", 1}, 39: {"uint3", 1},
}
