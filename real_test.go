package merlon

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
