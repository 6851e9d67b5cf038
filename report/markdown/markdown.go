// Package markdown writes a summary for a pull request, in GitHub Flavored
// Markdown.
//
// Whatever a scanned file may have chosen stands in a code span: there, neither
// markup nor links, @mentions or issue numbers mean anything.
package markdown

import (
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

// Limits of the summary.
const (
	maxSize   = 65_536 // characters of a GitHub comment
	maxModels = 20
	maxErrors = 20
	maxPlaces = 10  // of one rule
	maxText   = 240 // columns of one text from a scanned file
)

type format struct{}

// New returns the format "markdown".
func New() report.Format { return format{} }

func (format) Name() string { return "markdown" }

// Write writes at most 65,536 bytes. The options make no difference.
func (format) Write(w io.Writer, d *report.Document, _ report.Options) error {
	head, tail := head(d), models(d.Scan.Assets)+looked(d)
	const reserve = 300 // for the line that says what was left out
	_, err := io.WriteString(w, head+findings(d, maxSize-reserve-len(head)-len(tail))+tail)
	return err
}

func head(d *report.Document) string {
	var b strings.Builder
	mark := map[evidence.Outcome]string{evidence.Pass: "✅ pass", evidence.Fail: "❌ fail", evidence.Incomplete: "⚠ incomplete"}[d.Decision.Outcome]
	fmt.Fprintf(&b, "## merlon: %s\n\n", mark)
	fmt.Fprintf(&b, "%s\n\n%s scanned %s.\n\n", code(view.Reason(d)), code(d.Tool.Name+" "+d.Tool.Version), code(d.Target))
	counts := view.Tally(d.Scan.Findings)
	if counts.Total() > 0 {
		b.WriteString("| critical | high | medium | low | info |\n|---:|---:|---:|---:|---:|\n|")
		for _, s := range finding.Severities {
			b.WriteString(" " + view.Number(counts[s]) + " |")
		}
		b.WriteString("\n\n")
	}
	if s := view.Suppressed(d.Scan.Findings); s != "" {
		b.WriteString(s + "\n\n")
	}
	return b.String()
}

// findings lists the shown findings by rule, worst first, in at most size bytes.
func findings(d *report.Document, size int) string {
	shown, hidden := d.Shown()
	var order []string
	byRule := map[string][]finding.Record{}
	for _, r := range shown {
		key := r.Severity.String() + " " + r.Rule.ID
		if byRule[key] == nil {
			order = append(order, key)
		}
		byRule[key] = append(byRule[key], r)
	}
	var b strings.Builder
	listed := 0
	for _, key := range order {
		s, n := rule(byRule[key])
		if b.Len()+len(s) > size {
			break
		}
		b.WriteString(s)
		listed += n
	}
	if rest := len(shown) - listed; rest > 0 {
		fmt.Fprintf(&b, "**%s more of %s and above did not fit into this comment**: `merlon scan --output html=report.html` writes all of them.\n\n",
			view.Count(rest, "finding"), d.Show)
	}
	if hidden > 0 {
		fmt.Fprintf(&b, "%s below %s: not listed.\n\n", view.Count(hidden, "finding"), d.Show)
	}
	return b.String()
}

// rule writes the findings of one rule and returns how many it listed.
func rule(records []finding.Record) (string, int) {
	var b strings.Builder
	r := records[0]
	fmt.Fprintf(&b, "### %s: %s\n\n", title(r.Severity), prose(r.Rule.Title))
	n := min(len(records), maxPlaces)
	for _, r := range records[:n] {
		fmt.Fprintf(&b, "- %s", code(view.Path(r.Where().Ref)))
		if p := view.Place(r.Where()); p != "" {
			b.WriteString(", " + code(p))
		}
		if r.Message != "" {
			b.WriteString(": " + code(r.Message))
		}
		b.WriteByte('\n')
	}
	if len(records) > n {
		fmt.Fprintf(&b, "- and %s of this rule\n", view.Count(len(records)-n, "more finding"))
		n = len(records) // counted here, not as left out
	}
	fmt.Fprintf(&b, "\n<details><summary>Why, and what to do</summary>\n\n%s\n\n**What to do:** %s\n\n`merlon explain %s` tells more.\n\n</details>\n\n",
		prose(r.Rule.Why), prose(r.Rule.Remedy), r.Rule.ID)
	return b.String(), n
}

func models(assets []asset.Asset) string {
	all := view.Models(assets)
	if len(all) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<details><summary>%s: %s</summary>\n\n", view.Count(len(all), "model"), view.Verdicts(all))
	for _, a := range all[:min(len(all), maxModels)] {
		fmt.Fprintf(&b, "- **%s** %s", a.Verdict, code(a.Ref.String()))
		if a.Format != "" {
			b.WriteString(", " + code(a.Format))
		}
		b.WriteByte('\n')
	}
	if len(all) > maxModels {
		fmt.Fprintf(&b, "- and %s\n", view.Count(len(all)-maxModels, "more model"))
	}
	b.WriteString("\n</details>\n\n")
	return b.String()
}

func looked(d *report.Document) string {
	var b strings.Builder
	b.WriteString(view.Coverage(d.Scan) + ".\n")
	c := d.Scan.Coverage
	if s := view.Skipped(c.Skipped); s != "" {
		b.WriteString("\n" + code(s) + "\n")
	}
	if !c.Incomplete() {
		return b.String()
	}
	b.WriteString("\n**Not looked at, or not to the end:**\n\n")
	if c.Interrupted {
		b.WriteString("- the scan was stopped before its end\n")
	}
	for _, e := range c.Errors[:min(len(c.Errors), maxErrors)] {
		fmt.Fprintf(&b, "- %s: %s\n", code(e.Path), code(e.Err))
	}
	if n := len(c.Errors) - maxErrors; n > 0 {
		fmt.Fprintf(&b, "- and %s\n", view.Count(n, "more path"))
	}
	return b.String()
}

func title(s finding.Severity) string {
	n := s.String()
	if n == "" {
		return n
	}
	return strings.ToUpper(n[:1]) + n[1:]
}

// code puts text into a code span (CommonMark 6.1): its fence is longer than any
// run of backticks inside, so nothing in the text can end it.
func code(s string) string {
	s = text.Cut(text.Visible(s), maxText)
	if strings.Trim(s, " ") == "" {
		return "(empty)"
	}
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// prose passes text of a rule through: it is ours, and may use code spans. Only
// what could be taken for markup of a block is made harmless.
func prose(s string) string {
	return strings.NewReplacer("<", "&lt;", "\r", "").Replace(strings.Join(strings.Fields(s), " "))
}
