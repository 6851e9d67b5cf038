package gguf

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/merlon-security/merlon/safeio"
)

// window is how much is read at once.
const window = 64 << 10

// reader reads forwards through a window.
type reader struct {
	ctx   context.Context
	c     safeio.Content
	size  int64 // of the file
	limit int64 // where reading stops
	pos   int64
	big   bool
	v1    bool

	buf  []byte
	base int64 // offset of buf[0]
	ops  int
}

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// room checks that n more bytes are there.
func (r *reader) room(n uint64) error {
	switch {
	case n > uint64(r.size-r.pos):
		return fmt.Errorf("%d bytes wanted, %d left: %w", n, r.size-r.pos, ErrTruncated)
	case n > uint64(r.limit-r.pos):
		return fmt.Errorf("header over %d bytes: %w", int64(MaxHeader), ErrBound)
	}
	return nil
}

// take returns the next n bytes, n at most window. They are valid until the next
// call.
func (r *reader) take(n int) ([]byte, error) {
	if err := r.room(uint64(n)); err != nil {
		return nil, err
	}
	if r.ops++; r.ops%4096 == 0 && r.ctx.Err() != nil {
		return nil, r.ctx.Err()
	}
	if off := r.pos - r.base; off < 0 || off+int64(n) > int64(len(r.buf)) {
		if r.buf == nil {
			r.buf = make([]byte, 0, window)
		}
		want := min(window, r.size-r.pos)
		k, err := r.c.ReadAt(r.buf[:want], r.pos)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		r.buf, r.base = r.buf[:k], r.pos
		if k < n {
			return nil, io.ErrUnexpectedEOF
		}
	}
	b := r.buf[r.pos-r.base:][:n]
	r.pos += int64(n)
	return b, nil
}

// skip passes over n bytes without reading them.
func (r *reader) skip(n uint64) error {
	if err := r.room(n); err != nil {
		return err
	}
	r.pos += int64(n)
	return nil
}

func (r *reader) u32() (uint32, error) {
	b, err := r.take(4)
	if err != nil {
		return 0, err
	}
	if r.big {
		return be32(b), nil
	}
	return le32(b), nil
}

func (r *reader) u64() (uint64, error) {
	b, err := r.take(8)
	if err != nil {
		return 0, err
	}
	if r.big {
		return binary.BigEndian.Uint64(b), nil
	}
	return binary.LittleEndian.Uint64(b), nil
}

// width is how many bytes a length takes.
func (r *reader) width() int {
	if r.v1 {
		return 4
	}
	return 8
}

// length reads a count or length, which version 1 writes in 32 bits.
func (r *reader) length() (uint64, error) {
	if r.v1 {
		n, err := r.u32()
		return uint64(n), err
	}
	return r.u64()
}

// text reads a string of at most most bytes; a longer one is passed over. It
// returns where the bytes are in either case.
func (r *reader) text(most uint64) (s string, off int64, n uint64, err error) {
	if n, err = r.length(); err != nil {
		return "", 0, 0, err
	}
	if n >= 1<<63 {
		return "", 0, n, fmt.Errorf("string of %d bytes: %w", n, ErrOverflow)
	}
	off = r.pos
	if err := r.room(n); err != nil {
		return "", off, n, fmt.Errorf("string: %w", err)
	}
	if n > most {
		return "", off, n, r.skip(n)
	}
	if n <= window {
		b, err := r.take(int(n))
		return string(b), off, n, err
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(r.c, off, int64(n)), b); err != nil {
		return "", off, n, err
	}
	return string(b), off, n, r.skip(n)
}

// NameAt reads the name of a tensor again, given its [Tensor.At].
func NameAt(c safeio.Content, at int64, h Header) (string, error) {
	r := &reader{ctx: context.Background(), c: c, size: c.Size(), limit: c.Size(), pos: at, big: h.BigEndian, v1: h.Version == 1}
	name, _, _, err := r.text(maxName)
	return name, err
}
