package adapter

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/scan"
)

// part test
func TestScan(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       []string // messages
		incomplete bool
	}{
		{name: "pinned", body: `{"base_model_name_or_path": "org/base", "revision": "5f0b02c"}`},
		{name: "open", body: `{"base_model_name_or_path": "org/base", "revision": null}`,
			want: []string{`base model "org/base" without a revision`}},
		{name: "broken", body: `{"base_model`, incomplete: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "adapter_config.json"), []byte(tt.body), 0o644); err != nil {
				t.Fatal(err)
			}
			r, err := scan.Run(t.Context(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{Scanner{}}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.Message)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("messages (-want +got):\n%s", d)
			}
			if incomplete := len(r.Coverage.Errors) > 0; incomplete != tt.incomplete {
				t.Errorf("errors %v, want incomplete = %v", r.Coverage.Errors, tt.incomplete)
			}
		})
	}
}

// end test

func TestRules(t *testing.T) {
	for _, r := range rules() {
		if err := r.Check(); err != nil {
			t.Error(err)
		}
	}
}
