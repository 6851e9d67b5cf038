package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/git"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
	"github.com/merlon-security/merlon/text/secret"
)

// NewHistory returns the scanner of the history of git repositories: every content
// that any branch, tag or stash reaches, each once. It takes part only where it is
// asked for.
func NewHistory() scan.ProjectScanner { return historian{secret.Default, rules(), nil} }

type historian struct {
	detect func() *secret.Detector
	rules  []finding.Rule
	check  Check // Optional
}

// Info implements [scan.Scanner]. The rules are those of the scanner of files.
func (hs historian) Info() scan.Info {
	return scan.Info{ID: "secret-history", Version: "1", Rules: hs.rules, Interest: &scan.Interest{}}
}

// Wants implements [scan.Scanner]: no single file is wanted.
func (historian) Wants(scan.FileInfo) scan.Need { return scan.No }

// Scan implements [scan.Scanner].
func (historian) Scan(context.Context, scan.File, *scan.Sink) error { return nil }

// Finish reads the history of every root that is a repository.
func (hs historian) Finish(ctx context.Context, p *scan.Project, s *scan.Sink) error {
	none := true
	for _, root := range p.Roots {
		r, err := git.Open(root)
		if errors.Is(err, git.ErrNone) {
			continue
		}
		none = false
		if err != nil {
			s.Fail(fmt.Errorf("history of %s: %w", root, err))
			continue
		}
		err = hs.read(ctx, r, root, filepath.Join(root, ".git"), s)
		r.Close()
		if err != nil {
			s.Fail(fmt.Errorf("history of %s: %w", root, err))
		}
		hs.modules(ctx, r, root, s)
	}
	if none {
		return fmt.Errorf("history: %w at %s: name the folder that holds .git", git.ErrNone, strings.Join(p.Roots, ", "))
	}
	return nil
}

// modules reads the histories of submodules, which a repository keeps below modules.
func (hs historian) modules(ctx context.Context, r *git.Repo, root string, s *scan.Sink) {
	count := 0
	_ = filepath.WalkDir(filepath.Join(r.Common(), "modules"), func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || ctx.Err() != nil {
			return err
		}
		if d.Name() == "objects" || d.Name() == "refs" {
			return filepath.SkipDir
		}
		m, err := git.OpenBare(dir)
		if errors.Is(err, git.ErrNone) {
			return nil
		}
		if err == nil {
			if count++; count > maxModules {
				s.Fail(fmt.Errorf("history of %s: more than %d submodules, the others are not looked at", root, maxModules))
				return filepath.SkipAll
			}
			err = hs.read(ctx, m, root, dir, s)
			m.Close()
		}
		if err != nil {
			s.Fail(fmt.Errorf("history of the submodule at %s: %w", dir, err))
		}
		return nil
	})
}

const maxModules = 1000

// past is where in a history a text is.
type past struct {
	commit  git.Commit
	present bool
}

// describe adds what is known to a message and to the attributes.
func (p *past) describe(attrs map[string]any) string {
	attrs["commit"], attrs["author"], attrs["date"], attrs["present"] = p.commit.ID.String(), text.Visible(p.commit.Author), p.commit.Time.Format(time.RFC3339), p.present
	if p.present {
		return ""
	}
	return ", only in the history since " + p.commit.Time.Format(time.DateOnly)
}

func (hs historian) read(ctx context.Context, r *git.Repo, root, at string, s *scan.Sink) error {
	// What a worktree points to may lie anywhere: only the given folder is looked at.
	if inside, err := within(r.Common(), root); err != nil || !inside {
		return fmt.Errorf("its repository lies outside, at %s: give that path", r.Common())
	}
	outside, err := r.Borrow(func(dir string) bool { inside, err := within(dir, root); return err == nil && inside })
	if err != nil {
		return err
	}
	for _, dir := range outside {
		s.Fail(fmt.Errorf("history of %s: some of its objects are outside, at %s: git repack -ad copies them, then delete .git/objects/info/alternates", root, dir))
	}
	h, err := r.History(ctx)
	if err != nil {
		return err
	}
	for _, err := range h.Errors {
		s.Fail(fmt.Errorf("history of %s: %w", root, err))
	}
	if r.Shallow {
		s.Fail(fmt.Errorf("history of %s: the clone is shallow, older commits are missing: git fetch --unshallow", root))
	}
	if r.Partial {
		s.Fail(fmt.Errorf("history of %s: the clone is partial, contents are missing: git backfill, or git clone without --filter", root))
	}
	base := filepath.ToSlash(at)
	const chunk = 128 // blobs read by one worker after another: neighbours share bases
	var next atomic.Int64
	known := versions{last: map[string]version{}}
	var pointers atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for ctx.Err() == nil {
				from := int(next.Add(chunk)) - chunk
				if from >= len(h.Blobs) {
					return
				}
				for _, b := range h.Blobs[from:min(from+chunk, len(h.Blobs))] {
					if hs.blob(ctx, r, h, b, base, s, &known) {
						pointers.Add(1)
					}
				}
			}
		})
	}
	wg.Wait()
	if n := pointers.Load(); n > 0 {
		s.Fail(fmt.Errorf("history of %s: %d files are pointers of Git LFS, what they point to is not in the repository: git lfs fetch --all, then look into .git/lfs", root, n))
	}
	return ctx.Err()
}

