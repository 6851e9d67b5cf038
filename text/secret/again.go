package secret

import (
	"bytes"
	"slices"
)

// How far from a change what is found can depend on it, in bytes: names and words
// that stand before a value, values that go on.
const (
	changeMargin  = 1 << 10
	changeContext = 16 << 10
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
	from, to := lineStart(text, max(0, same-changeMargin), changeContext), len(text)-tail+changeMargin
	if n := bytes.IndexByte(text[min(to, len(text)):], '\n'); n >= 0 && n < changeContext {
		to += n
	} else {
		to = len(text)
	}
	to = min(to, len(text))
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
