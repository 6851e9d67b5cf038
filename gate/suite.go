package gate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/text/strictyaml"
)

// Suite is a file of tests of a policy: inputs, and what has to be decided on them.
type Suite struct {
	About  string         `yaml:"description"`
	Policy string         `yaml:"policy"` // a file beside the suite, or the name of a built-in policy
	Inline *Policy        `yaml:"inline"` // the policy itself instead
	Given  map[string]any `yaml:"given"`  // fields of the input that cases share. Optional
	Cases  []Case         `yaml:"cases"`
}

// Case is one test.
type Case struct {
	Name  string            `yaml:"name"`
	About string            `yaml:"about"` // why it is so. Optional
	Input map[string]any    `yaml:"input"` // fields of the input, in place of those given. Optional
	Want  string            `yaml:"want"`  // pass, fail, incomplete or invalid
	Rules map[string]string `yaml:"rules"` // outcomes of rules. Optional
}

const invalid = "invalid" // the outcome of a policy without one

// ParseSuite reads a suite.
func ParseSuite(doc []byte) (Suite, error) {
	var s Suite
	if err := strictyaml.Unmarshal(doc, &s); err != nil {
		return Suite{}, err
	}
	if (s.Policy == "") == (s.Inline == nil) {
		return Suite{}, errors.New("name a policy, or write one inline")
	}
	if len(s.Cases) == 0 {
		return Suite{}, errors.New("there are no cases")
	}
	wants := []string{string(evidence.Pass), string(evidence.Fail), string(evidence.Incomplete), invalid}
	seen := map[string]bool{}
	for i, c := range s.Cases {
		switch {
		case c.Name == "":
			return Suite{}, fmt.Errorf("case %d has no name", i+1)
		case seen[c.Name]:
			return Suite{}, fmt.Errorf("two cases have the name %q", c.Name)
		case !slices.Contains(wants, c.Want):
			return Suite{}, fmt.Errorf("case %q: %w", c.Name, unknown("outcome", c.Want, wants))
		}
		seen[c.Name] = true
	}
	return s, nil
}

// Run returns what is wrong with each case, "" for one that holds.
func (s Suite) Run(p Policy) []string {
	out := make([]string, len(s.Cases))
	for i, c := range s.Cases {
		out[i] = s.run(p, c)
	}
	return out
}

func (s Suite) run(p Policy, c Case) string {
	in, err := s.input(c)
	if err != nil {
		return err.Error()
	}
	d, err := Evaluate(p, in)
	if err != nil {
		if c.Want == invalid {
			return ""
		}
		return "the policy is invalid: " + err.Error()
	}
	if string(d.Outcome) != c.Want {
		return fmt.Sprintf("decided %s, want %s%s", d.Outcome, c.Want, because(d))
	}
	got := map[string]string{}
	for _, r := range d.Rules {
		got[r.ID] = string(r.Outcome)
	}
	for _, id := range slices.Sorted(maps.Keys(c.Rules)) {
		switch {
		case got[id] == "":
			return fmt.Sprintf("there is no rule %q", id)
		case got[id] != c.Rules[id]:
			return fmt.Sprintf("rule %s is %s, want %s%s", id, got[id], c.Rules[id], because(d))
		}
	}
	return ""
}

func because(d evidence.Decision) string {
	var why []string
	for _, r := range d.Rules {
		if r.Outcome != evidence.Pass {
			why = append(why, r.ID+": "+r.Reason)
		}
	}
	if why == nil {
		return ""
	}
	return " (" + strings.Join(why, "; ") + ")"
}

// input builds the input of a case. A field that inputs do not have is an error.
func (s Suite) input(c Case) (Input, error) {
	fields := maps.Clone(s.Given)
	if fields == nil {
		fields = map[string]any{}
	}
	maps.Copy(fields, c.Input)
	raw, err := json.Marshal(fields)
	if err != nil {
		return Input{}, fmt.Errorf("input: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	var in Input
	if err := d.Decode(&in); err != nil {
		return Input{}, fmt.Errorf("input: %w", err)
	}
	return in, nil
}
