package text

import (
	"strings"
	"unicode"
)

// Width returns how many columns of a terminal s takes: two for the wide
// characters of East Asian scripts and emoji (Unicode TR11, "W" and "F"), none
// for marks that combine with the character before.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff01 && r <= 0xff60,
		r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// Cut shortens s to at most cols columns; what was cut is marked by "...".
func Cut(s string, cols int) string {
	if Width(s) <= cols {
		return s
	}
	if cols <= 3 {
		return strings.Repeat(".", max(cols, 0))
	}
	n := 0
	for i, r := range s {
		if n += runeWidth(r); n > cols-3 {
			return s[:i] + "..."
		}
	}
	return s
}

// CutMiddle shortens s to at most cols columns and keeps both ends, as a path
// needs it.
func CutMiddle(s string, cols int) string {
	if Width(s) <= cols {
		return s
	}
	if cols < 8 {
		return Cut(s, cols)
	}
	runes := []rune(s)
	left, n := 0, 0
	for ; left < len(runes) && n+runeWidth(runes[left]) <= (cols-3)/3; left++ {
		n += runeWidth(runes[left])
	}
	right := len(runes)
	for ; right > left && n+runeWidth(runes[right-1]) <= cols-3; right-- {
		n += runeWidth(runes[right-1])
	}
	return string(runes[:left]) + "..." + string(runes[right:])
}

// CutStart shortens s to at most cols columns and keeps its end, where a path
// says most.
func CutStart(s string, cols int) string {
	if Width(s) <= cols {
		return s
	}
	if cols < 8 {
		return Cut(s, cols)
	}
	runes := []rune(s)
	i, n := len(runes), 0
	for ; i > 0 && n+runeWidth(runes[i-1]) <= cols-3; i-- {
		n += runeWidth(runes[i-1])
	}
	return "..." + string(runes[i:])
}

// Wrap breaks s at spaces into lines of at most cols columns. A word longer than
// a line is broken. With cols of 0 or less it returns s as one line.
func Wrap(s string, cols int) []string {
	if cols <= 0 || Width(s) <= cols {
		return []string{s}
	}
	var lines []string
	line, width := "", 0
	flush := func() {
		lines = append(lines, line)
		line, width = "", 0
	}
	for _, word := range strings.Fields(s) {
		w := Width(word)
		if width > 0 && width+1+w > cols {
			flush()
		}
		for w > cols {
			n, i := 0, 0
			for j, r := range word {
				if n+runeWidth(r) > cols && j > 0 {
					i = j
					break
				}
				n += runeWidth(r)
			}
			if i == 0 {
				break // a single character wider than the line
			}
			lines = append(lines, word[:i])
			word = word[i:]
			w = Width(word)
		}
		if width > 0 {
			line, width = line+" ", width+1
		}
		line, width = line+word, width+w
	}
	if width > 0 {
		flush()
	}
	return lines
}
