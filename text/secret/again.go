package secret

import (
	"bytes"
	"slices"
)

// How far from a change what is found can depend on it, in bytes: names and words
// that stand before a value, values that go on.
const (
	changeMargin  = 512      // beyond the line that a change is in: names and words stand before a value
	changeContext = 16 << 10 // of a line
)

// FindAfter returns what [Detector.Find] returns for text, given another version of it
// and what was found there: only around what differs it looks again. It is for
// histories, where a file comes in a hundred versions.
func (d *Detector) FindAfter(text, before []byte, known []Match) []Match {
	same := commonPrefix(text, before)
	tail := commonSuffix(text[same:], before[same:])
	if 2*(same+tail) < len(text) || bytes.Contains(text, []byte("-----BEGIN ")) || bytes.Contains(text, []byte(" BEGIN SSH2 ")) || bytes.Contains(text, []byte("PuTTY")) {
		return d.Find(text) // keys go over many lines
	}
	shift := len(text) - len(before)
	from := lineStart(text, max(0, lineStart(text, same, changeContext)-changeMargin), changeContext)
	to := lineEnd(text, lineEnd(text, len(text)-tail)+changeMargin)
	// A match that lies across a border is looked at again as a whole.
	for _, m := range slices.Backward(known) {
		if m.Start < from && from < m.End {
			from = lineStart(text, m.Start, changeContext)
		}
	}
	for _, m := range known {
		if s, e := m.Start+shift, m.End+shift; s < to && to < e {
			to = e
		}
	}
	if from == 0 {
		from = -1 // literals that end at the very beginning are none
	}
	var out []Match
	for _, m := range known {
		if m.End <= from {
			out = append(out, m)
		}
	}
	out = append(out, d.find(text, from, to)...)
	for _, m := range known {
		if m.Start+shift >= to {
			m.Start, m.End = m.Start+shift, m.End+shift
			out = append(out, m)
		}
	}
	return settle(out)
}

// lineEnd returns where the line of i ends, or the text where it is too long.
func lineEnd(text []byte, i int) int {
	if i < len(text) {
		if n := bytes.IndexByte(text[i:], '\n'); n >= 0 && n < changeContext {
			return i + n
		}
	}
	return len(text)
}

func commonPrefix(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for i+256 <= n && bytes.Equal(a[i:i+256], b[i:i+256]) {
		i += 256
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

func commonSuffix(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for i+256 <= n && bytes.Equal(a[len(a)-i-256:len(a)-i], b[len(b)-i-256:len(b)-i]) {
		i += 256
	}
	for i < n && a[len(a)-1-i] == b[len(b)-1-i] {
		i++
	}
	return i
}
