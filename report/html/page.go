package html

import (
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/internal/view"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

// page is what the template shows. Every text from the scan is visible text by
// now; the template escapes it for HTML.
type page struct {
	Tool, Target     string
	Started, Seconds string
	Outcome          string // "pass", "fail" or "incomplete"
	Reason, Next     string
	Command          bool // Next is a command
	Policy           string
	Rules            []ruleResult
	Severities       []choice // of all findings that count
	Listed           []choice // of those on the page
	Categories       []choice
	RuleChoices      []choice
	Lifecycle        lifecycle
	Groups           []group
	Shown, Hidden    int
	HiddenBelow      string
	Suppressed       []suppressed
	Models           []model
	Verdicts         string
	Facts            []tile
	Incomplete       bool
	Interrupted      bool
	Errors           []problem
	Skipped          []problem
	SkippedLine      string
	Inputs           []tile
}

type choice struct {
	Name, Label string
	N           int
}

func (c choice) Count() string { return view.Number(c.N) }

type tile struct{ Name, Value string }

type problem struct{ Path, Scanner, Text string }

type ruleResult struct{ ID, Outcome, Reason, Remedy string }

type suppressed struct{ Severity, Rule, Where, Message, Kind, Reason, Owner, Until string }

type model struct{ Verdict, Format, Path, Size, Digest string }

// The page lists at most so many of what people do not read one by one; the rest
// is counted.
const (
	maxErrors     = 1_000
	maxSkipped    = 500
	maxSuppressed = 1_000
	maxModels     = 2_000
)

func newPage(d *report.Document) *page {
	shown, hidden := d.Shown()
	p := &page{
		Tool:    text.Visible(d.Tool.Name + " " + d.Tool.Version),
		Target:  text.Visible(d.Target),
		Started: d.Scan.Started.UTC().Format("2006-01-02 15:04 UTC"),
		Seconds: view.Seconds(d.Scan.Duration),
		Outcome: string(d.Decision.Outcome),
		Reason:  view.Reason(d), Next: view.Next(d),
		Policy:      text.Visible(d.Decision.Policy),
		Shown:       len(shown),
		Hidden:      hidden,
		HiddenBelow: d.Show.String(),
		Lifecycle:   newLifecycle(d),
		Groups:      groups(shown),
		Incomplete:  d.Scan.Coverage.Incomplete(),
		Interrupted: d.Scan.Coverage.Interrupted,
		SkippedLine: view.Skipped(d.Scan.Coverage.Skipped),
	}
	p.Command = strings.HasPrefix(p.Next, "merlon ")
	p.choices(d.Scan.Findings, shown)
	for _, r := range d.Decision.Rules {
		p.Rules = append(p.Rules, ruleResult{text.Visible(r.ID), string(r.Outcome), text.Visible(r.Reason), text.Visible(r.Remedy)})
	}
	p.decided(d.Scan.Findings)
	p.models(d.Scan.Assets)
	p.looked(d.Scan)
	p.inputs(d)
	return p
}

// choices counts what can be filtered by.
func (p *page) choices(all, shown []finding.Record) {
	counts, listed := view.Tally(all), view.Tally(shown)
	for _, s := range finding.Severities {
		p.Severities = append(p.Severities, choice{s.String(), s.String(), counts[s]})
		if listed[s] > 0 {
			p.Listed = append(p.Listed, choice{s.String(), s.String(), listed[s]})
		}
	}
	category, rule := map[string]int{}, map[string]int{}
	var rules []string
	for _, r := range shown {
		category[r.Rule.Category]++
		if rule[r.Rule.ID]++; rule[r.Rule.ID] == 1 {
			rules = append(rules, r.Rule.ID)
		}
	}
	for _, c := range finding.Categories {
		if category[c] > 0 {
			p.Categories = append(p.Categories, choice{c, c, category[c]})
		}
	}
	for _, r := range rules {
		p.RuleChoices = append(p.RuleChoices, choice{text.Visible(r), text.Visible(r), rule[r]})
	}
}

func (p *page) decided(records []finding.Record) {
	for _, r := range records {
		if r.Suppressed == nil || len(p.Suppressed) == maxSuppressed {
			continue
		}
		p.Suppressed = append(p.Suppressed, suppressed{
			r.Severity.String(), text.Visible(r.Rule.ID), view.Whole(r.Where()), text.Visible(r.Message),
			text.Visible(r.Suppressed.Kind), text.Visible(r.Suppressed.Reason), text.Visible(r.Suppressed.Owner), text.Visible(r.Suppressed.Until),
		})
	}
}

func (p *page) models(assets []asset.Asset) {
	all := view.Models(assets)
	p.Verdicts = view.Verdicts(all)
	for _, a := range all[:min(len(all), maxModels)] {
		p.Models = append(p.Models, model{
			string(a.Verdict), text.Visible(a.Format), text.Visible(a.Ref.String()), view.Bytes(a.Size), text.Visible(a.SHA256),
		})
	}
}

func (p *page) looked(r *scan.Result) {
	c := r.Coverage
	p.Facts = []tile{
		{"files seen", view.Number(c.FilesSeen)}, {"files scanned", view.Number(c.FilesScanned)},
		{"found inside files", view.Number(c.Derived)}, {"size of scanned files", view.Bytes(c.Bytes)}, {"time", view.Seconds(r.Duration)},
	}
	for i, e := range c.Errors {
		if i == maxErrors {
			p.Errors = append(p.Errors, problem{Text: view.Count(len(c.Errors)-i, "more path") + ": the JSON report lists all of them"})
			break
		}
		p.Errors = append(p.Errors, problem{text.Visible(e.Path), text.Visible(e.Scanner), text.Visible(e.Err)})
	}
	for i, s := range c.Skipped {
		if i == maxSkipped {
			p.Skipped = append(p.Skipped, problem{Text: view.Count(len(c.Skipped)-i, "more path") + ": the JSON report lists all of them"})
			break
		}
		p.Skipped = append(p.Skipped, problem{Path: text.Visible(s.Path), Text: text.Visible(s.Reason)})
	}
}

// inputs names what one needs to get the same result again.
func (p *page) inputs(d *report.Document) {
	add := func(name, value string) {
		if value != "" {
			p.Inputs = append(p.Inputs, tile{name, text.Visible(value)})
		}
	}
	add("policy", d.Decision.Policy)
	add("decided on", d.Decision.InputDigest)
	add("rules", prefixed(d.Inputs.RulesSHA256))
	add("configuration", prefixed(d.Inputs.ConfigSHA256))
	add("advisories of", d.Inputs.AdvisoryDate)
	add("advisories", prefixed(d.Inputs.AdvisorySHA256))
	var ids []string
	for _, s := range d.Scan.Scanners {
		ids = append(ids, s.ID+" "+s.Version)
	}
	add("scanners", strings.Join(ids, ", "))
}

func prefixed(sum string) string {
	if sum == "" {
		return ""
	}
	return "sha256:" + sum
}

// Step is [laidOut], for the script.
func (p *page) Step() int { return laidOut }

// Title is the name of the page in the browser.
func (p *page) Title() string {
	if p.Outcome == string(evidence.Pass) && p.Shown == 0 {
		return "pass: " + p.Target
	}
	return p.Outcome + ", " + view.Count(p.Shown, "finding") + ": " + p.Target
}
