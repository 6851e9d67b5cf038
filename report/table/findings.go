package table

import (
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report/internal/view"
	"github.com/merlon-security/merlon/text"
)

// group is the findings of one rule in one file.
type group struct {
	rule       finding.Rule
	severity   finding.Severity
	confidence finding.Confidence
	records    []finding.Record
}

// findings prints the worst, grouped by file and rule. A file stands where its
// worst finding stands.
func (p *page) findings(shown []finding.Record) {
	shown = shown[:min(len(shown), maxFindings)]
	var paths []string
	files := map[string][]finding.Record{}
	for _, r := range shown {
		path := r.Where().Ref.Path
		if files[path] == nil {
			paths = append(paths, path)
		}
		files[path] = append(files[path], r)
	}
	told := map[string]bool{} // rules whose fix was printed
	for _, path := range paths {
		p.line("")
		name := view.Path(files[path][0].Where().Ref)
		if p.width > 0 {
			name = text.CutMiddle(name, p.width)
		}
		p.line(p.paint(bold, name))
		for _, g := range groups(files[path]) {
			p.group(g, told)
		}
	}
}

func groups(records []finding.Record) []*group {
	var order []*group
	for _, r := range records {
		var g *group
		for _, o := range order {
			if o.rule.ID == r.Rule.ID && o.severity == r.Severity && o.confidence == r.Confidence {
				g = o
			}
		}
		if g == nil {
			g = &group{rule: r.Rule, severity: r.Severity, confidence: r.Confidence}
			order = append(order, g)
		}
		g.records = append(g.records, r)
	}
	return order
}

func (p *page) group(g *group, told map[string]bool) {
	label, sure := strings.ToUpper(g.severity.String()), ""
	if g.confidence < finding.Sure {
		sure = "  (confidence " + g.confidence.String() + ")"
	}
	id := text.Visible(g.rule.ID)
	if p.width > 0 && 12+text.Width(id+sure) > p.width {
		sure = ""
		id = text.CutMiddle(id, p.width-12)
	}
	p.line("  " + p.paint(severityStyle(g.severity), label) + pad("", 10-len(label)) + id + p.paint(dim, sure))

	// The widest column for places; a longer place gets a line of its own.
	maxPlace := 26
	if p.width > 0 {
		maxPlace = min(maxPlace, p.width/3)
	}
	column := 0
	for _, r := range g.records {
		if w := text.Width(view.Place(r.Where())); w <= maxPlace {
			column = max(column, w)
		}
	}
	for _, r := range g.records {
		place, indent := view.Place(r.Where()), "    "
		switch {
		case text.Width(place) > maxPlace:
			if p.width > 0 {
				place = text.CutMiddle(place, p.width-len(indent))
			}
			p.line(indent + p.paint(dim, place))
			indent += "  "
		case column > 0:
			indent += pad(place, column) + "  "
		}
		p.wrap(indent, text.Visible(r.Message))
	}
	if !told[g.rule.ID] && g.rule.Remedy != "" {
		told[g.rule.ID] = true
		p.wrapPainted("    fix: ", "    "+p.paint(green, "fix:")+" ", text.Visible(view.Sentence(g.rule.Remedy)))
	}
}
