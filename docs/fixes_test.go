package docs

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/code/sast"
)

// TestFixTable compares the table of fixes with those that are built in.
func TestFixTable(t *testing.T) {
	k, err := sast.Load()
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| finding | change | unsafe, because |\n|---|---|---|\n")
	last := ""
	for _, f := range k.Fixes() {
		id := ""
		if f.Rule != last {
			id = "`" + f.Rule + "`"
		}
		last = f.Rule
		fmt.Fprintf(&want, "| %s | `%s` | %s |\n", id, strings.Join(f.Steps, "`, `"), f.Unsafe)
	}
	const begin, end = "<!-- generated: fixes -->\n\n", "\n<!-- end: fixes -->\n"
	b, err := os.ReadFile("fix.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), begin)
	body, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("fix.md has no place for the table")
	}
	if body == want.String() {
		return
	}
	if *update {
		if err := os.WriteFile("fix.md", []byte(head+begin+want.String()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the table of fixes is not current; go test ./docs -update\n%s", cmp.Diff(strings.Split(body, "\n"), strings.Split(want.String(), "\n")))
}
