// Package marshal reads the code objects that Python's marshal module wrote, without
// Python and without running anything: which names a function uses tells what it can
// reach. The format is that of CPython's Python/marshal.c, versions 2 to 5, and the
// layout of code objects that of Python 3.4 to 3.14; there is no other specification.
package marshal

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Code is a code object with what it refers to by name.
type Code struct {
	Name   string
	Names  []string // globals, attributes and imports that it uses
	Texts  []string // string constants
	Nested []*Code  // functions and lambdas inside
	Bytes  int      // length of its bytecode
}

// All returns the code and everything nested in it, each once.
func (c *Code) All() []*Code {
	var list []*Code
	seen := map[*Code]bool{}
	var add func(*Code)
	add = func(c *Code) {
		if !seen[c] {
			seen[c] = true
			list = append(list, c)
			for _, n := range c.Nested {
				add(n)
			}
		}
	}
	add(c)
	return list
}

// Errors of [Read].
var (
	// ErrNotCode is returned for bytes that hold something else than a code object.
	ErrNotCode = errors.New("no code object of Python 3")
	errBroken  = errors.New("broken marshal data")
)

const (
	maxNodes = 1_000_000 // objects in one stream
	maxDepth = 200       // marshal.c ends at 2000, of which a compiler uses a few dozen
)

// Read reads a code object; nothing may follow it.
func Read(b []byte) (*Code, error) {
	if len(b) == 0 || b[0]&^flagRef != 'c' {
		return nil, ErrNotCode
	}
	var err error
	for _, l := range layouts {
		r := &reader{b: b, layout: l, left: maxNodes}
		var v value
		if v, err = r.object(0); err == nil && r.pos == len(b) && v.code != nil {
			return v.code, nil
		}
	}
	if err == nil {
		err = errBroken
	}
	return nil, fmt.Errorf("%w: %w", ErrNotCode, err)
}

const flagRef = 0x80

// layout is the order of the fields of a code object: i for a plain number, and by
// the type of object: b bytes, t tuple, s string. The upper-case ones are those that
// are kept: B bytecode, C constants, N names, S its own name.
type layout string

var layouts = []layout{
	"iiiiiBCNtbsSsibb", // 3.11 and later
	"iiiiiiBCNtttsSib", // 3.8 to 3.10
	"iiiiiBCNtttsSib",  // 3.4 to 3.7
}

// value is an object as far as it matters here.
type value struct {
	kind  byte // 'b', 't', 's', 'c', or 0 for anything else
	text  string
	n     int
	items []value
	code  *Code
}

type reader struct {
	b      []byte
	pos    int
	layout layout
	left   int
	refs   []value
}

func (r *reader) take(n int) ([]byte, error) {
	if n < 0 || n > len(r.b)-r.pos {
		return nil, errBroken
	}
	r.pos += n
	return r.b[r.pos-n : r.pos], nil
}

func (r *reader) int32() (int, error) {
	b, err := r.take(4)
	if err != nil {
		return 0, err
	}
	return int(int32(binary.LittleEndian.Uint32(b))), nil
}

func (r *reader) size(short bool) (int, error) {
	if short {
		b, err := r.take(1)
		if err != nil {
			return 0, err
		}
		return int(b[0]), nil
	}
	n, err := r.int32()
	if err == nil && (n < 0 || n > len(r.b)-r.pos) { // every element takes a byte at least
		err = errBroken
	}
	return n, err
}

func (r *reader) object(depth int) (value, error) {
	if r.left--; r.left < 0 || depth > maxDepth {
		return value{}, errBroken
	}
	tag, err := r.take(1)
	if err != nil {
		return value{}, err
	}
	at := -1
	if tag[0]&flagRef != 0 {
		at = len(r.refs)
		r.refs = append(r.refs, value{})
	}
	v, err := r.body(tag[0]&^flagRef, depth)
	if at >= 0 && err == nil {
		r.refs[at] = v
	}
	return v, err
}

func (r *reader) body(tag byte, depth int) (v value, err error) {
	skip := func(n int) (value, error) { _, err := r.take(n); return value{}, err }
	switch tag {
	case 'N', 'F', 'T', 'S', '.', '0':
		return v, nil
	case 'i':
		return skip(4)
	case 'I', 'g':
		return skip(8)
	case 'y':
		return skip(16)
	case 'f', 'x':
		for range map[byte]int{'f': 1, 'x': 2}[tag] {
			n, err := r.size(true)
			if err == nil {
				_, err = r.take(n)
			}
			if err != nil {
				return v, err
			}
		}
		return v, nil
	case 'l':
		n, err := r.int32()
		if err != nil {
			return v, err
		}
		return skip(2 * max(n, -n))
	case 's', 't', 'u', 'a', 'A', 'z', 'Z':
		n, err := r.size(tag == 'z' || tag == 'Z')
		if err != nil {
			return v, err
		}
		b, err := r.take(n)
		v = value{kind: 's', text: string(b), n: n}
		if tag == 's' {
			v = value{kind: 'b', n: n}
		}
		return v, err
	case '(', ')', '[', '<', '>':
		n, err := r.size(tag == ')')
		v = value{kind: 't'}
		for i := 0; i < n && err == nil; i++ {
			var item value
			item, err = r.object(depth + 1)
			v.items = append(v.items, item)
		}
		return v, err
	case ':':
		for range 3 {
			if _, err := r.object(depth + 1); err != nil {
				return v, err
			}
		}
		return v, nil
	case '{':
		for {
			if r.pos < len(r.b) && r.b[r.pos] == '0' {
				r.pos++
				return v, nil
			}
			for range 2 {
				if _, err := r.object(depth + 1); err != nil {
					return v, err
				}
			}
		}
	case 'r':
		n, err := r.int32()
		if err != nil || n < 0 || n >= len(r.refs) {
			return v, errBroken
		}
		return r.refs[n], nil
	case 'c':
		return r.code(depth)
	}
	return v, errBroken
}

func (r *reader) code(depth int) (value, error) {
	c := &Code{}
	for _, want := range r.layout {
		if want == 'i' {
			if _, err := r.int32(); err != nil {
				return value{}, err
			}
			continue
		}
		v, err := r.object(depth + 1)
		if err != nil {
			return value{}, err
		}
		kinds := map[rune]byte{'b': 'b', 'B': 'b', 't': 't', 'C': 't', 'N': 't', 's': 's', 'S': 's'}
		if v.kind != kinds[want] {
			return value{}, errBroken
		}
		switch want {
		case 'B':
			c.Bytes = v.n
		case 'S':
			c.Name = v.text
		case 'N':
			for _, name := range v.items {
				if name.kind != 's' {
					return value{}, errBroken
				}
				c.Names = append(c.Names, name.text)
			}
		case 'C':
			c.constants(v.items, 0)
		}
	}
	return value{kind: 'c', code: c}, nil
}

// constants keeps what matters of the constants; tuples in them are followed as far
// as a compiler nests them.
func (c *Code) constants(items []value, depth int) {
	for _, v := range items {
		switch {
		case len(c.Nested)+len(c.Texts) > 10_000:
			return
		case v.kind == 's':
			c.Texts = append(c.Texts, v.text)
		case v.code != nil:
			c.Nested = append(c.Nested, v.code)
		case v.kind == 't' && depth < 4:
			c.constants(v.items, depth+1)
		}
	}
}
