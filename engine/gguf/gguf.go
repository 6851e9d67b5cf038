// Package gguf reads the headers of GGUF files, versions 1 to 3 in both byte
// orders, without loading anything
// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; sizes and checks of
// ggml's gguf.cpp, 2026-02).
//
// [Read] walks header, metadata and tensor table once and hands each part to a
// [Handler]. It allocates nothing for a length that the file does not have the
// bytes for, and skips what nobody asks to see.
package gguf

import (
	"context"
	"errors"
	"fmt"

	"github.com/merlon-security/merlon/safeio"
)

// The bounds of what is read.
const (
	MaxHeader  = 512 << 20 // bytes of metadata and tensor table together; real files stay under 20 MB
	MaxTensors = 1_000_000
	MaxPairs   = 100_000
	MaxText    = 8 << 20 // bytes of a string that is kept; a longer one is passed over
	MaxItems   = 64      // strings of an array that are kept
	maxKey     = 65535   // bytes of a key, by the specification
	maxName    = 65535   // bytes of a tensor's name; ggml takes 63, its forks more
	maxDims    = 8       // ggml takes 4
	maxNesting = 8       // arrays in arrays; the specification has no limit, ggml refuses any
)

// ErrTruncated is returned by [Read] if something announced is not in the file.
var ErrTruncated = errors.New("the file ends before that")

// ErrOverflow is returned by [Read] and [Tensor.Bytes] for counts and lengths
// that wrap around in readers that multiply without a check. No writer makes them.
var ErrOverflow = errors.New("the size does not fit 64 bits")

// ErrAlignment is returned by [Read] for a general.alignment that is not a power
// of two.
var ErrAlignment = errors.New("general.alignment is not a power of two")

// ErrBound is returned by [Read] for a file beyond the bounds of this reader.
var ErrBound = errors.New("beyond what is read")

// ErrMagic is returned by [Read] for a file that is not GGUF.
var ErrMagic = errors.New("not a GGUF file")

// Header is the fixed beginning of a file.
type Header struct {
	Version   uint32
	BigEndian bool
	Tensors   uint64
	Pairs     uint64
}

// Handler receives the parts of a file in their order. Nil functions are left
// out; an error ends the reading and is returned.
type Handler struct {
	Header func(Header) error
	Pair   func(*Pair) error
	Tensor func(*Tensor) error
}

// Layout says where the data of the tensors is.
type Layout struct {
	Header
	Alignment uint64 // bytes
	Data      int64  // where the data section begins; offsets of tensors count from it
	Size      int64  // bytes from there to the end of the file; 0 if it ends before
}

// Read reads the header, the metadata and the tensor table of a file. The layout
// is complete if the error is nil.
func Read(ctx context.Context, c safeio.Content, h Handler) (Layout, error) {
	r := &reader{ctx: ctx, c: c, size: c.Size(), limit: min(c.Size(), MaxHeader)}
	var l Layout
	if err := r.header(&l.Header); err != nil {
		return l, err
	}
	if h.Header != nil {
		if err := h.Header(l.Header); err != nil {
			return l, err
		}
	}
	l.Alignment = 32
	for i := range l.Pairs {
		p, err := r.pair()
		if err != nil {
			return l, fmt.Errorf("metadata pair %d of %d: %w", i+1, l.Pairs, err)
		}
		if p.Key == "general.alignment" {
			if n, ok := p.Value.(uint32); !ok || n == 0 || n&(n-1) != 0 {
				return l, fmt.Errorf("%w: %v", ErrAlignment, p.Value)
			} else {
				l.Alignment = uint64(n)
			}
		}
		if h.Pair != nil {
			if err := h.Pair(p); err != nil {
				return l, err
			}
		}
	}
	var t Tensor
	for i := range l.Tensors {
		if err := r.tensor(&t); err != nil {
			return l, fmt.Errorf("tensor %d of %d: %w", i+1, l.Tensors, err)
		}
		if h.Tensor != nil {
			if err := h.Tensor(&t); err != nil {
				return l, err
			}
		}
	}
	l.Data = int64((uint64(r.pos) + l.Alignment - 1) &^ (l.Alignment - 1))
	l.Size = max(0, c.Size()-l.Data)
	return l, nil
}

func (r *reader) header(h *Header) error {
	magic, err := r.take(4)
	if err != nil || string(magic) != "GGUF" {
		return ErrMagic
	}
	b, err := r.take(4)
	if err != nil {
		return fmt.Errorf("version: %w", err)
	}
	// Little-endian unless that makes the version a huge number.
	h.Version = le32(b)
	if h.Version&0xffff == 0 && h.Version != 0 {
		h.BigEndian, r.big = true, true
		h.Version = be32(b)
	}
	if h.Version < 1 || h.Version > 3 {
		return fmt.Errorf("GGUF version %d is none of 1, 2 and 3", h.Version)
	}
	r.v1 = h.Version == 1
	if h.Tensors, err = r.length(); err == nil {
		h.Pairs, err = r.length()
	}
	if err != nil {
		return fmt.Errorf("counts: %w", err)
	}
	return errors.Join(
		r.plausible(h.Tensors, MaxTensors, 12+r.width(), "tensors"),
		r.plausible(h.Pairs, MaxPairs, 5+r.width(), "metadata pairs"))
}

// plausible refuses a count that the file is too short for.
func (r *reader) plausible(n, most uint64, least int, what string) error {
	switch {
	case n >= 1<<55: // times the structure that holds one
		return fmt.Errorf("%d %s: %w", n, what, ErrOverflow)
	case n > uint64(r.size-r.pos)/uint64(least):
		return fmt.Errorf("%d %s are announced: %w", n, what, ErrTruncated)
	case n > most:
		return fmt.Errorf("%d %s, at most %d are read: %w", n, what, most, ErrBound)
	}
	return nil
}
