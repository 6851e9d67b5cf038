package docs

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/gate/cel"
)

// TestPolicyReference compares the reference of what policies see, and of what their
// conditions may call, with the program.
func TestPolicyReference(t *testing.T) {
	for name, want := range map[string]string{
		"fields":    gate.Reference(),
		"functions": "```text\n" + strings.Join(cel.Functions(), "\n") + "\n```\n",
	} {
		b, err := os.ReadFile("policies.md")
		if err != nil {
			t.Fatal(err)
		}
		begin, end := "<!-- generated: "+name+" -->\n\n", "\n<!-- end: "+name+" -->\n"
		head, rest, ok := strings.Cut(string(b), begin)
		body, tail, closed := strings.Cut("\n"+rest, end)
		if !ok || !closed {
			t.Fatalf("policies.md has no place for the %s: %q and %q", name, begin, end)
		}
		if body = strings.TrimPrefix(body, "\n"); body == want {
			continue
		}
		if *update {
			if err := os.WriteFile("policies.md", []byte(head+begin+want+end+tail), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		t.Errorf("the %s are not current; go test ./docs -update\n%s", name, cmp.Diff(strings.Split(body, "\n"), strings.Split(want, "\n")))
	}
}
