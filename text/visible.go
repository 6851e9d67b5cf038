// Package text holds what every part of merlon needs to know about text that
// somebody hostile may have written: how to show it without being led astray
// ([Visible]), and how wide it is on a terminal ([Width], [Cut], [Wrap]).
package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible returns s on one line in which nothing is hidden: control characters,
// line breaks, bidirectional controls, zero-width and other characters without a
// shape become Go escapes (\n, \x1b, \u202e), invalid bytes become \xff.
// Backslashes stay, so text that was escaped before stays as it is.
//
// More than four combining marks on one letter are escaped too: a long stack of
// them paints over the lines around it.
func Visible(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && n == 1:
			const hex = "0123456789abcdef"
			b.WriteString(`\x`)
			b.WriteByte(hex[s[i]>>4])
			b.WriteByte(hex[s[i]&15])
		case Hidden(r), marks > 4:
			q := strconv.QuoteRuneToASCII(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// Hidden reports whether r would not be seen, or would change how its
// neighbours are seen, if it were printed: everything without a shape except the
// plain space.
func Hidden(r rune) bool {
	switch {
	case r < 0x7f:
		return r < ' '
	case !unicode.IsPrint(r): // control, format, private, unassigned, other spaces
		return true
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef, // variation selectors carry hidden bytes
		r >= 0x180b && r <= 0x180f,
		r == 0x34f, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, // fillers and joiners
		r == 0x2800, r == 0x3164, r == 0xffa0:
		return true
	}
	return false
}
