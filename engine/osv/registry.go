package osv

import "strings"

// compareGem orders versions of RubyGems (Gem::Version): parts of digits and of
// letters; a word is less than a number, and so makes a pre-release.
func compareGem(a, b string) (int, bool) {
	x, ok := gemParts(a)
	if !ok {
		return 0, false
	}
	y, ok := gemParts(b)
	if !ok {
		return 0, false
	}
	for i := range max(len(x), len(y)) {
		p, q := "0", "0"
		if i < len(x) {
			p = x[i]
		}
		if i < len(y) {
			q = y[i]
		}
		if c := comparePart(p, q, 1); c != 0 {
			return c, true
		}
	}
	return 0, true
}

func gemParts(s string) ([]string, bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), "-", ".pre.")
	if s == "" || !digit(s[0]) {
		return nil, false
	}
	var parts []string
	for s != "" {
		var p string
		switch {
		case digit(s[0]):
			p, s = digits(s)
		case letter(s[0]):
			p, s = letters(s)
		case s[0] == '.':
			s = s[1:]
			continue
		default:
			return nil, false
		}
		parts = append(parts, p)
	}
	// Zeros at the end, and before the first word, are not significant.
	parts = trimZeros(parts)
	for i, p := range parts {
		if letter(p[0]) {
			head := trimZeros(parts[:i:i])
			return append(head, parts[i:]...), true
		}
	}
	return parts, true
}

func trimZeros(parts []string) []string {
	for len(parts) > 0 && strings.Trim(parts[len(parts)-1], "0") == "" {
		parts = parts[:len(parts)-1]
	}
	return parts
}

// comparePackagist orders versions as Composer (PHP's version_compare) does.
func comparePackagist(a, b string) (int, bool) {
	x, y := phpParts(a), phpParts(b)
	if len(x) == 0 || len(y) == 0 {
		return 0, false
	}
	for i := range min(len(x), len(y)) {
		if c := comparePHP(x[i], y[i]); c != 0 {
			return c, true
		}
	}
	switch {
	case len(x) > len(y):
		return comparePHPRest(x[len(y)]), true
	case len(x) < len(y):
		return -comparePHPRest(y[len(x)]), true
	}
	return 0, true
}

// comparePHPRest is what one more part makes of a version: a number makes it newer, a
// word as the word is.
func comparePHPRest(p string) int {
	if digit(p[0]) {
		return 1
	}
	return comparePHP(p, "#")
}

func comparePHP(p, q string) int {
	if digit(p[0]) && digit(q[0]) {
		return compareNumber(p, q)
	}
	return sign(phpRank(p) - phpRank(q))
}

// phpRank is the documented order of version_compare: any string < dev < alpha = a <
// beta = b < RC = rc < # < pl = p; # stands for a number.
func phpRank(p string) int {
	if digit(p[0]) || p == "#" {
		return 5
	}
	for _, r := range [...]struct {
		prefix string
		rank   int
	}{{"dev", 1}, {"alpha", 2}, {"a", 2}, {"beta", 3}, {"b", 3}, {"RC", 4}, {"rc", 4}, {"pl", 6}, {"p", 6}} {
		if strings.HasPrefix(p, r.prefix) {
			return r.rank
		}
	}
	return 0
}

// phpParts splits a version where its digits and letters change. Composer first pads
// the numbers to four.
func phpParts(s string) []string {
	s = strings.TrimLeft(strings.TrimSpace(s), "vV")
	var parts []string
	for {
		n, rest := digits(s)
		if n == "" {
			break
		}
		parts, s = append(parts, n), strings.TrimPrefix(rest, ".")
		if rest == s {
			break // what follows is no further number
		}
	}
	if len(parts) == 0 {
		return nil
	}
	for len(parts) < 4 {
		parts = append(parts, "0")
	}
	for s != "" {
		var p string
		switch {
		case digit(s[0]):
			p, s = digits(s)
		case letter(s[0]):
			p, s = letters(s)
		default:
			s = s[1:]
			continue
		}
		parts = append(parts, p)
	}
	return parts
}
