package graph

import (
	"bytes"
	"fmt"
	"io"
)

// source reads bytes in order and skips those that nobody asks for.
type source struct {
	r       io.ReaderAt
	at, end int64 // of the next byte; one past the last
	buf     []byte
	base    int64 // offset of buf[0]
	chunk   int64 // bytes of the last read
}

// take gives the next n bytes, at most len(buf) of them. They are valid until the next call.
func (s *source) take(n int64) ([]byte, error) {
	if n < 0 || n > s.end-s.at {
		return nil, fmt.Errorf("cut off at byte %d: %w", s.at, ErrPickle)
	}
	if err := s.fill(n); err != nil {
		return nil, err
	}
	i := s.at - s.base
	s.at += n
	return s.buf[i : i+n], nil
}

// fill makes the next n bytes present in the buffer.
func (s *source) fill(n int64) error {
	if i := s.at - s.base; i >= 0 && i+n <= int64(len(s.buf)) {
		return nil
	}
	// Small at first: there may be very many small pickles in a file.
	s.chunk = min(max(2*s.chunk, 512), 64<<10)
	want := min(max(n, s.chunk), s.end-s.at)
	if int64(cap(s.buf)) < want {
		s.buf = make([]byte, want)
	}
	s.buf = s.buf[:want]
	got, err := s.r.ReadAt(s.buf, s.at)
	s.base, s.buf = s.at, s.buf[:got]
	if int64(got) < n {
		if err == nil || err == io.EOF {
			err = fmt.Errorf("cut off at byte %d: %w", s.at, ErrPickle)
		}
		return err
	}
	return nil
}

// skip moves over n bytes without reading them.
func (s *source) skip(n int64) error {
	if n < 0 || n > s.end-s.at {
		return fmt.Errorf("cut off at byte %d: %w", s.at, ErrPickle)
	}
	s.at += n
	return nil
}

// maxLine bounds the lines of the textual opcodes.
const maxLine = 1 << 20

// line gives the bytes up to the next newline, without it.
func (s *source) line() ([]byte, error) {
	for n := int64(256); ; n *= 4 {
		n = min(n, s.end-s.at)
		if err := s.fill(n); err != nil {
			return nil, err
		}
		i := s.at - s.base
		if k := bytes.IndexByte(s.buf[i:i+n], '\n'); k >= 0 {
			s.at += int64(k) + 1
			return s.buf[i : i+int64(k)], nil
		}
		if n == s.end-s.at || n > maxLine {
			return nil, fmt.Errorf("a line without an end at byte %d: %w", s.at, ErrPickle)
		}
	}
}
