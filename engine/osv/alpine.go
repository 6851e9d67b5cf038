package osv

import "strings"

// apk is a version of an Alpine package, taken apart as apk-tools does:
// digits{.digits}{letter}{_suffix{digits}}{~hash}{-r digits}.
type apk struct {
	numbers  string
	letter   byte
	suffixes []apkSuffix
	hash     string
	build    string
}

type apkSuffix struct {
	rank   int
	number string
}

// apkRanks orders suffixes; none is 0.
var apkRanks = [...]struct {
	name string
	rank int
}{{"alpha", -4}, {"beta", -3}, {"pre", -2}, {"rc", -1}, {"cvs", 1}, {"svn", 2}, {"git", 3}, {"hg", 4}, {"p", 5}}

func compareAlpine(a, b string) (int, bool) {
	x, ok := parseAPK(a)
	if !ok {
		return 0, false
	}
	y, ok := parseAPK(b)
	if !ok {
		return 0, false
	}
	if c := apkNumbers(x.numbers, y.numbers); c != 0 {
		return c, true
	}
	if x.letter != y.letter {
		return sign(int(x.letter) - int(y.letter)), true
	}
	for i := range max(len(x.suffixes), len(y.suffixes)) {
		var p, q apkSuffix
		if i < len(x.suffixes) {
			p = x.suffixes[i]
		}
		if i < len(y.suffixes) {
			q = y.suffixes[i]
		}
		if p.rank != q.rank {
			return sign(p.rank - q.rank), true
		}
		if c := compareNumber(p.number, q.number); c != 0 {
			return c, true
		}
	}
	if c := strings.Compare(x.hash, y.hash); c != 0 {
		return c, true
	}
	return compareNumber(x.build, y.build), true
}

// apkNumbers orders dotted numbers. After the first, one with a leading zero is
// compared as text, and a longer list is more.
func apkNumbers(a, b string) int {
	for first := true; a != "" && b != ""; first = false {
		var p, q string
		p, a, _ = strings.Cut(a, ".")
		q, b, _ = strings.Cut(b, ".")
		if !first && (strings.HasPrefix(p, "0") || strings.HasPrefix(q, "0")) && p != q {
			return strings.Compare(p, q)
		}
		if c := compareNumber(p, q); c != 0 {
			return c
		}
	}
	return sign(len(a) - len(b))
}

func parseAPK(s string) (v apk, ok bool) {
	end := 0
	for end < len(s) && (digit(s[end]) || s[end] == '.' && end > 0 && digit(s[end-1]) && end+1 < len(s) && digit(s[end+1])) {
		end++
	}
	if v.numbers, s = s[:end], s[end:]; end == 0 {
		return v, false
	}
	if s != "" && s[0] >= 'a' && s[0] <= 'z' {
		v.letter, s = s[0], s[1:]
	}
	for strings.HasPrefix(s, "_") {
		known := false
		for _, r := range apkRanks {
			if rest, found := strings.CutPrefix(s[1:], r.name); found {
				var n string
				n, s = digits(rest)
				v.suffixes = append(v.suffixes, apkSuffix{r.rank, n})
				known = true
				break
			}
		}
		if !known {
			return v, false
		}
	}
	if rest, found := strings.CutPrefix(s, "~"); found {
		end := 0
		for end < len(rest) && (digit(rest[end]) || rest[end] >= 'a' && rest[end] <= 'f') {
			end++
		}
		v.hash, s = rest[:end], rest[end:]
	}
	if rest, found := strings.CutPrefix(s, "-r"); found {
		v.build, s = digits(rest)
	}
	return v, s == ""
}
