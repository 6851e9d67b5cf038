package matrix_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/matrix"
)

const root = "../../.."

var table = sync.OnceValues(func() ([]matrix.Row, error) { return matrix.Rows(root) })

func rows(t *testing.T) []matrix.Row {
	t.Helper()
	list, err := table()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// said is what a scan says about one model.
type said struct {
	verdict  asset.Verdict
	formats  []string
	rules    []string
	messages []string
}

// scan looks at many models at once, as `merlon scan` does: each in a folder of its
// own, so that nothing may leak from one to the other.
func scan(t *testing.T, models []matrix.Files, deep bool) []said {
	t.Helper()
	dir := t.TempDir()
	for i, f := range models {
		if err := f.Write(filepath.Join(dir, fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	res, err := merlon.Scan(context.Background(), merlon.Options{Paths: []string{dir}, Deep: deep})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]said, len(models))
	of := func(path string) *said {
		rel, err := filepath.Rel(dir, filepath.FromSlash(path))
		var i int
		if err == nil {
			_, err = fmt.Sscan(strings.SplitN(filepath.ToSlash(rel), "/", 2)[0], &i)
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return &out[i]
	}
	for _, a := range res.Assets {
		s := of(a.Ref.Path)
		s.verdict = s.verdict.Worst(a.Verdict)
		s.formats = append(s.formats, a.Format)
	}
	for _, f := range res.Findings {
		s := of(f.Locations[0].Ref.Path)
		s.rules = append(s.rules, f.Rule.ID)
		s.messages = append(s.messages, f.Rule.ID+": "+f.Message)
	}
	for _, e := range res.Coverage.Errors {
		path, _, _ := strings.Cut(e.Path, "!")
		if path, _, _ = strings.Cut(path, "#"); path != "" {
			s := of(path)
			s.messages = append(s.messages, "error: "+e.Err)
		}
	}
	for i := range out {
		slices.Sort(out[i].rules)
		out[i].rules = slices.Compact(out[i].rules)
	}
	return out
}

// TestRows scans both files of every row.
func TestRows(t *testing.T) {
	for _, deep := range []bool{false, true} {
		var list []matrix.Row
		var models []matrix.Files
		for _, r := range rows(t) {
			if r.Deep == deep {
				list = append(list, r)
				models = append(models, r.Bad, r.Twin)
			}
		}
		got := scan(t, models, deep)
		for i, r := range list {
			bad, twin := got[2*i], got[2*i+1]
			name := r.Format + ", " + r.Threat
			wrong(t, name, bad, r.Verdict, r.Rules)
			wrong(t, name+", the twin", twin, r.TwinVerdict, r.TwinRules)
			if !slices.Contains(bad.formats, r.Format) && r.Verdict != asset.Unknown {
				t.Errorf("%s: the formats are %q", name, bad.formats)
			}
		}
	}
}

// wrong compares, and shows a message for every rule that was not expected.
func wrong(t *testing.T, name string, got said, verdict asset.Verdict, rules []string) {
	t.Helper()
	var diff []string
	for _, rule := range rules {
		if !slices.Contains(got.rules, rule) {
			diff = append(diff, "without "+rule)
		}
	}
	for _, rule := range append(got.rules, "error") {
		if i := slices.IndexFunc(got.messages, func(m string) bool { return strings.HasPrefix(m, rule+": ") }); i >= 0 && !slices.Contains(rules, rule) {
			diff = append(diff, "with "+got.messages[i])
		}
	}
	if got.verdict != verdict || !gocmp.Equal(slices.Sorted(slices.Values(rules)), got.rules, cmpopts.EquateEmpty()) {
		t.Errorf("%s: %q, want %q\n\t%s", name, got.verdict, verdict, strings.Join(diff, "\n\t"))
	}
}

// TestHarmIsNeverOK: what harms is malicious, unverified or an error. A finding about a
// file that is ok nevertheless is one that says so by its severity.
func TestHarmIsNeverOK(t *testing.T) {
	severe := map[string]finding.Severity{}
	for _, r := range merlon.Rules() {
		severe[r.ID] = r.Severity
	}
	seen := map[string]bool{}
	for _, r := range rows(t) {
		id := r.Family + "/" + r.Format + "/" + r.Threat
		if seen[id] {
			t.Errorf("%s is there twice", id)
		}
		seen[id] = true
		if len(r.Bad) == 0 || len(r.Twin) == 0 {
			t.Errorf("%s: without files", id)
		}
		if maps.Equal(r.Bad, r.Twin) {
			t.Errorf("%s: the twin is the same", id)
		}
		if r.Verdict == asset.OK || r.Verdict == asset.Unknown {
			for _, rule := range r.Rules {
				if severe[rule] >= finding.High {
					t.Errorf("%s: %q with a finding of severity %s", id, r.Verdict, severe[rule])
				}
			}
			if len(r.Rules) == 0 {
				t.Errorf("%s: neither a verdict nor a finding", id)
			}
		}
	}
}

// TestEveryRuleIsShown: no scanner without a row, no rule that no file reaches.
func TestEveryRuleIsShown(t *testing.T) {
	shown := map[string]bool{}
	for _, r := range rows(t) {
		for _, rule := range r.Rules {
			shown[rule] = true
		}
	}
	for _, s := range append(merlon.Scanners(), merlon.DeepScanners()...) {
		for _, r := range s.Info().Rules {
			if r.Category == finding.Artifact && !shown[r.ID] {
				t.Errorf("scanner %s: no row reaches %s", s.Info().ID, r.ID)
			}
			delete(shown, r.ID)
		}
	}
	for id := range shown {
		t.Errorf("%s is expected and no rule", id)
	}
}
