package safeio

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
)

// Mapper is a [Content] that can show a stretch of itself without copying it.
// Map returns n bytes at off, a multiple of [MapAlign]; reading them may fault when
// the content shrinks. Calling release ends their life.
type Mapper interface {
	Content
	Map(off int64, n int) (b []byte, release func(), err error)
}

// MapAlign is what the offsets of mappings are multiples of: no system has pages
// larger than that.
const MapAlign = 1 << 20

const (
	// hashBlock is how much is handed out at once: large enough that passing it
	// on costs nothing, small enough to stay in the second-level cache.
	hashBlock = 512 << 10
	// mapWindow is how much is mapped at once. It bounds resident memory: a few
	// windows are alive at a time.
	mapWindow = 16 * MapAlign
	mapAbove  = 8 << 20 // content below is copied: that costs less than mapping
)

// errShrank is returned where a content ends before the size it had.
var errShrank = fmt.Errorf("file shrank while it was read: %w", io.ErrUnexpectedEOF)

// block is a stretch of a content. release is called once per block.
type block struct {
	off     int64
	b       []byte
	release func()
}

// blocks hands out consecutive stretches of a content.
type blocks interface {
	at(off, n int64) (block, error) // at most n bytes, n > 0, at least one
	close()
}

func newBlocks(c Content) blocks {
	if m, ok := c.(Mapper); ok && c.Size() >= mapAbove {
		return &mappedBlocks{m: m}
	}
	return copiedBlocks{c}
}

// copiedBlocks reads.
type copiedBlocks struct{ c Content }

var hashBuffers = sync.Pool{New: func() any { b := make([]byte, hashBlock); return &b }}

func (s copiedBlocks) at(off, n int64) (block, error) {
	buf := hashBuffers.Get().(*[]byte)
	b := (*buf)[:min(hashBlock, n)]
	k, err := s.c.ReadAt(b, off)
	if k == len(b) {
		return block{off, b, func() { hashBuffers.Put(buf) }}, nil
	}
	hashBuffers.Put(buf)
	if err == nil || errors.Is(err, io.EOF) {
		err = errShrank
	}
	return block{}, err
}

func (s copiedBlocks) close() {}

// mappedBlocks maps window after window.
type mappedBlocks struct {
	m    Mapper
	off  int64 // of cur
	cur  *window
	copy bool // mapping failed; reading will tell why if it matters
}

// window is a mapping that lives while somebody uses it.
type window struct {
	data  []byte
	unmap func()
	users atomic.Int32
}

func (w *window) drop() {
	if w.users.Add(-1) == 0 {
		w.unmap()
	}
}

func (s *mappedBlocks) at(off, n int64) (block, error) {
	if s.copy {
		return copiedBlocks{s.m}.at(off, n)
	}
	if s.cur == nil || off < s.off || off >= s.off+int64(len(s.cur.data)) {
		s.close()
		start := off / mapWindow * mapWindow
		data, unmap, err := s.m.Map(start, int(min(mapWindow, s.m.Size()-start)))
		if err != nil {
			s.copy = true
			return s.at(off, n)
		}
		s.off, s.cur = start, &window{data: data, unmap: unmap}
		s.cur.users.Store(1)
	}
	w := s.cur
	w.users.Add(1)
	b := w.data[off-s.off:]
	return block{off, b[:min(hashBlock, n, int64(len(b)))], w.drop}, nil
}

func (s *mappedBlocks) close() {
	if s.cur != nil {
		s.cur.drop()
		s.cur = nil
	}
}
