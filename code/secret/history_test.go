package secret

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/scan"
)

func gitIn(t testing.TB, dir string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("git is not installed")
		}
		t.Fatal(err)
	}
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// TestHistory: what was removed is found with its commit, what is still there is one
// finding with the file first.
func TestHistory(t *testing.T) {
	dir := t.TempDir()
	gone, kept := example(t, "npm-token", 5), example(t, "huggingface-token", 6)
	write := func(name, body string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	gitIn(t, dir, "init", "-q", "-b", "main")
	write("a.env", "NPM_TOKEN="+gone+"\n")
	write("b.env", "\nHF_TOKEN="+kept+"\n")
	gitIn(t, dir, "add", "-A")
	gitIn(t, dir, "commit", "-q", "-m", "first")
	write("a.env", "NPM_TOKEN=\n")
	gitIn(t, dir, "commit", "-q", "-am", "second")
	for _, packed := range []bool{false, true} {
		if packed {
			gitIn(t, dir, "gc", "-q")
		}
		r, err := scan.Run(t.Context(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{New(), NewHistory()}})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Findings) != 2 || len(r.Coverage.Errors) > 0 {
			t.Fatalf("findings %v, errors %v", lines(r), r.Coverage.Errors)
		}
		for _, f := range r.Findings {
			where := f.Where().Ref.String()
			switch f.Rule.ID {
			case "secret/npm-token":
				if f.Attrs["present"] != false || f.Attrs["author"] != "Ada <ada@example.com>" || !strings.Contains(where, ".git!/commit@") ||
					!strings.HasSuffix(where, "!/a.env") || !strings.Contains(f.Message, "only in the history since 2026-01-02") {
					t.Errorf("%s: %s, %v", where, f.Message, f.Attrs)
				}
			case "secret/huggingface-token":
				if !strings.HasSuffix(where, "/b.env") || len(f.Locations) != 2 || f.Where().Line != 2 {
					t.Errorf("%v", f.Locations)
				}
			}
		}
	}
	r, err := scan.Run(t.Context(), scan.Options{Roots: []string{t.TempDir()}, Scanners: []scan.Scanner{NewHistory()}})
	if err != nil || len(r.Coverage.Errors) != 1 {
		t.Errorf("no repository: errors %v, %v", r.Coverage.Errors, err)
	}
}
