// Package strictjson reads JSON (RFC 8259) of unknown origin without building it:
// a pull parser over bytes that accepts nothing a strict reader would refuse, and
// tells what lenient readers resolve silently, above all keys given twice.
//
// For most uses make a [Parser] and call [Parser.Object] with a function that looks
// at the keys it knows; what the function leaves unread is checked and skipped.
package strictjson

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"unicode/utf8"
)

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds. Invalid is what stands where no value may begin.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

func (k Kind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

// Options bounds a parse and says which dialect is read.
type Options struct {
	// Python accepts what Python's json module writes beyond the standard: NaN,
	// Infinity, -Infinity and unpaired surrogate escapes.
	Python bool
	// Depth is how deep arrays and objects may nest. Optional, default 128.
	Depth int
	// Keys is how many keys may be open at once: those of an object and of the
	// objects around it. It bounds memory. Optional, default one million.
	Keys int
	// Expect is how many keys there will be about, so that memory is reserved once.
	// Optional.
	Expect int
}

// Error is a mistake in the document.
type Error struct {
	Offset int // bytes from the start
	Msg    string
}

func (e *Error) Error() string { return fmt.Sprintf("%s (byte %d)", e.Msg, e.Offset) }

// Duplicate is a key that its object has more than once.
type Duplicate struct {
	Key    string // at most 256 bytes of it
	Offset int    // of a later occurrence
}

// maxDuplicates is how many duplicates are kept.
const maxDuplicates = 64

// Parser reads one document. Its methods consume one value each.
type Parser struct {
	// Duplicates holds the keys met twice in one object so far, at most 64.
	Duplicates []Duplicate

	doc   []byte
	pos   int
	depth int
	opts  Options
	keys  []keyAt // of the objects being read, innermost last
}

// keyAt remembers a key by hash and place: an object with a million keys costs
// sixteen megabytes, whatever the keys are.
type keyAt struct {
	hash uint64
	off  int
}

var seed = sync.OnceValue(maphash.MakeSeed)

// New returns a parser at the start of doc, which it does not copy.
func New(doc []byte, o Options) *Parser {
	if o.Depth <= 0 {
		o.Depth = 128
	}
	if o.Keys <= 0 {
		o.Keys = 1_000_000
	}
	return &Parser{doc: doc, opts: o, keys: make([]keyAt, 0, min(max(o.Expect, 0), o.Keys))}
}

// Offset returns the position of the next byte that is not white space.
func (p *Parser) Offset() int {
	p.space()
	return p.pos
}

// Kind tells what value comes next, without reading it.
func (p *Parser) Kind() Kind {
	p.space()
	if p.pos >= len(p.doc) {
		return Invalid
	}
	switch c := p.doc[p.pos]; {
	case c == '{':
		return Object
	case c == '[':
		return Array
	case c == '"':
		return String
	case c == 't' || c == 'f':
		return Bool
	case c == 'n':
		return Null
	case c == '-' || c >= '0' && c <= '9':
		return Number
	case p.opts.Python && (c == 'N' || c == 'I'):
		return Number
	}
	return Invalid
}

// End fails unless only white space is left.
func (p *Parser) End() error {
	p.space()
	if p.pos < len(p.doc) {
		return p.fail("something follows the document")
	}
	return nil
}

// Object reads an object and calls each for every member, in order, keys given
// twice included. each may read the value; if
// it does not, the value is skipped.
func (p *Parser) Object(each func(key []byte, at int) error) error {
	if err := p.open('{', Object); err != nil {
		return err
	}
	first := len(p.keys)
	for n := 0; ; n++ {
		p.space()
		if p.accept('}') {
			p.depth--
			p.duplicates(first)
			return nil
		}
		if n > 0 && !p.accept(',') {
			return p.fail("expected ',' or '}'")
		}
		p.space()
		at := p.pos
		if p.pos >= len(p.doc) || p.doc[p.pos] != '"' {
			return p.fail("expected a key in quotes")
		}
		key, err := p.text()
		if err != nil {
			return err
		}
		if len(p.keys) >= p.opts.Keys {
			return p.fail(fmt.Sprintf("more than %d keys", p.opts.Keys))
		}
		p.keys = append(p.keys, keyAt{maphash.Bytes(seed(), key), at})
		p.space()
		if !p.accept(':') {
			return p.fail("expected ':'")
		}
		p.space()
		start := p.pos
		if err := each(key, at); err != nil {
			return err
		}
		if p.pos == start {
			if err := p.Skip(); err != nil {
				return err
			}
		}
	}
}

// Array reads an array and calls each for every element, which it may read.
func (p *Parser) Array(each func(i int) error) error {
	if err := p.open('[', Array); err != nil {
		return err
	}
	for n := 0; ; n++ {
		p.space()
		if p.accept(']') {
			p.depth--
			return nil
		}
		if n > 0 && !p.accept(',') {
			return p.fail("expected ',' or ']'")
		}
		p.space()
		start := p.pos
		if n > 0 && p.pos < len(p.doc) && p.doc[p.pos] == ']' {
			return p.fail("expected a value after ','")
		}
		if err := each(n); err != nil {
			return err
		}
		if p.pos == start {
			if err := p.Skip(); err != nil {
				return err
			}
		}
	}
}

// Skip checks and passes over one value of any kind.
func (p *Parser) Skip() error {
	switch p.Kind() {
	case Object:
		return p.Object(func([]byte, int) error { return p.Skip() })
	case Array:
		return p.Array(func(int) error { return p.Skip() })
	case String:
		return p.skipText()
	case Number:
		_, err := p.number()
		return err
	case Bool:
		_, err := p.Bool()
		return err
	case Null:
		return p.word("null")
	}
	return p.fail("expected a value")
}

// duplicates compares the keys of the object that just ended and forgets them.
func (p *Parser) duplicates(first int) {
	keys := p.keys[first:]
	slices.SortFunc(keys, func(a, b keyAt) int {
		if a.hash != b.hash {
			if a.hash < b.hash {
				return -1
			}
			return 1
		}
		return a.off - b.off
	})
	for i := 1; i < len(keys) && len(p.Duplicates) < maxDuplicates; i++ {
		if keys[i].hash != keys[i-1].hash {
			continue
		}
		a, b := p.keyText(keys[i-1].off), p.keyText(keys[i].off)
		if bytes.Equal(a, b) {
			p.Duplicates = append(p.Duplicates, Duplicate{string(b[:min(len(b), 256)]), keys[i].off})
		}
	}
	p.keys = p.keys[:first]
}

// keyText decodes the key at off once more; it was valid the first time.
func (p *Parser) keyText(off int) []byte {
	q := Parser{doc: p.doc, pos: off, opts: p.opts}
	key, _ := q.text()
	return bytes.Clone(key)
}

func (p *Parser) open(c byte, want Kind) error {
	if k := p.Kind(); k != want {
		return p.fail("expected " + want.String() + ", found " + k.String())
	}
	if p.depth++; p.depth > p.opts.Depth {
		return p.fail(fmt.Sprintf("nested deeper than %d", p.opts.Depth))
	}
	p.pos++
	return nil
}

func (p *Parser) accept(c byte) bool {
	if p.pos < len(p.doc) && p.doc[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *Parser) space() {
	for p.pos < len(p.doc) {
		switch p.doc[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *Parser) fail(msg string) error { return &Error{Offset: p.pos, Msg: msg} }

// Line returns the line and column, from 1, of a byte offset; columns count
// characters.
func Line(doc []byte, off int) (line, col int) {
	off = min(max(off, 0), len(doc))
	line = 1 + bytes.Count(doc[:off], []byte{'\n'})
	start := bytes.LastIndexByte(doc[:off], '\n') + 1
	return line, 1 + utf8.RuneCount(doc[start:off])
}
