package sast

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Every folder below testdata is a project, scanned with the profile in its name. A line that ends in "# want: RULE, RULE"
// must be found under these rules and no others (in profile bandit: under these ids of Bandit); every other line must not be found. A
// function that must not be found says why in a comment "# ok: REASON". "RULE unsure" is found with low
// confidence: something on the way is not understood. "# missed: RULE"
// stands where the analysis does not see yet what is there.
var (
	wantLine = regexp.MustCompile(`# want: ([A-Za-z0-9/, -]+)`)
	okLine   = regexp.MustCompile(`# ok\b`)
)

func fixtures(t *testing.T) []string {
	var dirs []string
	for _, pattern := range []string{"testdata/*/*.py", "testdata/cross/*/*.py"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if d := filepath.Dir(f); !slices.Contains(dirs, d) {
				dirs = append(dirs, d)
			}
		}
	}
	return dirs
}

func scanFixture(t *testing.T, dir string) []finding.Record {
	t.Helper()
	profile := "default"
	if _, name, ok := strings.Cut(dir, "/profile-"); ok {
		profile = name
	}
	r, err := scan.Run(context.Background(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{NewProfile(profile)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Coverage.Errors {
		t.Errorf("%v", e)
	}
	return r.Findings
}

func TestFixtures(t *testing.T) {
	for _, dir := range fixtures(t) {
		t.Run(strings.TrimPrefix(dir, "testdata/"), func(t *testing.T) {
			t.Parallel()
			var want, got []string
			for name, text := range texts(t, dir) {
				for i, line := range strings.Split(text, "\n") {
					if m := wantLine.FindStringSubmatch(line); m != nil {
						for rule := range strings.SplitSeq(m[1], ",") {
							want = append(want, fmt.Sprintf("%s:%d %s", name, i+1, strings.TrimSpace(rule)))
						}
					}
				}
			}
			for _, f := range scanFixture(t, dir) {
				l := f.Locations[0]
				id := f.Rule.ID
				if strings.HasSuffix(dir, "/profile-bandit") {
					id = f.Rule.Aliases[0]
				}
				if f.Confidence == finding.Unsure && f.Rule.Confidence != finding.Unsure {
					id += " unsure"
				}
				got = append(got, fmt.Sprintf("%s:%d %s", filepath.Base(l.Ref.String()), l.Line, id))
			}
			slices.Sort(want)
			slices.Sort(got)
			if d := cmp.Diff(want, slices.Compact(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

func texts(t *testing.T, dir string) map[string]string {
	out := map[string]string{}
	var files []string
	for _, pattern := range []string{"/*.py", "/*/*.py"} {
		some, err := filepath.Glob(dir + pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = string(b)
	}
	return out
}

// TestFixturesAreEnough counts what the fixtures show.
func TestFixturesAreEnough(t *testing.T) {
	var positive, negative, across int
	shown := map[string]bool{}
	for _, dir := range fixtures(t) {
		for _, text := range texts(t, dir) {
			p, n := countFunctions(text)
			positive, negative = positive+p, negative+n
		}
		for _, f := range scanFixture(t, dir) {
			shown[f.Rule.ID] = true
			files := map[string]bool{}
			for _, h := range f.Trace {
				files[h.Ref.String()] = true
			}
			if len(files) >= 3 {
				across++
			}
		}
	}
	t.Logf("%d functions with a finding, %d without (%d %%), %d flows through three or more files", positive, negative, 100*negative/(positive+negative), across)
	if positive+negative < 400 || negative*100 < 40*(positive+negative) || across < 40 {
		t.Errorf("want 400 functions, 40 %% of them without a finding, and 40 flows through three files")
	}
	k, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range k.rules.all {
		if !shown[r.ID] && r.Bad != "" {
			t.Errorf("no fixture shows %s", r.ID)
		}
	}
}

// countFunctions counts the functions that hold an annotation, by the innermost one
// around it.
func countFunctions(text string) (positive, negative int) {
	tree := python.Parse([]byte(text))
	type span struct{ from, to int }
	var spans []span
	tree.Walk(tree.Module(), func(n python.Node) bool {
		switch tree.Kind(n) {
		case python.KindFunctionDef, python.KindAsyncFunctionDef:
			end, _ := tree.Position(tree.End(n))
			spans = append(spans, span{tree.Line(n), end})
		}
		return true
	})
	kind := map[span]int{}
	for i, line := range strings.Split(text, "\n") {
		best := span{}
		for _, s := range spans {
			if s.from <= i+1 && i+1 <= s.to && (best.to == 0 || s.to-s.from < best.to-best.from) {
				best = s
			}
		}
		switch {
		case best.to == 0:
		case wantLine.MatchString(line):
			kind[best] = 1
		case okLine.MatchString(line) && kind[best] == 0:
			kind[best] = 2
		}
	}
	for _, k := range kind {
		if k == 1 {
			positive++
		} else {
			negative++
		}
	}
	return positive, negative
}
