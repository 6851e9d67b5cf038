package secret

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/token"
)

// How far before a value the words stand that say whose it is, in bytes.
const (
	reachLine  = 240 // in the same line
	reachAbove = 160 // in the lines above
)

// nearby reports whether one of the words of a rule stands before i.
func (s *scanState) nearby(r *rule, i int) bool {
	from := lineStart(s.text, i, reachLine)
	if s.mentions(r, from, i) {
		return true
	}
	return s.mentions(r, max(0, from-reachAbove), from)
}

func (s *scanState) mentions(r *rule, from, to int) bool {
	for _, h := range s.d.near.Append(nil, s.text[from:to]) {
		for _, i := range s.d.nearOf[h.Literal] {
			if s.d.types[i] == r && s.begins(from+int(h.End)-s.d.near.Len(h.Literal)) {
				return true
			}
		}
	}
	return false
}

// begins reports whether a word can begin at i: "dd" does not in "add".
func (s *scanState) begins(i int) bool {
	if i == 0 {
		return true
	}
	c, p := s.text[i], s.text[i-1]
	return p|0x20 < 'a' || p|0x20 > 'z' || 'A' <= c && c <= 'Z' && 'a' <= p && p <= 'z' || s.text[i] == '_' ||
		i >= 2 && s.text[i-2] == '\\' && (p == 'n' || p == 't')
}

// name reads the assignment around a word that names secrets.
func (s *scanState) name(start, end int) {
	if start < s.lastName {
		return // the same name
	}
	a, ok := assignmentAt(s.text, start, end)
	s.lastName = max(s.lastName, a.nameAt+len(a.name))
	if !ok || a.end-a.start < 6 {
		return
	}
	c := classify(a.name)
	if c == noSecret {
		return
	}
	value := string(s.text[a.start:a.end])
	if strings.IndexByte(value, '%') >= 0 && a.nameAt > 0 && (s.text[a.nameAt-1] == '&' || s.text[a.nameAt-1] == '?') {
		if plain, err := url.PathUnescape(value); err == nil && printable([]byte(plain)) {
			value = plain // in an address
		}
	}
	if c != aPassword && a.scheme != "basic" && s.named(a, value) || s.prefixed(value) {
		return
	}
	kind := token.Classify(value)
	if kind == token.Placeholder || kind == token.Word || kind == token.Text || kind == token.Expression || kind == token.Number {
		return
	}
	if a.scheme == "basic" {
		s.basic(a)
		return
	}
	s.generic(a, c, value, kind)
}

// spoken reports whether people made a value. Digits alone say nothing.
func spoken(v string) bool {
	return token.Score(v) > 0.4 && strings.Trim(v, "0123456789abcdef-:.") != ""
}

// prefixed reports whether a value holds the literals of a type whose format has its
// length and checksum: if it were one, the format would have matched. What is left
// is a typing error or made up.
func (s *scanState) prefixed(value string) bool {
	for _, h := range s.d.auto.Append(nil, []byte(value[:min(len(value), 256)])) {
		n := s.d.auto.Len(h.Literal)
		if n < shortAnchor || n == shortAnchor && int(h.End) != n {
			continue
		}
		if s.d.actions[h.Literal].kind != tokens {
			continue
		}
		for _, i := range s.d.actions[h.Literal].rules {
			if r := s.d.types[i]; len(r.near) == 0 && !r.fold && (r.offset >= 0 && int(h.End)-n == r.offset || r.offset < 0 && n > 5) &&
				(n > shortAnchor || 2*len(value) >= r.longest) {
				return true
			}
		}
	}
	return false
}

// named looks for a type whose words stand near the value and whose pattern the
// value fits. The nearest word wins.
func (s *scanState) named(a assignment, value string) bool {
	if len(value) < 14 || len(value) > 400 || strings.ContainsAny(value, " \t") || token.IsStub(value) || spoken(value) {
		return false
	}
	line := lineStart(s.text, a.nameAt, reachLine)
	best, bestEnd, bestLen := (*rule)(nil), -1, 0
	for _, from := range []int{line, max(0, line-reachAbove)} {
		to := a.start
		if from != line {
			to = line
		}
		for _, h := range s.d.near.Append(nil, s.text[from:to]) {
			end, n := from+int(h.End), s.d.near.Len(h.Literal)
			// Of words that lie in each other the longer one counts.
			if end-n < bestEnd && end-n > bestEnd-bestLen || end == bestEnd && n <= bestLen || !s.begins(end-n) || from != line && n < 5 {
				continue
			}
			for _, i := range s.d.nearOf[h.Literal] {
				r := s.d.types[i]
				if len(value) > r.longest || !r.whole().MatchString(value) {
					continue
				}
				if end > bestEnd || n > bestLen || r.bits > best.bits {
					best, bestEnd, bestLen = r, end, n
				}
			}
		}
		if best != nil {
			break
		}
	}
	if best == nil {
		for _, r := range s.d.alone {
			if len(value) <= r.longest && r.whole().MatchString(value) {
				best = r
			}
		}
	}
	if best == nil {
		return false
	}
	n := len(s.out)
	s.judge(best, value, a.start, a.end, a.name, rankNamed, finding.Likely)
	return len(s.out) > n
}

// basic judges a header of basic authentication: base64 of user and password.
func (s *scanState) basic(a assignment) {
	b := unbase64(string(s.text[a.start:a.end]))
	user, pass, ok := bytes.Cut(b, []byte(":"))
	if !ok || len(pass) < 4 || !printable(b) || token.IsPlaceholder(string(pass)) || bytes.Equal(user, pass) ||
		bytes.EqualFold(user, []byte("aladdin")) { // the user of RFC 7617
		return
	}
	s.put("basic-auth", a.start, a.end, a.name, rankURL, 0, finding.Likely)
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c >= 0x7f {
			return false
		}
	}
	return len(b) > 0
}

// put adds a match of a type that is found by code.
func (s *scanState) put(id string, start, end int, name string, rank int, sev finding.Severity, conf finding.Confidence) *Match {
	r := s.d.byID[id]
	if sev == 0 {
		sev = r.Severity
	}
	s.out = append(s.out, Match{Type: r.Type, Start: start, End: end, Name: name, Severity: sev, Confidence: conf, rank: rank})
	return &s.out[len(s.out)-1]
}
