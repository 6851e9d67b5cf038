package secret

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/match"
	"github.com/merlon-security/merlon/text/token"
)

const (
	high     = finding.High
	medium   = finding.Medium
	low      = finding.Low
	critical = finding.Critical
)

// Detector finds credentials. It serves any number of goroutines.
type Detector struct {
	types   []*rule
	alone   []*rule // told by their format, without a literal
	byID    map[string]*rule
	auto    *match.Automaton
	actions []action // of each literal
	near    *match.Automaton
	nearOf  [][]int // of each literal of near: types
	now     func() time.Time
	longest int // literal, in bytes
}

// rule is a type with what was derived from its pattern.
type rule struct {
	*Type
	shape
	near  []string
	re    func() *regexp.Regexp // anchored at the beginning
	whole func() *regexp.Regexp
}

// action is what a literal sets off.
type action struct {
	kind  actionKind
	rules []int
}

type actionKind uint8

const (
	tokens   actionKind = iota // the literal is part of a value
	naming                     // the literal is part of a name
	address                    // "://"
	block                      // the first line of a key
	webToken                   // "eyJ"
	foreign                    // a keyword of a rule of gitleaks
	command                    // "curl ": the user and password behind -u
	shell                      // another program that takes a password
)

// Default returns the detector of the built-in types. It is made on first use.
var Default = sync.OnceValue(func() *Detector {
	d, err := New(nil)
	if err != nil {
		panic(err) // the tables are tested
	}
	return d
})

// naming literals: parts of names under which secrets are kept.
var nameLiterals = []string{"passw", "_pwd", "pwd=", "pwd:", "pwd\"", "passphrase", "_pass", "pass=", "pass:", "pass\"", "pass'", "secret", "token", "key", "credential", "auth", "bearer", "_pat", "passcode", "_pw", "-pass", "userpass", "password", "contribsys"}

// New makes a detector of the built-in types and others. The error is about the
// patterns of the others.
func New(more []Type) (*Detector, error) {
	d := &Detector{byID: map[string]*rule{}, now: time.Now}
	type key struct {
		match.Literal
		kind actionKind
	}
	index := map[key]int{} // a literal may set off several kinds of action
	var literals []match.Literal
	add := func(l match.Literal, kind actionKind, rule int) {
		i, ok := index[key{l, kind}]
		if !ok {
			i = len(literals)
			index[key{l, kind}] = i
			literals = append(literals, l)
			d.longest = max(d.longest, len(l.Text))
			d.actions = append(d.actions, action{kind: kind})
		}
		if rule >= 0 {
			d.actions[i].rules = append(d.actions[i].rules, rule)
		}
	}
	nearIndex := map[string]int{}
	var nearLiterals []match.Literal
	all := builtin()
	for i := range len(all) + len(more) {
		var t *Type
		if i < len(all) {
			t = &all[i]
		} else {
			t = &more[i-len(all)]
		}
		r := &rule{Type: t, near: words(t.Near)}
		if d.byID[t.ID] != nil {
			return nil, fmt.Errorf("type %s: there are two of this id", t.ID)
		}
		d.types = append(d.types, r)
		d.byID[t.ID] = r
		if t.search != nil {
			for _, k := range t.search.keywords {
				add(match.Literal{Text: k, Fold: true}, foreign, i)
			}
		}
		if t.Pattern == "" {
			continue // found by code
		}
		s, err := analyse(t.Pattern)
		if err != nil {
			return nil, fmt.Errorf("type %s: %w", t.ID, err)
		}
		r.shape = s
		pattern := t.Pattern
		begin := "^"
		if s.offset < 0 {
			begin = ""
		}
		r.re = longest(begin + "(?:" + pattern + ")")
		r.whole = longest("^(?:" + pattern + ")$")
		if t.Alone {
			d.alone = append(d.alone, r)
		}
		if len(s.anchors) > 0 {
			for _, a := range s.anchors {
				add(match.Literal{Text: a, Fold: s.fold}, tokens, i)
			}
		} else if len(r.near) == 0 {
			return nil, fmt.Errorf("type %s: the pattern has no literal of %d characters to look for, and no words that must be near", t.ID, shortAnchor)
		}
		for _, w := range r.near {
			j, ok := nearIndex[w]
			if !ok {
				j = len(nearLiterals)
				nearIndex[w] = j
				nearLiterals = append(nearLiterals, match.Literal{Text: w, Fold: true})
				d.nearOf = append(d.nearOf, nil)
			}
			d.nearOf[j] = append(d.nearOf[j], i)
		}
	}
	for _, l := range nameLiterals {
		add(match.Literal{Text: l, Fold: true}, naming, -1)
	}
	add(match.Literal{Text: "://"}, address, -1)
	for _, l := range blockLiterals {
		add(match.Literal{Text: l}, block, -1)
	}
	add(match.Literal{Text: "eyJ"}, webToken, -1)
	add(match.Literal{Text: "curl "}, command, -1)
	for i, c := range commands {
		add(match.Literal{Text: c.literal}, shell, i)
	}
	var err error
	if d.auto, err = match.New(literals); err != nil {
		return nil, fmt.Errorf("literals: %w", err)
	}
	if d.near, err = match.New(nearLiterals); err != nil {
		return nil, fmt.Errorf("words near values: %w", err)
	}
	return d, nil
}

