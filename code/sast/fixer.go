package sast

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/patch"
	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Fixer is a scanner of Python code that also mends what it finds. A scan with it comes
// first, then [Fixer.Mend].
type Fixer struct {
	scanner
	roots []string
	found *reporter
}

// NewFixer returns a scanner with options that mends. One value serves one run.
func NewFixer(o Options) *Fixer {
	return &Fixer{scanner: scanner{profile: cmp.Or(o.Profile, "default"), own: o.Knowledge}}
}

// Finish reports as a scanner does, and keeps what it needs to mend.
func (x *Fixer) Finish(_ context.Context, p *scan.Project, s *scan.Sink) error {
	k, err := x.knowledge()
	if err != nil {
		return err
	}
	slices.SortFunc(x.files, func(a, b *source) int { return strings.Compare(a.ref.String(), b.ref.String()) })
	x.roots = p.Roots
	if x.found, err = x.analyse(k, x.files, x.roots, nil); err != nil {
		return err
	}
	x.found.sink = s
	x.found.flush()
	return nil
}

// Mended is a file that was changed.
type Mended struct {
	Path     string
	Old, New []byte
	Findings []finding.Finding // that are gone, where they were, each with its fix
}

// Left is a finding whose fix was not made, and why.
type Left struct {
	finding.Finding
	Reason string
}

// The reasons why a fix is not made.
const (
	leftSyntax = "the file would not parse any more"
	leftStays  = "the finding would still be there"
	leftOther  = "the change would bring another finding"
	leftRounds = "the change could not be checked: too many changes depend on each other"
)

// Mend makes the fixes of the findings that are wanted, and makes sure of them: with the
// changes in place all files are analysed again. What does not parse, does not remove its
// finding or brings a new one is undone and told.
func (x *Fixer) Mend(ctx context.Context, wanted func(finding.Finding) bool) ([]Mended, []Left, error) {
	k, err := x.knowledge()
	if err != nil || x.found == nil {
		return nil, nil, err
	}
	m := &mending{files: x.files, found: x.found.out, todo: map[spot]finding.Finding{}, single: map[string]bool{}, done: map[string]*Mended{}}
	for _, j := range m.found {
		if j.ignored == nil && len(j.Fixes) > 0 && wanted(j.Finding) {
			m.todo[j.spot()] = j.Finding
		}
	}
	const maxRounds = 40
	for round := 0; len(m.todo) > 0; round++ {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		t := m.choose()
		if len(t.changes) == 0 {
			break
		}
		if round == maxRounds {
			for _, f := range m.todo {
				m.left = append(m.left, Left{f, leftRounds})
			}
			break
		}
		if m.parse(t) {
			r, err := x.analyse(k, t.files, x.roots, nil)
			if err != nil {
				return nil, nil, err
			}
			m.judge(t, r.out)
		}
	}
	var out []Mended
	for _, d := range m.done {
		slices.SortStableFunc(d.Findings, byPlace)
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Mended) int { return strings.Compare(a.Path, b.Path) })
	slices.SortFunc(m.left, func(a, b Left) int { return byPlace(a.Finding, b.Finding) })
	return out, m.left, nil
}

func byPlace(a, b finding.Finding) int {
	x, y := a.Locations[0], b.Locations[0]
	return cmp.Or(strings.Compare(x.Ref.String(), y.Ref.String()), x.Line-y.Line, x.Col-y.Col, strings.Compare(a.Rule, b.Rule))
}

// spot names a finding: its rule and the byte of the file where it begins.
type spot struct {
	path, rule string
	from       int
}

func (j judged) spot() spot {
	at, _ := j.file.byteAt(j.from)
	return spot{j.file.ref.String(), j.Rule, at}
}

// bytes is the file as it is.
func (f *source) bytes() string {
	if f.raw != nil {
		return string(f.raw)
	}
	return f.tree.Source()
}

// mending is what was done so far, and what is left to do.
type mending struct {
	files  []*source
	found  []judged
	todo   map[spot]finding.Finding // with the place that each had at first
	single map[string]bool          // files in which one fix is made at a time
	done   map[string]*Mended
	left   []Left
}

// trial is a set of changes that are made together.
type trial struct {
	changes map[string]*change
	files   []*source
}

