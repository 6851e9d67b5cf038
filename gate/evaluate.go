package gate

import (
	"fmt"
	"slices"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
)

// The ids of the rules that every policy has, written down or not.
const (
	coverageRule = "complete-coverage"
	expiryRule   = "no-expired-ignores"
	trustRule    = "trusted-evidence"
)

// What a rule that does not hold does.
const (
	severityBlock = "block"
	severityWarn  = "warn"
)

// Program is a policy that was checked and is ready to decide, as often as is wanted
// and by many goroutines at once.
type Program struct {
	policy     Policy
	conditions []*condition // by rule; nil for typed rules
}

// Compile checks a policy. A mistake in a condition is one of the policy.
func Compile(p Policy) (*Program, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	c := &Program{policy: p, conditions: make([]*condition, len(p.Rules))}
	for i, r := range p.Rules {
		if r.Condition == "" {
			continue
		}
		var err error
		if c.conditions[i], err = compileCondition(r.Condition, r.Needs); err != nil {
			return nil, fmt.Errorf("rule %q: condition: %w", r.ID, err)
		}
	}
	return c, nil
}

// Policy returns what was compiled.
func (c *Program) Policy() Policy { return c.policy }

// Evaluate decides. The decision depends on nothing but its two arguments, and not
// on the order of anything in the input. The error is about a policy that is not
// valid, which is never a pass.
func Evaluate(p Policy, in Input) (evidence.Decision, error) {
	c, err := Compile(p)
	if err != nil {
		return evidence.Decision{Outcome: evidence.Fail, Policy: p.Name}, err
	}
	return c.Evaluate(in)
}

// Evaluate decides, as the function of that name does. The error is about a condition
// that has no value for this input, such as an index that is not there, or costs too
// much: the policy is not valid, and the decision a failure.
func (c *Program) Evaluate(in Input) (evidence.Decision, error) {
	p := c.policy
	failed := evidence.Decision{Outcome: evidence.Fail, Policy: p.Name}
	in = in.normal()
	digest, err := in.digest()
	if err != nil {
		return failed, err
	}
	d := evidence.Decision{Outcome: evidence.Pass, Policy: p.Name, InputDigest: digest}
	if in.Source == SourceFolder {
		d.Notes = append(d.Notes, "completeness is unproved: the evidence is from a plain folder, where nobody notices what was removed")
	}
	ex := p.exceptions(&in)
	covered := false
	vars := view(&in)
	for i, r := range p.Rules {
		covered = covered || r.Coverage != nil && r.Coverage.Complete && r.Severity != severityWarn && r.Scope == nil
		res := evidence.RuleResult{ID: r.ID, Outcome: evidence.Pass, Findings: []string{}}
		if why, in := r.Scope.holds(&in); !in {
			res.Reason = "does not apply: " + why
			d.Rules = append(d.Rules, res)
			continue
		}
		if cond := c.conditions[i]; cond != nil {
			if err := cond.evaluate(vars, &in, &res); err != nil {
				return failed, fmt.Errorf("rule %q: condition: %w", r.ID, err)
			}
		} else {
			r.evaluate(ex.without(r, &in), &res)
		}
		r.finish(ex, &res)
		d.Rules = append(d.Rules, res)
	}
	if !covered {
		d.Rules = append(d.Rules, Rule{ID: coverageRule, Coverage: &Coverage{Complete: true}}.result(&in))
	}
	if len(in.Expired) > 0 {
		d.Rules = append(d.Rules, expired(in.Expired))
	}
	if len(in.Refused) > 0 {
		d.Rules = append(d.Rules, refused(in.Refused))
	}
	for _, r := range d.Rules {
		d.Outcome = worse(d.Outcome, r.Outcome)
	}
	return d, nil
}

// result evaluates a typed rule.
func (r Rule) result(in *Input) evidence.RuleResult {
	res := evidence.RuleResult{ID: r.ID, Outcome: evidence.Pass, Findings: []string{}}
	r.evaluate(in, &res)
	return res
}

func (r Rule) evaluate(in *Input, res *evidence.RuleResult) {
	for _, d := range r.demands() {
		d.evaluate(in, res)
	}
}

