// Package hdf5 reads the structure of HDF5 files: groups, datasets, links and
// attributes, without reading the data of datasets. It follows the HDF5 File Format
// Specification 3.0, https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html;
// section numbers in comments refer to it.
//
// [Walk] goes through a file once and calls a [Visitor]. It goes on after damage: what
// it could not read is in the error, what it does not know how to follow goes to
// [Visitor.Odd].
package hdf5

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Visitor takes what a file consists of. Every field is optional.
type Visitor struct {
	// Want says whether the value of an attribute is read.
	Want      func(object, name string) bool
	Attribute func(*Attribute)
	Dataset   func(*Dataset)
	Link      func(*Link) // links that lead elsewhere: soft and external ones
	// Value is called for bytes in which a program may keep something else.
	Value func(*Value)
	// Odd is called for what the reader does not follow.
	Odd func(offset int64, what string)
}

// Signature begins the superblock, at offset 0, 512, 1024, 2048 and so on (II.A).
const Signature = "\x89HDF\r\n\x1a\n"

const (
	maxObjects  = 1_000_000 // object headers in a file
	maxMessages = 100_000   // messages in an object header
	maxErrors   = 20        // kept
	maxValue    = 64 << 20  // bytes of one attribute
	maxValues   = 256 << 20 // bytes of all attributes read
	maxNodes    = 1_000_000 // nodes of trees and heaps
	maxNesting  = 256       // groups in groups
	undefined   = ^uint64(0)
)

// ErrLimit is wrapped by errors about files that exceed the reader's bounds.
var ErrLimit = errors.New("exceeds the limits")

// file is an open file.
type file struct {
	ctx   context.Context
	r     io.ReaderAt
	size  uint64
	base  uint64 // of all addresses
	osize int    // bytes of an address
	lsize int    // bytes of a length
	v     Visitor

	seen   map[uint64]bool // object headers
	errs   []error
	failed int
	nodes  int
	left   int64 // bytes of attribute values
	sub    int   // depth of groups

	collect   map[uint64]bool // addresses of global heaps with values of attributes
	sweep     bool            // datasets have values in global heaps
	objects   int             // of global heaps
	heapBytes int64           // of global heaps that may still be read
}

// Walk reads the file in the first size bytes of r. The error joins everything that
// could not be read.
func Walk(ctx context.Context, r io.ReaderAt, size int64, v Visitor) error {
	f := &file{ctx: ctx, r: r, size: uint64(size), v: v, seen: map[uint64]bool{}, left: maxValues, collect: map[uint64]bool{}}
	if f.v.Odd == nil {
		f.v.Odd = func(int64, string) {}
	}
	root, err := f.superblock()
	if err != nil {
		return err
	}
	f.object("/", root)
	f.heaps()
	if f.ctx.Err() != nil {
		return f.ctx.Err()
	}
	if f.failed > len(f.errs) {
		f.errs = append(f.errs, fmt.Errorf("and %d more errors", f.failed-len(f.errs)))
	}
	if len(f.errs) == 0 {
		return nil
	}
	return list(f.errs)
}

// list is errors on one line.
type list []error

