package osv

import "strings"

// mavenToken is a part of a Maven version with the separator before it: a dot or a
// hyphen; a change between digits and letters counts as a hyphen.
type mavenToken struct {
	hyphen bool
	text   string // digits, or a qualifier in lower case
}

// compareMaven orders versions as Maven's version order specification does
// (https://maven.apache.org/pom.html#Version_Order_Specification).
func compareMaven(a, b string) (int, bool) {
	if strings.TrimSpace(a) == "" || strings.TrimSpace(b) == "" {
		return 0, false
	}
	x, y := mavenTokens(a), mavenTokens(b)
	for i := range max(len(x), len(y)) {
		var p, q mavenToken
		switch {
		case i >= len(x):
			q = y[i]
			p = mavenFill(q)
		case i >= len(y):
			p = x[i]
			q = mavenFill(p)
		default:
			p, q = x[i], y[i]
		}
		if c := compareMavenToken(p, q); c != 0 {
			return c, true
		}
	}
	return 0, true
}

// mavenFill is what the shorter of two versions is padded with.
func mavenFill(t mavenToken) mavenToken {
	if allDigits(t.text) {
		return mavenToken{t.hyphen, "0"}
	}
	return mavenToken{t.hyphen, ""}
}

func mavenTokens(s string) []mavenToken {
	s = strings.ToLower(strings.TrimSpace(s))
	var tokens []mavenToken
	hyphen := false
	for first := true; first || s != ""; first = false {
		var word string
		switch {
		case s != "" && digit(s[0]):
			word, s = digits(s)
		default:
			i := 0
			for i < len(s) && !digit(s[i]) && s[i] != '.' && s[i] != '-' && s[i] != '_' {
				i++
			}
			word, s = s[:i], s[i:]
		}
		next := true // a change of kind counts as a hyphen
		if s != "" && (s[0] == '.' || s[0] == '-' || s[0] == '_') {
			next = s[0] != '.'
			s = s[1:]
			if s == "" {
				s = "0"
			}
		} else if s != "" && digit(s[0]) {
			word = mavenShort(word)
		}
		tokens = append(tokens, mavenToken{hyphen, mavenAlias(word)})
		hyphen = next
	}
	return trimMaven(tokens)
}

// mavenShort gives the long names of a, b and m before a digit.
func mavenShort(word string) string {
	switch word {
	case "a":
		return "alpha"
	case "b":
		return "beta"
	case "m":
		return "milestone"
	}
	return word
}

func mavenAlias(word string) string {
	switch word {
	case "":
		return "0"
	case "cr":
		return "rc"
	case "final", "ga", "release":
		return ""
	}
	return word
}

// trimMaven removes, from the end and before every hyphen, what is null: zeros, empty
// qualifiers.
func trimMaven(tokens []mavenToken) []mavenToken {
	var out []mavenToken
	for i := 0; i < len(tokens); {
		j := i + 1
		for j < len(tokens) && !tokens[j].hyphen {
			j++
		}
		end := j
		for end > i && strings.Trim(tokens[end-1].text, "0") == "" && (end > 1 || i > 0) {
			end--
		}
		out = append(out, tokens[i:end]...)
		i = j
	}
	if len(out) == 0 {
		return []mavenToken{{text: "0"}}
	}
	return out
}

func compareMavenToken(p, q mavenToken) int {
	pn, qn := allDigits(p.text), allDigits(q.text)
	if p.hyphen == q.hyphen {
		switch {
		case pn && qn:
			return compareNumber(p.text, q.text)
		case pn:
			return 1
		case qn:
			return -1
		}
		return compareQualifier(p.text, q.text)
	}
	// ".qualifier" = "-qualifier" < "-number" < ".number"
	rank := func(t mavenToken, number bool) int {
		switch {
		case number && t.hyphen:
			return 1
		case number:
			return 2
		}
		return 0
	}
	if a, b := rank(p, pn), rank(q, qn); a != b || a != 0 {
		return sign(a - b)
	}
	return compareQualifier(p.text, q.text)
}

// compareQualifier: the known words in their order, then all others by the alphabet.
func compareQualifier(a, b string) int {
	x, y := qualifierRank(a), qualifierRank(b)
	if x != y {
		return sign(x - y)
	}
	if x == 7 {
		return strings.Compare(a, b)
	}
	return 0
}

func qualifierRank(s string) int {
	for i, word := range [...]string{"alpha", "beta", "milestone", "rc", "snapshot", "", "sp"} {
		if s == word {
			return i
		}
	}
	return 7
}