// version is a content of a file, and what was found in it.
type version struct {
	text  []byte
	found []secret.Match
}

// versions remembers a version of every file, as long as there is room.
type versions struct {
	mu    sync.Mutex
	last  map[string]version
	order []string
	held  int
}

const maxHeld = 24 << 20 // bytes of texts

func (v *versions) get(path string) (version, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	x, ok := v.last[path]
	return x, ok
}

func (v *versions) put(path string, x version) {
	v.mu.Lock()
	defer v.mu.Unlock()
	old, ok := v.last[path]
	if !ok {
		v.order = append(v.order, path)
	}
	v.last[path] = x
	for v.held += len(x.text) - len(old.text); v.held > maxHeld; v.order = v.order[1:] {
		v.held -= len(v.last[v.order[0]].text)
		delete(v.last, v.order[0])
	}
}

// blob looks at one content, and only at what differs where another version
// of the same file was seen before. It reports a pointer of Git LFS, whose content
// lies elsewhere.
func (hs historian) blob(ctx context.Context, r *git.Repo, h *git.History, b git.Blob, base string, s *scan.Sink, known *versions) (pointer bool) {
	if vendored(b.Path) {
		return false
	}
	c := h.Commits[b.Commit]
	ref := asset.Ref{Path: base, Inner: []asset.Step{{Kind: asset.Commit, Name: c.ID.String()}, {Kind: asset.Member, Name: b.Path}}}
	_, body, err := r.Read(b.ID)
	if err != nil {
		if !errors.Is(err, git.ErrMissing) || !r.Partial {
			s.Fail(fmt.Errorf("%s: %w", ref, err))
		}
		return false
	}
	if len(body) < 1024 && bytes.HasPrefix(body, []byte("version https://git-lfs.github.com/spec/v1\n")) {
		return true
	}
	head := body[:min(len(body), scan.HeadSize)]
	if len(head) == 0 || bytes.IndexByte(head, 0) >= 0 && !wide(head) {
		return false
	}
	if wide(head) {
		body = narrow(body)
	}
	rep := &reporter{sink: s, ref: ref, place: placeOf(b.Path), past: &past{c, b.Present}, check: hs.check, ctx: ctx}
	d := hs.detect()
	var found []secret.Match
	if v, ok := known.get(b.Path); ok {
		found = d.FindAfter(body, v.text, v.found)
	} else {
		found = d.Find(body)
	}
	known.put(b.Path, version{body, found})
	rep.text(d, body, found)
	if rep.err != nil {
		s.Fail(fmt.Errorf("%s: %w", ref, rep.err))
	}
	return false
}

// vendored reports a path below a folder that somebody else wrote, as the walk of
// files leaves it out.
func vendored(path string) bool {
	dirs := strings.Split(path, "/")
	return slices.ContainsFunc(dirs[:len(dirs)-1], func(d string) bool {
		switch d {
		case "node_modules", "bower_components", "site-packages", "dist-packages", "__pypackages__", ".tox", ".nox", ".eggs", "vendor", "third_party":
			return true
		}
		return false
	})
}

// within reports whether path lies in root, links resolved.
func within(path, root string) (bool, error) {
	var real [2]string
	for i, p := range []string{path, root} {
		p, err := filepath.EvalSymlinks(p)
		if err != nil {
			return false, err
		}
		if real[i], err = filepath.Abs(p); err != nil {
			return false, err
		}
	}
	rel, err := filepath.Rel(real[1], real[0])
	return err == nil && filepath.IsLocal(rel), nil
}

var _ scan.ProjectScanner = historian{}
