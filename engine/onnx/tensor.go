package onnx

import (
	"fmt"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/merlon-security/merlon/engine/protowalk"
)

// Role is where a tensor stands.
type Role uint8

// The roles.
const (
	Initializer       Role = iota // weights of a graph
	SparseInitializer             // values or indices of sparse weights
	Attribute                     // constant of a node
)

// Tensor is one array, without its data.
type Tensor struct {
	Name     string
	DType    int32
	Dims     []int64 // at most 64 of them
	Rank     int
	Role     Role
	Offset   int64
	Raw      protowalk.Span // bytes of raw_data
	HasRaw   bool
	Stored   [6]int64 // numbers in float, int32, string, int64, double, uint64 data; -1: there, but not counted
	Inline   int64    // bytes of all these
	External []Pair   // at most 32 of them
	Location int64    // 1: external
	Segment  bool
	// Dense is the shape that a sparse tensor stands for; nil for others.
	Dense []int64
}

// dtype is an element type of TensorProto.DataType.
type dtype struct {
	name  string
	bits  int64
	field int // index into Tensor.Stored; -1: raw data only
	per   int64
}

// dtypes are TensorProto.DataType by number. Field is the repeated field that may
// hold the data instead of raw_data; a complex number takes two entries of it.
var dtypes = [...]dtype{
	{"UNDEFINED", 0, -1, 1}, {"FLOAT", 32, 0, 1}, {"UINT8", 8, 1, 1}, {"INT8", 8, 1, 1}, {"UINT16", 16, 1, 1}, {"INT16", 16, 1, 1},
	{"INT32", 32, 1, 1}, {"INT64", 64, 3, 1}, {"STRING", 0, 2, 1}, {"BOOL", 8, 1, 1}, {"FLOAT16", 16, 1, 1}, {"DOUBLE", 64, 4, 1},
	{"UINT32", 32, 5, 1}, {"UINT64", 64, 5, 1}, {"COMPLEX64", 64, 0, 2}, {"COMPLEX128", 128, 4, 2}, {"BFLOAT16", 16, 1, 1},
	{"FLOAT8E4M3FN", 8, 1, 1}, {"FLOAT8E4M3FNUZ", 8, 1, 1}, {"FLOAT8E5M2", 8, 1, 1}, {"FLOAT8E5M2FNUZ", 8, 1, 1},
	{"UINT4", 4, 1, 1}, {"INT4", 4, 1, 1}, {"FLOAT4E2M1", 4, 1, 1}, {"FLOAT8E8M0", 8, 1, 1}, {"UINT2", 2, 1, 1}, {"INT2", 2, 1, 1},
	{"FLOAT6E2M3", 6, 1, 1}, {"FLOAT6E3M2", 6, 1, 1},
}

// Type returns the name of the element type as the specification spells it.
func (t *Tensor) Type() string {
	if t.DType >= 0 && int(t.DType) < len(dtypes) {
		return dtypes[t.DType].name
	}
	return fmt.Sprintf("type %d", t.DType)
}

// Elements returns the product of dims. It fails for a negative dimension and for
// more elements than fit 63 bits.
func Elements(dims []int64) (int64, error) {
	n := uint64(1)
	for _, d := range dims {
		if d < 0 {
			return 0, fmt.Errorf("dimension %d is negative", d)
		}
		hi, lo := bits.Mul64(n, uint64(d))
		if hi != 0 || lo > 1<<62 {
			return 0, fmt.Errorf("dimensions %v have more than 2^62 elements", dims)
		}
		n = lo
	}
	return int64(n), nil
}

// Bytes returns how many bytes the data of the tensor take in raw form. It fails for
// strings, unknown types and impossible shapes.
func (t *Tensor) Bytes() (int64, error) {
	if t.DType <= 0 || int(t.DType) >= len(dtypes) || dtypes[t.DType].bits == 0 {
		return 0, fmt.Errorf("element %s has no size", t.Type())
	}
	n, err := Elements(t.Dims)
	if err != nil {
		return 0, err
	}
	hi, lo := bits.Mul64(uint64(n), uint64(dtypes[t.DType].bits))
	if hi != 0 || lo > 1<<62 {
		return 0, fmt.Errorf("dimensions %v take more than 2^59 bytes", t.Dims)
	}
	return int64((lo + 7) / 8), nil
}

