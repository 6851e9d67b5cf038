package table

import (
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report/internal/view"
	"github.com/merlon-security/merlon/text"
)

// maxSamePlace is how many findings of one rule are told of one place: a package can
// have hundreds of vulnerabilities, and one update removes them.
const maxSamePlace = 4

// listed is how many of the findings are told: [maxFindings], not counting those that
// stand behind others of their place.
func listed(shown []finding.Record) int {
	type place struct {
		rule, path, place string
		severity          finding.Severity
	}
	count, told := map[place]int{}, 0
	for i, r := range shown {
		at := place{r.Rule.ID, r.Where().Ref.Path, view.Place(r.Where()), r.Severity}
		if count[at]++; count[at] > maxSamePlace {
			continue
		}
		if told++; told > maxFindings {
			return i
		}
	}
	return len(shown)
}

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
	same, last := 0, ""
	more := func() {
		if n := same - maxSamePlace; n > 0 {
			p.wrapPainted(pad("", 6+column), pad("", 6+column), p.paint(dim, "and "+strconv.Itoa(n)+" more here: --format json lists them"))
		}
	}
	for _, r := range g.records {
		place, indent := view.Place(r.Where()), "    "
		if place != last {
			more()
			same, last = 0, place
		}
		if same++; same > maxSamePlace {
			continue
		}
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
	more()
	if !told[g.rule.ID] && g.rule.Remedy != "" {
		told[g.rule.ID] = true
		p.wrapPainted("    fix: ", "    "+p.paint(green, "fix:")+" ", text.Visible(view.Sentence(g.rule.Remedy)))
	}
}
