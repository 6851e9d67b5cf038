package docs

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/model/artifact/matrix"
)

// TestModelTables compares the tables of formats, threats and rules with what the
// matrix shows; its own test scans every row of it.
func TestModelTables(t *testing.T) {
	rows, err := matrix.Rows("..")
	if err != nil {
		t.Fatal(err)
	}
	scanners := append(merlon.Scanners(), merlon.DeepScanners()...)
	for _, part := range []struct{ doc, name, want string }{
		{"models.md", "formats", matrix.Formats(rows, scanners)},
		{"models.md", "threats", matrix.Threats(rows, "model-rules.md")},
		{"model-rules.md", "rules", matrix.Rules(merlon.Rules())},
	} {
		b, err := os.ReadFile(part.doc)
		if err != nil {
			t.Fatal(err)
		}
		begin, end := "<!-- generated: "+part.name+" -->\n\n", "\n<!-- end: "+part.name+" -->\n"
		head, rest, ok := strings.Cut(string(b), begin)
		body, tail, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Errorf("%s has no place for the %s: %q and %q", part.doc, part.name, begin, end)
			continue
		}
		if body == part.want {
			continue
		}
		if *update {
			if err := os.WriteFile(part.doc, []byte(head+begin+part.want+end+tail), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Errorf("%s: the table of %s is not current; go test ./docs -update\n%s", part.doc, part.name,
			cmp.Diff(strings.Split(body, "\n"), strings.Split(part.want, "\n")))
	}
	for _, s := range scanners {
		if s.Info().Verdicts && !matrix.Known(s.Info().ID) {
			t.Errorf("scanner %s has no line in the table of formats: matrix/kinds.go", s.Info().ID)
		}
	}
}
