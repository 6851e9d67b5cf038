package parity

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/engine/python"
)

// TestEveryIDIsShown: what the ids mean is in ../testdata/profile-bandit, one file for
// each, with lines that are found and lines that look like it and are not.
func TestEveryIDIsShown(t *testing.T) {
	if n := len(IDs()); n != 75 {
		t.Errorf("%d ids, Bandit 1.9.4 has 75", n)
	}
	for _, id := range IDs() {
		b, err := os.ReadFile(filepath.Join("../testdata/profile-bandit", strings.ToLower(id)+".py"))
		if err != nil {
			t.Error(err)
			continue
		}
		var missed, found bool
		lines := strings.Split(string(b), "\n")
		hits := Find(python.Parse(b))
		for i, l := range lines {
			_, want, _ := strings.Cut(l, "# want: ")
			is := slices.ContainsFunc(hits, func(h Hit) bool { return h.ID == id && h.First <= i+1 && i+1 <= h.Last })
			found = found || strings.Contains(want, id) && is
			missed = missed || l != "" && !strings.Contains(want, id) && !is
		}
		if !found || !missed {
			t.Errorf("%s: its file shows found = %v, not found = %v", id, found, missed)
		}
	}
}

// TestWorkIsBounded: what would take quadratic time gives up.
func TestWorkIsBounded(t *testing.T) {
	for name, src := range map[string]string{
		"pieces":    "x = " + strings.Repeat("'select a' + ", 50_000) + "y",
		"variables": "from django.utils.safestring import mark_safe\n" + strings.Repeat("a = b\nmark_safe(a)\n", 20_000),
		"nested":    "import jinja2\n" + strings.Repeat("jinja2.Environment(", 90) + strings.Repeat(")", 90),
	} {
		tree := python.Parse([]byte(src))
		v := &visit{t: tree, parents: tree.Parents(), aliases: map[string]string{}, budget: 20*tree.Len() + 1000}
		tree.Walk(tree.Module(), func(n python.Node) bool { v.node(n); return true })
		if v.budget < -tree.Len() {
			t.Errorf("%s: %d nodes more than allowed", name, -v.budget)
		}
		if len(v.hits) == 0 && name != "pieces" {
			t.Errorf("%s: nothing found", name)
		}
	}
}

func FuzzFind(f *testing.F) {
	files, err := filepath.Glob("../testdata/profile-bandit/*.py")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		tree := python.Parse(b)
		for _, h := range Find(tree) {
			if h.Start < 0 || h.Start > h.End || h.End > len(tree.Source()) || h.First < 1 || h.First > h.Last {
				t.Fatalf("%+v in a text of %d bytes", h, len(tree.Source()))
			}
		}
	})
}
