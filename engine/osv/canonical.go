package osv

import (
	"slices"
	"strings"
)

// canonical gives the one spelling that all spellings of a version share, so that a
// list of versions can be searched as text; exact says that versions which compare
// equal have the same one. What is no version stays as it is.
func canonical(ecosystem, version string) (spelling string, exact bool) {
	switch base, _, _ := strings.Cut(ecosystem, ":"); base {
	case "PyPI":
		return canonicalPEP440(version), true
	case "npm", "crates.io", "Go":
		s := version
		if base == "Go" {
			s = goSemVer(s)
		}
		core, prerelease, ok := splitSemVer(s)
		if !ok {
			return version, true
		}
		if core = canonicalNumbers(core); prerelease != "" {
			parts := strings.Split(prerelease, ".")
			for i, p := range parts {
				if allDigits(p) {
					parts[i] = canonicalNumber(p)
				}
			}
			core += "-" + strings.Join(parts, ".")
		}
		return core, true
	}
	return version, false
}

func canonicalPEP440(version string) string {
	v, ok := parsePEP440(version)
	if !ok {
		return version
	}
	var b strings.Builder
	if e := canonicalNumber(v.epoch); e != "0" {
		b.WriteString(e + "!")
	}
	b.WriteString(canonicalNumbers(v.release))
	if v.pre != 0 {
		b.WriteString(string(v.pre) + canonicalNumber(v.preN))
	}
	if v.post {
		b.WriteString(".post" + canonicalNumber(v.postN))
	}
	if v.dev {
		b.WriteString(".dev" + canonicalNumber(v.devN))
	}
	for rest, sep := v.local, "+"; rest != ""; sep = "." {
		var part string
		part, rest = localPart(rest)
		if allDigits(part) {
			part = canonicalNumber(part)
		}
		b.WriteString(sep + part)
	}
	return b.String()
}

func canonicalNumber(s string) string {
	if s = strings.TrimLeft(s, "0"); s == "" {
		return "0"
	}
	return s
}

// canonicalNumbers drops leading zeros of dotted numbers, and zeros at the end.
func canonicalNumbers(s string) string {
	parts := strings.Split(s, ".")
	for i := range parts {
		parts[i] = canonicalNumber(parts[i])
	}
	for len(parts) > 1 && parts[len(parts)-1] == "0" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, ".")
}

// searchable gives the versions in their canonical spelling, sorted.
func searchable(ecosystem string, versions []string) []string {
	out := make([]string, len(versions))
	for i, v := range versions {
		out[i], _ = canonical(ecosystem, v)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
