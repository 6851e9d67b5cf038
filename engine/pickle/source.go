package pickle

import (
	"bytes"
	"errors"
	"io"
)

const (
	bufferSize = 64 << 10
	firstRead  = 2 << 10
)

// source is a forward window over an io.ReaderAt.
type source struct {
	r    io.ReaderAt
	end  int64 // offset one past the last byte
	buf  []byte
	win  []byte // valid bytes: a prefix of buf
	base int64  // offset of win[0]
	p    int    // next byte in win
	next int    // bytes that the next read asks for: it doubles, because many streams are short
	err  error  // first read error other than end of file
}

func (s *source) open(r io.ReaderAt, start, end int64) {
	if s.buf == nil {
		s.buf = make([]byte, bufferSize)
	}
	s.r, s.end, s.base, s.win, s.p, s.err, s.next = r, end, start, s.buf[:0], 0, nil, firstRead
}

func (s *source) offset() int64 { return s.base + int64(s.p) }

// fill makes at least n bytes (n at most bufferSize) available at p, if the data has them.
func (s *source) fill(n int) bool {
	if len(s.win)-s.p >= n {
		return true
	}
	at := s.offset()
	keep := copy(s.buf, s.win[s.p:])
	s.base, s.p = at, 0
	s.win = s.buf[:keep]
	want := min(int64(max(n, s.next)), s.end-at)
	s.next = min(2*s.next, len(s.buf))
	if want <= int64(keep) || s.err != nil {
		return keep >= n
	}
	got, err := s.r.ReadAt(s.buf[keep:want], at+int64(keep))
	s.win = s.buf[:keep+got]
	if err != nil && !(errors.Is(err, io.EOF)) && int64(keep+got) < want {
		s.err = err
	}
	return len(s.win) >= n
}

// skip moves n bytes forward; it stops at the end and reports false if there are fewer.
func (s *source) skip(n uint64) bool {
	if n <= uint64(len(s.win)-s.p) {
		s.p += int(n)
		return true
	}
	at := s.offset()
	if n > uint64(s.end-at) {
		s.seek(s.end)
		return false
	}
	s.seek(at + int64(n))
	return true
}

func (s *source) seek(off int64) {
	if d := off - s.base; d >= 0 && d <= int64(len(s.win)) {
		s.p = int(d)
		return
	}
	s.base, s.win, s.p = off, s.buf[:0], 0
}

// line takes the bytes up to the next newline, which is consumed and not part of the result. A line of more than maxLine bytes is skipped: long is true and
// text holds its beginning. ok is false at the end of the data without a newline. text is valid until the next read.
func (s *source) line() (text []byte, long, ok bool) {
	if i := bytes.IndexByte(s.win[s.p:], '\n'); i >= 0 && i <= maxLine {
		text = s.win[s.p : s.p+i]
		s.p += i + 1
		return text, false, true
	}
	s.fill(maxLine + 1)
	rest := s.win[s.p:]
	i := bytes.IndexByte(rest, '\n')
	if i >= 0 && i <= maxLine {
		text = rest[:i]
		s.p += i + 1
		return text, false, true
	}
	if len(rest) <= maxLine { // the end came first
		s.p += len(rest)
		return rest, false, false
	}
	head := bytes.Clone(rest[:maxNameLen])
	for {
		if i := bytes.IndexByte(s.win[s.p:], '\n'); i >= 0 {
			s.p += i + 1
			return head, true, true
		}
		s.p = len(s.win)
		if !s.fill(1) {
			return head, true, false
		}
	}
}

// maxLine bounds the lines whose content is looked at while the machine runs; a longer one is a literal that is read again when needed, or no name.
const maxLine = 32 << 10

// readAt reads len(b) bytes at off, from the window if they are there; it reports how many it got.
func (s *source) readAt(b []byte, off int64) int {
	if d := off - s.base; d >= 0 && d+int64(len(b)) <= int64(len(s.win)) {
		return copy(b, s.win[d:])
	}
	if off < 0 || off >= s.end {
		return 0
	}
	b = b[:min(int64(len(b)), s.end-off)]
	n, err := s.r.ReadAt(b, off)
	if err != nil && !errors.Is(err, io.EOF) && s.err == nil {
		s.err = err
	}
	return n
}
