// Package ubjson reads Universal Binary JSON (draft 12) of unknown origin as a
// stream: a pull parser that keeps nothing, with strongly typed containers and
// counts, and without trust in either.
//
// The shape of the parser is that of engine/strictjson, so that a format which
// comes in both encodings is read by one function.
package ubjson

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Kind is the kind of a value.
type Kind uint8

// The kinds.
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

const (
	maxDepth  = 128
	maxText   = 1 << 20 // bytes of a string that is kept
	maxZeros  = 1 << 20 // items without bytes of their own in one container
	maxDigits = 1 << 10 // of a high-precision number
)

// ErrCut is wrapped by errors about documents that end too early.
var ErrCut = errors.New("cut off")

// Parser reads one document. Its methods consume one value each. After an error it
// must not be used.
type Parser struct {
	r      *bufio.Reader
	pos    int64
	size   int64
	marker byte // of the next value; 0: not read yet
	depth  int
}

// New returns a parser of the document in r, which is size bytes long.
func New(r io.ReaderAt, size int64) *Parser {
	return &Parser{r: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 64<<10), size: size}
}

// Offset returns the position of the next byte.
func (p *Parser) Offset() int64 {
	if p.marker != 0 {
		return p.pos - 1
	}
	return p.pos
}

func (p *Parser) fail(format string, args ...any) error {
	return fmt.Errorf("byte %d: %w", p.pos, fmt.Errorf(format, args...))
}

func (p *Parser) byte() (byte, error) {
	c, err := p.r.ReadByte()
	if err != nil {
		return 0, p.fail("%w", cut(err))
	}
	p.pos++
	return c, nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCut
	}
	return err
}

// peek finds the marker of the next value, past no-ops.
func (p *Parser) peek() (byte, error) {
	for p.marker == 0 || p.marker == 'N' {
		c, err := p.byte()
		if err != nil {
			return 0, err
		}
		p.marker = c
	}
	return p.marker, nil
}

// Kind tells what comes next; [Invalid] at the end and where no value may stand.
func (p *Parser) Kind() Kind {
	m, err := p.peek()
	if err != nil {
		return Invalid
	}
	return kindOf(m)
}

func kindOf(m byte) Kind {
	switch m {
	case 'Z':
		return Null
	case 'T', 'F':
		return Bool
	case 'i', 'U', 'I', 'l', 'L', 'd', 'D', 'H':
		return Number
	case 'C', 'S':
		return String
	case '[':
		return Array
	case '{':
		return Object
	}
	return Invalid
}

// width is the size of a value of fixed length; -1 for others.
func width(m byte) int64 {
	switch m {
	case 'Z', 'T', 'F', 'N':
		return 0
	case 'i', 'U', 'C':
		return 1
	case 'I':
		return 2
	case 'l', 'd':
		return 4
	case 'L', 'D':
		return 8
	}
	return -1
}

// End fails unless nothing follows.
func (p *Parser) End() error {
	if p.marker != 0 && p.marker != 'N' || p.pos != p.size {
		return p.fail("something follows the document")
	}
	return nil
}

// Number reads a number; integers beyond 2^53 lose precision.
func (p *Parser) Number() (float64, error) {
	m, err := p.peek()
	if err != nil {
		return 0, err
	}
	if kindOf(m) != Number {
		return 0, p.fail("expected a number, found %s", kindOf(m))
	}
	p.marker = 0
	if m == 'H' {
		n, err := p.length()
		if err != nil {
			return 0, err
		}
		if n > maxDigits {
			return 0, p.fail("number of %d digits", n)
		}
		return math.NaN(), p.discard(n)
	}
	var b [8]byte
	w := width(m)
	if _, err := io.ReadFull(p.r, b[:w]); err != nil {
		return 0, p.fail("%w", cut(err))
	}
	p.pos += w
	be := binary.BigEndian
	switch m {
	case 'i':
		return float64(int8(b[0])), nil
	case 'U':
		return float64(b[0]), nil
	case 'I':
		return float64(int16(be.Uint16(b[:]))), nil
	case 'l':
		return float64(int32(be.Uint32(b[:]))), nil
	case 'L':
		return float64(int64(be.Uint64(b[:]))), nil
	case 'd':
		return float64(math.Float32frombits(be.Uint32(b[:]))), nil
	}
	return math.Float64frombits(be.Uint64(b[:])), nil
}