// Check says how the data in the file differ from what type and shape declare; nil
// when they agree. External data are for the caller to check.
func (t *Tensor) Check() error {
	if t.Rank > len(t.Dims) {
		return fmt.Errorf("%d dimensions", t.Rank)
	}
	n, err := Elements(t.Dims)
	if err != nil {
		return err
	}
	if t.DType <= 0 || int(t.DType) >= len(dtypes) {
		return fmt.Errorf("unknown element %s", t.Type())
	}
	typ := dtypes[t.DType]
	places := 0
	if t.HasRaw {
		places++
	}
	for _, s := range t.Stored {
		if s != 0 {
			places++
		}
	}
	switch {
	case t.Location == 1:
		if places > 0 {
			return fmt.Errorf("external data and %d bytes in the model", t.Inline)
		}
		return nil
	case places > 1:
		return fmt.Errorf("data in %d fields at once", places)
	case places == 0 && n > 0:
		return fmt.Errorf("%d elements declared, no data", n)
	case places == 0:
		return nil
	}
	if t.HasRaw {
		need, err := t.Bytes()
		if err != nil {
			return err
		}
		if have := t.Raw.Len(); have != need {
			return fmt.Errorf("%d bytes declared by type and shape, %d stored", need, have)
		}
		return nil
	}
	have := t.Stored[max(typ.field, 0)]
	if typ.field < 0 || have == 0 {
		return fmt.Errorf("data in a field that %s does not use", typ.name)
	}
	need := n * typ.per
	if typ.bits > 0 && typ.bits < 8 {
		need = (n*typ.bits + 7) / 8
		if have == n {
			need = n // some writers do not pack
		}
	}
	if have > 0 && have != need {
		return fmt.Errorf("%d numbers declared by type and shape, %d stored", need, have)
	}
	return nil
}

var (
	tensorShape = protowalk.Shape{1: many | protowalk.Varint, 2: protowalk.Varint, 3: protowalk.Bytes, 4: many | protowalk.I32,
		5: many | protowalk.Varint, 6: many | protowalk.Bytes, 7: many | protowalk.Varint, 8: protowalk.Bytes, 9: protowalk.Bytes,
		10: many | protowalk.I64, 11: many | protowalk.Varint, 12: protowalk.Bytes, 13: many | protowalk.Bytes, 14: protowalk.Varint,
		16: many | protowalk.Bytes}
	sparseShape = protowalk.Shape{1: protowalk.Bytes, 2: protowalk.Bytes, 3: many | protowalk.Varint}
	storedIn    = map[protowire.Number]int{4: 0, 5: 1, 6: 2, 7: 3, 10: 4, 11: 5}
)

func (d *reader) tensor(field protowalk.Field, role Role) error {
	t, err := d.readTensor(field, role)
	if err == nil {
		d.emit(t)
	}
	return err
}

func (d *reader) emit(t *Tensor) {
	d.m.Tensors++
	if d.v.Tensor != nil {
		d.v.Tensor(t)
	}
}

func (d *reader) readTensor(field protowalk.Field, role Role) (*Tensor, error) {
	t := &Tensor{Offset: field.At, Role: role}
	err := d.each("TensorProto", field.Body, tensorShape, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			t.Dims, t.Rank, err = d.dims(f, t.Dims, t.Rank)
		case 2:
			t.DType = int32(f.Value)
		case 3:
			t.Segment = true
		case 4, 5, 6, 7, 10, 11:
			err = d.stored(f, t)
		case 8:
			t.Name, err = d.text(f)
		case 9:
			t.Raw, t.HasRaw = f.Body, true
			t.Inline += f.Body.Len()
		case 13:
			p, err := d.pair(f.Body)
			if len(t.External) < 32 {
				t.External = append(t.External, p)
			}
			return err
		case 14:
			t.Location = int64(f.Value)
		case 16:
			_, err = d.pair(f.Body)
		}
		return err
	})
	return t, err
}

// maxRank is how many dimensions are kept; NumPy ends at 64.
const maxRank = 64

func (d *reader) dims(f protowalk.Field, dims []int64, rank int) ([]int64, int, error) {
	_, err := d.w.Numbers(f, protowire.VarintType, func(v uint64) error {
		if rank++; len(dims) < maxRank {
			dims = append(dims, int64(v))
		}
		return nil
	})
	return dims, rank, err
}

// stored counts the numbers in a repeated field of data.
func (d *reader) stored(f protowalk.Field, t *Tensor) error {
	i, kind := storedIn[f.Num], tensorShape[f.Num]
	t.Inline += f.Body.Len()
	switch {
	case f.Num == 6: // strings: one field each
		t.Stored[i]++
		return nil
	case kind.Type() == protowire.VarintType && !d.v.Count:
		t.Stored[i] = -1
		return nil
	}
	n, err := d.w.Numbers(f, kind.Type(), nil)
	t.Stored[i] += n
	return err
}

func (d *reader) sparse(field protowalk.Field, role Role) error {
	var values, indices *Tensor
	var dims []int64
	rank := 0
	err := d.each("SparseTensorProto", field.Body, sparseShape, func(f protowalk.Field) (err error) {
		switch f.Num {
		case 1:
			values, err = d.readTensor(f, role)
		case 2:
			indices, err = d.readTensor(f, role)
		case 3:
			dims, rank, err = d.dims(f, dims, rank)
		}
		return err
	})
	if values != nil {
		values.Dense = append([]int64{}, dims...)
		d.emit(values)
	}
	if indices != nil {
		if indices.Name == "" && values != nil {
			indices.Name = values.Name + " (indices)"
		}
		d.emit(indices)
	}
	return err
}
