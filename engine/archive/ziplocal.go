package archive

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"slices"
)

// readLocals reads the local headers that the directories point to and covers
// their bytes as far as both views agree that they belong to the member.
func (p *zipParser) readLocals() {
	order := make([]int32, len(p.entries))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		x, y := p.entries[a].local, p.entries[b].local
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	for _, i := range order {
		e := &p.entries[i]
		h := p.localAt(e.local)
		if h == nil {
			continue
		}
		h.named = true
		if h.rawName == e.rawName {
			h.rawName = e.rawName // one string instead of two
		}
		p.locals[e.local] = h
		end := h.data + e.packed
		if own, ok := h.ownEnd(); ok && own < end {
			end = own
		}
		if h.flags&flagDescriptor != 0 {
			end += p.descriptorLen(end, e)
		}
		p.cover(h.off, min(end, p.z.size))
	}
}

// ownEnd is where the data end for a reader that knows only the local header; ok
// is false when the header leaves that to the data.
func (h *localHeader) ownEnd() (end int64, ok bool) {
	if h.flags&flagDescriptor != 0 && h.packed == 0 {
		return 0, false
	}
	return h.data + h.packed, true
}

// descriptorLen returns the length of the data descriptor (4.3.9) at off if it
// says what the directory says; 0 otherwise. Its signature is optional, and its
// sizes have 4 or 8 bytes.
func (p *zipParser) descriptorLen(off int64, e *centralEntry) int64 {
	b := p.w.at(off, 24)
	lead := 0
	if bytes.HasPrefix(b, sigData) {
		lead = 4
	}
	for _, skip := range []int{lead, 0} {
		if len(b) >= skip+12 && le.Uint32(b[skip:]) == e.crc &&
			le.Uint32(b[skip+4:]) == uint32(e.packed) && le.Uint32(b[skip+8:]) == uint32(e.size) {
			return int64(skip + 12)
		}
		if len(b) >= skip+20 && le.Uint32(b[skip:]) == e.crc &&
			le.Uint64(b[skip+4:]) == uint64(e.packed) && le.Uint64(b[skip+12:]) == uint64(e.size) {
			return int64(skip + 20)
		}
	}
	return 0
}

// gaps searches what is not covered for local headers that no directory names and
// for further end records, and notes bytes that belong to nothing.
func (p *zipParser) gaps(ctx context.Context) {
	firstNamed := int64(-1)
	for off, h := range p.locals {
		if h.named && (firstNamed < 0 || off < firstNamed) {
			firstNamed = off
		}
	}
	for _, hole := range holes(p.covered, 0, p.z.size) {
		var junk int64
		found := p.gap(ctx, hole, &junk)
		switch {
		case hole.from == 0 && firstNamed == hole.to && !found:
			// A prefix, which merge notes.
		case junk > 0 && hole.to == p.z.size:
			// Trailing data, noted with the end record; or no end record at all.
		case junk > 0:
			p.z.note(KindGap, hole.from, "%d bytes between members that nothing describes", hole.to-hole.from)
		}
	}
}

// gap reads the local headers in a hole and reports whether it found any. A header
// counts when it continues where a reader of streams would stand, or when its
// values are possible.
func (p *zipParser) gap(ctx context.Context, hole extent, junk *int64) bool {
	found := false
	for pos := hole.from; pos < hole.to; {
		at, sig := p.w.search(ctx, pos, hole.to, junk, [2]byte{3, 4}, [2]byte{5, 6})
		if at < 0 {
			break
		}
		pos = at + 4
		if sig == [2]byte{5, 6} {
			if p.z.size-at > endSearch { // nearer ones are known already
				if known := len(p.dirs); !p.endRecord(at) && len(p.dirs) == known {
					continue
				}
				pos = at + endLen
			}
			continue
		}
		h := p.localAt(at)
		if h == nil || !h.possible(p.z.size) || !p.room() {
			continue
		}
		if _, ok := p.locals[at]; ok {
			continue
		}
		found = true
		p.locals[at] = h
		if end, ok := h.ownEnd(); ok {
			pos = max(pos, end)
			continue
		}
		pos = max(pos, p.findEnd(ctx, h, hole.to))
	}
	return found
}

// possible tells a header from a signature by chance.
func (h *localHeader) possible(size int64) bool {
	if h.data > size || len(h.rawName) == 0 && h.size == 0 {
		return false
	}
	end, ok := h.ownEnd()
	return (!ok || end <= size || codecFor(h.method) != nil) && (h.method <= 20 || h.method >= 90 && h.method <= 99)
}

// findEnd finds the end of a member whose sizes follow its data, sets them, and
// returns the offset after its descriptor.
func (p *zipParser) findEnd(ctx context.Context, h *localHeader, limit int64) int64 {
	limit = max(limit, h.data) // the header itself may cross it
	if h.method == methodStore {
		return p.findStoredEnd(ctx, h, limit)
	}
	h.packed, h.size = limit-h.data, -1
	codec := codecFor(h.method)
	if codec == nil || p.sizing <= 0 {
		return h.data
	}
	src := &source{r: p.z.r, off: h.data, end: limit}
	br := bufio.NewReaderSize(src, 64<<10)
	dec, err := codec(br, &codecParams{size: -1, flags: h.flags, window: p.z.lim.Window})
	if err != nil {
		return h.data
	}
	n, err := io.Copy(io.Discard, io.LimitReader(guard{dec}, p.sizing))
	used := src.off - h.data - int64(br.Buffered())
	p.sizing -= n + used
	if p.sizing <= 0 {
		p.z.note(KindSizingExhausted, h.off, "stopped looking for the ends of members of unknown size")
	}
	if err != nil || p.sizing <= 0 {
		return h.data // readable up to some point; other headers may lie behind
	}
	h.packed, h.size = used, n
	end := h.data + used
	if b := p.w.at(end, 16); len(b) == 16 && bytes.HasPrefix(b, sigData) {
		h.crc = le.Uint32(b[4:])
		return end + 16
	}
	return end
}

// findStoredEnd looks for the descriptor that gives the distance from the data's
// start as the size, as readers of streams do.
func (p *zipParser) findStoredEnd(ctx context.Context, h *localHeader, limit int64) int64 {
	var junk int64
	for pos := h.data; ; {
		at, sig := p.w.search(ctx, pos, limit, &junk, [2]byte{7, 8}, [2]byte{3, 4}, [2]byte{1, 2})
		if at < 0 {
			h.packed, h.size = limit-h.data, -1
			return limit
		}
		if sig != [2]byte{7, 8} {
			h.packed, h.size = at-h.data, -1
			return at
		}
		if b := p.w.at(at, 16); len(b) == 16 && int64(le.Uint32(b[8:])) == at-h.data {
			h.packed, h.size, h.crc = at-h.data, at-h.data, le.Uint32(b[4:])
			return at + 16
		}
		pos = at + 4
	}
}
