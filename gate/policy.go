// Package gate turns evidence into a decision. It is the only place with an
// opinion, and the opinion is data: a [Policy]. [Evaluate] is the one evaluator.
//
// "We did not look" is never "it is fine": whatever the policy says, a scan that
// is incomplete never passes.
package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/strictyaml"
)

// PolicyVersion is the version of the language of policies, and of what conditions
// see. A policy of another version is refused.
const PolicyVersion = 1

// Policy is a named list of rules. Every rule has to hold.
type Policy struct {
	Version    int         `yaml:"version" json:",omitempty"` // Optional, default 1
	Name       string      `yaml:"name"`
	About      string      `yaml:"description"`
	Exceptions *Exceptions `yaml:"exceptions" json:",omitempty"`
	Rules      []Rule      `yaml:"rules"`
}

// Exceptions says whose exceptions count. Without it those of every trusted key do.
type Exceptions struct {
	None     bool     `yaml:"none" json:",omitempty"`      // there are none
	SignedBy []string `yaml:"signed_by" json:",omitempty"` // names or ids of keys. Optional, default every trusted key
	MaxDays  int      `yaml:"max_days" json:",omitempty"`  // how long one may hold, in days. Optional, default 180
}

// Rule holds exactly one condition.
type Rule struct {
	ID       string   `yaml:"id"`
	Controls []string `yaml:"controls" json:",omitempty"` // what it serves: owasp-llm:2025:LLM03. Optional
	Severity string   `yaml:"severity" json:",omitempty"` // "block" or "warn". Optional, default block
	Message  string   `yaml:"message" json:",omitempty"`  // said before the reason when it fails. Optional
	Remedy   string   `yaml:"remedy"`                     // what to do when it fails. Optional
	Final    bool     `yaml:"final" json:",omitempty"`    // no exception waives it. Optional
	Scope    *Scope   `yaml:"scope" json:",omitempty"`    // what it is about. Optional, default everything

	Findings    *Findings   `yaml:"findings"`
	Models      *Models     `yaml:"models"`
	Coverage    *Coverage   `yaml:"coverage"`
	Evidence    *Required   `yaml:"evidence" json:",omitempty"`
	Approvals   *Approvals  `yaml:"approvals" json:",omitempty"`
	Separation  *Separation `yaml:"separation" json:",omitempty"`
	Formats     *Formats    `yaml:"formats" json:",omitempty"`
	Licences    *Licences   `yaml:"licences" json:",omitempty"`
	Measurement *Threshold  `yaml:"measurement" json:",omitempty"`
	Record      *Record     `yaml:"record" json:",omitempty"`
	Condition   string      `yaml:"condition" json:",omitempty"` // CEL; has to be true
	Needs       []string    `yaml:"needs" json:",omitempty"`     // kinds of evidence that must be there for the condition
}

// Scope narrows a rule. What is not known is in every scope: not naming the
// environment does not escape a rule about it.
type Scope struct {
	Environments []string `yaml:"environments" json:",omitempty"`
	Kinds        []string `yaml:"kinds" json:",omitempty"`   // of the asset: model, folder, file
	Formats      []string `yaml:"formats" json:",omitempty"` // of the asset
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

// Digest names a policy by its content, however it was written down: SHA-256 in
// lower-case hex.
func (p Policy) Digest() (string, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("policy: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Check reports the first mistake in a policy, those in its conditions included.
func (p Policy) Check() error {
	_, err := Compile(p)
	return err
}

func (p Policy) check() error {
	if p.Name == "" {
		return errors.New("policy has no name")
	}
	if p.Version != 0 && p.Version != PolicyVersion {
		return fmt.Errorf("policy of version %d; this merlon knows version %d", p.Version, PolicyVersion)
	}
	if e := p.Exceptions; e != nil && (e.MaxDays < 0 || e.None && (e.MaxDays > 0 || len(e.SignedBy) > 0)) {
		return errors.New("exceptions: none stands alone, and max_days counts days")
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

// demand is one typed condition of a rule.
type demand interface {
	check() error
	// evaluate sets what is wrong; res is a pass.
	evaluate(in *Input, res *evidence.RuleResult)
}

// demands lists the typed conditions that a rule has.
func (r Rule) demands() []demand {
	var out []demand
	if r.Findings != nil {
		out = append(out, r.Findings)
	}
	if r.Models != nil {
		out = append(out, r.Models)
	}
	if r.Coverage != nil {
		out = append(out, r.Coverage)
	}
	if r.Evidence != nil {
		out = append(out, r.Evidence)
	}
	if r.Approvals != nil {
		out = append(out, r.Approvals)
	}
	if r.Separation != nil {
		out = append(out, r.Separation)
	}
	if r.Formats != nil {
		out = append(out, r.Formats)
	}
	if r.Licences != nil {
		out = append(out, r.Licences)
	}
	if r.Measurement != nil {
		out = append(out, r.Measurement)
	}
	if r.Record != nil {
		out = append(out, r.Record)
	}
	return out
}

func (r Rule) check() error {
	if r.Severity != "" && r.Severity != severityBlock && r.Severity != severityWarn {
		return unknown("severity", r.Severity, []string{severityBlock, severityWarn})
	}
	list := r.demands()
	n := len(list)
	if r.Condition != "" {
		n++
	} else if len(r.Needs) > 0 {
		return errors.New("needs belongs to a condition; another rule says itself what it needs")
	}
	if n != 1 {
		return fmt.Errorf("needs exactly one of findings, models, coverage, evidence, approvals, separation, formats, licences, measurement, record, condition; it has %d", n)
	}
	for _, k := range r.Needs {
		if err := knownKind(k); err != nil {
			return err
		}
	}
	for _, d := range list {
		return d.check()
	}
	return nil
}

func (f *Findings) check() error {
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
	return nil
}

func (m *Models) check() error {
	for _, v := range m.Allow {
		if v != string(asset.OK) && v != string(asset.Unverified) {
			return unknown("verdict", v, []string{string(asset.OK), string(asset.Unverified)})
		}
	}
	return nil
}

func (c *Coverage) check() error {
	if !c.Complete && c.MinFiles <= 0 {
		return errors.New("coverage demands nothing: set complete or min_files")
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
