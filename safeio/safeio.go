// Package safeio reads and writes files without trusting them: bounded copies,
// derived content that may outgrow memory, hashing at disk speed, and writes that
// are there entirely or not at all.
package safeio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// ErrTooLarge is returned where content exceeds the bound it was given.
var ErrTooLarge = errors.New("content exceeds its limit")

// Content is bytes that can be read at any offset.
type Content interface {
	io.ReaderAt
	Size() int64
}

// ReadAll reads a content of at most limit bytes into memory. It returns an
// error wrapping [ErrTooLarge] for a longer one.
func ReadAll(c Content, limit int64) ([]byte, error) {
	if c.Size() > limit {
		return nil, fmt.Errorf("%d bytes, at most %d are read here: %w", c.Size(), limit, ErrTooLarge)
	}
	b := make([]byte, c.Size())
	n, err := io.ReadFull(io.NewSectionReader(c, 0, c.Size()), b)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = fmt.Errorf("file shrank while it was read: %w", io.ErrUnexpectedEOF)
	}
	return b[:n], err
}

// ReadFile reads a regular file of at most limit bytes. Pipes and devices, which
// could block or never end, are refused.
func ReadFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s is longer than %d bytes: %w", path, limit, ErrTooLarge)
	}
	return b, nil
}

// Spool holds content read from a stream: small content in memory, larger in a
// temporary file that is gone when the process is.
type Spool struct {
	mem  []byte
	file *os.File
	path string // of file, where it could not be unlinked while open
	size int64
}

// Size returns the number of bytes held.
func (s *Spool) Size() int64 { return s.size }

// ReadAt implements [io.ReaderAt].
func (s *Spool) ReadAt(p []byte, off int64) (int, error) {
	if s.file != nil {
		return s.file.ReadAt(p, off)
	}
	return bytes.NewReader(s.mem).ReadAt(p, off)
}

// Close frees what the spool holds.
func (s *Spool) Close() error {
	s.mem = nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.path != "" {
		err = errors.Join(err, os.Remove(s.path))
	}
	s.file = nil
	return err
}

// NewSpool reads r to its end, keeping at most memory bytes in memory, and at
// most limit in total. When r fails or is longer, the spool holds what came before
// and the error says why; it wraps [ErrTooLarge] in the second case. The spool is
// never nil.
func NewSpool(r io.Reader, memory int, limit int64) (*Spool, error) {
	s := &Spool{}
	var buf bytes.Buffer
	n, err := io.Copy(&buf, io.LimitReader(r, min(int64(memory), limit)))
	s.size = n
	if err != nil || n < min(int64(memory), limit) {
		s.mem = buf.Bytes()
		return s, err
	}
	if n == limit {
		s.mem = buf.Bytes()
		return s, overflow(r, limit)
	}
	// Full: more may follow.
	var next [1]byte
	if k, err := io.ReadFull(r, next[:]); k == 0 {
		s.mem = buf.Bytes()
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return s, err
	}
	f, err := os.CreateTemp("", "merlon-*")
	if err != nil {
		s.mem = buf.Bytes()
		return s, fmt.Errorf("temporary file for derived content: %w", err)
	}
	s.file = f
	if os.Remove(f.Name()) != nil { // Windows keeps open files
		s.path = f.Name()
	}
	w := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(w)
	if _, err := f.Write(append(buf.Bytes(), next[0])); err != nil {
		return s, fmt.Errorf("temporary file for derived content: %w", err)
	}
	s.size = n + 1
	k, err := io.CopyBuffer(struct{ io.Writer }{f}, io.LimitReader(r, limit-s.size), *w)
	s.size += k
	if err == nil && s.size == limit {
		err = overflow(r, limit)
	}
	return s, err
}

// overflow reports whether anything follows in r.
func overflow(r io.Reader, limit int64) error {
	var next [1]byte
	n, err := io.ReadFull(r, next[:])
	switch {
	case n > 0:
		return fmt.Errorf("content grows past %d bytes: %w", limit, ErrTooLarge)
	case errors.Is(err, io.EOF):
		return nil
	}
	return err
}

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}
