package git

import (
	"os"
	"path/filepath"
	"testing"
)

// TestChanged holds Changed against git status.
func TestChanged(t *testing.T) {
	r := newRepository(t)
	r.write("a.py", "print(1)\n")
	r.write("d/b.py", "print(2)\n")
	r.write("lines.txt", "one\ntwo\n")
	r.commit("first")
	r.git("remote", "add", "origin", "https://ada:hunter2@example.com/team/model.git")
	check := func(what string, want bool) {
		t.Helper()
		repo, err := Open(r.dir)
		if err != nil {
			t.Fatal(err)
		}
		defer repo.Close()
		got, err := repo.Changed(t.Context(), r.dir)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", what, got, err, want)
		}
		if status := r.git("status", "--porcelain", "-uno"); (status != "") != want && what != "other ends of lines" {
			t.Errorf("%s: git status says %q", what, status)
		}
	}
	check("as committed", false)
	r.write("new.py", "")
	check("a file that git does not know", false)
	r.write("a.py", "print(3)\n")
	check("another content", true)
	r.git("add", "a.py")
	check("staged", true)
	r.commit("second")
	check("committed", false)
	if err := os.Remove(filepath.Join(r.dir, "d/b.py")); err != nil {
		t.Fatal(err)
	}
	check("removed", true)
	r.git("rm", "-q", "--cached", "d/b.py")
	check("removed from the index", true)
	r.commit("third")
	check("committed again", false)
	r.write("lines.txt", "one\r\ntwo\r\n")
	check("other ends of lines", false)

	repo, err := Open(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	if got := repo.Remote(); got != "https://example.com/team/model.git" {
		t.Errorf("remote %s", got)
	}
}
