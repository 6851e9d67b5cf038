package xgboost_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/xgboost"
	"github.com/merlon-security/merlon/scan"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func models(t testing.TB) []string {
	t.Helper()
	var names []string
	for _, ext := range []string{"json", "ubj", "bin"} {
		list, err := filepath.Glob("testdata/*." + ext)
		if err != nil || len(list) == 0 {
			t.Fatal(ext, err)
		}
		for _, p := range list {
			if filepath.Base(p) != "expected.json" {
				names = append(names, filepath.Base(p))
			}
		}
	}
	return names
}

// What merlon counts is what XGBoost itself says about its models.
func TestRealModels(t *testing.T) {
	type counts struct {
		Trees    int64
		Nodes    any
		Features int64
	}
	var want map[string]counts
	if err := json.Unmarshal(read(t, "expected.json"), &want); err != nil {
		t.Fatal(err)
	}
	for _, name := range models(t) {
		if r := artifacttest.Scan(t, xgboost.New(), name, read(t, name)); r.Verdict != asset.OK || len(r.Errors) > 0 {
			t.Errorf("%s: %q %v", name, r.Verdict, r.Errors)
		}
		d, err := artifacttest.Describe(t, xgboost.New(), name, read(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := map[string]any{}
		for _, f := range d.Facts {
			got[f.Kind] = f.Value
		}
		w := want[name[:len(name)-len(filepath.Ext(name))]]
		nodes := int64(0)
		if list, ok := w.Nodes.([]any); ok {
			for _, n := range list {
				nodes += int64(n.(float64))
			}
			if diff := cmp.Diff([]any{w.Trees, nodes}, []any{got["trees"], got["nodes"]}); diff != "" {
				t.Errorf("%s: trees and nodes (-XGBoost +merlon)\n%s", name, diff)
			}
		}
		if got["features"] != w.Features || got["library"] != "xgboost" {
			t.Errorf("%s: %v, want %d features", name, got, w.Features)
		}
	}
}

func TestBrokenModels(t *testing.T) {
	tree := string(read(t, "tree.json"))
	for name, change := range map[string][2]string{
		"child outside":     {`"left_children":[1,`, `"left_children":[900,`},
		"circle":            {`"left_children":[1,`, `"left_children":[0,`},
		"child twice":       {`"right_children":[2,`, `"right_children":[1,`},
		"fewer nodes":       {`"num_nodes":"5"`, `"num_nodes":"4"`},
		"more nodes":        {`"num_nodes":"5"`, `"num_nodes":"500000000"`},
		"more trees":        {`"num_trees":"2"`, `"num_trees":"3"`},
		"feature outside":   {`"split_indices":[1`, `"split_indices":[7`},
		"shorter list":      {`"default_left":[0,`, `"default_left":[`},
		"key twice":         {`"version":`, `"version":[1,2,3],"version":`},
		"unknown booster":   {`"name":"gbtree"`, `"name":"merlon"`},
		"fraction as child": {`"left_children":[1,`, `"left_children":[1.5,`},
		"trailing":          {`"version":[3,0,5]}`, `"version":[3,0,5]}}`},
		"text as a list":    {`"parents":[2147483647,0,0,1,1]`, `"parents":"x"`},
		"no learner":        {`"learner":`, `"learned":`},
		"objective is gone": {`"name":"binary:logistic"`, `"title":"binary:logistic"`},
		"names do not fit":  {`"feature_names":[]`, `"feature_names":["a"]`},
	} {
		b := bytes.Replace([]byte(tree), []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(b, []byte(tree)) {
			t.Errorf("%s: the fixture does not have %s", name, change[0])
		}
		if r := artifacttest.Scan(t, xgboost.New(), "m.json", b); r.Verdict == asset.OK {
			t.Errorf("%s is ok", name)
		}
	}
}

func TestBinarySizesThatLie(t *testing.T) {
	b := read(t, "tree.bin")
	for name, at := range map[string]int{"objective": 140, "trees": 0xb1, "nodes": 0x155, "left child": 0x1e9, "split": 0x1f1} {
		for _, v := range []uint32{0x7fffffff, 0xffffffff, 1000} {
			c := bytes.Clone(b)
			binary.LittleEndian.PutUint32(c[at:], v)
			if r := artifacttest.Scan(t, xgboost.New(), "m.bin", c); r.Verdict == asset.OK {
				t.Errorf("%s %d is ok", name, v)
			}
		}
	}
}

func TestOtherFiles(t *testing.T) {
	for name, content := range map[string]string{
		"package.json": `{"version":"1.0","name":"x"}`,
		"a.json":       `{"learner":"Anna"}`,
		"data.bin":     string(make([]byte, 1000)),
		"empty.json":   "",
	} {
		if r := artifacttest.Scan(t, xgboost.New(), name, []byte(content)); r.Verdict != "" {
			t.Errorf("%s: verdict %q", name, r.Verdict)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	s := xgboost.New()
	artifacttest.CheckRules(t, s)
	for _, name := range []string{"tree.json", "category.ubj", "dart.bin", "linear.bin"} {
		artifacttest.Truncate(t, s, name, read(t, name), nil)
		artifacttest.Mutate(t, s, name, read(t, name), 300)
	}
}

func FuzzXGBoost(f *testing.F) {
	for _, name := range []string{"tree.json", "tree.ubj", "tree.bin", "linear.ubj"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, xgboost.New(), "m.ubj", b) })
}

// A model of more than 64 MB is read as a stream, in little memory: trees are judged one
// by one.
func TestLongJSON(t *testing.T) {
	const tree = `{"tree_param":{"num_nodes":"3","num_feature":"2","size_leaf_vector":"1"},"left_children":[1,-1,-1],"right_children":[2,-1,-1],"parents":[2147483647,0,0],` +
		`"split_indices":[0,0,0],"split_conditions":[5E-1,1E0,-1E0],"base_weights":[0,1E0,-1E0],"default_left":[0,0,0],"loss_changes":[1E0,0,0],"sum_hessian":[4E0,2E0,2E0],"split_type":[0,0,0],` +
		`"id":0,"categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[]}`
	build := func(bad string, n int) string {
		var b strings.Builder
		fmt.Fprintf(&b, `{"learner":{"attributes":{},"feature_names":[],"feature_types":[],"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"%d"},"tree_info":[`, n)
		b.WriteString(strings.TrimSuffix(strings.Repeat("0,", n), ","))
		b.WriteString(`],"trees":[`)
		b.WriteString(strings.TrimSuffix(strings.Repeat(tree+",", n-1)+bad, ","))
		b.WriteString(`]},"name":"gbtree"},"learner_model_param":{"base_score":"5E-1","num_class":"0","num_feature":"2","num_target":"1"},"objective":{"name":"reg:squarederror"}},"version":[3,0,0]}`)
		return b.String()
	}
	const n = 170_000
	for bad, want := range map[string]asset.Verdict{tree: asset.OK, strings.Replace(tree, "[1,-1,-1]", "[7,-1,-1]", 1): asset.Failed} {
		if small := artifacttest.Scan(t, xgboost.New(), "m.json", []byte(build(bad, 3))); (small.Verdict == asset.OK) != (want == asset.OK) {
			t.Fatalf("%q %v %v", small.Verdict, small.Messages(), small.Errors)
		}
		if want == asset.OK {
			continue
		}
		doc := build(bad, n) // the bad tree is the last
		if len(doc) < 64<<20 {
			t.Fatalf("%d bytes only", len(doc))
		}
		path := filepath.Join(t.TempDir(), "m.json")
		if err := os.WriteFile(path, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		doc = ""
		var r *artifacttest.Result
		most := artifacttest.Peak(t, func() { r = artifacttest.ScanPath(t, []scan.Scanner{xgboost.New()}, path) })
		if (r.Verdict == asset.OK) != (want == asset.OK) {
			t.Errorf("%q %v %v", r.Verdict, r.Messages(), r.Errors)
		}
		if most > 64<<20 {
			t.Errorf("%d MB of memory", most>>20)
		}
	}
}
