// Package gate turns evidence into a decision. It is the only place with an
// opinion, and the opinion is data: a [Policy]. [Evaluate] is the one evaluator.
//
// "We did not look" is never "it is fine": whatever the policy says, a scan that
// is incomplete never passes.
package gate

import (
	"errors"
	"fmt"
	"slices"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/strictyaml"
)

// Policy is a named list of rules. Every rule has to hold.
type Policy struct {
	Name  string `yaml:"name"`
	About string `yaml:"description"`
	Rules []Rule `yaml:"rules"`
}

// Rule holds exactly one condition.
type Rule struct {
	ID     string `yaml:"id"`
	Remedy string `yaml:"remedy"` // what to do when it fails. Optional

	Findings *Findings `yaml:"findings"`
	Models   *Models   `yaml:"models"`
	Coverage *Coverage `yaml:"coverage"`
}

// Findings limits how many findings there may be that match every field given.
type Findings struct {
	Severity   string   `yaml:"severity"`   // this one or worse. Optional, default info
	Confidence string   `yaml:"confidence"` // this one or surer. Optional, default low
	Categories []string `yaml:"categories"` // Optional, default all
	Rules      []string `yaml:"rules"`      // rule ids. Optional, default all
	NewOnly    bool     `yaml:"new_only"`   // not those of the baseline. Suppressed findings never count otherwise
	Max        int      `yaml:"max"`        // how many are allowed. Optional, default 0
}

// Models limits the verdicts that models may have.
type Models struct {
	Allow []string `yaml:"allow"` // "ok", "unverified"
}

// Coverage demands that everything was looked at. It is implied by every policy;
// writing it down gives it an id and a remedy of one's own.
type Coverage struct {
	Complete bool `yaml:"complete"`
	MinFiles int  `yaml:"min_files"` // files that must have been scanned. Optional, default 0
}

// Default is the built-in policy: nothing of severity high or above of which the
// check is at least fairly sure.
func Default() Policy { return FailOn(finding.High) }

// FailOn is the default policy with another severity.
func FailOn(s finding.Severity) Policy {
	return Policy{
		Name:  "default",
		About: "fails on findings of severity " + s.String() + " and above with confidence medium or better",
		Rules: []Rule{{
			ID:       "no-" + s.String() + "-findings",
			Remedy:   "fix the findings, or accept one by an ignore entry in merlon.yaml (rule, path, reason, owner, until)",
			Findings: &Findings{Severity: s.String(), Confidence: finding.Likely.String(), NewOnly: true},
		}},
	}
}

// Never is the policy of somebody who only wants the report.
func Never() Policy { return Policy{Name: "none", About: "never fails"} }

// Parse reads a policy from YAML and checks it.
func Parse(doc []byte) (Policy, error) {
	var p Policy
	if err := strictyaml.Unmarshal(doc, &p); err != nil {
		return Policy{}, err
	}
	return p, p.Check()
}

// Check reports the first mistake in a policy.
func (p Policy) Check() error {
	if p.Name == "" {
		return errors.New("policy has no name")
	}
	seen := map[string]bool{}
	for i, r := range p.Rules {
		if r.ID == "" {
			return fmt.Errorf("rule %d has no id", i+1)
		}
		if seen[r.ID] {
			return fmt.Errorf("two rules have the id %q", r.ID)
		}
		seen[r.ID] = true
		if err := r.check(); err != nil {
			return fmt.Errorf("rule %q: %w", r.ID, err)
		}
	}
	return nil
}

func (r Rule) check() error {
	n := 0
	if f := r.Findings; f != nil {
		n++
		if _, _, err := f.levels(); err != nil {
			return err
		}
		if f.Max < 0 {
			return fmt.Errorf("max is %d; it counts findings", f.Max)
		}
		for _, c := range f.Categories {
			if !slices.Contains(finding.Categories, c) {
				return unknown("category", c, finding.Categories)
			}
		}
	}
	if m := r.Models; m != nil {
		n++
		for _, v := range m.Allow {
			if v != string(asset.OK) && v != string(asset.Unverified) {
				return unknown("verdict", v, []string{string(asset.OK), string(asset.Unverified)})
			}
		}
	}
	if c := r.Coverage; c != nil {
		n++
		if !c.Complete && c.MinFiles <= 0 {
			return errors.New("coverage demands nothing: set complete or min_files")
		}
	}
	if n != 1 {
		return fmt.Errorf("needs exactly one of findings, models, coverage; it has %d", n)
	}
	return nil
}

// levels returns the lowest severity and confidence that count.
func (f Findings) levels() (finding.Severity, finding.Confidence, error) {
	sev, conf := finding.Info, finding.Unsure
	var err error
	if f.Severity != "" {
		if sev, err = finding.ParseSeverity(f.Severity); err != nil {
			return 0, 0, err
		}
	}
	if f.Confidence != "" {
		if conf, err = finding.ParseConfidence(f.Confidence); err != nil {
			return 0, 0, err
		}
	}
	return sev, conf, nil
}

func unknown(what, got string, known []string) error {
	if near := strictyaml.Nearest(got, known); near != "" {
		return fmt.Errorf("unknown %s %q; did you mean %q?", what, got, near)
	}
	return fmt.Errorf("unknown %s %q (known: %v)", what, got, known)
}
