// Package protowalk walks protocol buffers of unknown origin in place: no
// generated code, no tree, no field kept in memory that nobody asked for.
//
// A [Walker] reads through a small window over an [io.ReaderAt] and steps over the
// content of fields without reading it, so that a message of many gigabytes costs
// what its structure costs. The wire format is that of
// https://protobuf.dev/programming-guides/encoding/; tags and numbers are decoded by
// google.golang.org/protobuf/encoding/protowire.
package protowalk

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// Errors that an [*Error] wraps.
var (
	// ErrTruncated is returned where a field ends after the message it is in.
	ErrTruncated = errors.New("ends too early")
	// ErrMalformed is returned for bytes that no parser of protocol buffers accepts.
	ErrMalformed = errors.New("is malformed")
	// ErrLimit is returned when a message exceeds the bounds of the walker.
	ErrLimit = errors.New("exceeds the limits")
)

// Error says where a message cannot be read.
type Error struct {
	Offset int64 // bytes from the start of the file
	What   string
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("offset %d: %s %v", e.Offset, e.What, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Limits bounds a walk. The zero value of a field stands for its default.
type Limits struct {
	Depth  int   // messages in messages. Optional, default 100 as in the official parsers
	Fields int64 // fields seen in all. Optional, default 100,000,000
}

// Span is a range of bytes of the file, End excluded.
type Span struct{ Start, End int64 }

// Len returns the number of bytes.
func (s Span) Len() int64 { return s.End - s.Start }

// Field is one field of a message.
type Field struct {
	Num   protowire.Number
	Type  protowire.Type
	At    int64  // offset of its tag
	Value uint64 // of a varint, fixed32 or fixed64
	Body  Span   // of a length-delimited field or a group: its content
}

// Walker reads one file. It is not safe for concurrent use.
type Walker struct {
	ctx    context.Context
	r      io.ReaderAt
	size   int64
	lim    Limits
	depth  int
	fields int64

	buf  []byte
	base int64 // offset of buf[0]
	n    int   // valid bytes of buf
}

const window = 32 << 10

// New returns a walker over the first size bytes of r.
func New(ctx context.Context, r io.ReaderAt, size int64, lim Limits) *Walker {
	if lim.Depth <= 0 {
		lim.Depth = 100
	}
	if lim.Fields <= 0 {
		lim.Fields = 100_000_000
	}
	return &Walker{ctx: ctx, r: r, size: size, lim: lim}
}

// All is the whole file as one message.
func (w *Walker) All() Span { return Span{0, w.size} }

// Each calls f for every field of the message in s, in the order of the file. f may
// call any method of the walker, Each included. It ends with the first error of f or
// of the message.
func (w *Walker) Each(s Span, f func(Field) error) error {
	if w.depth++; w.depth > w.lim.Depth {
		w.depth--
		return &Error{s.Start, fmt.Sprintf("nesting of more than %d messages", w.lim.Depth), ErrLimit}
	}
	defer func() { w.depth-- }()
	for at := s.Start; at < s.End; {
		field, next, err := w.next(at, s.End)
		if err != nil {
			return err
		}
		if err := f(field); err != nil {
			return err
		}
		at = next
	}
	return nil
}

// next decodes the field at an offset of a message that ends at end.
func (w *Walker) next(at, end int64) (Field, int64, error) {
	if w.fields++; w.fields > w.lim.Fields {
		return Field{}, 0, &Error{at, fmt.Sprintf("a message of more than %d fields", w.lim.Fields), ErrLimit}
	}
	if w.fields&0xffff == 0 && w.ctx.Err() != nil {
		return Field{}, 0, w.ctx.Err()
	}
	tag, n, err := w.varint(at, end)
	if err != nil {
		return Field{}, 0, err
	}
	num, typ := protowire.DecodeTag(tag)
	if num < protowire.MinValidNumber {
		return Field{}, 0, &Error{at, "field number", ErrMalformed}
	}
	f := Field{Num: num, Type: typ, At: at}
	at += n
	switch typ {
	case protowire.VarintType:
		f.Value, n, err = w.varint(at, end)
		return f, at + n, err
	case protowire.Fixed32Type:
		b, err := w.peek(at, end, 4)
		if err == nil {
			f.Value = uint64(binary.LittleEndian.Uint32(b))
		}
		return f, at + 4, err
	case protowire.Fixed64Type:
		b, err := w.peek(at, end, 8)
		if err == nil {
			f.Value = binary.LittleEndian.Uint64(b)
		}
		return f, at + 8, err
	case protowire.BytesType:
		length, n, err := w.varint(at, end)
		if err != nil {
			return f, 0, err
		}
		at += n
		if length > uint64(end-at) {
			return f, 0, &Error{f.At, fmt.Sprintf("field %d of %d bytes, %d are left: it", num, length, end-at), ErrTruncated}
		}
		f.Body = Span{at, at + int64(length)}
		return f, f.Body.End, nil
	case protowire.StartGroupType:
		f.Body.Start = at
		f.Body.End, at, err = w.group(num, at, end)
		return f, at, err
	}
	return f, 0, &Error{f.At, fmt.Sprintf("field %d with wire type %d", num, typ), ErrMalformed}
}

// group finds the end of a group: of its content, and of its end tag. It is a loop
// over a stack of open groups, which hostile bytes may nest as deep as the limit.
func (w *Walker) group(num protowire.Number, at, end int64) (content, after int64, err error) {
	open := []protowire.Number{num}
	for at < end {
		tag, n, err := w.varint(at, end)
		if err != nil {
			return 0, 0, err
		}
		switch num, typ := protowire.DecodeTag(tag); typ {
		case protowire.StartGroupType:
			if open = append(open, num); w.depth+len(open) > w.lim.Depth {
				return 0, 0, &Error{at, fmt.Sprintf("nesting of more than %d groups", w.lim.Depth), ErrLimit}
			}
			at += n
		case protowire.EndGroupType:
			if num != open[len(open)-1] {
				return 0, 0, &Error{at, fmt.Sprintf("end of group %d", num), ErrMalformed}
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				return at, at + n, nil
			}
			at += n
		default:
			if _, at, err = w.next(at, end); err != nil {
				return 0, 0, err
			}
		}
	}
	return 0, 0, &Error{at, fmt.Sprintf("group %d", num), ErrTruncated}
}

func (w *Walker) varint(at, end int64) (uint64, int64, error) {
	b, err := w.peek(at, end, 1)
	if err != nil {
		return 0, 0, err
	}
	if b[0] < 0x80 {
		return uint64(b[0]), 1, nil
	}
	if b, err = w.peek(at, end, min(10, end-at)); err != nil {
		return 0, 0, err
	}
	v, n := protowire.ConsumeVarint(b)
	switch {
	case n >= 0:
		return v, int64(n), nil
	case len(b) == 10:
		return 0, 0, &Error{at, "a number of more than 64 bits", ErrMalformed}
	}
	return 0, 0, &Error{at, "a number", ErrTruncated}
}

// peek returns n bytes (at most the window) at an offset of a message that ends at end.
func (w *Walker) peek(at, end, n int64) ([]byte, error) {
	if n > end-at {
		return nil, &Error{at, "a field", ErrTruncated}
	}
	if at < w.base || at+n > w.base+int64(w.n) {
		if w.buf == nil {
			w.buf = make([]byte, min(window, w.size))
		}
		w.base, w.n = at, 0
		m, err := w.r.ReadAt(w.buf[:min(int64(len(w.buf)), w.size-at)], at)
		w.n = m
		if int64(m) < n {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, fmt.Errorf("offset %d: read: %w", at, err)
		}
	}
	i := at - w.base
	return w.buf[i : i+n : i+n], nil
}
