// Package patch changes texts by edits, and shows the difference as a patch.
package patch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Edit replaces the bytes [Start, End) of a text. Where they are equal, it inserts.
type Edit struct {
	Start, End int
	New        string
}

// Apply makes the edits. They may stand in any order; overlapping ones and those
// outside of the text are an error.
func Apply(text string, edits []Edit) (string, error) {
	edits = sorted(edits)
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(text) {
			return "", fmt.Errorf("edit of bytes %d to %d overlaps another, or is outside of the text of %d bytes", e.Start, e.End, len(text))
		}
		b.WriteString(text[at:e.Start])
		b.WriteString(e.New)
		at = e.End
	}
	b.WriteString(text[at:])
	return b.String(), nil
}

// Merge adds edits to others of the same text. An edit that is there already counts
// once. If one touches an edit of the others, or inserts where that does, they do not
// agree: have comes back as it was, with false.
func Merge(have, add []Edit) ([]Edit, bool) {
	out := slices.Clone(have)
	for _, e := range add {
		if slices.Contains(have, e) {
			continue
		}
		if slices.ContainsFunc(have, func(o Edit) bool { return e.Start <= o.End && o.Start <= e.End }) {
			return have, false
		}
		out = append(out, e)
	}
	return sorted(out), true
}

// Moved returns where the byte at an offset is after the edits; what was replaced is at
// the beginning of what replaced it.
func Moved(edits []Edit, offset int) int {
	shift := 0
	for _, e := range sorted(edits) {
		switch {
		case e.End <= offset:
			shift += len(e.New) - (e.End - e.Start)
		case e.Start < offset:
			return e.Start + shift
		}
	}
	return offset + shift
}

func sorted(edits []Edit) []Edit {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	return edits
}
