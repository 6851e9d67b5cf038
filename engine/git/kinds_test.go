package git

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSHA256: repositories whose objects are named by SHA-256 are read as others are.
func TestSHA256(t *testing.T) {
	r := newRepository(t, "--object-format=sha256")
	r.grow(6)
	want := r.wantBlobs()
	for _, how := range []string{"loose", "packed"} {
		if how == "packed" {
			r.git("gc", "-q", "--aggressive")
		}
		repo, h := history(t, r.dir)
		var got []string
		for _, b := range h.Blobs {
			got = append(got, b.ID.String())
			if _, data, err := repo.Read(b.ID); err != nil || r.git("cat-file", "-p", b.ID.String()) != strings.TrimSpace(string(data)) {
				t.Errorf("%s: %s: %v", how, b.Path, err)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) || len(h.Errors) > 0 {
			t.Errorf("%s: %d blobs, want %d; %v", how, len(got), len(want), h.Errors)
		}
	}
	r.write("staged.txt", "new\n")
	r.git("add", "-A")
	repo, _ := history(t, r.dir)
	files, err := repo.Staged()
	if err != nil || len(files) != 1 || files[0].ID.String() != r.git("rev-parse", ":staged.txt") {
		t.Errorf("staged: %v, %v", files, err)
	}
}

// TestAlternates: objects that a clone shares with another repository are read when
// they may be, and named otherwise.
func TestAlternates(t *testing.T) {
	r := newRepository(t)
	r.grow(3)
	want := len(r.wantBlobs())
	dir := filepath.Join(t.TempDir(), "shared")
	r.git("clone", "-q", "--shared", r.dir, dir)
	repo, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	refused, err := repo.Borrow(func(string) bool { return false })
	if err != nil || len(refused) != 1 || refused[0] != filepath.Join(r.dir, ".git/objects") {
		t.Errorf("refused %q, %v", refused, err)
	}
	if refused, err = repo.Borrow(nil); err != nil || len(refused) != 0 {
		t.Fatalf("refused %q, %v", refused, err)
	}
	h, err := repo.History(t.Context())
	if err != nil || len(h.Blobs) != want || len(h.Errors) != 0 {
		t.Errorf("%d blobs, want %d; %v, %v", len(h.Blobs), want, h.Errors, err)
	}
}

// TestPartial: what a partial clone leaves to be fetched later is no error of each
// file.
func TestPartial(t *testing.T) {
	r := newRepository(t)
	r.grow(3)
	r.git("config", "uploadpack.allowFilter", "true")
	dir := filepath.Join(t.TempDir(), "partial")
	r.git("clone", "-q", "--no-checkout", "--filter=tree:0", "file://"+r.dir, dir)
	repo, h := history(t, dir)
	if !repo.Partial || len(h.Errors) != 0 || len(h.Commits) == 0 {
		t.Errorf("partial %t, %d commits, %v", repo.Partial, len(h.Commits), h.Errors)
	}
}

// TestUnknownFormats: a repository whose references or names are of a kind that is not
// known is an error, not an empty history.
func TestUnknownFormats(t *testing.T) {
	for _, line := range []string{"refStorage = reftable", "objectFormat = sha3"} {
		r := newRepository(t)
		r.write("a.txt", "x\n")
		r.commit("first")
		config := filepath.Join(r.dir, ".git/config")
		b, err := os.ReadFile(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(config, append(b, "[extensions]\n\t"+line+"\n"...), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(r.dir); err == nil || errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestHooks compares with git where it looks for hooks.
func TestHooks(t *testing.T) {
	t.Setenv("GIT_CONFIG_GLOBAL", filepath.Join(t.TempDir(), "none"))
	for _, path := range []string{"", ".githooks", "/opt/hooks"} {
		r := newRepository(t)
		if path != "" {
			r.git("config", "core.hooksPath", path)
		}
		repo, err := Open(r.dir)
		if err != nil {
			t.Fatal(err)
		}
		want := r.git("rev-parse", "--git-path", "hooks")
		if !filepath.IsAbs(want) {
			want = filepath.Join(r.dir, want)
		}
		if got := repo.Hooks(r.dir); got != want {
			t.Errorf("core.hooksPath %q: %s, want %s", path, got, want)
		}
		repo.Close()
	}
}
