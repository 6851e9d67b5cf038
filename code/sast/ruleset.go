package sast

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/finding"
)

// rule is a rule as it stands in rules/*.yaml.
type rule struct {
	ID         string            `yaml:"id"`
	Title      string            `yaml:"title"`
	Why        string            `yaml:"why"`
	Remedy     string            `yaml:"remedy"`
	Message    string            `yaml:"message"` // of a call rule; {call} is what is called
	Severity   string            `yaml:"severity"`
	By         map[string]string `yaml:"by"` // severity by trust of the source (remote, model, content, internal, local), or by its kind
	Confidence string            `yaml:"confidence"`
	CWE        []string          `yaml:"cwe"`
	Taxonomy   []string          `yaml:"taxonomy"`
	Aliases    []string          `yaml:"aliases"`
	Profiles   []string          `yaml:"profiles"`
	Bad        string            `yaml:"bad"`
	Good       string            `yaml:"good"`

	Taint string   `yaml:"taint"` // sink kind
	Calls []string `yaml:"calls"` // names of calls, or ".method"
	When  []string `yaml:"when"`  // all must hold; see test

	Shape   string   `yaml:"shape"` // see shapes
	Names   []string `yaml:"names"`
	Matches string   `yaml:"matches"`
}

// callRule is a rule about a call, compiled.
type callRule struct {
	rule  finding.Rule
	text  string
	tests []test
}

// taintRule is a rule about a flow, compiled.
type taintRule struct {
	rule finding.Rule
	by   [own]finding.Severity
	kind map[string]finding.Severity // of kinds of sources, before by; what is the program's own stands here only
}

// ruleSet is every rule, by what it asks for.
type ruleSet struct {
	kinds  []string // of sinks
	all    []finding.Rule
	taint  map[string]*taintRule
	calls  map[string][]*callRule
	shapes []*shapeRule
	fixes  map[string][]fix // by rule
	// inference is the rule about routes that ask a model for anyone; nil: there is none.
	inference *finding.Rule
}

func newRuleSet() *ruleSet {
	return &ruleSet{kinds: slices.Clone(sinkIDs), taint: map[string]*taintRule{}, calls: map[string][]*callRule{}, fixes: map[string][]fix{}}
}

func (s *ruleSet) addRule(r rule) error {
	out := finding.Rule{ID: r.ID, Category: finding.Code, Title: r.Title, Why: r.Why, Remedy: r.Remedy, Bad: r.Bad, Good: r.Good,
		CWE: r.CWE, Taxonomy: r.Taxonomy, Aliases: r.Aliases, Profiles: r.Profiles, Confidence: finding.Likely}
	var err error
	if out.Severity, err = finding.ParseSeverity(r.Severity); err != nil {
		return mistakef(r.Severity, "severity: %v", err)
	}
	if r.Confidence != "" {
		if out.Confidence, err = finding.ParseConfidence(r.Confidence); err != nil {
			return mistakef(r.Confidence, "confidence: %v", err)
		}
	}
	if err := out.Check(); err != nil {
		return err
	}
	if slices.ContainsFunc(s.all, func(o finding.Rule) bool { return o.ID == out.ID }) {
		return mistakef(r.ID, "there is a rule of this id already; give this one another")
	}
	for _, p := range r.Profiles {
		if !slices.Contains(profiles, p) {
			return mistakef(p, "unknown profile %q%s (known: %s)", p, nearest(p, profiles), strings.Join(profiles, ", "))
		}
	}
	s.all = append(s.all, out)
	switch {
	case r.Taint != "" && len(r.Calls) == 0:
		if o := s.taint[r.Taint]; o != nil {
			return mistakef(r.Taint, "the rule %s is about data that reaches a %s already; name another kind of sink and add sinks of it", o.rule.ID, r.Taint)
		}
		if !slices.Contains(s.kinds, r.Taint) {
			if s.kinds = append(s.kinds, r.Taint); len(s.kinds) > maxKinds {
				return mistakef(r.Taint, "more than %d kinds of sinks", maxKinds)
			}
		}
		t := &taintRule{rule: out, kind: map[string]finding.Severity{}}
		for i := range t.by {
			t.by[i] = out.Severity
		}
		for name, text := range r.By {
			var severity finding.Severity
			if text != "none" {
				if severity, err = finding.ParseSeverity(text); err != nil {
					return mistakef(text, "by: %s: %v, or none", name, err)
				}
			}
			if i := slices.Index([]string{"remote", "model", "content", "internal", "local"}, name); i >= 0 {
				t.by[i] = severity
				continue
			}
			if checkSource(name) != nil {
				return mistakef(name, "by: %q is neither remote, model, content, internal, local nor a kind of sources", name)
			}
			t.kind[name] = severity
		}
		s.taint[r.Taint] = t
	case len(r.Calls) > 0 && r.Taint == "":
		c := &callRule{rule: out, text: r.Message}
		for _, text := range r.When {
			t, err := parseTest(text)
			if err != nil {
				return mistakef(text, "when: %v", err)
			}
			c.tests = append(c.tests, t)
		}
		for _, name := range r.Calls {
			s.calls[name] = append(s.calls[name], c)
		}
	case r.Shape == "open-inference-route":
		s.inference = &out
	case r.Shape != "":
		c, err := newShapeRule(r, out)
		if err != nil {
			return err
		}
		s.shapes = append(s.shapes, c)
	default:
		return mistakef(r.ID, "a rule has one of the keys taint (a kind of sink), calls (a list of names) and shape (%s)", strings.Join(shapes, ", "))
	}
	return nil
}