// length reads a count or length: an integer that the rest of the document can
// hold.
func (p *Parser) length() (int64, error) {
	m, err := p.byte()
	if err != nil {
		return 0, err
	}
	switch m {
	case 'i', 'U', 'I', 'l', 'L':
	default:
		return 0, p.fail("expected a length, found %q", m)
	}
	p.marker = m
	n, err := p.Number()
	if err != nil {
		return 0, err
	}
	if n < 0 || n > 1<<53 {
		return 0, p.fail("length %v", n)
	}
	return int64(n), nil
}

func (p *Parser) discard(n int64) error {
	if n > p.size-p.pos {
		return p.fail("%d bytes announced, %d are left: %w", n, p.size-p.pos, ErrCut)
	}
	for n > 0 {
		k, err := p.r.Discard(int(min(n, 1<<30)))
		p.pos += int64(k)
		n -= int64(k)
		if err != nil {
			return p.fail("%w", cut(err))
		}
	}
	return nil
}

// text reads a length and as many bytes.
func (p *Parser) text() ([]byte, error) {
	n, err := p.length()
	if err != nil {
		return nil, err
	}
	if n > p.size-p.pos {
		return nil, p.fail("string of %d bytes, %d are left: %w", n, p.size-p.pos, ErrCut)
	}
	if n > maxText {
		return nil, p.fail("string of %d bytes, at most %d are read", n, maxText)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(p.r, b); err != nil {
		return nil, p.fail("%w", cut(err))
	}
	p.pos += n
	return b, nil
}

// Text reads a string.
func (p *Parser) Text() (string, error) {
	m, err := p.peek()
	if err != nil {
		return "", err
	}
	if kindOf(m) != String {
		return "", p.fail("expected a string, found %s", kindOf(m))
	}
	p.marker = 0
	if m == 'C' {
		c, err := p.byte()
		return string(rune(c)), err
	}
	b, err := p.text()
	return string(b), err
}

// header is what may follow the opening of a container: the type of all items and
// their number.
type header struct {
	marker  byte // 0: each item has its own
	count   int64
	counted bool
}

func (p *Parser) header() (h header, err error) {
	c, err := p.byte()
	if err != nil {
		return h, err
	}
	if c == '$' {
		if h.marker, err = p.byte(); err != nil {
			return h, err
		}
		if kindOf(h.marker) == Invalid {
			return h, p.fail("container of type %q", h.marker)
		}
		if c, err = p.byte(); err != nil {
			return h, err
		}
		if c != '#' {
			return h, p.fail("container with a type and without a count")
		}
	}
	if c != '#' {
		p.marker = c
		return h, nil
	}
	h.counted = true
	if h.count, err = p.length(); err != nil {
		return h, err
	}
	least := int64(1) // byte of an item
	if h.marker != 0 {
		least = max(width(h.marker), 0)
	}
	switch left := p.size - p.pos; {
	case least == 0 && h.count > maxZeros:
		return h, p.fail("%d items without bytes of their own", h.count)
	case least > 0 && h.count > left/least:
		return h, p.fail("%d items announced, %d bytes are left: %w", h.count, left, ErrCut)
	}
	return h, nil
}

func (p *Parser) open(want Kind) (header, error) {
	m, err := p.peek()
	if err != nil {
		return header{}, err
	}
	if kindOf(m) != want {
		return header{}, p.fail("expected %s, found %s", want, kindOf(m))
	}
	if p.depth++; p.depth > maxDepth {
		return header{}, p.fail("nested deeper than %d", maxDepth)
	}
	p.marker = 0
	return p.header()
}

// Array reads an array and calls each for every item, which it may read; what it
// leaves is skipped.
func (p *Parser) Array(each func(i int) error) error {
	h, err := p.open(Array)
	if err != nil {
		return err
	}
	for i := int64(0); ; i++ {
		if h.counted {
			if i == h.count {
				break
			}
			p.marker = h.marker
		} else {
			m, err := p.peek()
			if err != nil {
				return err
			}
			if m == ']' {
				p.marker = 0
				break
			}
		}
		if err := p.item(func() error { return each(int(i)) }); err != nil {
			return err
		}
	}
	p.depth--
	return nil
}

// item calls f for the value that comes next, and skips it if f did not read it.
func (p *Parser) item(f func() error) error {
	if _, err := p.peek(); err != nil {
		return err
	}
	before := p.pos
	marked := p.marker
	if err := f(); err != nil {
		return err
	}
	if p.pos == before && p.marker == marked {
		return p.Skip()
	}
	return nil
}

// Object reads an object and calls each for every member, whose value it may read.
func (p *Parser) Object(each func(key []byte, at int) error) error {
	h, err := p.open(Object)
	if err != nil {
		return err
	}
	for i := int64(0); ; i++ {
		if h.counted && i == h.count {
			break
		}
		if !h.counted {
			m, err := p.peek()
			if err != nil {
				return err
			}
			if m == '}' {
				p.marker = 0
				break
			}
		}
		key, err := p.key()
		if err != nil {
			return err
		}
		p.marker = h.marker
		if err := p.item(func() error { return each(key, int(min(p.pos, math.MaxInt32))) }); err != nil {
			return err
		}
	}
	p.depth--
	return nil
}

// key reads a name: a length, whose marker may have been read already, and bytes.
func (p *Parser) key() ([]byte, error) {
	if p.marker != 0 {
		if err := p.r.UnreadByte(); err != nil {
			return nil, p.fail("%w", err)
		}
		p.pos--
		p.marker = 0
	}
	return p.text()
}

// Skip checks and passes over one value.
func (p *Parser) Skip() error {
	m, err := p.peek()
	if err != nil {
		return err
	}
	switch kindOf(m) {
	case Array:
		return p.skipArray()
	case Object:
		return p.Object(func([]byte, int) error { return nil })
	case String:
		p.marker = 0
		if m == 'C' {
			return p.discard(1)
		}
		n, err := p.length()
		if err != nil {
			return err
		}
		return p.discard(n)
	case Number:
		if m != 'H' {
			p.marker = 0
			return p.discard(width(m))
		}
		_, err := p.Number()
		return err
	case Null, Bool:
		p.marker = 0
		return nil
	}
	return p.fail("expected a value, found %q", m)
}

// skipArray passes over numbers at once.
func (p *Parser) skipArray() error {
	h, err := p.open(Array)
	if err != nil {
		return err
	}
	defer func() { p.depth-- }()
	if h.counted && width(h.marker) > 0 {
		return p.discard(h.count * width(h.marker))
	}
	for i := int64(0); ; i++ {
		if h.counted {
			if i == h.count {
				return nil
			}
			p.marker = h.marker
		} else if m, err := p.peek(); err != nil {
			return err
		} else if m == ']' {
			p.marker = 0
			return nil
		}
		if err := p.Skip(); err != nil {
			return err
		}
	}
}

// Bool reads true or false.
func (p *Parser) Bool() (bool, error) {
	m, err := p.peek()
	if err != nil {
		return false, err
	}
	if m != 'T' && m != 'F' {
		return false, p.fail("expected a boolean, found %s", kindOf(m))
	}
	p.marker = 0
	return m == 'T', nil
}