// longest compiles on first use; of two ways to match the longer counts.
func longest(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp {
		re := regexp.MustCompile(pattern)
		re.Longest()
		return re
	})
}

// Match is a credential found. Its value is text[Start:End]; nothing else here
// gives it away.
type Match struct {
	Type       *Type
	Start, End int
	Name       string // what it is assigned to; may be empty
	Severity   finding.Severity
	Confidence finding.Confidence
	Note       string // what else is known: "expired 2021-03-04"
	Strong     bool   // made of at least 100 random bits, as the format promises
	rank       int
}

// ranks order matches that overlap: the more a match is based on, the higher.
const (
	rankGeneric = iota
	rankURL
	rankNamed
	rankToken
	rankTokenNear
	rankBlock
)

// scanState is what one call of Find keeps.
type scanState struct {
	d        *Detector
	text     []byte
	out      []Match
	lastName int // end of the last name that was read
	lastURL  int
}

var hitPool = sync.Pool{New: func() any { return new([]match.Hit) }}

// Find returns the credentials in text, ordered by place.
func (d *Detector) Find(text []byte) []Match { return d.find(text, 0, len(text)) }

// find looks at literals that end in (from, to]; what lies around is context.
func (d *Detector) find(text []byte, from, to int) []Match {
	pooled := hitPool.Get().(*[]match.Hit)
	lo := max(0, from-d.longest)
	hits := d.auto.Append((*pooled)[:0], text[lo:min(to, len(text))])
	s := &scanState{d: d, text: text, lastName: -1, lastURL: -1}
	for _, h := range hits {
		end := lo + int(h.End)
		if end <= from {
			continue
		}
		start := end - d.auto.Len(h.Literal)
		switch a := &d.actions[h.Literal]; a.kind {
		case tokens:
			for _, r := range a.rules {
				s.token(d.types[r], start)
			}
		case naming:
			s.name(start, end)
		case address:
			s.url(start)
		case block:
			s.block(start)
		case webToken:
			s.jwt(start)
		case command:
			s.curl(end)
		case shell:
			s.command(a.rules[0], end)
		case foreign:
			for _, r := range a.rules {
				s.find(d.types[r], start)
			}
		}
	}
	*pooled = hits
	hitPool.Put(pooled)
	return settle(s.out)
}

// token tries a pattern where its literal was found.
func (s *scanState) token(r *rule, literal int) {
	var start, end int
	if r.offset >= 0 {
		start = literal - r.offset
		if start < 0 {
			return
		}
		loc := r.re().FindIndex(s.text[start:min(len(s.text), start+r.longest)])
		if loc == nil {
			return
		}
		end = start + loc[1]
	} else {
		from := max(0, literal-min(r.longest, 64))
		found := false
		for _, loc := range r.re().FindAllIndex(s.text[from:min(len(s.text), from+2*r.longest+64)], 8) {
			if from+loc[0] <= literal && literal < from+loc[1] {
				start, end, found = from+loc[0], from+loc[1], true
			}
		}
		if !found {
			return
		}
	}
	if !s.bounded(r, start, end) {
		return
	}
	rank := rankToken
	if len(r.near) > 0 {
		if !s.nearby(r, start) {
			return
		}
		rank = rankTokenNear
	}
	s.add(r, start, end, "", rank, finding.Sure)
}

