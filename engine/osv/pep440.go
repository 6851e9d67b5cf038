package osv

import "strings"

// pep440 is a version of PEP 440, taken apart. Numbers are runs of digits.
type pep440 struct {
	epoch   string
	release string // digits and dots
	pre     byte   // 'a', 'b', 'r', or 0
	preN    string
	post    bool
	postN   string
	dev     bool
	devN    string
	local   string
	isLocal bool
}

// comparePEP440 orders versions of Python packages (PEP 440, "Summary of permitted
// suffixes and relative ordering"), with the spellings its normalisation allows.
func comparePEP440(a, b string) (int, bool) {
	x, ok := parsePEP440(a)
	if !ok {
		return 0, false
	}
	y, ok := parsePEP440(b)
	if !ok {
		return 0, false
	}
	if c := compareNumber(x.epoch, y.epoch); c != 0 {
		return c, true
	}
	if c := compareDotted(x.release, y.release); c != 0 {
		return c, true
	}
	xp, yp := x.phase(), y.phase()
	if xp != yp {
		return sign(xp - yp), true
	}
	if c := compareNumber(x.preN, y.preN); c != 0 {
		return c, true
	}
	if c := compareOptional(x.post, x.postN, y.post, y.postN); c != 0 {
		return c, true
	}
	// A development release comes before what it develops: having none is more.
	if c := compareOptional(!x.dev, "", !y.dev, ""); c != 0 {
		return c, true
	}
	if c := compareNumber(x.devN, y.devN); c != 0 {
		return c, true
	}
	return compareLocal(&x, &y), true
}

// phase orders what stands between the release and the post-release: a bare
// development release before every pre-release, no pre-release after all of them.
func (v *pep440) phase() int {
	switch v.pre {
	case 'a':
		return 1
	case 'b':
		return 2
	case 'r':
		return 3
	}
	if v.dev && !v.post {
		return 0
	}
	return 4
}

func compareOptional(hasA bool, a string, hasB bool, b string) int {
	switch {
	case hasA && !hasB:
		return 1
	case !hasA && hasB:
		return -1
	}
	return compareNumber(a, b)
}

// compareDotted orders dotted numbers; what is missing at the end is zero.
func compareDotted(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if c := compareNumber(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// compareLocal orders local versions: none is least, a number is more than a word,
// and the longer of two that agree is more.
func compareLocal(x, y *pep440) int {
	if !x.isLocal || !y.isLocal {
		return compareOptional(x.isLocal, "", y.isLocal, "")
	}
	a, b := x.local, y.local
	for a != "" && b != "" {
		var p, q string
		p, a = localPart(a)
		q, b = localPart(b)
		if c := comparePart(p, q, 1); c != 0 {
			return c
		}
	}
	return sign(len(a) - len(b))
}

func localPart(s string) (part, rest string) {
	i := strings.IndexAny(s, ".-_")
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i+1:]
}

func allDigits(s string) bool {
	n, rest := digits(s)
	return rest == "" && n != ""
}

func parsePEP440(s string) (v pep440, ok bool) {
	s = strings.ToLower(strings.Trim(s, " \t\n\r\f\v"))
	s = strings.TrimPrefix(s, "v")
	n, rest := digits(s)
	if n == "" {
		return v, false
	}
	if strings.HasPrefix(rest, "!") {
		v.epoch, s = n, rest[1:]
		if n, _ = digits(s); n == "" {
			return v, false
		}
	}
	end := len(n)
	for len(s) > end+1 && s[end] == '.' && digit(s[end+1]) {
		more, _ := digits(s[end+1:])
		end += 1 + len(more)
	}
	v.release, s = s[:end], s[end:]
	s = v.parsePre(s)
	s = v.parsePost(s)
	s = v.parseDev(s)
	if s == "" {
		return v, true
	}
	if s[0] != '+' || len(s) == 1 {
		return v, false
	}
	v.local, v.isLocal = s[1:], true
	return v, validLocal(v.local)
}

func (v *pep440) parsePre(s string) string {
	t := skipSeparator(s)
	for _, word := range [...]struct {
		text  string
		phase byte
	}{{"alpha", 'a'}, {"a", 'a'}, {"beta", 'b'}, {"b", 'b'}, {"preview", 'r'}, {"pre", 'r'}, {"c", 'r'}, {"rc", 'r'}} {
		if rest, ok := strings.CutPrefix(t, word.text); ok {
			v.pre = word.phase
			v.preN, rest = digits(skipSeparator(rest))
			return rest
		}
	}
	return s
}

func (v *pep440) parsePost(s string) string {
	if len(s) > 1 && s[0] == '-' && digit(s[1]) {
		v.post = true
		v.postN, s = digits(s[1:])
		return s
	}
	t := skipSeparator(s)
	for _, word := range [...]string{"post", "rev", "r"} {
		if rest, ok := strings.CutPrefix(t, word); ok {
			v.post = true
			v.postN, rest = digits(skipSeparator(rest))
			return rest
		}
	}
	return s
}

func (v *pep440) parseDev(s string) string {
	if rest, ok := strings.CutPrefix(skipSeparator(s), "dev"); ok {
		v.dev = true
		v.devN, rest = digits(skipSeparator(rest))
		return rest
	}
	return s
}

func skipSeparator(s string) string {
	if s != "" && (s[0] == '-' || s[0] == '_' || s[0] == '.') {
		return s[1:]
	}
	return s
}

func validLocal(s string) bool {
	fresh := true // at the start of a part
	for i := range len(s) {
		c := s[i]
		switch {
		case digit(c) || c >= 'a' && c <= 'z':
			fresh = false
		case (c == '-' || c == '_' || c == '.') && !fresh:
			fresh = true
		default:
			return false
		}
	}
	return !fresh
}
