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