// add judges a value that fits its format.
func (s *scanState) add(r *rule, start, end int, name string, rank int, conf finding.Confidence) {
	s.judge(r, string(s.text[start:end]), start, end, name, rank, conf)
}

// judge is add for a value that is written in another way in the text.
func (s *scanState) judge(r *rule, value string, start, end int, name string, rank int, conf finding.Confidence) {
	body := r.random(value)
	if !r.symbols && token.IsStub(body) || r.symbols && token.IsPattern(body) || published[value] || len(body) >= 16 && !strings.Contains(body, "://") && spoken(body) {
		return
	}
	m := Match{Type: r.Type, Start: start, End: end, Name: name, Severity: r.Severity, Confidence: conf, Strong: r.bits >= 100, rank: rank}
	if r.Check != nil {
		v := r.Check(value)
		if v.Refuse {
			return
		}
		if t := s.d.byID[v.Type]; t != nil {
			m.Type, m.Severity = t.Type, t.Severity
		}
		m.Severity, m.Confidence, m.Note = cmp.Or(v.Severity, m.Severity), cmp.Or(v.Confidence, m.Confidence), v.Note
	}
	s.out = append(s.out, m)
}

// random returns the longest part of a value that is not the literal by which it
// was found.
func (r *rule) random(value string) string {
	for _, a := range r.anchors {
		if i := strings.Index(value, a); i >= 0 && len(a) < len(value) {
			before, after := value[:i], value[i+len(a):]
			if len(before) > len(after) {
				return before
			}
			return after
		}
	}
	return value
}

// bounded reports whether the value ends where the match does, on both sides.
func (s *scanState) bounded(r *rule, start, end int) bool {
	if end < len(s.text) {
		c := s.text[end]
		switch {
		case masked(s.text[end:min(len(s.text), end+40)]), bytes.HasPrefix(s.text[end:], []byte("...")), bytes.HasPrefix(s.text[end:], []byte("…")):
			return false // somebody masked the rest
		case wordByte(c), c == '-' && r.dash && end+1 < len(s.text) && wordByte(s.text[end+1]),
			r.base64 && (c == '+' || c == '/' && s.text[end-1] != '=' || c == '=' && s.text[end-1] != '='):
			return false
		}
	}
	return boundaryBefore(s.text, start, r.base64)
}

// masked reports whether the rest of a value, or what is left of it, is asterisks.
func masked(rest []byte) bool {
	for _, c := range rest {
		if c == '*' {
			return true
		}
		if !wordByte(c) && c != '-' && c != '.' {
			return false
		}
	}
	return false
}

// boundaryBefore reports whether a value can begin at i.
func boundaryBefore(text []byte, i int, base64 bool) bool {
	if i == 0 || !wordByte(text[i]) {
		return true
	}
	c := text[i-1]
	switch {
	case base64 && (c == '+' || c == '/' && (i < 2 || text[i-2] != '/')):
		return false
	case !wordByte(c):
		return true
	case i >= 2 && text[i-2] == '\\' && (c == 'n' || c == 't' || c == 'r'):
		return true
	case i >= 3 && text[i-3] == '%' && hexByte(c) && hexByte(text[i-2]):
		return true
	case c == 'm' && i >= 3 && (text[i-2] == '[' || '0' <= text[i-2] && text[i-2] <= '9'): // end of a colour
		for j := i - 2; j > 0 && j > i-12; j-- {
			if text[j] == '[' {
				return true
			}
		}
	case i >= 6 && text[i-6] == '\\' && text[i-5] == 'u':
		return true
	}
	return false
}

func wordByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_'
}

func hexByte(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// settle orders matches and drops those that a better one overlaps.
func settle(all []Match) []Match {
	slices.SortStableFunc(all, func(a, b Match) int { return cmp.Or(a.Start-b.Start, b.rank-a.rank, b.End-a.End) })
	out := all[:0]
	for _, m := range all {
		if n := len(out); n > 0 && m.Start < out[n-1].End {
			if o := out[n-1]; m.rank > o.rank || m.rank == o.rank && m.End-m.Start > o.End-o.Start {
				out[n-1] = m
			}
			continue
		}
		out = append(out, m)
	}
	return out
}

// FindIn returns the credentials whose literals end in text[from:to]; the rest of
// text is context, as for a window of something longer.
func (d *Detector) FindIn(text []byte, from, to int) []Match { return d.find(text, from, to) }
