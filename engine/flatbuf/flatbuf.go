// Package flatbuf reads FlatBuffers of unknown origin in place, without a schema
// compiler: tables, vectors and strings, each checked against the file before it is
// believed. The format is described at https://flatbuffers.dev/internals/.
//
// Errors stick to the [Buffer]: accessors give zero values after the first one, and
// the caller asks [Buffer.Err] at the end, or where a loop must stop.
package flatbuf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrLimit is wrapped by the error about a buffer whose offsets lead to more work than
// its size justifies.
var ErrLimit = errors.New("exceeds the limits")

// Buffer is a file that holds one FlatBuffer. It is not safe for concurrent use.
type Buffer struct {
	r     io.ReaderAt
	size  int64
	err   error
	left  int64 // accesses
	pages [pageCount]page
}

type page struct {
	base int64
	data []byte
}

const (
	pageSize  = 16 << 10
	pageCount = 64
	maxAccess = 200_000_000
)

// New returns a reader of the first size bytes of r.
func New(r io.ReaderAt, size int64) *Buffer { return &Buffer{r: r, size: size, left: maxAccess} }

// Err returns the first error.
func (b *Buffer) Err() error { return b.err }

// Size returns the number of bytes.
func (b *Buffer) Size() int64 { return b.size }

func (b *Buffer) fail(off int64, format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("FlatBuffer, offset %d: %w", off, fmt.Errorf(format, args...))
	}
}

// bytes returns n bytes, at most a page, at an offset.
func (b *Buffer) bytes(off, n int64) []byte {
	if b.err != nil {
		return make([]byte, n)
	}
	if off < 0 || n > b.size-off {
		b.fail(off, "%d bytes lie beyond the end, at %d", n, b.size)
		return make([]byte, n)
	}
	if b.left--; b.left < 0 {
		b.fail(off, "more than %d accesses: %w", int64(maxAccess), ErrLimit)
		return make([]byte, n)
	}
	base := off &^ (pageSize - 1)
	if off+n > base+pageSize { // over the edge of a page
		out := make([]byte, n)
		b.read(out, off)
		return out
	}
	p := &b.pages[base/pageSize%pageCount]
	if p.data == nil || p.base != base {
		if p.data == nil {
			p.data = make([]byte, pageSize)
		}
		p.base = base
		b.read(p.data[:min(pageSize, b.size-base)], base)
	}
	return p.data[off-base : off-base+n]
}

func (b *Buffer) read(p []byte, off int64) {
	n, err := b.r.ReadAt(p, off)
	if n < len(p) {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		b.fail(off, "read: %w", err)
	}
}

// U32 reads a number at an offset of the file.
func (b *Buffer) U32(off int64) uint32 { return binary.LittleEndian.Uint32(b.bytes(off, 4)) }

// Root returns the root table. identifier is the four bytes that must follow its
// offset; empty for none.
func (b *Buffer) Root(identifier string) Table {
	if identifier != "" && string(b.bytes(4, 4)) != identifier && b.err == nil {
		b.fail(4, "the identifier %q is missing", identifier)
	}
	return b.table(int64(b.U32(0)))
}

// Table is a table; the zero value stands for one that is not there.
type Table struct {
	b      *Buffer
	At     int64 // offset in the file
	vtable int64
	fields int // in the vtable
	size   int64
}

func (b *Buffer) table(at int64) Table {
	vt := at - int64(int32(b.U32(at)))
	if b.err == nil && (vt < 0 || vt > b.size-4) {
		b.fail(at, "a table whose vtable lies at %d", vt)
	}
	head := b.bytes(vt, 4)
	n, size := int64(binary.LittleEndian.Uint16(head)), int64(binary.LittleEndian.Uint16(head[2:]))
	if b.err == nil && (n < 4 || n%2 != 0 || n > b.size-vt || size < 4 || size > b.size-at) {
		b.fail(at, "a table of %d bytes with a vtable of %d", size, n)
	}
	if b.err != nil {
		return Table{}
	}
	return Table{b: b, At: at, vtable: vt, fields: int(n-4) / 2, size: size}
}

