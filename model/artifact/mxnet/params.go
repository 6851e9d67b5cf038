package mxnet

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/merlon-security/merlon/asset"
)

// The magic numbers of one array. Another number is the count of dimensions, as it
// was written before there were versions.
const (
	magicV1 = 0xf993fac8 // 64-bit dimensions
	magicV2 = 0xf993fac9 // sparse arrays
	magicV3 = 0xf993faca // arrays of no dimension, as NumPy has them
)

const (
	maxDims     = 32
	maxNameSize = 1 << 16
)

// dtypes are the types by number (mshadow::TypeFlag), with their size in bytes.
var dtypes = []struct {
	name string
	size int64
}{{"float32", 4}, {"float64", 8}, {"float16", 2}, {"uint8", 1}, {"int32", 4}, {"int8", 1}, {"int64", 8}, {"bool", 1},
	{"int16", 2}, {"uint16", 2}, {"uint32", 4}, {"uint64", 8}, {"bfloat16", 2}}

// errShape is a shape that contradicts the file; it has been reported.
var errShape = errors.New("the arrays cannot be read further")

// list reads a list of arrays, headers only: data are passed over.
type list struct {
	r      io.ReaderAt
	at     int64
	size   int64
	damage func(rule, key string, off int64, msg string)
	err    error
}

// readList returns the arrays of a file of size bytes; damage is told what
// contradicts itself.
func readList(ctx context.Context, r io.ReaderAt, size int64, damage func(rule, key string, off int64, msg string)) ([]asset.Tensor, error) {
	l := &list{r: r, at: int64(len(listMagic)), size: size, damage: damage}
	n := l.u64()
	if l.err == nil && n > uint64(size-l.at)/4 {
		l.wrong(fmt.Sprintf("%d arrays are announced in a file of %d bytes.", n, size))
	}
	if n > asset.MaxTensors {
		return nil, fmt.Errorf("MXNet arrays: more than %d", asset.MaxTensors)
	}
	var tensors []asset.Tensor
	for i := uint64(0); i < n && l.err == nil; i++ {
		if i%1000 == 0 && ctx.Err() != nil {
			return tensors, ctx.Err()
		}
		if t := l.array(); l.err == nil {
			tensors = append(tensors, t)
		}
	}
	l.names(tensors)
	if l.err == nil && l.at < size {
		damage(ruleHidden, "rest", l.at, fmt.Sprintf("%d bytes behind the last name belong to nothing.", size-l.at))
	}
	if l.err != nil {
		return tensors, fmt.Errorf("MXNet arrays at byte %d: %w", l.at, l.err)
	}
	return tensors, nil
}

func (l *list) array() asset.Tensor {
	start := l.at
	magic := l.u32()
	kinds := 0 // of indices beside the data
	var stored []int64
	switch magic {
	case magicV2, magicV3:
		switch storage := int32(l.u32()); storage {
		case 0:
		case 1: // rows
			kinds = 1
		case 2: // compressed rows
			kinds = 2
		default:
			l.fail(fmt.Errorf("array stored in an unknown way, %d", storage))
		}
		if kinds > 0 {
			stored = l.shape(8, magic == magicV3)
		}
	case magicV1:
	default:
		l.at -= 4
	}
	width := 8
	if magic != magicV1 && magic != magicV2 && magic != magicV3 {
		width = 4
	}
	t := asset.Tensor{Shape: l.shape(width, magic == magicV3)}
	if l.err != nil || t.Shape == nil { // an array without a shape has nothing else
		return t
	}
	l.u32() // kind of device
	l.u32() // and its number
	name, size := l.dtype()
	t.DType = name
	data := t.Shape
	if kinds > 0 {
		data = stored
	}
	total := l.bytes(start, data, size)
	for range kinds {
		_, width := l.dtype()
		total += l.bytes(start, l.shape(8, magic == magicV3), width)
		if total < 0 {
			l.wrong("The indices of a sparse array are larger than can be counted.")
		}
	}
	if l.err == nil && total > l.size-l.at {
		l.wrong(fmt.Sprintf("An array of shape %v and type %s needs %d bytes, the file has %d more.", t.Shape, t.DType, total, l.size-l.at))
	}
	t.Bytes = total
	l.at += total
	return t
}

// shape reads the number of dimensions and the dimensions; nil for an array of none,
// which has no data. In the newest form that is the number -1.
func (l *list) shape(width int, numpy bool) []int64 {
	n := int32(l.u32())
	switch {
	case l.err != nil || n == 0 && !numpy || n == -1 && numpy:
		return nil
	case n < 0 || n > maxDims:
		l.fail(fmt.Errorf("array of %d dimensions", n))
		return nil
	}
	dims := make([]int64, n)
	for i := range dims {
		if width == 4 {
			dims[i] = int64(l.u32())
		} else {
			dims[i] = int64(l.u64())
		}
	}
	return dims
}

func (l *list) dtype() (name string, size int64) {
	n := l.u32()
	if l.err == nil && n >= uint32(len(dtypes)) {
		l.fail(fmt.Errorf("array of an unknown type, %d", n))
	}
	if l.err != nil {
		return "", 0
	}
	return dtypes[n].name, dtypes[n].size
}

// bytes is what a shape needs.
func (l *list) bytes(start int64, dims []int64, size int64) int64 {
	n := size
	for _, d := range dims {
		switch {
		case l.err != nil:
			return 0
		case d < 0:
			l.wrong(fmt.Sprintf("The array at byte %d has the dimension %d.", start, d))
			return 0
		case d == 0:
			return 0
		case n > math.MaxInt64/4/d:
			l.wrong(fmt.Sprintf("The shape %v of the array at byte %d is larger than can be counted.", dims, start))
			return 0
		}
		n *= d
	}
	return n
}

// names reads the names, if there are any: as many as arrays.
func (l *list) names(tensors []asset.Tensor) {
	n := l.u64()
	if l.err == nil && n != 0 && n != uint64(len(tensors)) {
		l.fail(fmt.Errorf("%d names for %d arrays", n, len(tensors)))
	}
	for i := 0; i < len(tensors) && n > 0 && l.err == nil; i++ {
		size := l.u64()
		if l.err == nil && (size > maxNameSize || int64(size) > l.size-l.at) {
			l.fail(fmt.Errorf("name of %d bytes", size))
		}
		if l.err == nil {
			b := make([]byte, size)
			l.read(b)
			tensors[i].Name = string(b)
		}
	}
}

func (l *list) u32() uint32 {
	var b [4]byte
	l.read(b[:])
	return binary.LittleEndian.Uint32(b[:])
}

func (l *list) u64() uint64 {
	var b [8]byte
	l.read(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

func (l *list) read(b []byte) {
	if l.err != nil {
		return
	}
	if int64(len(b)) > l.size-l.at {
		l.fail(io.ErrUnexpectedEOF)
		return
	}
	if n, err := l.r.ReadAt(b, l.at); n < len(b) {
		l.fail(err)
		return
	}
	l.at += int64(len(b))
}

func (l *list) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// wrong reports a size that contradicts the file, and stops.
func (l *list) wrong(msg string) {
	if l.err == nil {
		l.damage(ruleSize, "size", l.at, msg)
		l.err = errShape
	}
}
