package docs

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/gate"
)

// TestPolicyFields compares the reference of what policies see with the program.
func TestPolicyFields(t *testing.T) {
	b, err := os.ReadFile("policies.md")
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- generated: fields -->\n\n", "\n<!-- end: fields -->\n"
	head, rest, ok := strings.Cut(string(b), begin)
	body, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("policies.md has no place for the fields: %q and %q", begin, end)
	}
	want := gate.Reference()
	if body == want {
		return
	}
	if *update {
		if err := os.WriteFile("policies.md", []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the fields are not current; go test ./docs -update\n%s", cmp.Diff(strings.Split(body, "\n"), strings.Split(want, "\n")))
}
