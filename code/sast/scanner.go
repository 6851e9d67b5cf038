package sast

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

// MaxFile is the largest Python file in bytes that is analysed.
const MaxFile = 64 << 20

// scanner collects the Python files of one run and analyses them together at its end.
type scanner struct {
	profile string
	own     *Knowledge // nil: what is built in
	mu      sync.Mutex
	files   []*source
	bounds  bounds // zero: the usual ones
}

// source is one file.
type source struct {
	ref   asset.Ref
	tree  *python.Tree
	lines scan.LineMap // of the code of a notebook; nil for a file

	raw    []byte        // the file's bytes, where they are not those of the tree's text
	at     func(int) int // where the text's bytes are in raw; see byteAt
	atOnce sync.Once

	size   int               // bytes
	sum    [sha256.Size]byte // of the bytes, where something is kept for the next run
	once   sync.Once
	read   func(limit int64) ([]byte, error) // where there is no tree yet
	failed error                             // what kept it from being read
}

// Options says what a scanner goes by.
type Options struct {
	// Profile is a set of rules: "default", "strict" (also what is only sometimes a
	// mistake) or "bandit" (what Bandit reports, and nothing else). Optional, default
	// "default".
	Profile string
	// Knowledge is what is known of libraries, and the rules. Optional, default what is
	// built in.
	Knowledge *Knowledge
}

// profiles are the names of sets of rules.
var profiles = []string{"default", "strict", "bandit"}

// Profiles lists the sets of rules.
func Profiles() []string { return slices.Clone(profiles) }

// New returns the scanner of Python code. One value serves one run.
func New() scan.Scanner { return NewWith(Options{}) }

// NewProfile returns a scanner with the rules of a profile.
func NewProfile(profile string) scan.Scanner { return NewWith(Options{Profile: profile}) }

// NewWith returns a scanner with options. One value serves one run.
func NewWith(o Options) scan.Scanner {
	return &scanner{profile: cmp.Or(o.Profile, "default"), own: o.Knowledge}
}

// knowledge is what the scanner goes by.
func (sc *scanner) knowledge() (*Knowledge, error) {
	if sc.own != nil {
		return sc.own, nil
	}
	return builtIn()
}

func (sc *scanner) Info() scan.Info {
	info := scan.Info{ID: "python", Version: "1", Interest: &scan.Interest{Suffixes: []string{".py", ".pyw", ".pyi"}, Hints: []string{"python"}, Magics: scan.At(0, "#!")}}
	if k, err := sc.knowledge(); err == nil {
		info.Rules = k.rules.all
		if k.digest != "" {
			info.Version += "+" + k.digest[:16]
		}
	}
	if sc.profile != "default" {
		info.Version += "+" + sc.profile
	}
	return info
}

// Wants takes Python files by their name, and scripts by their first line.
func (*scanner) Wants(fi scan.FileInfo) scan.Need {
	if fi.Hint == "python" {
		return scan.Yes
	}
	switch strings.ToLower(path.Ext(fi.Ref.Name())) {
	case ".py", ".pyw":
		return scan.Yes
	case "":
		first, _, _ := bytes.Cut(fi.Head, []byte("\n"))
		if bytes.HasPrefix(first, []byte("#!")) && bytes.Contains(first, []byte("python")) {
			return scan.Yes
		}
	}
	return scan.No
}

