package tflite

import (
	"fmt"
	"math/bits"

	"github.com/merlon-security/merlon/engine/flatbuf"
)

// dtypes are the element types with their bits; 0 for those without a fixed size.
var dtypes = [...]struct {
	name string
	bits uint64
}{
	{"FLOAT32", 32}, {"FLOAT16", 16}, {"INT32", 32}, {"UINT8", 8}, {"INT64", 64}, {"STRING", 0}, {"BOOL", 8}, {"INT16", 16}, {"COMPLEX64", 64},
	{"INT8", 8}, {"FLOAT64", 64}, {"COMPLEX128", 128}, {"UINT64", 64}, {"RESOURCE", 0}, {"VARIANT", 0}, {"UINT32", 32}, {"UINT16", 16},
	{"INT4", 4}, {"BFLOAT16", 16}, {"INT2", 2}, {"UINT4", 4},
}

func typeName(t uint8) string {
	if int(t) < len(dtypes) {
		return dtypes[t].name
	}
	return fmt.Sprintf("type %d", t)
}

// shape returns the dimensions of a tensor, at most 256 of them, and how many bytes
// its elements take; false when that is not fixed or too much to count.
func shape(t flatbuf.Table) (dims []int64, size uint64, known bool) {
	v := t.Vector(0, 4)
	n, known := uint64(1), true
	for i := range min(v.Len, 256) {
		d := v.I32(i)
		dims = append(dims, int64(d))
		if d < 0 {
			known = false
			continue
		}
		hi, lo := bits.Mul64(n, uint64(d))
		if hi != 0 || lo > 1<<60 {
			return dims, 0, false
		}
		n = lo
	}
	typ := t.U8(1)
	if int(typ) >= len(dtypes) || dtypes[typ].bits == 0 || v.Len > 256 {
		return dims, 0, false
	}
	hi, lo := bits.Mul64(n, dtypes[typ].bits)
	return dims, (lo + 7) / 8, known && hi == 0 && lo < 1<<62
}

// tensor checks a tensor's type, shape and data.
func (j *judge) tensor(t flatbuf.Table, k int, g int32) {
	who := fmt.Sprintf("tensor %d of subgraph %d", k, g)
	if typ := t.U8(1); int(typ) >= len(dtypes) {
		j.broken(ruleSize, who, t.At, "%s has the unknown element type %d", who, typ)
	}
	v := t.Vector(0, 4)
	for i := range v.Len {
		if d := v.I32(i); d < 0 {
			j.broken(ruleSize, who, t.At, "%s has the dimension %d", who, d)
			return
		}
		if j.b.Err() != nil {
			return
		}
	}
	index := t.U32(2)
	if j.b.Err() == nil && int64(index) >= int64(max(j.buffers.Len, 1)) {
		j.broken(ruleIndex, who, t.At, "%s refers to buffer %d of %d", who, index, j.buffers.Len)
		return
	}
	have := stored(j.buffers, index)
	_, need, known := shape(t)
	if typ := t.U8(1); !known && have > 0 && int(typ) < len(dtypes) && dtypes[typ].bits > 0 {
		j.broken(ruleSize, who, t.At, "%s has more elements than can be counted", who)
	}
	if sparse := t.Table(6).Has(); have > 0 && known && !sparse && have != need && j.b.Err() == nil {
		j.broken(ruleSize, who, t.At, "%s takes %d bytes by type and shape, %d are stored", who, need, have)
	}
}

// stored is how many bytes a buffer holds, in itself or behind the FlatBuffer.
func stored(buffers flatbuf.Vector, index uint32) uint64 {
	b := buffers.Table(int(index))
	if n := b.Vector(0, 1).Len; n > 0 {
		return uint64(n)
	}
	if b.U64(1) > 1 {
		return b.U64(2)
	}
	return 0
}