// change is what happens to one file.
type change struct {
	edits []patch.Edit
	fixed map[spot]finding.Fix
}

// choose takes the fixes that go together.
func (m *mending) choose() *trial {
	t := &trial{changes: map[string]*change{}}
	for _, j := range m.found {
		s := j.spot()
		if _, ok := m.todo[s]; !ok {
			continue
		}
		if len(j.Fixes) == 0 {
			delete(m.todo, s) // another fix took care of it
			continue
		}
		var edits []patch.Edit
		for _, e := range j.Fixes[0].Edits {
			edits = append(edits, patch.Edit{Start: int(e.Start), End: int(e.End), New: e.New})
		}
		c := t.changes[s.path]
		if c == nil {
			c = &change{fixed: map[spot]finding.Fix{}}
			t.changes[s.path] = c
		} else if m.single[s.path] {
			continue
		}
		if merged, ok := patch.Merge(c.edits, edits); ok {
			c.edits = merged
			c.fixed[s] = j.Fixes[0]
		}
	}
	return t
}

// parse makes the changed files; false says that one of them is none.
func (m *mending) parse(t *trial) bool {
	good := true
	for _, f := range m.files {
		c := t.changes[f.ref.String()]
		if c == nil {
			t.files = append(t.files, f)
			continue
		}
		text, err := patch.Apply(f.bytes(), c.edits)
		tree := python.Parse([]byte(text))
		if err != nil || tree.ErrorCount() > 0 {
			m.refuse(f.ref.String(), c, leftSyntax)
			good = false
			continue
		}
		changed := &source{ref: f.ref, tree: tree, lines: f.lines}
		if text != tree.Source() {
			changed.raw = []byte(text)
		}
		t.files = append(t.files, changed)
	}
	return good
}

// refuse undoes the changes of a file: one at a time, if there are several.
func (m *mending) refuse(path string, c *change, reason string) {
	if len(c.fixed) > 1 {
		m.single[path] = true
		return
	}
	for s := range c.fixed {
		m.left = append(m.left, Left{m.todo[s], reason})
		delete(m.todo, s)
	}
}

// judge compares what is found now with what was, and keeps the changes if the findings
// are gone and no others have come.
func (m *mending) judge(t *trial, now []judged) {
	moved := func(s spot) spot {
		if c := t.changes[s.path]; c != nil {
			s.from = patch.Moved(c.edits, s.from)
		}
		return s
	}
	// How many of a rule may stand at each place.
	expected := map[spot]int{}
	for _, j := range m.found {
		s := j.spot()
		if c := t.changes[s.path]; c != nil {
			if _, ok := c.fixed[s]; ok {
				continue
			}
		}
		expected[moved(s)]++
	}
	gone := map[spot]bool{}
	for _, c := range t.changes {
		for s := range c.fixed {
			gone[moved(s)] = true
		}
	}
	bad := map[string]string{}
	for _, j := range now {
		s := j.spot()
		if expected[s]--; expected[s] >= 0 {
			continue
		}
		reason := leftOther
		if gone[s] {
			reason = leftStays
		}
		if t.changes[s.path] != nil {
			bad[s.path] = reason
			continue
		}
		for path := range t.changes { // it shows in a file that was not changed
			bad[path] = reason
		}
	}
	if len(bad) > 0 {
		for path, reason := range bad {
			m.refuse(path, t.changes[path], reason)
		}
		return
	}
	m.keep(t, moved)
	m.files, m.found = t.files, now
}

// keep takes the changes over.
func (m *mending) keep(t *trial, moved func(spot) spot) {
	for i, f := range m.files {
		path := f.ref.String()
		c := t.changes[path]
		if c == nil {
			continue
		}
		d := m.done[path]
		if d == nil {
			d = &Mended{Path: f.ref.Path, Old: []byte(f.bytes())}
			m.done[path] = d
		}
		d.New = []byte(t.files[i].bytes())
		for s, fix := range c.fixed {
			found := m.todo[s]
			found.Fixes = []finding.Fix{fix}
			d.Findings = append(d.Findings, found)
			delete(m.todo, s)
		}
	}
	todo := map[spot]finding.Finding{}
	for s, f := range m.todo {
		todo[moved(s)] = f
	}
	m.todo = todo
}

var _ scan.ProjectScanner = (*Fixer)(nil)
