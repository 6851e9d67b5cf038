package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

// Counts holds a number of findings per severity.
type Counts [finding.Critical + 1]int

// Tally counts findings that nobody has decided to live with.
func Tally(records []finding.Record) (c Counts) {
	for _, r := range records {
		if r.Suppressed == nil && int(r.Severity) < len(c) {
			c[r.Severity]++
		}
	}
	return c
}

// Total returns the number of findings of all severities.
func (c Counts) Total() (n int) {
	for _, v := range c {
		n += v
	}
	return n
}

// Worst returns the worst severity counted; 0 when nothing was.
func (c Counts) Worst() finding.Severity {
	for _, s := range finding.Severities {
		if c[s] > 0 {
			return s
		}
	}
	return 0
}

// String lists the counts, worst first: "1 critical, 3 high".
func (c Counts) String() string {
	var parts []string
	for _, s := range finding.Severities {
		if c[s] > 0 {
			parts = append(parts, Number(c[s])+" "+s.String())
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// Suppressed says how many findings were left out and why: "3 suppressed (1
// ignored, 2 in the baseline)"; empty when there are none.
func Suppressed(records []finding.Record) string {
	ignored, known := 0, 0
	for _, r := range records {
		switch {
		case r.Suppressed == nil:
		case r.Suppressed.Kind == "baseline":
			known++
		default:
			ignored++
		}
	}
	var parts []string
	if ignored > 0 {
		parts = append(parts, Number(ignored)+" ignored")
	}
	if known > 0 {
		parts = append(parts, Number(known)+" in the baseline")
	}
	if parts == nil {
		return ""
	}
	return Number(ignored+known) + " suppressed (" + strings.Join(parts, ", ") + ")"
}

// Models returns the assets that have a verdict, worst first, then by path.
func Models(assets []asset.Asset) []asset.Asset {
	var models []asset.Asset
	for _, a := range assets {
		if a.Verdict != asset.Unknown {
			models = append(models, a)
		}
	}
	slices.SortStableFunc(models, func(a, b asset.Asset) int {
		switch {
		case a.Verdict == b.Verdict:
			return strings.Compare(a.Ref.String(), b.Ref.String())
		case a.Verdict.Worst(b.Verdict) == a.Verdict:
			return -1
		}
		return 1
	})
	return models
}

// Verdicts counts models per verdict, worst first: "1 malicious, 4 ok".
func Verdicts(models []asset.Asset) string {
	n := map[asset.Verdict]int{}
	for _, a := range models {
		n[a.Verdict]++
	}
	var parts []string
	for _, v := range []asset.Verdict{asset.Malicious, asset.Failed, asset.Unverified, asset.OK} {
		if n[v] > 0 {
			parts = append(parts, Number(n[v])+" "+string(v))
		}
	}
	return strings.Join(parts, ", ")
}

// Coverage says what was looked at: "12 of 130 files scanned and 48 found inside
// them, 3.2 MiB, 0.4 s".
func Coverage(r *scan.Result) string {
	c := r.Coverage
	s := fmt.Sprintf("%s of %s scanned", Number(c.FilesScanned), Count(c.FilesSeen, "file"))
	if c.Derived > 0 {
		s += fmt.Sprintf(", %s found inside them", Number(c.Derived))
	}
	return s + ", " + Bytes(c.Bytes) + ", " + Seconds(r.Duration)
}

// Skipped says in one line what was left out on purpose: "3 paths left out: 2
// virtual environment, 1 not a regular file (fifo)"; empty when nothing was.
func Skipped(skips []scan.Skip) string {
	if len(skips) == 0 {
		return ""
	}
	n := map[string]int{}
	for _, s := range skips {
		n[text.Visible(s.Reason)]++
	}
	var reasons []string
	for r := range n {
		reasons = append(reasons, r)
	}
	slices.SortFunc(reasons, func(a, b string) int {
		if d := n[b] - n[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	const most = 6
	var parts []string
	for i, r := range reasons {
		if i == most {
			parts = append(parts, Count(len(reasons)-most, "other reason"))
			break
		}
		parts = append(parts, Number(n[r])+" "+r)
	}
	return Count(len(skips), "path") + " left out on purpose: " + strings.Join(parts, "; ")
}

// Deciding returns the rule of the policy that made the decision what it is: the
// first whose outcome is the decision's. ok is false when everything passed.
func Deciding(d evidence.Decision) (rule evidence.RuleResult, ok bool) {
	if d.Outcome == evidence.Pass {
		return rule, false
	}
	for _, r := range d.Rules {
		if r.Outcome == d.Outcome {
			return r, true
		}
	}
	return rule, false
}

// Reason says in one sentence why the decision is what it is.
func Reason(d *report.Document) string {
	if r, ok := Deciding(d.Decision); ok {
		s := text.Visible(r.ID)
		if r.Reason != "" {
			s += ": " + text.Visible(r.Reason)
		}
		return s
	}
	if d.Decision.Outcome != evidence.Pass {
		return "policy " + text.Visible(d.Decision.Policy)
	}
	switch n := Tally(d.Scan.Findings).Total(); {
	case n > 0:
		return Count(n, "finding") + ", none that policy " + text.Visible(d.Decision.Policy) + " forbids"
	case len(d.Scan.Findings) > 0:
		return Count(len(d.Scan.Findings), "finding") + ", ignored or in the baseline"
	case d.Scan.Coverage.FilesScanned == 0:
		return "there was nothing to scan"
	}
	return "nothing found"
}

// Next says what to do now, as a command where there is one; empty when there is
// nothing to do.
func Next(d *report.Document) string {
	rule, ok := Deciding(d.Decision)
	if ok && len(rule.Findings) > 0 {
		for _, r := range d.Scan.Findings {
			if r.Fingerprint == rule.Findings[0] {
				return "merlon explain " + text.Visible(r.Rule.ID)
			}
		}
	}
	if ok && rule.Remedy != "" {
		return text.Visible(rule.Remedy)
	}
	if shown, _ := d.Shown(); len(shown) > 0 {
		return "merlon explain " + text.Visible(shown[0].Rule.ID)
	}
	return ""
}
