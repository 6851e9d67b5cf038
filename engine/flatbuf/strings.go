package flatbuf

import "encoding/binary"

// String reads at most limit bytes of the string that element i leads to.
func (v Vector) String(i, limit int) string {
	if v.b == nil || i < 0 || i >= v.Len || v.b.err != nil {
		return ""
	}
	at := v.At + 4*int64(i)
	at += int64(v.b.U32(at))
	n := int64(v.b.U32(at))
	if v.b.err == nil && n > v.b.size-at-4 {
		v.b.fail(at, "a string of %d bytes, the file ends after %d", n, v.b.size-at-4)
	}
	if v.b.err != nil {
		return ""
	}
	return Vector{b: v.b, At: at + 4, Len: int(n), size: 1}.Text(limit)
}

// I64 returns element i of a vector of 64-bit numbers.
func (v Vector) I64(i int) int64 {
	if v.b == nil || i < 0 || i >= v.Len {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(v.b.bytes(v.At+8*int64(i), 8)))
}
