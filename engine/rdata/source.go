package rdata

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// source reads the primitive values of one of the three encodings: XDR ("X"),
// native binary ("B", little-endian on every machine that R still runs on) and
// text ("A").
type source struct {
	r     *bufio.Reader
	src   io.ReaderAt
	pos   int64
	size  int64
	order binary.ByteOrder // nil: text
}

// ErrCut is wrapped by errors about data that end too early.
var ErrCut = errors.New("cut off")

func newSource(r io.ReaderAt, size int64) *source {
	return &source{r: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 64<<10), src: r, size: size}
}

func (s *source) left() int64 { return s.size - s.pos }

func (s *source) fail(format string, args ...any) error {
	return fmt.Errorf("byte %d: %w", s.pos, fmt.Errorf(format, args...))
}

func (s *source) take(b []byte) error {
	n, err := io.ReadFull(s.r, b)
	s.pos += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = ErrCut
	}
	if err != nil {
		return s.fail("%w", err)
	}
	return nil
}

// pass goes over n bytes, without reading many of them.
func (s *source) pass(n int64) error {
	if n < 0 || n > s.left() {
		return s.fail("%d bytes announced, %d are left: %w", n, s.left(), ErrCut)
	}
	if n > int64(s.r.Buffered())+(256<<10) {
		s.pos += n
		s.r.Reset(io.NewSectionReader(s.src, s.pos, s.size-s.pos))
		return nil
	}
	k, err := s.r.Discard(int(n))
	s.pos += int64(k)
	return err
}

// naInt is R's missing integer.
const naInt = math.MinInt32

// word reads one word of the text encoding.
func (s *source) word() (string, error) {
	var b []byte
	for {
		c, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) {
			if len(b) > 0 {
				return string(b), nil
			}
			return "", s.fail("%w", ErrCut)
		}
		if err != nil {
			return "", s.fail("%w", err)
		}
		s.pos++
		if c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			if len(b) > 0 {
				return string(b), nil
			}
			continue
		}
		if len(b) >= 128 {
			return "", s.fail("a word of more than %d bytes", len(b))
		}
		b = append(b, c)
	}
}

// int reads an integer.
func (s *source) int() (int32, error) {
	if s.order == nil {
		w, err := s.word()
		if err != nil || w == "NA" {
			return naInt, err
		}
		n, err := strconv.ParseInt(w, 10, 32)
		if err != nil {
			return 0, s.fail("%q is no integer", w)
		}
		return int32(n), nil
	}
	var b [4]byte
	err := s.take(b[:])
	return int32(s.order.Uint32(b[:])), err
}

// length reads the length of a vector; least is what an element takes at least, in
// bytes.
func (s *source) length(least int64) (int64, error) {
	n, err := s.int()
	if err != nil {
		return 0, err
	}
	long := int64(n)
	if n == -1 { // two halves: a vector of 2^31 elements or more
		hi, err := s.int()
		if err != nil {
			return 0, err
		}
		lo, err := s.int()
		if err != nil {
			return 0, err
		}
		long = int64(hi)<<32 | int64(uint32(lo))
		if hi > 1<<16 {
			return 0, s.fail("vector of %d elements", long)
		}
	}
	if s.order == nil {
		least = min(least, 2) // a digit and a space
	}
	if long < 0 || long > s.left()/least+1 || s.order != nil && long > s.left()/least {
		return 0, s.fail("%d elements announced, %d bytes are left: %w", long, s.left(), ErrCut)
	}
	return long, nil
}

// numbers passes over n numbers of the given width in bytes.
func (s *source) numbers(n, width int64) error {
	if s.order != nil {
		return s.pass(n * width)
	}
	words := n
	if width == 16 {
		words = 2 * n
	}
	for range words {
		w, err := s.word()
		if err != nil {
			return err
		}
		switch w {
		case "NA", "NaN", "Inf", "-Inf":
			continue
		}
		if _, err := strconv.ParseFloat(w, 64); err != nil && !errors.Is(err, strconv.ErrRange) {
			return s.fail("%q is no number", w)
		}
	}
	return nil
}

// real reads one number.
func (s *source) real() (float64, error) {
	if s.order == nil {
		w, err := s.word()
		if err != nil {
			return 0, err
		}
		f, err := strconv.ParseFloat(w, 64)
		if w == "NA" {
			return math.NaN(), nil
		}
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return 0, s.fail("%q is no number", w)
		}
		return f, nil
	}
	var b [8]byte
	err := s.take(b[:])
	return math.Float64frombits(s.order.Uint64(b[:])), err
}

// raw passes over n bytes of a raw vector, which text writes as two digits each.
func (s *source) raw(n int64) error {
	if s.order != nil {
		return s.pass(n)
	}
	for range n {
		w, err := s.word()
		if err != nil {
			return err
		}
		if _, err := strconv.ParseUint(w, 16, 8); err != nil {
			return s.fail("%q is no byte", w)
		}
	}
	return nil
}

// text reads n bytes of a string, of which keep are returned.
func (s *source) text(n int64, keep int64) (string, error) {
	if s.order == nil {
		return s.escaped(n, keep)
	}
	if n > s.left() {
		return "", s.fail("string of %d bytes, %d are left: %w", n, s.left(), ErrCut)
	}
	b := make([]byte, min(n, keep))
	if err := s.take(b); err != nil {
		return "", err
	}
	return string(b), s.pass(n - int64(len(b)))
}

// escaped reads a string of n bytes from text: R writes spaces, quotes and control
// characters as escape sequences (OutString in serialize.c).
func (s *source) escaped(n, keep int64) (string, error) {
	var out []byte
	next := func() (byte, error) {
		c, err := s.r.ReadByte()
		if err != nil {
			return 0, s.fail("%w", ErrCut)
		}
		s.pos++
		return c, nil
	}
	for i := int64(0); i < n; i++ {
		c, err := next()
		for i == 0 && err == nil && (c == '\n' || c == ' ' || c == '\t' || c == '\r') {
			c, err = next()
		}
		if err == nil && c == '\\' {
			c, err = s.escape(next)
		}
		if err != nil {
			return "", err
		}
		if int64(len(out)) < keep {
			out = append(out, c)
		}
	}
	return string(out), nil
}

func (s *source) escape(next func() (byte, error)) (byte, error) {
	c, err := next()
	if err != nil {
		return 0, err
	}
	switch c {
	case 'n':
		return '\n', nil
	case 't':
		return '\t', nil
	case 'v':
		return '\v', nil
	case 'b':
		return '\b', nil
	case 'r':
		return '\r', nil
	case 'f':
		return '\f', nil
	case 'a':
		return '\a', nil
	}
	if c < '0' || c > '7' {
		return c, nil
	}
	v := c - '0'
	for range 2 {
		p, err := s.r.Peek(1)
		if err != nil || p[0] < '0' || p[0] > '7' {
			break
		}
		if c, err = next(); err != nil {
			return 0, err
		}
		v = v<<3 | (c - '0')
	}
	return v, nil
}
