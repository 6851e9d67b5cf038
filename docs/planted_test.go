package docs

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
)

const example = "../examples/loan-approval"

var quoted = regexp.MustCompile("`([^`]+)`")

// TestPlanted compares the table of planted problems with what merlon reports of
// medium severity and above: everything in the table is found, and everything
// found is in the table.
func TestPlanted(t *testing.T) {
	b, err := os.ReadFile(example + "/PLANTED.md")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{} // "file rule"
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 3 || !strings.HasPrefix(line, "| `") {
			continue
		}
		file := quoted.FindStringSubmatch(cells[0])[1]
		if _, err := os.Stat(example + "/" + file); err != nil {
			t.Errorf("PLANTED.md names %s: %v", file, err)
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[2], -1) {
			want[file+" "+m[1]] = true
		}
	}
	r, err := merlon.Scan(t.Context(), merlon.Options{Paths: []string{example}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Coverage.Errors) > 0 {
		t.Errorf("the example could not be looked at: %v", r.Coverage.Errors)
	}
	got := map[string]bool{}
	for _, f := range r.Findings {
		if f.Severity >= finding.Medium {
			got[inExample(f.Locations[0].Ref.Path)+" "+f.Rule.ID] = true
		}
	}
	if d := cmp.Diff(keys(want), keys(got)); d != "" {
		t.Errorf("planted and found differ (-PLANTED.md +merlon):\n%s", d)
	}

	// The clean models are as clean as the table says.
	verdicts := map[string]asset.Verdict{}
	for _, a := range r.Assets {
		verdicts[inExample(a.Ref.Path)] = a.Verdict
	}
	_, clean, _ := strings.Cut(string(b), "Clean, and reported as such:")
	clean, _, _ = strings.Cut(clean, "\n\n")
	for _, m := range quoted.FindAllStringSubmatch(clean, -1) {
		if v := verdicts["models/"+m[1]]; v != asset.OK {
			t.Errorf("models/%s: verdict %q, the table says it is clean", m[1], v)
		}
	}
}

// inExample is the path within the example's folder.
func inExample(path string) string {
	_, rest, _ := strings.Cut(path, "loan-approval/")
	return rest
}

func keys(m map[string]bool) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
