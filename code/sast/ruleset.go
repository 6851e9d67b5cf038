package sast

import (
	"fmt"
	"slices"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/strictyaml"
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

// ruleFile is a file of rules.
type ruleFile struct {
	Rules []rule `yaml:"rules"`
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
	by   [local + 1]finding.Severity
	kind map[string]finding.Severity // of kinds of sources, before by
}

// ruleSet is every rule, by what it asks for.
type ruleSet struct {
	all    []finding.Rule
	taint  map[string]*taintRule
	calls  map[string][]*callRule
	shapes []*shapeRule
}

func newRuleSet() *ruleSet {
	return &ruleSet{taint: map[string]*taintRule{}, calls: map[string][]*callRule{}}
}

func (s *ruleSet) add(b []byte) error {
	var f ruleFile
	if err := strictyaml.Unmarshal(b, &f); err != nil {
		return err
	}
	for _, r := range f.Rules {
		if err := s.addRule(r); err != nil {
			return fmt.Errorf("%s: %w", r.ID, err)
		}
	}
	return nil
}

func (s *ruleSet) addRule(r rule) error {
	out := finding.Rule{ID: r.ID, Category: finding.Code, Title: r.Title, Why: r.Why, Remedy: r.Remedy, Bad: r.Bad, Good: r.Good,
		CWE: r.CWE, Taxonomy: r.Taxonomy, Aliases: r.Aliases, Profiles: r.Profiles, Confidence: finding.Likely}
	var err error
	if out.Severity, err = finding.ParseSeverity(r.Severity); err != nil {
		return err
	}
	if r.Confidence != "" {
		if out.Confidence, err = finding.ParseConfidence(r.Confidence); err != nil {
			return err
		}
	}
	if err := out.Check(); err != nil {
		return err
	}
	if slices.ContainsFunc(s.all, func(o finding.Rule) bool { return o.ID == out.ID }) {
		return fmt.Errorf("the rule is there twice")
	}
	s.all = append(s.all, out)
	switch {
	case r.Taint != "" && len(r.Calls) == 0:
		if _, err := sinkKind(r.Taint); err != nil {
			return err
		}
		t := &taintRule{rule: out, kind: map[string]finding.Severity{}}
		for i := range t.by {
			t.by[i] = out.Severity
		}
		for name, text := range r.By {
			var severity finding.Severity
			if text != "none" {
				if severity, err = finding.ParseSeverity(text); err != nil {
					return err
				}
			}
			if i := slices.Index([]string{"remote", "model", "content", "internal", "local"}, name); i >= 0 {
				t.by[i] = severity
				continue
			}
			if checkSource(name) != nil {
				return fmt.Errorf("by: %q is neither remote, model, content, internal, local nor a kind of sources", name)
			}
			t.kind[name] = severity
		}
		s.taint[r.Taint] = t
	case len(r.Calls) > 0 && r.Taint == "":
		c := &callRule{rule: out, text: r.Message}
		for _, text := range r.When {
			t, err := parseTest(text)
			if err != nil {
				return err
			}
			c.tests = append(c.tests, t)
		}
		for _, name := range r.Calls {
			s.calls[name] = append(s.calls[name], c)
		}
	case r.Shape != "":
		c, err := newShapeRule(r, out)
		if err != nil {
			return err
		}
		s.shapes = append(s.shapes, c)
	default:
		return fmt.Errorf("a rule is about taint, calls or a shape")
	}
	return nil
}
