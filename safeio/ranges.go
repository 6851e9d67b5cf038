package safeio

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"sync"
	"sync/atomic"
)

// Range is a part of a content.
type Range struct{ Off, Len int64 } // bytes

// Digest names the bytes of a content or of a part of it.
type Digest struct {
	SHA256 string // lower-case hex
	CRC32  uint32 // IEEE
}

// DigestRanges computes the digest of every range, and with whole that of the whole
// content (without its CRC), in one pass: each block is read once and hashed for both
// at the same time. The ranges must be in order and not overlap.
func DigestRanges(ctx context.Context, c Content, whole bool, ranges []Range) (all Digest, parts []Digest, err error) {
	from, to := int64(0), c.Size()
	end := int64(0)
	for i, r := range ranges {
		if r.Off < end || r.Len < 0 || r.Off > to-r.Len {
			return all, nil, fmt.Errorf("range %d: %d bytes at %d overlap another or the end", i, r.Len, r.Off)
		}
		end = r.Off + r.Len
	}
	if !whole {
		if len(ranges) == 0 {
			return all, nil, nil
		}
		from, to = ranges[0].Off, end
	}
	p := &partsHash{ranges: ranges, digests: make([]Digest, len(ranges)), h: sha256.New()}
	w := sha256.New()
	sinks := []func(off int64, b []byte){p.write}
	if whole {
		sinks = append(sinks, func(_ int64, b []byte) { w.Write(b) })
	}
	if err := fanOut(ctx, c, from, to, sinks); err != nil {
		return all, nil, err
	}
	p.write(to, nil)
	if whole {
		all.SHA256 = hex.EncodeToString(w.Sum(nil))
	}
	return all, p.digests, nil
}

// partsHash hashes the ranges as their bytes come by.
type partsHash struct {
	ranges  []Range
	digests []Digest
	next    int // range that is not finished
	h       hash.Hash
	crc     uint32
}

func (p *partsHash) write(off int64, b []byte) {
	end := off + int64(len(b))
	for ; p.next < len(p.ranges); p.next++ {
		r := p.ranges[p.next]
		if start := max(r.Off, off); start < min(r.Off+r.Len, end) {
			part := b[start-off : min(r.Off+r.Len, end)-off]
			p.h.Write(part)
			p.crc = crc32.Update(p.crc, crc32.IEEETable, part)
		}
		if r.Off+r.Len > end {
			return
		}
		p.digests[p.next] = Digest{hex.EncodeToString(p.h.Sum(nil)), p.crc}
		p.h.Reset()
		p.crc = 0
	}
}

// shared is a block that several goroutines read; the last one gives it back.
type shared struct {
	buf  *[]byte
	off  int64
	b    []byte
	left atomic.Int32
}

// fanOut reads [from, to) of c once and shows each block to every sink, in order.
// The sinks run beside each other and beside the reading.
func fanOut(ctx context.Context, c Content, from, to int64, sinks []func(off int64, b []byte)) error {
	const ahead = 4
	if to-from <= hashBlock {
		b := make([]byte, to-from)
		if n, err := c.ReadAt(b, from); int64(n) < to-from {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		for _, sink := range sinks {
			sink(from, b)
		}
		return nil
	}
	queues := make([]chan *shared, len(sinks))
	var wg sync.WaitGroup
	for i, sink := range sinks {
		queues[i] = make(chan *shared, ahead)
		wg.Go(func() {
			for s := range queues[i] {
				sink(s.off, s.b)
				if s.left.Add(-1) == 0 {
					hashBuffers.Put(s.buf)
				}
			}
		})
	}
	defer wg.Wait()
	defer func() {
		for _, q := range queues {
			close(q)
		}
	}()
	for off := from; off < to; {
		if err := ctx.Err(); err != nil {
			return err
		}
		s := &shared{buf: hashBuffers.Get().(*[]byte), off: off}
		n, err := c.ReadAt((*s.buf)[:min(hashBlock, to-off)], off)
		if errors.Is(err, io.EOF) {
			err = nil
			if off+int64(n) < to {
				err = io.ErrUnexpectedEOF
			}
		}
		if err != nil {
			return err
		}
		s.b = (*s.buf)[:n]
		s.left.Store(int32(len(sinks)))
		for _, q := range queues {
			q <- s
		}
		off += int64(n)
	}
	return nil
}
