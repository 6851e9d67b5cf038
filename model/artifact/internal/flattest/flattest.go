// Package flattest writes FlatBuffers for tests, as plain as the format allows: every
// table right before what it refers to.
package flattest

import "encoding/binary"

// Table is a table by field number. Values are uint8, int32, uint32, uint64, string,
// []byte, []int32, []int64, []string, Table and []Table.
type Table map[int]any

// File is a FlatBuffer with an identifier of four bytes.
func File(identifier string, root Table) []byte {
	b := make([]byte, 4, 1024)
	b = append(b, identifier...)
	b = align(b, 8)
	at, b := table(b, root)
	binary.LittleEndian.PutUint32(b, uint32(at))
	return b
}

func align(b []byte, n int) []byte {
	for len(b)%n != 0 {
		b = append(b, 0)
	}
	return b
}

// table appends a table and all below it, and returns where it begins.
func table(b []byte, t Table) (int, []byte) {
	last := -1
	for i := range t {
		last = max(last, i)
	}
	b = align(b, 8)
	vt := len(b)
	size := 4 + 8*(last+1) // every field gets eight bytes
	b = binary.LittleEndian.AppendUint16(b, uint16(4+2*(last+1)))
	b = binary.LittleEndian.AppendUint16(b, uint16(size))
	for i := range last + 1 {
		off := uint16(0)
		if _, ok := t[i]; ok {
			off = uint16(4 + 8*i)
		}
		b = binary.LittleEndian.AppendUint16(b, off)
	}
	for len(b)%8 != 4 { // so that fields are aligned
		b = append(b, 0)
	}
	at := len(b)
	b = binary.LittleEndian.AppendUint32(b, uint32(at-vt))
	b = append(b, make([]byte, size-4)...)
	for i := range last + 1 {
		field := at + 4 + 8*i
		switch v := t[i].(type) {
		case nil:
		case uint8:
			b[field] = v
		case int32:
			binary.LittleEndian.PutUint32(b[field:], uint32(v))
		case uint32:
			binary.LittleEndian.PutUint32(b[field:], v)
		case uint64:
			binary.LittleEndian.PutUint64(b[field:], v)
		default:
			var to int
			to, b = value(b, v)
			binary.LittleEndian.PutUint32(b[field:], uint32(to-field))
		}
	}
	return at, b
}

// value appends what an offset leads to.
func value(b []byte, v any) (int, []byte) {
	switch v := v.(type) {
	case Table:
		return table(b, v)
	case string:
		b = align(b, 4)
		at := len(b)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		return at, append(append(b, v...), 0)
	case []byte:
		b = align(b, 4)
		at := len(b)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		return at, append(b, v...)
	case []int32:
		b = align(b, 4)
		at := len(b)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, uint32(x))
		}
		return at, b
	case []int64:
		for len(b)%8 != 4 { // so that elements are aligned
			b = append(b, 0)
		}
		at := len(b)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint64(b, uint64(x))
		}
		return at, b
	case []string:
		b = align(b, 4)
		at := len(b)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, make([]byte, 4*len(v))...)
		for i, x := range v {
			var to int
			to, b = value(b, x)
			place := at + 4 + 4*i
			binary.LittleEndian.PutUint32(b[place:], uint32(to-place))
		}
		return at, b
	case []Table:
		b = align(b, 4)
		at := len(b)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(v)))
		b = append(b, make([]byte, 4*len(v))...)
		for i, x := range v {
			var to int
			to, b = table(b, x)
			place := at + 4 + 4*i
			binary.LittleEndian.PutUint32(b[place:], uint32(to-place))
		}
		return at, b
	}
	panic("flattest: unknown kind of value")
}