// Scan parses a file and keeps its tree.
func (sc *scanner) Scan(ctx context.Context, f scan.File, s *scan.Sink) error {
	b, err := safeio.ReadAll(f, MaxFile)
	if err != nil {
		return err
	}
	src := &source{ref: f.Ref(), size: len(b), lines: s.Lines()}
	src.parse(b)
	if err := notPython(src.tree); err != nil {
		if len(src.tree.Body()) == 0 {
			return err
		}
		s.Fail(err) // and what there is of it is looked at
	}
	if s.Cached() {
		// The code of a notebook depends on its lines, too.
		src.sum = sha256.Sum256(fmt.Appendf(nil, "%s%v", b, src.lines))
		if src.lines == nil {
			src.sum = sha256.Sum256(b)
		}
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.files = append(sc.files, src)
	return nil
}

// notPython is the error of a file of which more was lost than understood.
func notPython(t *python.Tree) error {
	if t.ErrorCount() == 0 {
		return nil
	}
	lost := 0
	t.Walk(t.Module(), func(n python.Node) bool {
		if t.Kind(n) == python.KindBad {
			lost += t.End(n) - t.Start(n)
		}
		return t.Kind(n) != python.KindBad
	})
	n := t.ErrorCount()
	if len(t.Body()) > 0 && 2*lost < len(t.Source()) && (n < 10 || 2*n < t.Lines()) {
		return nil
	}
	e := t.Errors()[0]
	if n > 1 {
		return fmt.Errorf("not Python: line %d: %s (and %d more errors)", e.Line, e.Message, n-1)
	}
	return fmt.Errorf("not Python: line %d: %s", e.Line, e.Message)
}

func (f *source) parse(b []byte) {
	f.tree = python.Parse(b)
	if string(b) != f.tree.Source() {
		f.raw = b
	}
}

// Finish follows the data through all files and reports.
func (sc *scanner) Finish(ctx context.Context, p *scan.Project, s *scan.Sink) error {
	sc.mu.Lock()
	files := sc.files
	sc.files = nil
	sc.mu.Unlock()
	if len(files) == 0 {
		return nil
	}
	k, err := sc.knowledge()
	if err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b *source) int { return strings.Compare(a.ref.String(), b.ref.String()) })
	r, err := sc.analyse(k, files, p.Roots, p.Cache)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.failed != nil {
			s.FailAt(f.ref, f.failed)
		}
	}
	r.sink = s
	r.flush()
	return nil
}

// moduleName is the path that decides how files import each other.
func moduleName(r asset.Ref) string {
	name := strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(r.String(), "!", "")), "/")
	return name
}

// reporter turns what the analysis finds into findings.
type reporter struct {
	profile string
	spec    *pyflow.Spec
	rules   *ruleSet
	sink    *scan.Sink
	seen    map[string]bool
	tests   map[*source]bool // files of test code
	out     []judged

	inference inference
}

// judged is a finding, and the comment that lives with it.
type judged struct {
	finding.Finding
	ignored *finding.Suppression
	file    *source
	from    int // where it begins in the tree's text
}

// id tells findings apart: one of each rule for a place.
func (j judged) id() string {
	l := j.Locations[0]
	return placeID(j.Rule, j.file, l)
}

func placeID(rule string, f *source, l finding.Location) string {
	return fmt.Sprintf("%s %s %d %d", rule, f.ref, l.Line, l.Col)
}

// Call looks at a call of something outside the project.
func (r *reporter) Call(s pyflow.Site) {
	if c := r.spec.Calls[s.Ref]; c != nil {
		r.inference.note(s, c.Source)
	} else {
		r.inference.note(s, "")
	}
	rules := r.rules.calls[s.Ref]
	if len(rules) == 0 {
		if i := strings.LastIndexByte(s.Ref, '.'); i > 0 {
			rules = r.rules.calls[s.Ref[i:]]
		}
	}
	for _, c := range slices.Concat(rules, r.rules.calls["*"]) {
		if !slices.ContainsFunc(c.tests, func(t test) bool { return !t.holds(s) }) {
			f := s.File.(*source)
			out := finding.Finding{Message: strings.ReplaceAll(c.text, "{call}", s.Ref), Attrs: map[string]any{"call": s.Ref}, Fixes: r.mend(c.rule.ID, f, s.Node, s.Ref)}
			if s.Maybe { // a setting, say: somebody can choose the other value
				out.Confidence = finding.Unsure
			}
			r.add(c.rule, out, f, s.Tree, s.Node, s.Ref)
		}
	}
}

