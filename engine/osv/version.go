package osv

import (
	"errors"
	"fmt"
	"strings"
)

// ErrVersion marks a version that its ecosystem has no place for in its order.
var ErrVersion = errors.New("not a version of its ecosystem")

// ErrEcosystem marks an ecosystem whose versions nobody here can order. Its
// advisories match by the versions they list, never by a range.
var ErrEcosystem = errors.New("versions of this ecosystem cannot be ordered")

// Compare orders two versions as ecosystem does: -1 where a is older than b, 0 where
// they are the same, 1 where a is newer. The release of a distribution may follow the
// name ("Debian:12"). The error wraps [ErrVersion] or [ErrEcosystem].
func Compare(ecosystem, a, b string) (int, error) {
	order := orderOf(ecosystem)
	if order == nil {
		return 0, fmt.Errorf("%s: %w", ecosystem, ErrEcosystem)
	}
	c, ok := order(a, b)
	if !ok {
		return 0, fmt.Errorf("%s: %q or %q: %w", ecosystem, a, b, ErrVersion)
	}
	return c, nil
}

// Valid says whether ecosystem has a place for version in its order.
func Valid(ecosystem, version string) bool {
	order := orderOf(ecosystem)
	if order == nil {
		return false
	}
	_, ok := order(version, version)
	return ok
}

// order compares two versions; ok is false where one of them is none.
type order func(a, b string) (c int, ok bool)

func orderOf(ecosystem string) order {
	base, _, _ := strings.Cut(ecosystem, ":")
	switch base {
	case "PyPI":
		return comparePEP440
	case "Go":
		return compareGo
	case "npm", "crates.io", "Hex", "Pub", "SwiftURL", "GitHub Actions", "Bitnami", "Julia":
		return compareSemVer
	case "NuGet":
		return compareNuGet
	case "Maven":
		return compareMaven
	case "RubyGems":
		return compareGem
	case "Packagist":
		return comparePackagist
	case "Debian", "Ubuntu", "Echo":
		return compareDebian
	case "Alpine", "Wolfi", "Chainguard", "MinimOS", "BellSoft Hardened Containers", "Alpaquita":
		return compareAlpine
	case "Red Hat", "Rocky Linux", "AlmaLinux", "openSUSE", "SUSE", "Photon OS", "Mageia", "openEuler", "Azure Linux":
		return compareRPM
	}
	return nil
}

// Name brings the name of a package to the form that advisories are kept under: PyPI
// by PEP 503, NuGet and Packagist without case, the others as they are.
func Name(ecosystem, name string) string {
	switch base, _, _ := strings.Cut(ecosystem, ":"); base {
	case "PyPI":
		return pep503(name)
	case "NuGet", "Packagist", "GitHub Actions", "Hex", "Pub":
		return strings.ToLower(name)
	}
	return name
}

// pep503 is the normalised name of PEP 503: lower case, runs of "-_." are one "-".
func pep503(name string) string {
	plain := true
	for i := range len(name) {
		c := name[i]
		if c >= 'A' && c <= 'Z' || c == '_' || c == '.' || c == '-' && i > 0 && name[i-1] == '-' {
			plain = false
			break
		}
	}
	if plain {
		return name
	}
	b := make([]byte, 0, len(name))
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-' || c == '_' || c == '.':
			if len(b) == 0 || b[len(b)-1] != '-' {
				b = append(b, '-')
			}
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// digits splits s after its leading digits.
func digits(s string) (n, rest string) {
	i := 0
	for i < len(s) && digit(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

// compareNumber orders two runs of digits of any length by value; none is zero.
func compareNumber(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return sign(len(a) - len(b))
	}
	return strings.Compare(a, b)
}

// comparePart orders two parts of a version: numbers by value, words by the alphabet,
// and a number against a word as number says (1: it is more, -1: it is less).
func comparePart(p, q string, number int) int {
	switch pn, qn := allDigits(p), allDigits(q); {
	case pn && qn:
		return compareNumber(p, q)
	case pn:
		return number
	case qn:
		return -number
	}
	return strings.Compare(p, q)
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
