package secret

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/safetoml"
	"github.com/merlon-security/merlon/text/token"
)

// search is how a rule of gitleaks finds a value: by an expression that need not
// begin where a keyword does, with the value in one of its groups.
type search struct {
	re       *regexp.Regexp
	group    int
	entropy  float64
	keywords []string
	deny     []*regexp.Regexp
	stop     []string
}

// gitleaksFile is the part of gitleaks.toml that is understood (gitleaks v8,
// "Configuration").
type gitleaksFile struct {
	Rules []struct {
		ID          string
		Description string
		Regex       string
		SecretGroup int
		Entropy     float64
		Keywords    []string
		Path        string
		Allowlist   gitleaksAllow
		Allowlists  []gitleaksAllow
	}
	Allowlist  gitleaksAllow
	Allowlists []gitleaksAllow
}

type gitleaksAllow struct {
	Regexes   []string
	StopWords []string
	Paths     []string
	Commits   []string
}

// maxRules is how many rules a file may bring.
const maxRules = 2000

// ReadGitleaks reads the rules of a gitleaks.toml as additional types, "custom-" and
// their id. Conditions about paths and commits are not understood: a rule that has a
// path only is an error, an allowlist of paths is left out, which finds more, not
// less.
func ReadGitleaks(doc []byte) ([]Type, error) {
	var f gitleaksFile
	if err := safetoml.Unmarshal(doc, &f); err != nil {
		return nil, fmt.Errorf("gitleaks configuration: %w", err)
	}
	if len(f.Rules) > maxRules {
		return nil, fmt.Errorf("gitleaks configuration: %d rules, at most %d are read", len(f.Rules), maxRules)
	}
	var types []Type
	for _, r := range f.Rules {
		if r.ID == "" || r.Regex == "" {
			return nil, fmt.Errorf("gitleaks configuration: rule %q has no id or no regex", r.ID)
		}
		re, err := regexp.Compile(r.Regex)
		if err != nil {
			return nil, fmt.Errorf("gitleaks configuration: rule %s: %w", r.ID, err)
		}
		s := &search{re: re, group: r.SecretGroup, entropy: r.Entropy}
		if s.group < 0 || s.group > re.NumSubexp() {
			return nil, fmt.Errorf("gitleaks configuration: rule %s: group %d is not in the regex", r.ID, s.group)
		}
		for _, k := range r.Keywords {
			if k != "" {
				s.keywords = append(s.keywords, strings.ToLower(k))
			}
		}
		if len(s.keywords) == 0 {
			shape, err := analyse(r.Regex)
			if err != nil || len(shape.anchors) == 0 {
				return nil, fmt.Errorf("gitleaks configuration: rule %s: give it keywords, its regex has no fixed text to look for", r.ID)
			}
			for _, a := range shape.anchors {
				s.keywords = append(s.keywords, strings.ToLower(a))
			}
		}
		for _, a := range append(append([]gitleaksAllow{r.Allowlist, f.Allowlist}, r.Allowlists...), f.Allowlists...) {
			for _, x := range a.Regexes {
				deny, err := regexp.Compile(x)
				if err != nil {
					return nil, fmt.Errorf("gitleaks configuration: rule %s: allowlist: %w", r.ID, err)
				}
				s.deny = append(s.deny, deny)
			}
			s.stop = append(s.stop, a.StopWords...)
		}
		title := r.Description
		if title == "" {
			title = r.ID
		}
		types = append(types, Type{ID: customID(r.ID), Provider: "the service", Title: title, Severity: finding.High, search: s})
	}
	return types, nil
}

// customID makes the id of a type: lower case, letters, digits and hyphens.
func customID(id string) string {
	id = strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			return c
		case 'A' <= c && c <= 'Z':
			return c + 'a' - 'A'
		}
		return '-'
	}, id)
	return "custom-" + strings.Join(strings.FieldsFunc(id, func(c rune) bool { return c == '-' }), "-")
}

// How much text around a keyword a foreign expression is shown, in bytes.
const (
	searchBefore = 200
	searchAfter  = 600
)

// find tries a foreign expression around a keyword.
func (s *scanState) find(r *rule, keyword int) {
	q := r.search
	from := max(0, keyword-searchBefore)
	part := s.text[from:min(len(s.text), keyword+searchAfter)]
	for _, m := range q.re.FindAllSubmatchIndex(part, 16) {
		g := q.group
		if g == 0 && len(m) >= 4 && m[2] >= 0 {
			g = 1 // gitleaks takes the first group when none is named
		}
		start, end := from+m[2*g], from+m[2*g+1]
		if m[2*g] < 0 || start == end {
			continue
		}
		value := string(s.text[start:end])
		if q.entropy > 0 && entropy(value) <= q.entropy || q.denies(value, string(part[m[0]:m[1]])) || token.IsStub(value) {
			continue
		}
		s.out = append(s.out, Match{Type: r.Type, Start: start, End: end, Severity: r.Severity, Confidence: finding.Likely, rank: rankNamed})
	}
}

func (q *search) denies(value, whole string) bool {
	for _, re := range q.deny {
		if re.MatchString(value) || re.MatchString(whole) {
			return true
		}
	}
	low := strings.ToLower(value)
	for _, w := range q.stop {
		if w != "" && strings.Contains(low, strings.ToLower(w)) {
			return true
		}
	}
	return false
}

// entropy is that of Shannon, in bits per character, as gitleaks computes it.
func entropy(v string) float64 {
	var n [256]float64
	for i := range len(v) {
		n[v[i]]++
	}
	h := 0.0
	for _, k := range n {
		if k > 0 {
			p := k / float64(len(v))
			h -= p * math.Log2(p)
		}
	}
	return h
}
