package safeio

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/crc32"
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
	parts = make([]Digest, len(ranges))
	sums := &rangeSums{cursor: cursor{ranges: ranges}, out: parts, h: sha256.New()}
	crcs := &rangeCRCs{cursor: cursor{ranges: ranges}, out: parts}
	sinks := []func(off int64, b []byte){sums.write, crcs.write}
	w := sha256.New()
	switch {
	case whole && haveBlocks2():
		sums.whole = w
	case whole: // one after the other would take twice as long
		sinks = append(sinks, func(_ int64, b []byte) { w.Write(b) })
	}
	if err := fanOut(ctx, c, from, to, sinks); err != nil {
		return all, nil, err
	}
	for _, s := range sinks[:2] {
		s(to, nil) // ranges of no bytes at the end
	}
	if whole {
		all.SHA256 = hex.EncodeToString(w.Sum(nil))
	}
	return all, parts, nil
}

// cursor goes through ranges as their bytes come by.
type cursor struct {
	ranges []Range
	next   int // range that is not finished
}

// each calls fn with the parts of b, which lies at off, that belong to a range, in
// order, the range's number, and whether it ends there.
func (c *cursor) each(off int64, b []byte, fn func(i int, part []byte, last bool)) {
	end := off + int64(len(b))
	for ; c.next < len(c.ranges); c.next++ {
		r := c.ranges[c.next]
		var part []byte
		if start, stop := max(r.Off, off), min(r.Off+r.Len, end); start < stop {
			part = b[start-off : stop-off]
		}
		last := r.Off+r.Len <= end
		if len(part) > 0 || last {
			fn(c.next, part, last)
		}
		if !last {
			return
		}
	}
}

// rangeSums computes the SHA-256 of ranges and, at the same time, that of everything.
type rangeSums struct {
	cursor
	out    []Digest
	h      hash.Hash
	hashed int64     // bytes of the range so far
	whole  hash.Hash // nil: not wanted
	both   state2
}

func (s *rangeSums) write(off int64, b []byte) {
	rest := b
	s.each(off, b, func(i int, part []byte, last bool) {
		if s.whole != nil {
			// Up to the end of a block, so that both can go on by whole blocks.
			lead := min(int(-s.hashed&(sha256.BlockSize-1)), len(part))
			s.h.Write(part[:lead])
			tail := part[lead:]
			n := min(len(tail), len(rest)) &^ (sha256.BlockSize - 1)
			write2(s.whole, s.h, rest[:n], tail[:n], &s.both)
			s.h.Write(tail[n:])
			rest = rest[n:]
		} else {
			s.h.Write(part)
		}
		if s.hashed += int64(len(part)); last {
			s.out[i].SHA256 = hex.EncodeToString(s.h.Sum(nil))
			s.h.Reset()
			s.hashed = 0
		}
	})
	if s.whole != nil {
		s.whole.Write(rest)
	}
}

// rangeCRCs computes the CRC-32 of ranges.
type rangeCRCs struct {
	cursor
	out []Digest
	crc uint32
}

func (s *rangeCRCs) write(off int64, b []byte) {
	s.each(off, b, func(i int, part []byte, last bool) {
		if s.crc = crc32.Update(s.crc, crc32.IEEETable, part); last {
			s.out[i].CRC32, s.crc = s.crc, 0
		}
	})
}
