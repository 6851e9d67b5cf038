package safetensors

import (
	"cmp"
	"slices"
)

// span is what the layout check keeps of a tensor: 24 bytes, so that a header full
// of tensors costs little.
type span struct {
	start, end uint64 // relative to the first byte of data
	at         int    // offset of the name in the header
}

// gap is a run of bytes that no tensor owns.
type gap struct {
	start, end uint64 // relative to the first byte of data
	last       bool   // after the last tensor
}

// overlap is a pair of tensors that own the same bytes.
type overlap struct {
	a, b       span
	start, end uint64 // the shared bytes; empty for an empty tensor inside another
}

// layout finds what the reference reader refuses: tensors, in order of their
// offsets, must follow each other without a gap and end with the file. It sorts
// spans. At most limit of each kind are returned, with the counts of all.
func layout(spans []span, size uint64, limit int) (gaps []gap, overlaps []overlap, nGaps, nOverlaps int) {
	slices.SortFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.at, b.at))
	})
	var far span // the tensor that reaches furthest so far
	for _, s := range spans {
		switch {
		case s.start > far.end:
			if nGaps++; len(gaps) < limit {
				gaps = append(gaps, gap{start: far.end, end: s.start})
			}
		case s.start < far.end:
			if nOverlaps++; len(overlaps) < limit {
				overlaps = append(overlaps, overlap{a: far, b: s, start: s.start, end: min(far.end, s.end)})
			}
		}
		if s.end >= far.end {
			far = s
		}
	}
	if far.end < size {
		if nGaps++; len(gaps) < limit {
			gaps = append(gaps, gap{start: far.end, end: size, last: true})
		}
	}
	return gaps, overlaps, nGaps, nOverlaps
}