// Has reports whether there is a table.
func (t Table) Has() bool { return t.b != nil }

// field returns the offset in the file of a field of n bytes; false when it is not
// there.
func (t Table) field(i int, n int64) (int64, bool) {
	if t.b == nil || i >= t.fields {
		return 0, false
	}
	off := int64(binary.LittleEndian.Uint16(t.b.bytes(t.vtable+4+2*int64(i), 2)))
	if off == 0 || t.b.err != nil {
		return 0, false
	}
	if off+n > t.size {
		t.b.fail(t.At, "field %d lies outside of its table", i)
		return 0, false
	}
	return t.At + off, true
}

// Fields returns how many fields the table has room for; more than the schema knows
// are those of a newer one.
func (t Table) Fields() int { return t.fields }

// Set reports whether field i is there.
func (t Table) Set(i int) bool { _, ok := t.field(i, 1); return ok }

// U8 reads a number, 0 if it is not there.
func (t Table) U8(i int) uint8 {
	if at, ok := t.field(i, 1); ok {
		return t.b.bytes(at, 1)[0]
	}
	return 0
}

// U32 reads a number, 0 if it is not there.
func (t Table) U32(i int) uint32 {
	if at, ok := t.field(i, 4); ok {
		return t.b.U32(at)
	}
	return 0
}

// I32 is [Table.U32] with a sign.
func (t Table) I32(i int) int32 { return int32(t.U32(i)) }

// U64 reads a number, 0 if it is not there.
func (t Table) U64(i int) uint64 {
	if at, ok := t.field(i, 8); ok {
		return binary.LittleEndian.Uint64(t.b.bytes(at, 8))
	}
	return 0
}

// follow returns where the offset in field i leads.
func (t Table) follow(i int) (int64, bool) {
	at, ok := t.field(i, 4)
	if !ok {
		return 0, false
	}
	return at + int64(t.b.U32(at)), t.b.err == nil
}

// Table returns the table in field i.
func (t Table) Table(i int) Table {
	if at, ok := t.follow(i); ok {
		return t.b.table(at)
	}
	return Table{}
}

// String reads at most limit bytes of the string in field i.
func (t Table) String(i, limit int) string {
	return t.Vector(i, 1).Text(limit)
}

// Vector returns the vector in field i, whose elements have size bytes: 4 for offsets
// to tables and strings.
func (t Table) Vector(i int, size int64) Vector {
	at, ok := t.follow(i)
	if !ok {
		return Vector{}
	}
	n := int64(t.b.U32(at))
	if t.b.err == nil && n > (t.b.size-at-4)/size {
		t.b.fail(at, "a vector of %d elements of %d bytes, the file ends after %d", n, size, t.b.size-at-4)
	}
	if t.b.err != nil {
		return Vector{}
	}
	return Vector{b: t.b, At: at + 4, Len: int(n), size: size}
}

// Vector is a vector; the zero value is an empty one.
type Vector struct {
	b    *Buffer
	At   int64 // offset in the file of the first element
	Len  int
	size int64
}

// Text reads at most limit bytes of the vector.
func (v Vector) Text(limit int) string { return string(v.Bytes(limit)) }

// Bytes reads at most limit bytes of the vector.
func (v Vector) Bytes(limit int) []byte {
	if v.b == nil {
		return nil
	}
	n := min(int64(v.Len)*v.size, int64(limit))
	out := make([]byte, 0, n)
	for int64(len(out)) < n && v.b.err == nil {
		out = append(out, v.b.bytes(v.At+int64(len(out)), min(n-int64(len(out)), pageSize))...)
	}
	return out
}

// Table returns the table that element i leads to.
func (v Vector) Table(i int) Table {
	if v.b == nil || i < 0 || i >= v.Len || v.b.err != nil {
		return Table{}
	}
	at := v.At + 4*int64(i)
	return v.b.table(at + int64(v.b.U32(at)))
}

// I32 returns element i of a vector of 32-bit numbers.
func (v Vector) I32(i int) int32 {
	if v.b == nil || i < 0 || i >= v.Len {
		return 0
	}
	return int32(v.b.U32(v.At + 4*int64(i)))
}