// Flow reports data of a source that reaches a sink.
func (r *reporter) Flow(f pyflow.Flow) {
	t := r.rules.taint[f.Sink.Rule]
	if t == nil {
		return
	}
	src := sourceOf(f.Source.Kind)
	severity, ok := t.kind[f.Source.Kind]
	if !ok && src.trust != own {
		severity = t.by[src.trust]
	}
	if severity == 0 {
		return
	}
	last := f.Steps[len(f.Steps)-1]
	out := finding.Finding{Severity: severity,
		Message: src.reaches(f.Callee),
		Attrs:   map[string]any{"source": f.Source.Kind, "trust": src.trust.String(), "from": f.Source.Name, "call": f.Callee}}
	if f.Weak || doubtful(f) {
		out.Confidence = finding.Unsure
	}
	for i, st := range f.Steps {
		h := finding.Hop{Location: place(st.File.(*source), st.Tree, st.Node), Kind: "pass", Note: st.Note}
		switch i {
		case 0:
			h.Kind = "source"
		case len(f.Steps) - 1:
			h.Kind = "sink"
		}
		out.Trace = append(out.Trace, h)
	}
	out.Fixes = r.mend(t.rule.ID, last.File.(*source), last.Node, f.Callee)
	r.add(t.rule, out, last.File.(*source), last.Tree, last.Node, f.Callee+" "+f.Source.Kind)
}

func place(f *source, t *python.Tree, n python.Node) finding.Location {
	return span(f, t, t.Start(n), t.End(n))
}

// span is the place of a piece of the text, by its offsets. Columns count characters.
func span(f *source, t *python.Tree, from, to int) finding.Location {
	line, col := t.Position(from)
	end, endCol := t.Position(to)
	src := t.Source()
	l := finding.Location{Ref: f.ref, Line: line, Col: 1 + utf8.RuneCountInString(src[from-col:from]), EndLine: end, EndCol: 1 + utf8.RuneCountInString(src[to-endCol:to])}
	if f.lines != nil {
		l = f.lines.Locate(l)
	}
	return l
}

// add keeps a finding, once for each place.
func (r *reporter) add(rule finding.Rule, out finding.Finding, f *source, t *python.Tree, n python.Node, key string) {
	if len(rule.Profiles) > 0 && !slices.Contains(rule.Profiles, r.profile) {
		return
	}
	first, _ := t.Position(t.Start(n))
	last, _ := t.Position(t.End(n))
	r.addAt(rule, out, f, extent{t.Start(n), t.End(n), first, last}, key)
}

// extent is a piece of a file, by its offsets, and the lines in which a comment about it
// stands.
type extent struct{ from, to, first, last int }

// addAt keeps a finding about a piece of a file.
func (r *reporter) addAt(rule finding.Rule, out finding.Finding, f *source, e extent, key string) {
	t := f.tree
	where := span(f, t, e.from, e.to)
	id := placeID(rule.ID, f, where)
	if r.seen[id] {
		return
	}
	r.seen[id] = true
	out.Rule = rule.ID
	out.Locations = []finding.Location{where}
	// The code itself, without its layout: stays equal when lines shift.
	out.Key = key + " " + text.Cut(strings.Join(strings.Fields(t.Source()[e.from:e.to]), " "), 120)
	if out.Severity == 0 {
		out.Severity = rule.Severity
	}
	if r.tests[f] && out.Severity > finding.Low {
		// Nobody serves tests. What is in them is worth a look, not a failed gate.
		out.Severity = finding.Low
		out.Message += ", in test code"
	}
	s, unreasoned := ignored(t, e.first, e.last, rule)
	if unreasoned {
		out.Message += " (the comment that ignores it gives no reason)"
	}
	r.out = append(r.out, judged{out, s, f, e.from})
}

// flush reports in the order of files and lines.
func (r *reporter) flush() {
	slices.SortStableFunc(r.out, func(a, b judged) int {
		x, y := a.Locations[0], b.Locations[0]
		if c := strings.Compare(x.Ref.String(), y.Ref.String()); c != 0 {
			return c
		}
		if x.Line != y.Line {
			return x.Line - y.Line
		}
		return strings.Compare(a.Rule, b.Rule)
	})
	for _, f := range r.out {
		if f.ignored != nil {
			r.sink.Suppress(f.Finding, *f.ignored)
		} else {
			r.sink.Report(f.Finding)
		}
	}
}
