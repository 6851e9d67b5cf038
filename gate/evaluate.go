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
)

// Evaluate decides. The decision depends on nothing but its two arguments, and not
// on the order of anything in the input. The error is about a policy that is not
// valid, which is never a pass.
func Evaluate(p Policy, in Input) (evidence.Decision, error) {
	if err := p.Check(); err != nil {
		return evidence.Decision{Outcome: evidence.Fail, Policy: p.Name}, err
	}
	in = in.normal()
	digest, err := in.digest()
	if err != nil {
		return evidence.Decision{Outcome: evidence.Fail, Policy: p.Name}, err
	}
	d := evidence.Decision{Outcome: evidence.Pass, Policy: p.Name, InputDigest: digest}
	covered := false
	for _, r := range p.Rules {
		covered = covered || r.Coverage != nil && r.Coverage.Complete
		d.Rules = append(d.Rules, r.evaluate(in))
	}
	if !covered {
		d.Rules = append(d.Rules, Rule{ID: coverageRule, Coverage: &Coverage{Complete: true}}.evaluate(in))
	}
	if len(in.Expired) > 0 {
		d.Rules = append(d.Rules, expired(in.Expired))
	}
	for _, r := range d.Rules {
		d.Outcome = worse(d.Outcome, r.Outcome)
	}
	return d, nil
}

func worse(a, b evidence.Outcome) evidence.Outcome {
	for _, o := range []evidence.Outcome{evidence.Fail, evidence.Incomplete} {
		if a == o || b == o {
			return o
		}
	}
	return evidence.Pass
}

func (r Rule) evaluate(in Input) evidence.RuleResult {
	res := evidence.RuleResult{ID: r.ID, Outcome: evidence.Pass, Findings: []string{}}
	switch {
	case r.Findings != nil:
		r.Findings.evaluate(in, &res)
	case r.Models != nil:
		r.Models.evaluate(in, &res)
	case r.Coverage != nil:
		r.Coverage.evaluate(in, &res)
	}
	if res.Outcome != evidence.Pass && r.Remedy != "" {
		res.Remedy = r.Remedy
	}
	return res
}

func (f Findings) evaluate(in Input, res *evidence.RuleResult) {
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

func (m Models) evaluate(in Input, res *evidence.RuleResult) {
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

func (c Coverage) evaluate(in Input, res *evidence.RuleResult) {
	res.Remedy = "make what is listed as not looked at readable, or leave it out on purpose"
	switch {
	case c.Complete && !in.Coverage.Complete:
		res.Outcome = evidence.Incomplete
		res.Reason = "the scan was stopped before its end"
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

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
