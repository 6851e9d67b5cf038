package lightgbm_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/lightgbm"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What merlon counts is what LightGBM itself says about its models.
func TestRealModels(t *testing.T) {
	type counts struct{ Trees, Leaves, Features int64 }
	var want map[string]counts
	if err := json.Unmarshal(read(t, "expected.json"), &want); err != nil {
		t.Fatal(err)
	}
	for name, w := range want {
		b := read(t, name+".txt")
		if r := artifacttest.Scan(t, lightgbm.New(), "model.txt", b); r.Verdict != asset.OK || r.Format != "lightgbm" {
			t.Errorf("%s: %q %v", name, r.Verdict, r.Errors)
		}
		d, err := artifacttest.Describe(t, lightgbm.New(), "model.txt", b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got counts
		for _, f := range d.Facts {
			switch f.Kind {
			case "trees":
				got.Trees = f.Value.(int64)
			case "leaves":
				got.Leaves = f.Value.(int64)
			case "features":
				got.Features = f.Value.(int64)
			}
		}
		if diff := cmp.Diff(w, got); diff != "" || d.Version != "v4" {
			t.Errorf("%s %s (-LightGBM +merlon)\n%s", name, d.Version, diff)
		}
	}
}

func TestBrokenModels(t *testing.T) {
	whole := string(read(t, "category.txt"))
	for name, change := range map[string][2]string{
		"child outside":    {"left_child=1 -1 -3", "left_child=9 -1 -3"},
		"leaf outside":     {"left_child=1 -1 -3", "left_child=1 -1 -9"},
		"circle":           {"left_child=1 -1 -3", "left_child=0 -1 -3"},
		"leaf twice":       {"left_child=1 -1 -3", "left_child=1 -1 -1"},
		"more leaves":      {"num_leaves=4", "num_leaves=5"},
		"huge":             {"num_leaves=4", "num_leaves=2147483646"},
		"feature outside":  {"split_feature=2 2 2", "split_feature=2 3 2"},
		"size lies":        {"tree_sizes=518", "tree_sizes=519"},
		"tree is missing":  {"tree_sizes=518 531", "tree_sizes=518"},
		"set outside":      {"decision_type=2 2 2", "decision_type=1 2 2"},
		"no number":        {"leaf_weight=1", "leaf_weight=x"},
		"key twice":        {"num_cat=0", "num_leaves=4"},
		"names":            {"feature_names=Column_0 ", "feature_names="},
		"order of trees":   {"Tree=1", "Tree=2"},
		"no end":           {"end of parameters", "end of all"},
		"no class":         {"num_class=1\n", "\n"},
		"linear, no parts": {"is_linear=0", "is_linear=1"},
	} {
		b := strings.Replace(whole, change[0], change[1], 1)
		if b == whole {
			t.Errorf("%s: the fixture does not have %q", name, change[0])
		}
		if name == "no end" {
			b = strings.Replace(b, "pandas_categorical", "x", 1)
		}
		if r := artifacttest.Scan(t, lightgbm.New(), "m.txt", []byte(b)); r.Verdict != asset.Failed {
			t.Errorf("%s: %q", name, r.Verdict)
		}
	}
}

func TestOtherText(t *testing.T) {
	for _, s := range []string{"tree\n", "trees are green\n", "tree\nversion=4\n", ""} {
		if r := artifacttest.Scan(t, lightgbm.New(), "a.txt", []byte(s)); r.Verdict != "" {
			t.Errorf("%q: verdict %q", s, r.Verdict)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	s := lightgbm.New()
	artifacttest.CheckRules(t, s)
	b := read(t, "category.txt")
	// What follows the parameters is for pandas only.
	end := bytes.Index(b, []byte("end of parameters")) + len("end of parameters")
	artifacttest.Truncate(t, s, "m.txt", b, func(n int) bool { return n >= end })
	artifacttest.Mutate(t, s, "m.txt", b, 300)
}

func FuzzLightGBM(f *testing.F) {
	f.Add(read(f, "category.txt"))
	f.Add(read(f, "linear.txt"))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, lightgbm.New(), "m.txt", b) })
}
