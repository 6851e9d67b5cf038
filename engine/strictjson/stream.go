package strictjson

import (
	"bufio"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
)

// Stream is a [Parser] of a document that is too long for memory: it reads once, from
// the start to the end, and keeps one key, number or string at a time. Keys count as
// given twice if their hashes of 64 bits are the same.
type Stream struct {
	Duplicates int // keys met twice in one object so far

	r     *bufio.Reader
	pos   int
	err   error // of reading
	depth int
	opts  Options
	keys  []uint64
	buf   []byte
}

// NewStream returns a parser at the start of r.
func NewStream(r io.Reader, o Options) *Stream {
	o = New(nil, o).opts
	return &Stream{r: bufio.NewReaderSize(r, 64<<10), opts: o}
}

// maxNumber is how long a number may be written.
const maxNumber = 4096

func (s *Stream) peek() byte {
	b, err := s.r.Peek(1)
	if err != nil {
		if !errors.Is(err, io.EOF) && s.err == nil {
			s.err = err
		}
		return 0
	}
	return b[0]
}

func (s *Stream) next() {
	_, _ = s.r.ReadByte()
	s.pos++
}

func (s *Stream) space() byte {
	for {
		c := s.peek()
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c
		}
		s.next()
	}
}

func (s *Stream) fail(msg string) error {
	if s.err != nil {
		return s.err
	}
	return &Error{Offset: s.pos, Msg: msg}
}

// Kind tells what value comes next, without reading it.
func (s *Stream) Kind() Kind {
	p := Parser{doc: []byte{s.space()}, opts: s.opts}
	return p.Kind()
}

// End fails unless only white space is left.
func (s *Stream) End() error {
	s.space()
	if _, err := s.r.Peek(1); err == nil || s.err != nil {
		return s.fail("something follows the document")
	}
	return nil
}

// Object is [Parser.Object].
func (s *Stream) Object(each func(key []byte, at int) error) error {
	if err := s.open(Object); err != nil {
		return err
	}
	first := len(s.keys)
	for n := 0; ; n++ {
		c := s.space()
		if c == '}' {
			s.next()
			s.depth--
			keys := s.keys[first:]
			slices.Sort(keys)
			s.Duplicates += len(keys) - len(slices.Compact(keys))
			s.keys = s.keys[:first]
			return nil
		}
		if n > 0 {
			if c != ',' {
				return s.fail("expected ',' or '}'")
			}
			s.next()
			c = s.space()
		}
		if c != '"' {
			return s.fail("expected a key in quotes")
		}
		at := s.pos
		key, err := s.Bytes()
		if err != nil {
			return err
		}
		if len(s.keys) >= s.opts.Keys {
			return s.fail(fmt.Sprintf("more than %d keys", s.opts.Keys))
		}
		s.keys = append(s.keys, maphash.Bytes(seed(), key))
		key = slices.Clone(key)
		if s.space() != ':' {
			return s.fail("expected ':'")
		}
		s.next()
		if err := s.value(func() error { return each(key, at) }); err != nil {
			return err
		}
	}
}

// Array is [Parser.Array].
func (s *Stream) Array(each func(i int) error) error {
	if err := s.open(Array); err != nil {
		return err
	}
	for n := 0; ; n++ {
		c := s.space()
		if c == ']' {
			s.next()
			s.depth--
			return nil
		}
		if n > 0 {
			if c != ',' {
				return s.fail("expected ',' or ']'")
			}
			s.next()
			if s.space() == ']' {
				return s.fail("expected a value after ','")
			}
		}
		if err := s.value(func() error { return each(n) }); err != nil {
			return err
		}
	}
}

// value lets f read a value, and skips it if f does not.
func (s *Stream) value(f func() error) error {
	s.space()
	start := s.pos
	if err := f(); err != nil || s.pos > start {
		return err
	}
	return s.Skip()
}

func (s *Stream) open(want Kind) error {
	if k := s.Kind(); k != want {
		return s.fail("expected " + want.String() + ", found " + k.String())
	}
	if s.depth++; s.depth > s.opts.Depth {
		return s.fail(fmt.Sprintf("nested deeper than %d", s.opts.Depth))
	}
	s.next()
	return nil
}

// Skip checks and passes over one value of any kind.
func (s *Stream) Skip() error {
	switch s.Kind() {
	case Object:
		return s.Object(func([]byte, int) error { return s.Skip() })
	case Array:
		return s.Array(func(int) error { return s.Skip() })
	case String:
		_, err := s.Bytes()
		return err
	case Number:
		_, err := s.Number()
		return err
	case Bool, Null:
		for c := s.peek(); c >= 'a' && c <= 'z' && len(s.buf) <= 5; c = s.peek() {
			s.buf = append(s.buf, c)
			s.next()
		}
		word := string(s.buf)
		if s.buf = s.buf[:0]; word == "true" || word == "false" || word == "null" {
			return nil
		}
	}
	return s.fail("expected a value")
}

// Bool reads true or false.
func (s *Stream) Bool() (bool, error) {
	if k := s.Kind(); k != Bool {
		return false, s.fail("expected a boolean, found " + k.String())
	}
	yes := s.peek() == 't'
	return yes, s.Skip()
}

// Text reads a string, of at most 16 MiB.
func (s *Stream) Text() (string, error) {
	b, err := s.Bytes()
	return string(b), err
}

// Bytes is [Stream.Text]; the result is valid until the next call.
func (s *Stream) Bytes() ([]byte, error) {
	if k := s.Kind(); k != String {
		return nil, s.fail("expected a string, found " + k.String())
	}
	s.buf = append(s.buf[:0], '"')
	s.next()
	for escaped := false; ; {
		c, err := s.r.ReadByte()
		if err != nil {
			s.peek() // remembers what is not the end
			return nil, s.fail("a string that does not end")
		}
		s.pos++
		if s.buf = append(s.buf, c); len(s.buf) > maxText {
			return nil, s.fail("string too long to keep")
		}
		if c == '"' && !escaped {
			break
		}
		escaped = c == '\\' && !escaped
	}
	p := Parser{doc: s.buf, opts: s.opts}
	b, err := p.text()
	s.buf = s.buf[:0]
	return b, s.shift(err)
}

// Number reads a number and returns it as it is written.
func (s *Stream) Number() (string, error) {
	if k := s.Kind(); k != Number {
		return "", s.fail("expected a number, found " + k.String())
	}
	s.buf = s.buf[:0]
	for c := s.peek(); c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '+' || c == '-' || c == '.'; c = s.peek() {
		if s.buf = append(s.buf, c); len(s.buf) > maxNumber {
			return "", s.fail("number too long")
		}
		s.next()
	}
	p := Parser{doc: s.buf, opts: s.opts}
	b, err := p.number()
	if err == nil {
		err = p.End()
	}
	text := string(b)
	s.buf = s.buf[:0]
	return text, s.shift(err)
}

// shift says where in the document a mistake in a part of it is.
func (s *Stream) shift(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return s.fail(e.Msg)
	}
	return err
}
