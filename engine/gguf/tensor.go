package gguf

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Type is how the elements of a tensor are stored: a ggml type.
type Type uint32

// ggmlType is a storage type: size bytes hold block elements.
type ggmlType struct {
	name  string
	block uint64
	size  uint64
}

// types is indexed by the number of the type. The gaps were never used; Q4_2 to
// Q4_3 and the interleaved kinds are gone from ggml but in old files (ggml.h, enum
// ggml_type, and ggml-common.h for the sizes).
var types = [...]ggmlType{
	0: {"F32", 1, 4}, 1: {"F16", 1, 2}, 2: {"Q4_0", 32, 18}, 3: {"Q4_1", 32, 20},
	4: {"Q4_2", 16, 10}, 5: {"Q4_3", 16, 12}, 6: {"Q5_0", 32, 22}, 7: {"Q5_1", 32, 24},
	8: {"Q8_0", 32, 34}, 9: {"Q8_1", 32, 36}, 10: {"Q2_K", 256, 84}, 11: {"Q3_K", 256, 110},
	12: {"Q4_K", 256, 144}, 13: {"Q5_K", 256, 176}, 14: {"Q6_K", 256, 210}, 15: {"Q8_K", 256, 292},
	16: {"IQ2_XXS", 256, 66}, 17: {"IQ2_XS", 256, 74}, 18: {"IQ3_XXS", 256, 98}, 19: {"IQ1_S", 256, 50},
	20: {"IQ4_NL", 32, 18}, 21: {"IQ3_S", 256, 110}, 22: {"IQ2_S", 256, 82}, 23: {"IQ4_XS", 256, 136},
	24: {"I8", 1, 1}, 25: {"I16", 1, 2}, 26: {"I32", 1, 4}, 27: {"I64", 1, 8},
	28: {"F64", 1, 8}, 29: {"IQ1_M", 256, 56}, 30: {"BF16", 1, 2},
	31: {"Q4_0_4_4", 32, 18}, 32: {"Q4_0_4_8", 32, 18}, 33: {"Q4_0_8_8", 32, 18},
	34: {"TQ1_0", 256, 54}, 35: {"TQ2_0", 256, 66},
	36: {"IQ4_NL_4_4", 32, 18}, 37: {"IQ4_NL_4_8", 32, 18}, 38: {"IQ4_NL_8_8", 32, 18},
	39: {"MXFP4", 32, 17}, 40: {"NVFP4", 64, 36}, 41: {"Q1_0", 128, 18},
}

func (t Type) String() string {
	if int(t) < len(types) {
		return types[t].name
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// ErrType is returned by [Tensor.Bytes] for a storage type that is not known.
var ErrType = errors.New("unknown ggml type")

// ErrBlock is returned by [Tensor.Bytes] if a row does not fill whole blocks.
var ErrBlock = errors.New("rows do not fill whole blocks")

// Tensor is one row of the tensor table.
type Tensor struct {
	Name   string
	At     int64    // offset of the name's length
	Dims   []uint64 // innermost first, as stored; reused by [Read] for the next tensor
	Type   Type
	Offset uint64 // from the beginning of the data section
}

// Elements returns the product of the dimensions, and whether it fits 63 bits as
// ggml requires.
func (t *Tensor) Elements() (uint64, bool) {
	n := uint64(1)
	fits := true
	for _, d := range t.Dims {
		if d == 0 {
			return 0, true
		}
		hi, lo := bits.Mul64(n, d)
		if hi != 0 || lo > math.MaxInt64 {
			fits = false
		}
		n = lo
	}
	return n, fits
}

// Bytes returns how much the tensor takes in the file. It fails with [ErrType],
// [ErrBlock] or [ErrOverflow].
func (t *Tensor) Bytes() (uint64, error) {
	if int(t.Type) >= len(types) {
		return 0, fmt.Errorf("%w %d, known are 0 to %d", ErrType, uint32(t.Type), len(types)-1)
	}
	n, fits := t.Elements()
	if !fits {
		return 0, fmt.Errorf("shape %v: %w", t.Dims, ErrOverflow)
	}
	kind := types[t.Type]
	row := uint64(1)
	if len(t.Dims) > 0 {
		row = t.Dims[0]
	}
	if row%kind.block != 0 {
		return 0, fmt.Errorf("%w: %d elements of %s", ErrBlock, row, kind.name)
	}
	hi, size := bits.Mul64(n/kind.block, kind.size)
	if hi != 0 || size > math.MaxInt64 {
		return 0, fmt.Errorf("shape %v of %s: %w", t.Dims, kind.name, ErrOverflow)
	}
	return size, nil
}

func (r *reader) tensor(t *Tensor) error {
	t.At = r.pos
	name, _, n, err := r.text(maxName)
	switch {
	case err != nil:
		return fmt.Errorf("name: %w", err)
	case n > maxName:
		return fmt.Errorf("name of %d bytes: %w", n, ErrBound)
	}
	t.Name = name
	dims, err := r.u32()
	if err != nil {
		return fmt.Errorf("tensor %.100q: dimensions: %w", name, err)
	}
	if dims > maxDims {
		return fmt.Errorf("tensor %.100q: %d dimensions, at most %d are known", name, dims, maxDims)
	}
	t.Dims = t.Dims[:0]
	for range dims {
		d, err := r.length()
		if err != nil {
			return fmt.Errorf("tensor %.100q: dimensions: %w", name, err)
		}
		t.Dims = append(t.Dims, d)
	}
	kind, err := r.u32()
	if err == nil {
		t.Offset, err = r.u64()
	}
	if err != nil {
		return fmt.Errorf("tensor %.100q: %w", name, err)
	}
	t.Type = Type(kind)
	return nil
}
