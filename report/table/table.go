// Package table writes the result of a scan for a person at a terminal: the worst
// first, grouped by file, short, and the decision as the last line.
package table

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/internal/view"
	"github.com/merlon-security/merlon/text"
)

// What is printed at most; the rest is counted.
const (
	maxFindings = 40
	maxModels   = 20
	maxErrors   = 20
)

type format struct{}

// New returns the format "table".
func New() report.Format { return format{} }

func (format) Name() string { return "table" }

// Write prints the document. With a width it wraps, but never below 40 columns.
func (format) Write(w io.Writer, d *report.Document, o report.Options) error {
	b := bufio.NewWriter(w)
	p := &page{w: b, color: o.Color, width: o.Width}
	if p.width > 0 {
		p.width = max(p.width, 40)
	}
	tool, target := text.Visible(d.Tool.Name+" "+d.Tool.Version), text.Visible(d.Target)
	if p.width > 0 {
		tool = text.Cut(tool, p.width/2)
		target = text.CutMiddle(target, p.width-text.Width(tool)-2)
	}
	p.line(p.paint(bold, tool) + "  " + target)
	shown, hidden := d.Shown()
	p.findings(shown[:listed(shown)])
	p.models(view.Models(d.Scan.Assets))
	p.line("")
	p.totals(d, shown, hidden)
	p.errors(d)
	p.line("")
	p.decision(d)
	return b.Flush() // the first failed write of the whole page
}

// totals prints what was counted, in two columns.
func (p *page) totals(d *report.Document, shown []finding.Record, hidden int) {
	const head = "Findings  "
	counts := view.Tally(d.Scan.Findings)
	line := counts.String()
	if s := view.Suppressed(d.Scan.Findings); s != "" {
		line += "; " + s
	}
	p.wrap(head, line)
	if hidden > 0 {
		are, them := "are", "them"
		if hidden == 1 {
			are, them = "is", "it"
		}
		p.wrap(strings.Repeat(" ", len(head)), fmt.Sprintf("%s below %s %s not shown: --severity %s shows %s",
			view.Number(hidden), d.Show, are, mildest(counts), them))
	}
	if rest := len(shown) - listed(shown); rest > 0 {
		p.wrap(strings.Repeat(" ", len(head)), fmt.Sprintf("the worst %d are listed, %s more are not: --output html=report.html holds all of them",
			maxFindings, view.Number(rest)))
	}
	p.wrap("Files     ", view.Coverage(d.Scan))
	if s := view.Skipped(d.Scan.Coverage.Skipped); s != "" {
		p.wrap(strings.Repeat(" ", len(head)), s)
	}
}

func mildest(c view.Counts) finding.Severity {
	for s := finding.Info; s < finding.Critical; s++ {
		if c[s] > 0 {
			return s
		}
	}
	return finding.Critical
}

func (p *page) models(models []asset.Asset) {
	if len(models) == 0 {
		return
	}
	rest := models[min(len(models), maxModels):]
	models = models[:len(models)-len(rest)]
	p.line("")
	p.line(p.paint(bold, "Models"))
	verdict, form, size, maxForm := 0, 0, 0, 20
	if p.width > 0 {
		maxForm = min(maxForm, p.width/6)
	}
	for _, a := range models {
		verdict = max(verdict, len(a.Verdict))
		form = max(form, min(text.Width(text.Visible(a.Format)), maxForm))
		size = max(size, len(view.Bytes(a.Size)))
	}
	for _, a := range models {
		left := "  " + pad(string(a.Verdict), verdict) + "  " + pad(text.Cut(text.Visible(a.Format), maxForm), form) + "  "
		if p.width == 0 || p.width >= 60 {
			left += fmt.Sprintf("%*s", size, view.Bytes(a.Size)) + "  "
		}
		path := text.Visible(a.Ref.String())
		if p.width > 0 {
			path = text.CutStart(path, max(4, p.width-text.Width(left)))
		}
		p.line("  " + p.paint(verdictStyle(a.Verdict), string(a.Verdict)) + left[2+len(a.Verdict):] + path)
	}
	if len(rest) > 0 {
		p.line("  and " + view.Count(len(rest), "more model") + ": " + view.Verdicts(rest))
	}
}

// errors prints what should have been looked at and was not: this is why the
// absence of findings does not mean that there are none.
func (p *page) errors(d *report.Document) {
	c := d.Scan.Coverage
	if !c.Incomplete() {
		return
	}
	p.line("")
	p.line(p.paint(yellow, "Not looked at, or not to the end"))
	if c.Interrupted {
		p.wrap("  ", "the scan was stopped before its end: run it again")
	}
	for i, e := range c.Errors {
		if i == maxErrors {
			p.line("  and " + view.Number(len(c.Errors)-maxErrors) + " more: --format json lists all of them")
			break
		}
		what := text.Visible(e.Err)
		if e.Scanner != "" && e.Scanner != "walk" {
			what = text.Visible(e.Scanner) + ": " + what
		}
		if e.Path == "" {
			p.wrap("  ", what)
			continue
		}
		p.wrap("  ", text.Visible(e.Path))
		p.wrap("    ", what)
	}
}

func (p *page) decision(d *report.Document) {
	outcome := strings.ToUpper(string(d.Decision.Outcome))
	style := green
	switch d.Decision.Outcome {
	case evidence.Fail:
		style = boldRed
	case evidence.Incomplete:
		style = yellow
	}
	reason, next := view.Reason(d), view.Next(d)
	head := outcome + "  "
	if next != "" && p.width > 0 && text.Width(head+reason+". Next: "+next) > p.width {
		p.wrapPainted(head, p.paint(style, outcome)+"  ", reason)
		p.wrap(strings.Repeat(" ", len(head)), "Next: "+next)
		return
	}
	if next != "" {
		reason += ". Next: " + next
	}
	p.wrapPainted(head, p.paint(style, outcome)+"  ", reason)
}