func (l list) Error() string {
	texts := make([]string, len(l))
	for i, err := range l {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

func (l list) Unwrap() []error { return l }

// fail records an error; reading goes on elsewhere.
func (f *file) fail(at uint64, format string, args ...any) {
	if f.failed++; len(f.errs) < maxErrors {
		f.errs = append(f.errs, fmt.Errorf("HDF5, offset %d: %w", at+f.base, fmt.Errorf(format, args...)))
	}
}

// Find returns the offset of the signature in a file that begins with head, -1 if
// there is none at the first offsets where it may be.
func Find(head []byte, r io.ReaderAt, size int64) int64 {
	sig := make([]byte, len(Signature))
	for at := int64(0); at+int64(len(Signature)) <= size && at < 1<<40; at = max(512, 2*at) {
		if at+int64(len(sig)) <= int64(len(head)) {
			copy(sig, head[at:])
		} else if r == nil {
			return -1
		} else if _, err := r.ReadAt(sig, at); err != nil {
			return -1
		}
		if string(sig) == Signature {
			return at
		}
	}
	return -1
}

// superblock returns the address of the root group's object header (II.A).
func (f *file) superblock() (uint64, error) {
	at := Find(nil, f.r, int64(f.size))
	if at < 0 {
		return 0, errors.New("no HDF5 file: its signature is missing")
	}
	b, err := f.bytes(uint64(at), min(104, f.size-uint64(at)))
	if err != nil {
		return 0, err
	}
	short := errors.New("HDF5: the superblock is cut off")
	if len(b) < 12 {
		return 0, short
	}
	var fields []byte
	version := b[8]
	switch {
	case version <= 1:
		if len(b) < 24 {
			return 0, short
		}
		f.osize, f.lsize = int(b[13]), int(b[14])
		fields = b[24:]
		if version == 1 && len(fields) >= 4 {
			fields = fields[4:]
		}
	case version <= 3:
		f.osize, f.lsize = int(b[9]), int(b[10])
		fields = b[12:]
	default:
		return 0, fmt.Errorf("HDF5: superblock version %d is unknown", version)
	}
	if !sane(f.osize) || !sane(f.lsize) {
		return 0, fmt.Errorf("HDF5: addresses of %d and lengths of %d bytes", f.osize, f.lsize)
	}
	c := &cursor{b: fields, f: f}
	base := c.addr()
	c.addr() // free space, or superblock extension
	end := c.addr()
	var root uint64
	if version <= 1 {
		c.addr() // driver information
		c.addr() // name of the root entry
	}
	root = c.addr()
	if c.short {
		return 0, short
	}
	f.base = uint64(at)
	if base != f.base {
		// The library believes the position of the signature.
		f.v.Odd(at, fmt.Sprintf("base address %d differs from the position of the superblock", base))
	}
	if end == undefined || end > f.size || end+f.base > f.size && end > f.size {
		f.fail(0, "the file should have %d bytes, it has %d", end, f.size)
	}
	return root, nil
}

func sane(n int) bool { return n == 2 || n == 4 || n == 8 }

// bytes reads n bytes at an absolute offset.
func (f *file) bytes(off, n uint64) ([]byte, error) {
	if off > f.size || n > f.size-off {
		return nil, fmt.Errorf("%d bytes at %d lie beyond the end of the file, at %d", n, off, f.size)
	}
	b := make([]byte, n)
	m, err := f.r.ReadAt(b, int64(off))
	if uint64(m) < n {
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return b, nil
}

// at reads n bytes at an address; n is checked against the file before it is believed.
func (f *file) at(addr, n uint64) (*cursor, error) {
	if addr == undefined || addr > f.size {
		return nil, fmt.Errorf("address %#x lies outside of the file", addr)
	}
	b, err := f.bytes(f.base+addr, n)
	return &cursor{b: b, f: f}, err
}

// most is how many bytes are left behind an address, at most n.
func (f *file) most(addr, n uint64) uint64 {
	if addr > f.size || f.base+addr > f.size {
		return 0
	}
	return min(n, f.size-f.base-addr)
}

// node counts a node of a tree or heap against the bound of the file.
func (f *file) node() error {
	if f.nodes++; f.nodes > maxNodes {
		return fmt.Errorf("more than %d nodes: %w", maxNodes, ErrLimit)
	}
	return f.ctx.Err()
}

// cursor takes fields from bytes; a field that is not there is 0 and makes it short.
type cursor struct {
	b     []byte
	f     *file
	pos   int
	short bool
}

func (c *cursor) take(n int) []byte {
	if n < 0 || n > len(c.b)-c.pos {
		c.short = true
		c.pos = len(c.b)
		return make([]byte, max(0, min(n, 16)))
	}
	c.pos += n
	return c.b[c.pos-n : c.pos]
}

func (c *cursor) left() int { return len(c.b) - c.pos }

func (c *cursor) u8() byte { return c.take(1)[0] }

func (c *cursor) u16() uint16 { return binary.LittleEndian.Uint16(c.take(2)) }

func (c *cursor) u32() uint32 { return binary.LittleEndian.Uint32(c.take(4)) }

// uint reads a number of 0 to 8 bytes.
func (c *cursor) uint(n int) uint64 {
	if n < 0 || n > 8 {
		c.short = true
		return 0
	}
	var v uint64
	for i, b := range c.take(n) {
		if i < 8 {
			v |= uint64(b) << (8 * i)
		}
	}
	return v
}

// addr reads an address; all bits set stand for none, whatever its size.
func (c *cursor) addr() uint64 {
	v := c.uint(c.f.osize)
	if c.f.osize < 8 && v == 1<<(8*c.f.osize)-1 {
		return undefined
	}
	return v
}

func (c *cursor) length() uint64 { return c.uint(c.f.lsize) }

// text reads to a NUL.
func (c *cursor) text() string {
	for i, b := range c.b[c.pos:] {
		if b == 0 {
			return string(c.take(i + 1)[:i])
		}
	}
	c.short = true
	return string(c.take(c.left()))
}
