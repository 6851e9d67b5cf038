package osv

import "strings"

// compareDebian orders versions of Debian packages: [epoch:]upstream[-revision]
// (Debian Policy 5.6.12).
func compareDebian(a, b string) (int, bool) {
	ae, au, ar, ok := splitDebian(a)
	if !ok {
		return 0, false
	}
	be, bu, br, ok := splitDebian(b)
	if !ok {
		return 0, false
	}
	if c := compareNumber(ae, be); c != 0 {
		return c, true
	}
	if c := debianPart(au, bu); c != 0 {
		return c, true
	}
	return debianPart(ar, br), true
}

func splitDebian(s string) (epoch, upstream, revision string, ok bool) {
	s = strings.TrimSpace(s)
	if e, rest, found := strings.Cut(s, ":"); found {
		if !allDigits(e) {
			return "", "", "", false
		}
		epoch, s = e, rest
	}
	upstream = s
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		upstream, revision = s[:i], s[i+1:]
	}
	return epoch, upstream, revision, upstream != "" && !strings.ContainsAny(s, " \t\n")
}

// debianPart compares runs of non-digits and of digits in turn. In the former "~" is
// less than the end, letters are less than everything else.
func debianPart(a, b string) int {
	for a != "" || b != "" {
		for a != "" && !digit(a[0]) || b != "" && !digit(b[0]) {
			x, y := debianWeight(a), debianWeight(b)
			if x != y {
				return sign(x - y)
			}
			a, b = a[1:], b[1:]
		}
		var p, q string
		p, a = digits(a)
		q, b = digits(b)
		if c := compareNumber(p, q); c != 0 {
			return c
		}
	}
	return 0
}

func debianWeight(s string) int {
	switch {
	case s == "" || digit(s[0]):
		return 0
	case s[0] == '~':
		return -1
	case letter(s[0]):
		return int(s[0])
	}
	return int(s[0]) + 256
}

// compareRPM orders [epoch:]version[-release] as rpm's rpmvercmp does, with "~" before
// and "^" after what they follow.
func compareRPM(a, b string) (int, bool) {
	ae, av, ar := splitRPM(a)
	be, bv, br := splitRPM(b)
	if av == "" || bv == "" {
		return 0, false
	}
	if c := compareNumber(ae, be); c != 0 {
		return c, true
	}
	if c := rpmPart(av, bv); c != 0 {
		return c, true
	}
	if ar == "" || br == "" {
		return 0, true // what names no release means every release
	}
	return rpmPart(ar, br), true
}

func splitRPM(s string) (epoch, version, release string) {
	s = strings.TrimSpace(s)
	if e, rest, found := strings.Cut(s, ":"); found {
		epoch, s = e, rest
	}
	if !allDigits(epoch) {
		epoch = ""
	}
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return epoch, s, ""
	}
	return epoch, s[:i], s[i+1:]
}

func rpmPart(a, b string) int {
	if a == b {
		return 0
	}
	for {
		a, b = trimRPM(a), trimRPM(b)
		at, bt := strings.HasPrefix(a, "~"), strings.HasPrefix(b, "~")
		if at || bt {
			if at != bt {
				return compareOptional(!at, "", !bt, "")
			}
			a, b = a[1:], b[1:]
			continue
		}
		ac, bc := strings.HasPrefix(a, "^"), strings.HasPrefix(b, "^")
		if ac || bc {
			switch {
			case ac && bc:
				a, b = a[1:], b[1:]
				continue
			case ac:
				return sign(1 - 2*min(len(b), 1)) // more than the end, less than more text
			default:
				return sign(2*min(len(a), 1) - 1)
			}
		}
		if a == "" || b == "" {
			return sign(len(a) - len(b))
		}
		var p, q string
		if digit(a[0]) {
			p, a = digits(a)
			if q, b = digits(b); q == "" {
				return 1 // numbers are newer than words
			}
			if c := compareNumber(p, q); c != 0 {
				return c
			}
			continue
		}
		p, a = letters(a)
		if q, b = letters(b); q == "" {
			return -1
		}
		if c := strings.Compare(p, q); c != 0 {
			return c
		}
	}
}

func trimRPM(s string) string {
	i := 0
	for i < len(s) && !digit(s[i]) && !letter(s[i]) && s[i] != '~' && s[i] != '^' {
		i++
	}
	return s[i:]
}

func letters(s string) (word, rest string) {
	i := 0
	for i < len(s) && letter(s[i]) {
		i++
	}
	return s[:i], s[i:]
}
