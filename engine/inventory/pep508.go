package inventory

import (
	"fmt"
	"strings"
)

// requirement is a dependency specifier of PEP 508, taken apart.
type requirement struct {
	name       string
	extras     []string
	constraint string // "==1.0", ">=1,<2"; without parentheses
	url        string
	marker     string
}

// parseRequirement reads a specifier: name [extras] (constraint | @ URL) [; marker].
func parseRequirement(s string) (r requirement, err error) {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && nameByte(s[end]) {
		end++
	}
	r.name, s = s[:end], strings.TrimSpace(s[end:])
	if r.name == "" || !alphanumeric(r.name[0]) || !alphanumeric(r.name[len(r.name)-1]) {
		return r, fmt.Errorf("%q does not begin with the name of a package", clip(r.name+s))
	}
	if strings.HasPrefix(s, "[") {
		inner, rest, ok := strings.Cut(s[1:], "]")
		if !ok {
			return r, fmt.Errorf("%s: \"[\" without \"]\"", r.name)
		}
		for extra := range strings.SplitSeq(inner, ",") {
			if extra = strings.TrimSpace(extra); extra != "" {
				r.extras = append(r.extras, extra)
			}
		}
		s = strings.TrimSpace(rest)
	}
	if strings.HasPrefix(s, "@") {
		s = strings.TrimSpace(s[1:])
		// A URL ends at white space; what follows can only be a marker.
		url, rest := s, ""
		if i := strings.IndexAny(s, " \t"); i >= 0 {
			url, rest = s[:i], strings.TrimSpace(s[i:])
		}
		r.url = url
		r.marker = strings.TrimSpace(strings.TrimPrefix(rest, ";"))
		if rest != "" && !strings.HasPrefix(rest, ";") {
			return r, fmt.Errorf("%s: %q after its URL", r.name, clip(rest))
		}
		return r, nil
	}
	constraint, marker, _ := strings.Cut(s, ";")
	r.marker = strings.TrimSpace(marker)
	constraint = strings.TrimSpace(constraint)
	if strings.HasPrefix(constraint, "(") && strings.HasSuffix(constraint, ")") {
		constraint = constraint[1 : len(constraint)-1]
	}
	r.constraint = strings.Join(strings.Fields(constraint), "")
	if r.constraint != "" && !strings.ContainsRune("<>=!~", rune(r.constraint[0])) {
		return r, fmt.Errorf("%s: %q is no constraint of versions", r.name, clip(constraint))
	}
	return r, nil
}

func nameByte(c byte) bool { return alphanumeric(c) || c == '-' || c == '_' || c == '.' }

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// exact gives the version that a constraint pins, empty where it allows several.
func exact(constraint string) string {
	v, ok := strings.CutPrefix(constraint, "===")
	if !ok {
		if v, ok = strings.CutPrefix(constraint, "=="); !ok {
			return ""
		}
	}
	if strings.ContainsAny(v, ",*<>=!~ ") {
		return ""
	}
	return v
}

// python makes a package of a specifier.
func (r requirement) python(line int) Package {
	p := Package{Ecosystem: "PyPI", Name: r.name, Extras: r.extras, Marker: r.marker, Line: line, Direct: true}
	if r.url != "" {
		p.Source = sourceOf(r.url)
		if p.Source.Kind == Archive {
			_, p.Version = wheelName(r.url)
		}
		return p
	}
	if p.Version = exact(r.constraint); p.Version == "" {
		p.Constraint = r.constraint
	}
	return p
}

// clip shortens foreign text for a message.
func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
