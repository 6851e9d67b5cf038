package merlon

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
)

// TestRealModels scans what numpy, pandas, scipy, scikit-learn, joblib, XGBoost, LightGBM and PyTorch write: all of it is ok.
func TestRealModels(t *testing.T) {
	dir := filepath.Join("model", "artifact", "testdata", "real")
	r, err := Scan(context.Background(), Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]asset.Verdict{}
	for _, a := range r.Assets {
		if a.Kind == asset.Model {
			name := filepath.Base(a.Ref.Path)
			verdicts[name] = verdicts[name].Worst(a.Verdict)
		}
	}
	manifest, err := os.Open(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	files := 0
	for lines := bufio.NewScanner(manifest); lines.Scan(); {
		name, made, ok := strings.Cut(lines.Text(), "\t")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		files++
		if verdicts[name] != asset.OK {
			t.Errorf("%s of %s is %q, want ok", name, made, verdicts[name])
			for _, f := range r.Findings {
				if len(f.Locations) > 0 && filepath.Base(f.Locations[0].Ref.Path) == name {
					t.Logf("  %s: %s", f.Rule.ID, f.Message)
				}
			}
		}
	}
	if files < 60 {
		t.Errorf("%d files in the manifest, want at least 60", files)
	}
}

// TestRealTensors compares the arrays and tensors that inspect finds in pickles, joblib files and files of PyTorch with
// those that the libraries find in the objects that they load (bench/peers/formats/read_real.py).
func TestRealTensors(t *testing.T) {
	dir := filepath.Join("model", "artifact", "testdata", "real")
	doc, err := os.ReadFile(filepath.Join(dir, "TENSORS.json"))
	if err != nil {
		t.Fatal(err)
	}
	var files map[string][][3]any // name, type, shape
	if err := json.Unmarshal(doc, &files); err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Errorf("%d files, want at least 50", len(files))
	}
	for name, rows := range files {
		x, err := Inspect(t.Context(), InspectOptions{Path: filepath.Join(dir, name)})
		if err != nil {
			t.Fatal(err)
		}
		want, got := []string{}, []string{}
		for _, r := range rows {
			want = append(want, fmt.Sprintln(r[:]...))
		}
		for _, x := range x.Files[0].Tensors {
			got = append(got, fmt.Sprintln(x.Name, x.DType, x.Shape))
		}
		slices.Sort(want)
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" || x.Files[0].Err != "" {
			t.Errorf("%s: (-library +merlon): %s%s", name, d, x.Files[0].Err)
		}
	}
}
