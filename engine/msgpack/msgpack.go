// Package msgpack reads MessagePack (specification of 2017-08) of unknown origin as
// a stream: values are announced by their heads, and their bytes are read in place
// or passed over. Nothing is allocated for a length that the data do not have.
package msgpack

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
	Nil Kind = iota
	Bool
	Int
	Float
	Str
	Bin
	Array
	Map
	Ext
)

func (k Kind) String() string {
	return [...]string{"nil", "a boolean", "an integer", "a float", "a string", "bytes", "an array", "a map", "an extension"}[k]
}

// Head announces a value. The bytes of a string, of bytes and of an extension
// follow and must be taken with [Parser.Bytes] or [Parser.Skip]; so must the values
// in an array or map.
type Head struct {
	Kind   Kind
	N      int64 // bytes, items or pairs that follow
	Type   int8  // of an extension
	Int    int64 // value of an integer or boolean
	Big    bool  // an integer over 2^63-1: Int is math.MaxInt64
	Float  float64
	Offset int64 // where the content begins
}

// ErrCut is wrapped by errors about data that end too early.
var ErrCut = errors.New("cut off")

// Parser reads values one after the other.
type Parser struct {
	r    *bufio.Reader
	src  io.ReaderAt
	pos  int64
	size int64
}

// New returns a parser of r, which is size bytes long.
func New(r io.ReaderAt, size int64) *Parser {
	return &Parser{r: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 32<<10), src: r, size: size}
}

// Offset returns the position of the next byte.
func (p *Parser) Offset() int64 { return p.pos }

// Left returns how many bytes follow.
func (p *Parser) Left() int64 { return p.size - p.pos }

func (p *Parser) fail(format string, args ...any) error {
	return fmt.Errorf("byte %d: %w", p.pos, fmt.Errorf(format, args...))
}

func (p *Parser) take(b []byte) error {
	n, err := io.ReadFull(p.r, b)
	p.pos += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = ErrCut
	}
	if err != nil {
		return p.fail("%w", err)
	}
	return nil
}

// Next reads the head of a value.
func (p *Parser) Next() (Head, error) {
	var one [1]byte
	if err := p.take(one[:]); err != nil {
		return Head{}, err
	}
	h, err := p.head(one[0])
	h.Offset = p.pos
	if err != nil {
		return h, err
	}
	least := h.N
	if h.Kind == Map {
		least *= 2
	}
	if least > p.Left() {
		return h, p.fail("%s of %d announced, %d bytes are left: %w", h.Kind, h.N, p.Left(), ErrCut)
	}
	return h, nil
}

func (p *Parser) head(c byte) (Head, error) {
	switch {
	case c <= 0x7f:
		return Head{Kind: Int, Int: int64(c)}, nil
	case c >= 0xe0:
		return Head{Kind: Int, Int: int64(int8(c))}, nil
	case c <= 0x8f:
		return Head{Kind: Map, N: int64(c & 0xf)}, nil
	case c <= 0x9f:
		return Head{Kind: Array, N: int64(c & 0xf)}, nil
	case c <= 0xbf:
		return Head{Kind: Str, N: int64(c & 0x1f)}, nil
	}
	switch c {
	case 0xc0:
		return Head{Kind: Nil}, nil
	case 0xc2, 0xc3:
		return Head{Kind: Bool, Int: int64(c & 1)}, nil
	case 0xc4, 0xc5, 0xc6:
		return p.sized(Bin, 1<<(c-0xc4))
	case 0xd9, 0xda, 0xdb:
		return p.sized(Str, 1<<(c-0xd9))
	case 0xdc, 0xdd:
		return p.sized(Array, 2<<(c-0xdc))
	case 0xde, 0xdf:
		return p.sized(Map, 2<<(c-0xde))
	case 0xc7, 0xc8, 0xc9:
		h, err := p.sized(Ext, 1<<(c-0xc7))
		if err != nil {
			return h, err
		}
		return p.typed(h)
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		return p.typed(Head{Kind: Ext, N: 1 << (c - 0xd4)})
	case 0xca, 0xcb:
		return p.float(4 << (c - 0xca))
	case 0xcc, 0xcd, 0xce, 0xcf:
		return p.integer(1<<(c-0xcc), false)
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return p.integer(1<<(c-0xd0), true)
	}
	return Head{}, p.fail("byte %#x begins no value", c)
}

func (p *Parser) uint(width int) (uint64, error) {
	var b [8]byte
	if err := p.take(b[8-width:]); err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(b[:]), nil
}

func (p *Parser) sized(k Kind, width int) (Head, error) {
	n, err := p.uint(width)
	return Head{Kind: k, N: int64(n)}, err
}

func (p *Parser) typed(h Head) (Head, error) {
	n, err := p.uint(1)
	h.Type = int8(n)
	return h, err
}

func (p *Parser) float(width int) (Head, error) {
	n, err := p.uint(width)
	if width == 4 {
		return Head{Kind: Float, Float: float64(math.Float32frombits(uint32(n)))}, err
	}
	return Head{Kind: Float, Float: math.Float64frombits(n)}, err
}

func (p *Parser) integer(width int, signed bool) (Head, error) {
	n, err := p.uint(width)
	h := Head{Kind: Int, Int: int64(n)}
	switch {
	case signed:
		shift := 64 - 8*width
		h.Int = int64(n<<shift) >> shift
	case n > math.MaxInt64:
		h.Int, h.Big = math.MaxInt64, true
	}
	return h, err
}

// Bytes reads the content of a string, of bytes or of an extension, which must be
// at most limit bytes long.
func (p *Parser) Bytes(h Head, limit int64) ([]byte, error) {
	if h.N > limit {
		return nil, p.fail("%s of %d bytes, at most %d are read", h.Kind, h.N, limit)
	}
	b := make([]byte, h.N)
	return b, p.take(b)
}

// Pass passes over n bytes of content.
func (p *Parser) Pass(n int64) error {
	if n > p.Left() {
		return p.fail("%d bytes announced, %d are left: %w", n, p.Left(), ErrCut)
	}
	if n > int64(p.r.Buffered())+(256<<10) { // do not read what nobody looks at
		p.pos += n
		p.r.Reset(io.NewSectionReader(p.src, p.pos, p.size-p.pos))
		return nil
	}
	k, err := p.r.Discard(int(n))
	p.pos += int64(k)
	return err
}

// maxDepth is deeper than readers go: Python's stops at 511.
const maxDepth = 600

// Skip passes over what follows a head.
func (p *Parser) Skip(h Head) error { return p.skip(h, 0) }

func (p *Parser) skip(h Head, depth int) error {
	n := h.N
	switch h.Kind {
	case Str, Bin, Ext:
		return p.Pass(n)
	case Map:
		n *= 2
	case Array:
	default:
		return nil
	}
	if depth > maxDepth {
		return p.fail("nested deeper than %d", maxDepth)
	}
	for range n {
		x, err := p.Next()
		if err != nil {
			return err
		}
		if err := p.skip(x, depth+1); err != nil {
			return err
		}
	}
	return nil
}
