package git

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repository is made by git itself, which is the reference.
type repository struct {
	t   testing.TB
	dir string
}

func newRepository(t testing.TB, args ...string) repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("git is not installed")
		}
		t.Fatal(err)
	}
	r := repository{t, t.TempDir()}
	r.git(append([]string{"init", "-q", "-b", "main"}, args...)...)
	return r
}

func (r repository) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r repository) write(name, body string) {
	r.t.Helper()
	file := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r repository) commit(message string) {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", message)
}

// grow makes a history with edits that deltas are made of, a branch, a merge and tags.
func (r repository) grow(commits int) {
	rnd := rand.New(rand.NewPCG(1, 2))
	body := make([]string, 400)
	for i := range body {
		body[i] = fmt.Sprintf("line %d of the file, as it was at first", i)
	}
	for i := range commits {
		body[rnd.IntN(len(body))] = fmt.Sprintf("changed in commit %d", i)
		r.write("long.txt", strings.Join(body, "\n"))
		r.write(fmt.Sprintf("d%d/e/f%d.txt", i%3, i), fmt.Sprintf("file %d\n", i))
		r.commit(fmt.Sprintf("commit %d", i))
	}
	r.git("checkout", "-q", "-b", "side", "HEAD~2")
	r.write("side.txt", "from the side\n")
	r.commit("side")
	r.git("checkout", "-q", "main")
	r.git("merge", "-q", "--no-ff", "-m", "merge", "side")
	r.git("tag", "-a", "v1", "-m", "tagged")
	r.git("rm", "-q", "side.txt")
	r.commit("remove")
}

