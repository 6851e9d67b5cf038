package hdf5

import (
	"fmt"
	"math/bits"
)

// Type is a datatype (IV.A.2.d), as far as names and sizes go.
type Type struct {
	Class byte   // 0 integer, 1 float, 2 time, 3 string, 4 bits, 5 opaque, 6 compound, 7 reference, 8 enum, 9 variable length, 10 array, 11 complex
	Size  uint64 // bytes of an element
	Name  string // "float32", "int8", "string", "compound"...
	VLen  bool   // string of variable length, in the global heap
	Big   bool   // big-endian
	Base  *Type  // of enum, array and variable length
	Shape []uint64
}

var classNames = [...]string{"int", "float", "time", "string", "bitfield", "opaque", "compound", "reference", "enum", "vlen", "array", "complex"}

func datatype(data *cursor, depth int) (*Type, error) {
	if depth > 16 {
		return nil, fmt.Errorf("datatype nested too deep")
	}
	head := data.u8()
	class := head & 15
	b0 := data.u8()
	b1 := data.u8()
	data.u8()
	t := &Type{Class: class, Size: uint64(data.u32()), Big: b0&1 != 0}
	if data.short || int(class) >= len(classNames) {
		return nil, fmt.Errorf("datatype of class %d is unknown", class)
	}
	t.Name = classNames[class]
	switch class {
	case 0:
		if b0&8 == 0 {
			t.Name = "uint"
		}
		t.Name += fmt.Sprint(8 * t.Size)
		data.take(4)
	case 1:
		exponent, mantissa := byte(0), byte(0)
		data.take(4)
		data.u8()
		exponent = data.u8()
		data.u8()
		mantissa = data.u8()
		data.u32()
		t.Name += fmt.Sprint(8 * t.Size)
		if t.Size == 2 && exponent == 8 && mantissa == 7 {
			t.Name = "bfloat16"
		}
	case 3, 4, 7:
		t.Big = false
	case 8, 10, 9, 11:
		t.Big = false
		if class == 10 {
			return arrayType(t, head>>4, data, depth)
		}
		t.VLen = class == 9 && b0&15 == 1
		base, err := datatype(data, depth+1)
		if err != nil {
			return nil, err
		}
		t.Base = base
		if t.VLen {
			t.Name = "string"
		} else if class == 8 {
			t.Name = "enum of " + base.Name
			if names := []uint16{uint16(b0) | uint16(b1)<<8}; names[0] == 2 && base.Size == 1 {
				t.Name = "bool" // as h5py writes it: an enum of FALSE and TRUE
			}
		}
	default:
		t.Big = false
	}
	return t, nil
}

func arrayType(t *Type, version byte, data *cursor, depth int) (*Type, error) {
	rank := int(data.u8())
	if version < 3 {
		data.take(3)
	}
	for range rank {
		t.Shape = append(t.Shape, uint64(data.u32()))
	}
	if version < 3 {
		data.take(4 * rank)
	}
	if data.short {
		return nil, fmt.Errorf("array type is cut off")
	}
	base, err := datatype(data, depth+1)
	t.Base = base
	return t, err
}

// dataspace returns the shape of a dataset or attribute; empty for a scalar.
func dataspace(data *cursor) (shape []uint64, null bool, err error) {
	c := *data
	version, rank := c.u8(), int(c.u8())
	flags := c.u8()
	switch version {
	case 1:
		c.take(5)
	case 2:
		null = c.u8() == 2
	default:
		return nil, false, fmt.Errorf("dataspace version %d", version)
	}
	_ = flags // maximal dimensions follow the current ones and do not matter
	for range rank {
		shape = append(shape, c.length())
	}
	if c.short || rank > 32 {
		return nil, false, fmt.Errorf("dataspace of %d dimensions", rank)
	}
	return shape, null, nil
}

// elements is the product of a shape; 2^63 stands for more.
func elements(shape []uint64) uint64 {
	n := uint64(1)
	for _, d := range shape {
		hi, lo := bits.Mul64(n, d)
		if hi != 0 || lo > 1<<62 {
			return 1 << 63
		}
		n = lo
	}
	return n
}
