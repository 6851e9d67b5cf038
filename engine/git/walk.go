package git

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// walker gathers the blobs of commits, parents first.
type walker struct {
	r    *Repo
	h    *History
	seen map[ID]int        // trees: -1, blobs: index plus one
	last map[string][]byte // the tree that a path had last
	held int               // bytes of them
}

// maxLast is how many bytes of trees are kept: most entries of a tree are those that
// the tree at the same path had in the commit before.
const maxLast = 32 << 20

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
		if w.seen[d.id] != 0 || strings.Count(d.path, "/") > maxTreeDepth {
			continue
		}
		w.seen[d.id] = -1
		b, err := w.r.rawTree(d.id)
		if err != nil {
			if !errors.Is(err, ErrMissing) || !w.r.Partial {
				w.h.fail(fmt.Errorf("tree of commit %s, %q: %w", w.h.Commits[commit].ID, d.path, err))
			}
			continue
		}
		before, whole := w.last[d.path], true
		for at := 0; at < len(b); {
			e, name, n, err := nextEntry(b[at:], w.r.hash)
			if err != nil {
				w.h.fail(fmt.Errorf("tree of commit %s, %q: %w", w.h.Commits[commit].ID, d.path, err))
				whole = false
				break
			}
			old := at+n <= len(before) && bytes.Equal(before[at:at+n], b[at:at+n])
			at += n
			switch {
			case old || w.seen[e.id] != 0:
			case e.tree():
				todo = append(todo, dir{e.id, d.path + string(name) + "/"})
			case e.file():
				w.h.Blobs = append(w.h.Blobs, Blob{ID: e.id, Path: d.path + string(name), Commit: commit})
				w.seen[e.id] = len(w.h.Blobs)
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
