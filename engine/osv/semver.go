package osv

import "strings"

// compareSemVer orders versions of Semantic Versioning 2.0.0 (section 11). A leading
// "v" and missing minor or patch numbers are allowed, as registries allow them; build
// metadata does not count.
func compareSemVer(a, b string) (int, bool) {
	x, xp, ok := splitSemVer(a)
	if !ok {
		return 0, false
	}
	y, yp, ok := splitSemVer(b)
	if !ok {
		return 0, false
	}
	if c := compareDotted(x, y); c != 0 {
		return c, true
	}
	return comparePrerelease(xp, yp), true
}

func splitSemVer(s string) (core, prerelease string, ok bool) {
	s = strings.TrimLeft(s, "vV= ")
	s, build, hasBuild := strings.Cut(s, "+")
	core, prerelease, hasPre := strings.Cut(s, "-")
	if hasPre && !identifiers(prerelease) || hasBuild && !identifiers(build) {
		return "", "", false
	}
	return core, prerelease, numbers(core, 3)
}

// numbers says whether s is one to limit dotted runs of digits.
func numbers(s string, limit int) bool {
	for range limit {
		n, rest := digits(s)
		if n == "" {
			return false
		}
		if rest == "" {
			return true
		}
		if rest[0] != '.' {
			return false
		}
		s = rest[1:]
	}
	return false
}

func identifiers(s string) bool {
	fresh := true
	for i := range len(s) {
		switch c := s[i]; {
		case digit(c) || letter(c) || c == '-':
			fresh = false
		case c == '.' && !fresh:
			fresh = true
		default:
			return false
		}
	}
	return !fresh
}

// comparePrerelease orders by identifiers: none is most, a number is less than a
// word, the longer of two that agree is more.
func comparePrerelease(a, b string) int {
	if a == "" || b == "" {
		return compareOptional(a == "", "", b == "", "")
	}
	for a != "" && b != "" {
		var p, q string
		p, a, _ = strings.Cut(a, ".")
		q, b, _ = strings.Cut(b, ".")
		if c := comparePart(p, q, -1); c != 0 {
			return c
		}
	}
	return sign(len(a) - len(b))
}

// compareGo orders versions of Go modules and of the Go toolchain. A toolchain says
// "go1.21rc2", its advisories "1.21.0-rc.2" or "1.21.0-0".
func compareGo(a, b string) (int, bool) {
	return compareSemVer(goSemVer(a), goSemVer(b))
}

func goSemVer(s string) string {
	s = strings.TrimPrefix(s, "go")
	s, _, _ = strings.Cut(s, " ") // "go1.22.1 X:rangefunc"
	i := strings.IndexAny(s, "rb")
	if i <= 0 || !digit(s[i-1]) {
		return s
	}
	for _, word := range [...]string{"rc", "beta"} {
		if n, ok := strings.CutPrefix(s[i:], word); ok && allDigits(n) {
			core := s[:i]
			for strings.Count(core, ".") < 2 {
				core += ".0"
			}
			return core + "-" + word + "." + n
		}
	}
	return s
}

// compareNuGet orders versions of NuGet: Semantic Versioning with up to four numbers
// and pre-releases compared without case.
func compareNuGet(a, b string) (int, bool) {
	x, xp, ok := splitNuGet(a)
	if !ok {
		return 0, false
	}
	y, yp, ok := splitNuGet(b)
	if !ok {
		return 0, false
	}
	if c := compareDotted(x, y); c != 0 {
		return c, true
	}
	return comparePrerelease(xp, yp), true
}

func splitNuGet(s string) (core, prerelease string, ok bool) {
	s, _, _ = strings.Cut(strings.ToLower(s), "+")
	core, prerelease, hasPre := strings.Cut(strings.TrimPrefix(s, "v"), "-")
	if hasPre && !identifiers(prerelease) {
		return "", "", false
	}
	return core, prerelease, numbers(core, 4)
}
