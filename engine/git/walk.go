package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// walker gathers the blobs of some commits, parents first.
type walker struct {
	r     *Repo
	h     *History          // its commits
	seen  map[ID]struct{}   // trees and blobs
	last  map[string][]byte // the tree that a path had last
	held  int               // bytes of them
	blobs []Blob            // in the order of their first commits
	fails []error
}

// testOnlyMinWalk is how many commits are worth a goroutine.
var testOnlyMinWalk = 500

// walk gathers the blobs of all commits: parts of the history at the same time, and
// then what an earlier part had already is left out. It returns where a blob is in
// h.Blobs.
func (r *Repo) walk(ctx context.Context, h *History) (map[ID]int, error) {
	parts := min(runtime.GOMAXPROCS(0), 8, 1+len(h.Commits)/testOnlyMinWalk)
	walkers := make([]walker, parts)
	var wg sync.WaitGroup
	for i := range walkers {
		wg.Go(func() {
			w := &walkers[i]
			*w = walker{r: r, h: h, seen: map[ID]struct{}{}, last: map[string][]byte{}}
			for c := i * len(h.Commits) / parts; c < (i+1)*len(h.Commits)/parts && ctx.Err() == nil && len(w.blobs) <= maxBlobs; c++ {
				w.commit(c)
			}
			w.seen, w.last = nil, nil
		})
	}
	wg.Wait()
	index := map[ID]int{}
	for i := range walkers {
		for _, b := range walkers[i].blobs {
			if _, ok := index[b.ID]; !ok {
				index[b.ID] = len(h.Blobs)
				h.Blobs = append(h.Blobs, b)
			}
		}
		for _, err := range walkers[i].fails {
			h.fail(err)
		}
		walkers[i] = walker{}
	}
	if len(h.Blobs) > maxBlobs {
		return nil, fmt.Errorf("more than %d files in the history", maxBlobs)
	}
	return index, ctx.Err()
}

func (w *walker) has(id ID) bool { _, ok := w.seen[id]; return ok }

func (w *walker) fail(err error) {
	if len(w.fails) < maxErrors {
		w.fails = append(w.fails, err)
	}
}

// maxLast is how many bytes of trees are kept: most entries of a tree are those that
// the tree at the same path had in the commit before.
const maxLast = 16 << 20

// commit adds the blobs of a commit that no commit before had.
func (w *walker) commit(commit int) {
	type dir struct {
		id   ID
		path string
	}
	todo := []dir{{w.h.Commits[commit].tree, ""}}
	for len(todo) > 0 {
		d := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if w.has(d.id) || strings.Count(d.path, "/") > maxTreeDepth {
			continue
		}
		w.seen[d.id] = struct{}{}
		b, err := w.r.rawTree(d.id)
		if err != nil {
			if !errors.Is(err, ErrMissing) || !w.r.Partial {
				w.fail(fmt.Errorf("tree of commit %s, %q: %w", w.h.Commits[commit].ID, d.path, err))
			}
			continue
		}
		before, whole := w.last[d.path], true
		for at := 0; at < len(b); {
			e, name, n, err := nextEntry(b[at:], w.r.hash)
			if err != nil {
				w.fail(fmt.Errorf("tree of commit %s, %q: %w", w.h.Commits[commit].ID, d.path, err))
				whole = false
				break
			}
			old := at+n <= len(before) && bytes.Equal(before[at:at+n], b[at:at+n])
			at += n
			switch {
			case old || w.has(e.id):
			case e.tree():
				todo = append(todo, dir{e.id, d.path + string(name) + "/"})
			case e.file():
				w.blobs = append(w.blobs, Blob{ID: e.id, Path: d.path + string(name), Commit: commit})
				w.seen[e.id] = struct{}{}
			}
		}
		if !whole {
			continue
		}
		if w.held += len(b) - len(before); w.held > maxLast {
			clear(w.last)
			w.held = len(b)
		}
		w.last[d.path] = b
	}
}