// wantBlobs asks git for every blob that the references reach.
func (r repository) wantBlobs() []string {
	var out []string
	for line := range strings.Lines(r.git("rev-list", "--objects", "--all")) {
		id, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if r.git("cat-file", "-t", id) == "blob" {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func history(t testing.TB, dir string) (*Repo, *History) {
	t.Helper()
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	h, err := r.History(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r, h
}

// TestHistoryIsComplete compares blobs and their content with git's, for loose
// objects, packs with deltas, bare repositories and linked worktrees.
func TestHistoryIsComplete(t *testing.T) {
	defer func(n int) { testOnlyMinWalk = n }(testOnlyMinWalk)
	testOnlyMinWalk = 4
	r := newRepository(t)
	r.grow(12)
	want := r.wantBlobs()
	check := func(name, dir string) {
		repo, h := history(t, dir)
		var got []string
		for _, b := range h.Blobs {
			got = append(got, b.ID.String())
			kind, data, err := repo.Read(b.ID)
			if err != nil || kind != BlobKind {
				t.Errorf("%s: blob %s: kind %d, %v", name, b.ID, kind, err)
				continue
			}
			if text := r.git("cat-file", "-p", b.ID.String()); text != strings.TrimSpace(string(data)) {
				t.Errorf("%s: content of %s differs", name, b.Path)
			}
			if commit := h.Commits[b.Commit]; r.git("cat-file", "-e", commit.ID.String()+":"+b.Path) != "" || commit.Author != "Ada <ada@example.com>" {
				t.Errorf("%s: %s is said to be in commit %+v", name, b.Path, commit)
			}
			if b.Present != (b.Path != "side.txt" && !strings.Contains(b.Path, "long.txt") || r.git("rev-parse", "HEAD:long.txt") == b.ID.String()) {
				t.Errorf("%s: %s %s: present = %t", name, b.Path, b.ID, b.Present)
			}
		}
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: blobs (-git +merlon):\n%s", name, d)
		}
		if len(h.Errors) > 0 {
			t.Errorf("%s: %v", name, h.Errors)
		}
	}
	check("loose", r.dir)
	r.git("gc", "-q", "--aggressive")
	check("packed", r.dir)
	bare := filepath.Join(t.TempDir(), "bare.git")
	r.git("clone", "-q", "--bare", r.dir, bare)
	check("bare", bare)
	work := filepath.Join(t.TempDir(), "linked")
	r.git("worktree", "add", "-q", "--detach", work)
	check("worktree", work)
}

// TestFirstCommit: a blob is ascribed to the commit that brought it.
func TestFirstCommit(t *testing.T) {
	r := newRepository(t)
	r.write("a.txt", "one\n")
	r.commit("first")
	first := r.git("rev-parse", "HEAD")
	r.write("b.txt", "two\n")
	r.commit("second")
	r.git("rm", "-q", "a.txt")
	r.commit("third")
	_, h := history(t, r.dir)
	for _, b := range h.Blobs {
		if b.Path == "a.txt" && (h.Commits[b.Commit].ID.String() != first || b.Present) {
			t.Errorf("a.txt: commit %s, present %t", h.Commits[b.Commit].ID, b.Present)
		}
	}
}

func TestShallow(t *testing.T) {
	r := newRepository(t)
	r.grow(4)
	dir := filepath.Join(t.TempDir(), "shallow")
	r.git("clone", "-q", "--depth", "1", "file://"+r.dir, dir)
	repo, h := history(t, dir)
	if !repo.Shallow || len(h.Commits) != 1 || len(h.Errors) != 0 {
		t.Errorf("shallow %t, %d commits, errors %v", repo.Shallow, len(h.Commits), h.Errors)
	}
}

// TestBroken: a repository that lost objects says so, and shows the rest.
func TestBroken(t *testing.T) {
	r := newRepository(t)
	r.write("a.txt", "one\n")
	r.write("d/b.txt", "two\n")
	r.commit("first")
	id := r.git("rev-parse", "HEAD:d")
	if err := os.Remove(filepath.Join(r.dir, ".git/objects", id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
	_, h := history(t, r.dir)
	if len(h.Blobs) != 1 || len(h.Errors) != 1 || !errors.Is(h.Errors[0], ErrMissing) {
		t.Errorf("%d blobs, errors %v", len(h.Blobs), h.Errors)
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrNone) {
		t.Errorf("an empty folder: %v", err)
	}
}

// TestStaged compares with git diff --cached, for every version of the index.
func TestStaged(t *testing.T) {
	for _, version := range []string{"2", "3", "4"} {
		r := newRepository(t)
		r.git("config", "index.version", version)
		staged := func() []string {
			repo, err := Open(r.dir)
			if err != nil {
				t.Fatal(err)
			}
			defer repo.Close()
			files, err := repo.Staged()
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range files {
				names = append(names, f.Path)
				if want := r.git("rev-parse", ":"+f.Path); want != f.ID.String() {
					t.Errorf("version %s: %s is %s, want %s", version, f.Path, f.ID, want)
				}
			}
			slices.Sort(names)
			return names
		}
		r.write("first.txt", "x\n")
		r.git("add", "-A")
		if d := cmp.Diff([]string{"first.txt"}, staged()); d != "" {
			t.Errorf("version %s, before the first commit:\n%s", version, d)
		}
		for i := range 40 {
			r.write(fmt.Sprintf("dir/sub%d/file-%d.txt", i%7, i), fmt.Sprint(i))
		}
		r.commit("all")
		if names := staged(); names != nil {
			t.Errorf("version %s: staged after a commit: %v", version, names)
		}
		r.write("dir/sub1/file-1.txt", "changed\n")
		r.write("new file.txt", "new\n")
		r.write("unstaged.txt", "later\n")
		r.git("add", "dir", "new file.txt")
		r.git("add", "-N", "unstaged.txt")
		r.git("rm", "-q", "dir/sub2/file-2.txt")
		want := strings.Split(r.git("-c", "core.quotepath=off", "diff", "--cached", "--name-only", "--diff-filter=AM"), "\n")
		slices.Sort(want)
		if d := cmp.Diff(want, staged()); d != "" {
			t.Errorf("version %s (-git +merlon):\n%s", version, d)
		}
	}
}

func FuzzIndex(f *testing.F) {
	r := newRepository(f)
	r.write("a/b.txt", "x\n")
	r.git("add", "-A")
	b, err := os.ReadFile(filepath.Join(r.dir, ".git/index"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = parseIndex(b, 20) })
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte("some base text"), []byte{14, 5, 0x90, 5})
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		if out, err := apply(base, delta); err == nil && len(out) > MaxObject {
			t.Error("too long")
		}
	})
}

func FuzzTree(f *testing.F) {
	f.Add([]byte("100644 a\x0001234567890123456789"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = parseTree(b, 20) })
}

func FuzzPack(f *testing.F) {
	r := newRepository(f)
	r.grow(3)
	r.git("gc", "-q")
	packs, _ := filepath.Glob(filepath.Join(r.dir, ".git/objects/pack/*.pack"))
	body, err := os.ReadFile(packs[0])
	if err != nil {
		f.Fatal(err)
	}
	idx, _ := os.ReadFile(strings.TrimSuffix(packs[0], ".pack") + ".idx")
	f.Add(body, idx)
	f.Fuzz(func(t *testing.T, body, idx []byte) {
		dir := t.TempDir()
		_ = os.WriteFile(filepath.Join(dir, "p.pack"), body, 0o600)
		_ = os.WriteFile(filepath.Join(dir, "p.idx"), idx, 0o600)
		p, err := openPack(filepath.Join(dir, "p"), sha1Size)
		if err != nil {
			return
		}
		defer p.close()
		repo := &Repo{common: dir, hash: sha1Size, packs: []*pack{p}}
		for i := range min(p.n, 20) {
			var id ID
			copy(id[:], p.ids[i*20:i*20+20])
			_, _, _ = repo.Read(id)
		}
	})
}
