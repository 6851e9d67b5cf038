package notebook

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// probe stands for the scanners that get the parts of a notebook: it reports every
// word MARK_n where it sees it, and syntax errors of Python.
type probe struct{ hint string }

var mark = regexp.MustCompile(`MARK_\d+`)

func (p probe) Info() scan.Info {
	rule := finding.Rule{ID: "probe/mark", Category: finding.Code, Title: "mark", Why: "mark", Remedy: "none", Severity: finding.Low, Confidence: finding.Sure}
	return scan.Info{ID: "probe-" + p.hint, Version: "1", Interest: &scan.Interest{Hints: []string{p.hint}}, Rules: []finding.Rule{rule}}
}

func (p probe) Wants(fi scan.FileInfo) scan.Need { return scan.YesIf(fi.Hint == p.hint) }

func (p probe) Scan(_ context.Context, f scan.File, s *scan.Sink) error {
	b, err := scan.Bytes(f, 1<<20)
	if err != nil {
		return err
	}
	for i, line := range strings.Split(string(b), "\n") {
		for _, m := range mark.FindAllString(line, -1) {
			s.Report(finding.Finding{Rule: "probe/mark", Message: m, Locations: []finding.Location{{Ref: f.Ref(), Line: i + 1}}})
		}
	}
	if p.hint == "python" && len(f.Ref().Inner) == 0 {
		if tree := python.Parse(b); tree.ErrorCount() > 0 {
			return fmt.Errorf("line %d: %s", tree.Errors()[0].Line, tree.Errors()[0].Message)
		}
	}
	return nil
}

// TestRoundTrip compares where findings point with where nbformat reads the same
// words; the notebooks were written by it (testdata/make.py).
func TestRoundTrip(t *testing.T) {
	type where struct{ Cell, Output, Line int }
	want := map[string]where{}
	b, err := os.ReadFile("testdata/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"nb4.ipynb", "nb3.ipynb"} {
		t.Run(file, func(t *testing.T) {
			r, err := scan.Run(t.Context(), scan.Options{Roots: []string{"testdata/" + file}, Scanners: []scan.Scanner{New(), probe{"python"}, probe{"text"}}})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range r.Coverage.Errors {
				t.Errorf("%+v", e)
			}
			got := map[string]where{}
			for _, f := range r.Findings {
				if f.Finding.Rule != "probe/mark" {
					continue
				}
				l := f.Locations[0]
				w := where{-1, -1, l.Line}
				for _, s := range l.Ref.Inner {
					switch s.Kind {
					case asset.Cell:
						w.Cell = s.N
					case asset.Output:
						w.Output = s.N
					}
				}
				if old, ok := got[f.Message]; ok && old != w {
					t.Errorf("%s at %+v and %+v", f.Message, old, w)
				}
				got[f.Message] = w
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("places (-nbformat +merlon):\n%s", d)
			}
		})
	}
}

func TestToPython(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		databricks     bool
		magics         []string
	}{
		{name: "plain", in: "a = 1\nb", want: "a = 1\nb"},
		{name: "shell", in: "!ls\nb", want: "pass\nb", magics: []string{"! ls"}},
		{name: "in a block", in: "if a:\n  !ls\n  %cd x", want: "if a:\n  pass\n  pass", magics: []string{"! ls", "cd x"}},
		{name: "assigned", in: "a = !ls -l\nb, c = %sql x", want: "a = None\nb, c = None", magics: []string{"! ls -l", "sql x"}},
		{name: "goes on", in: "!pip install \\\n  a \\\n  b\nc", want: "pass\n\n\nc", magics: []string{"! pip install \\\n  a \\\n  b"}},
		{name: "time", in: "%time x = f()\n%timeit -n 10 g()", want: "pass; x = f()\npass;         g()", magics: []string{"time x = f()", "timeit -n 10 g()"}},
		{name: "cell magic", in: "\n%%bash -e\nls\n%x", want: "\n\n\n", magics: []string{"bash -e\nls\n%x"}},
		{name: "cell magic of Python", in: "%%time\nx = 1\n!ls", want: "pass\nx = 1\npass", magics: []string{"time \nx = 1\n!ls", "! ls"}},
		{name: "help", in: "f?\n?f\nf.g??\n", want: "pass\npass\npass\n", magics: []string{"help f?", "help ?f", "help f.g??"}},
		{name: "strings", in: "a = '''\n!no\n%no\n'''\nb = (1\n% 2)\nc = 1 \\\n% 3", want: "a = '''\n!no\n%no\n'''\nb = (1\n% 2)\nc = 1 \\\n% 3"},
		{name: "comparison", in: "a != b\nx = y != z\nx = y % z", want: "a != b\nx = y != z\nx = y % z"},
		{name: "comment", in: "a # ( '''\n!ls", want: "a # ( '''\npass", magics: []string{"! ls"}},
		{name: "language of Databricks", in: "%sh\ncurl x", want: "\n", databricks: true, magics: []string{"sh \ncurl x"}},
		{name: "no language elsewhere", in: "%sh\nexec(x)", want: "pass\nexec(x)", magics: []string{"sh "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, commands := toPython(tt.in, tt.databricks)
			var magics []string
			for _, c := range commands {
				magics = append(magics, c.magic+" "+c.text)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("code (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.magics, magics); d != "" {
				t.Errorf("commands (-want +got):\n%s", d)
			}
		})
	}
}

func FuzzToPython(f *testing.F) {
	f.Add("%%bash\n!ls \\\nx = !y\n%time a", true)
	f.Fuzz(func(t *testing.T, s string, databricks bool) {
		s = lineEnds.Replace(s)
		code, commands := toPython(s, databricks)
		if strings.Count(code, "\n") != strings.Count(s, "\n") {
			t.Errorf("%q became %q", s, code)
		}
		var v virtual
		v.escapes(asset.Ref{}, s, commands)
		if !slices.IsSortedFunc(v.lines, func(a, b scan.LineSpan) int { return a.From - b.From }) {
			t.Error("lines out of order")
		}
	})
}
