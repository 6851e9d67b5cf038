// Package canon brings text into a form in which it can be compared: NFKC, nothing
// invisible, and, where asked for, letters of other scripts that look like Latin ones
// as those. Every byte of the result knows where it came from.
//
// For most uses call [Of] and look things up with [Text.Origin].
//
// Sources: Unicode 15.1, UAX #15 (normalisation), UTS #39 (confusables), UTR #36.
package canon

import (
	"sort"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Options chooses what is done beyond NFKC.
type Options struct {
	Latin bool // letters that look like Latin ones become those
	Tags  bool // tag characters become the ASCII they stand for, instead of nothing
}

// Text is canonical text.
type Text struct {
	Bytes  []byte
	Hidden int // invisible characters that were taken out or decoded
	spans  []span
}

// span says that output from to on comes from input from in on, byte for byte, or,
// when fixed, all of it from that one place.
type span struct {
	out, in int
	fixed   bool
}

// Of returns the canonical form. The bytes of text that is ASCII already are those of
// b itself.
func Of(b []byte, o Options) *Text {
	if ascii(b) {
		return &Text{Bytes: b}
	}
	t := &Text{Bytes: make([]byte, 0, len(b))}
	var it norm.Iter
	it.Init(norm.NFKC, b)
	for !it.Done() {
		in := it.Pos()
		seg := it.Next()
		t.segment(seg, b[in:it.Pos()], in, o)
	}
	return t
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// segment appends what NFKC made of source, which stands at in.
func (t *Text) segment(seg, source []byte, in int, o Options) {
	same := string(seg) == string(source)
	for i := 0; i < len(seg); {
		r, n := utf8.DecodeRune(seg[i:])
		from := in
		if same {
			from = in + i
		}
		switch plain, act := judge(r, o); act {
		case drop:
			t.Hidden++
		case replace:
			if r >= 0xe0000 {
				t.Hidden++
			}
			t.note(from, true)
			t.Bytes = append(t.Bytes, plain)
		default:
			t.note(from, !same)
			t.Bytes = append(t.Bytes, seg[i:i+n]...)
		}
		i += n
	}
}

// note begins a span where the last one does not go on.
func (t *Text) note(in int, fixed bool) {
	out := len(t.Bytes)
	if n := len(t.spans); n > 0 {
		if l := t.spans[n-1]; !l.fixed && !fixed && in-l.in == out-l.out {
			return
		}
	}
	t.spans = append(t.spans, span{out, in, fixed})
}

// Origin returns where in the original the byte at i came from; for the length of the
// text, where the last byte came from, plus one.
func (t *Text) Origin(i int) int {
	if t.spans == nil {
		return i
	}
	if i == len(t.Bytes) && i > 0 {
		return t.Origin(i-1) + 1
	}
	n := sort.Search(len(t.spans), func(k int) bool { return t.spans[k].out > i })
	if n == 0 {
		return 0
	}
	s := t.spans[n-1]
	if s.fixed {
		return s.in
	}
	return s.in + i - s.out
}

type action uint8

const (
	keep action = iota
	drop
	replace
)

// judge says what becomes of a rune behind NFKC.
func judge(r rune, o Options) (byte, action) {
	switch {
	case r < utf8.RuneSelf:
		return 0, keep
	case invisible(r):
		return 0, drop
	case r >= 0xe0020 && r <= 0xe007e: // tags: ASCII that nobody sees
		if o.Tags {
			return byte(r - 0xe0000), replace
		}
		return 0, drop
	case r >= 0xe0000 && r <= 0xe0fff: // other tags, more variation selectors
		return 0, drop
	}
	if o.Latin {
		if c := latin(r); c != 0 {
			return c, replace
		}
	}
	return 0, keep
}

// invisible reports characters without a shape that text can do without: joiners,
// spaces of no width, direction marks, variation selectors, fillers.
func invisible(r rune) bool {
	switch {
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r == 0x3164, r == 0xffa0, r == 0xfeff,
		r >= 0x180b && r <= 0x180f, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
		r >= 0xfe00 && r <= 0xfe0f, r >= 0x1d173 && r <= 0x1d17a, r >= 0xfff9 && r <= 0xfffb:
		return true
	}
	return false
}