// finish applies what the rule says of itself to its result.
func (r Rule) finish(ex waivers, res *evidence.RuleResult) {
	if res.Outcome == evidence.Pass {
		return
	}
	if r.Message != "" {
		res.Reason = r.Message + ": " + res.Reason
	}
	if r.Remedy != "" {
		res.Remedy = r.Remedy
	}
	if e, ok := ex.of(r); ok && !r.Final && r.Coverage == nil {
		res.Outcome, res.Findings, res.Remedy = evidence.Pass, []string{}, ""
		res.Reason = fmt.Sprintf("waived until %s by %s (%s): %s", e.ExpiresAt.UTC().Format("2006-01-02"), e.Owner, e.Reason, res.Reason)
		return
	}
	if r.Severity == severityWarn {
		res.Outcome = evidence.Warn
	}
}

func worse(a, b evidence.Outcome) evidence.Outcome {
	for _, o := range []evidence.Outcome{evidence.Fail, evidence.Incomplete} {
		if a == o || b == o {
			return o
		}
	}
	return evidence.Pass
}

func (f *Findings) evaluate(in *Input, res *evidence.RuleResult) {
	sev, conf, _ := f.levels() // checked by Policy.Check
	for _, it := range in.Findings {
		switch {
		case it.Suppressed == "ignore", it.Suppressed == "baseline" && f.NewOnly:
		case it.Severity < sev, it.Confidence < conf:
		case len(f.Categories) > 0 && !slices.Contains(f.Categories, it.Category):
		case len(f.Rules) > 0 && !slices.Contains(f.Rules, it.Rule):
		default:
			res.Findings = append(res.Findings, it.Fingerprint)
		}
	}
	n := len(res.Findings)
	if n <= f.Max {
		res.Findings = []string{}
		return
	}
	res.Outcome = evidence.Fail
	res.Reason = fmt.Sprintf("%s of severity %s or above; %d allowed", count(n, "finding"), sev, f.Max)
	if conf > finding.Unsure {
		res.Reason = fmt.Sprintf("%s of severity %s or above with confidence %s or better; %d allowed", count(n, "finding"), sev, conf, f.Max)
	}
}

func (m *Models) evaluate(in *Input, res *evidence.RuleResult) {
	bad := 0
	for _, a := range in.Models {
		if !slices.Contains(m.Allow, a.Verdict) {
			if bad++; bad == 1 {
				res.Outcome = evidence.Fail
				res.Reason = fmt.Sprintf("%s is %s", a.Path, a.Verdict)
			}
		}
	}
	if bad > 1 {
		res.Reason += fmt.Sprintf(", and %s with verdicts that are not allowed", count(bad-1, "other model"))
	}
}

func (c *Coverage) evaluate(in *Input, res *evidence.RuleResult) {
	res.Remedy = "make what is listed as not looked at readable, or leave it out on purpose"
	switch {
	case c.Complete && !in.Coverage.Complete:
		res.Outcome = evidence.Incomplete
		res.Reason = "the scan was stopped before its end"
		if in.Source != "" && !in.has(evidence.KindScan) {
			res.Reason, res.Remedy = "there is no result of a scan", "scan it: merlon scan PATH --evidence DIR --key KEY"
		}
		if in.Coverage.Errors > 0 {
			res.Reason = count(in.Coverage.Errors, "path") + " could not be fully looked at"
		}
	case in.Coverage.Files < c.MinFiles:
		res.Outcome = evidence.Incomplete
		res.Reason = fmt.Sprintf("%s scanned; at least %d expected", count(in.Coverage.Files, "file"), c.MinFiles)
	default:
		res.Remedy = ""
	}
}

func expired(list []Expired) evidence.RuleResult {
	e := list[0]
	reason := fmt.Sprintf("the ignore of %s in %s by %s ended on %s", e.Rule, e.Path, e.Owner, e.Until)
	if len(list) > 1 {
		reason += fmt.Sprintf(", and %s", count(len(list)-1, "other"))
	}
	return evidence.RuleResult{
		ID: expiryRule, Outcome: evidence.Fail, Findings: []string{}, Reason: reason,
		Remedy: "fix the finding, or decide again and set a new date in merlon.yaml",
	}
}

func refused(list []Refused) evidence.RuleResult {
	reason := fmt.Sprintf("%s: %s", list[0].File, list[0].Reason)
	if len(list) > 1 {
		reason += fmt.Sprintf(", and %s", count(len(list)-1, "other"))
	}
	return evidence.RuleResult{
		ID: trustRule, Outcome: evidence.Fail, Findings: []string{}, Reason: reason,
		Remedy: "trust the key of who signed it with --key, or find out how it came there",
	}
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
