package html

import (
	"fmt"
	"slices"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/internal/view"
)

// stages are the life of an AI system from left to right, with the categories of
// findings that belong to each.
var stages = []struct {
	name, label string
	categories  []finding.Category
}{
	{"code", "Code", []finding.Category{finding.Code, finding.Secret}},
	{"dependencies", "Dependencies", []finding.Category{finding.Dependency}},
	{"data", "Data", []finding.Category{finding.Data}},
	{"model", "Model", []finding.Category{finding.Artifact, finding.Model}},
	{"pipeline", "Pipeline", []finding.Category{finding.Pipeline, finding.Infra}},
	{"runtime", "Runtime", []finding.Category{finding.Runtime, finding.Prompt, finding.Agent}},
	{"governance", "Governance", []finding.Category{finding.Licence}},
}

func stageOf(c finding.Category) string {
	for _, s := range stages {
		if slices.Contains(s.categories, c) {
			return s.name
		}
	}
	return "code"
}

// lifecycle is a picture: a wall with one merlon per stage, coloured by the worst
// finding of the stage. It is drawn twice, lying for wide pages and standing for
// narrow ones.
type lifecycle struct {
	Wide, Tall   []block
	WideW, WideH int
	TallW, TallH int
	WallY, WallW int
	Summary      string // for who does not see the picture
}

type block struct {
	Name, Label   string
	State         string // severity of the worst finding, "clear" or "unchecked"
	Number, Words string
	Title         string
	X, Y, W, H    int // of the merlon
	Bars          []bar
}

// bar is a part of the strip in a block, as long as its share of the findings. Its
// place is relative to the block.
type bar struct {
	Severity   string
	X, Y, W, H int
}

func newLifecycle(d *report.Document) lifecycle {
	const (
		blockW, gap, blockH = 136, 20, 96
		wallH, rowH, rowGap = 54, 56, 8
	)
	l := lifecycle{
		WideW: len(stages)*(blockW+gap) - gap, WideH: blockH + 2 + wallH,
		TallW: 340, TallH: len(stages)*(rowH+rowGap) - rowGap,
		WallY: blockH + 2,
	}
	l.WallW = l.WideW
	l.WideW, l.WideH, l.TallH = l.WideW+2, l.WideH+2, l.TallH+2 // half of the strokes lies outside
	for i, s := range stages {
		var records []finding.Record
		for _, r := range d.Scan.Findings {
			if slices.Contains(s.categories, r.Rule.Category) {
				records = append(records, r)
			}
		}
		c := view.Tally(records)
		b := block{Name: s.name, Label: s.label, Number: view.Number(c.Total())}
		switch {
		case c.Total() > 0:
			b.State, b.Words = c.Worst().String(), fmt.Sprintf("%s %s", view.Number(c[c.Worst()]), c.Worst())
			b.Title = s.label + ": " + c.String()
		case checked(d, s.categories):
			b.State, b.Words, b.Title = "clear", "no findings", s.label+": checked, no findings"
		default:
			b.State, b.Words, b.Title, b.Number = "unchecked", "not checked", s.label+": not checked by this scan", ""
		}
		wide, tall := b, b
		wide.X, wide.W, wide.H = i*(blockW+gap), blockW, blockH
		wide.Bars = bars(c, 22, 137, blockW-44)
		tall.X, tall.Y, tall.W, tall.H = 22, i*(rowH+rowGap), l.TallW-22, rowH
		tall.Bars = bars(c, 60, rowH-13, 120)
		l.Wide, l.Tall = append(l.Wide, wide), append(l.Tall, tall)
		l.Summary += b.Title + ". "
	}
	return l
}

// checked reports whether a scanner of this run has rules of the categories.
func checked(d *report.Document, categories []finding.Category) bool {
	for _, s := range d.Scan.Scanners {
		for _, r := range s.Rules {
			if slices.Contains(categories, r.Category) {
				return true
			}
		}
	}
	return false
}

func bars(c view.Counts, x, y, width int) (out []bar) {
	total := c.Total()
	if total == 0 {
		return nil
	}
	kinds := 0
	for _, n := range c {
		if n > 0 {
			kinds++
		}
	}
	const least = 6 // wide enough to be seen
	spare := width - kinds*least
	for _, s := range finding.Severities {
		if c[s] == 0 {
			continue
		}
		w := least + spare*c[s]/total
		out = append(out, bar{s.String(), x, y, w, 5})
		x += w
	}
	return out
}
