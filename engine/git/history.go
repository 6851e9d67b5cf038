package git

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Blob is a file content that some commit has.
type Blob struct {
	ID      ID
	Path    string // under which it was seen first
	Commit  int    // index of the first commit that has it, in [History]
	Present bool   // the commit that is checked out still has it
	pack    int
	at      int64
}

// History is every blob that the references reach, each once.
type History struct {
	Commits []Commit // parents before children
	Blobs   []Blob   // in the order in which they are read fastest
	Errors  []error  // what could not be read; the rest is complete
}

const (
	maxCommits = 20_000_000
	maxBlobs   = 50_000_000
	maxErrors  = 100
)

// History walks all references. Every tree is read once, however many commits share
// it.
func (r *Repo) History(ctx context.Context) (*History, error) {
	refs, err := r.Refs()
	if err != nil {
		return nil, fmt.Errorf("references: %w", err)
	}
	h := &History{}
	if err := r.commits(ctx, h, sortedIDs(refs)); err != nil {
		return nil, err
	}
	index, err := r.walk(ctx, h)
	if err != nil {
		return nil, err
	}
	if head, ok := refs["HEAD"]; ok {
		if _, b, err := r.Read(head); err == nil {
			if c, err := parseCommit(head, b); err == nil {
				files, _ := r.files(c.tree, maxBlobs)
				for _, id := range files {
					if i, ok := index[id]; ok {
						h.Blobs[i].Present = true
					}
				}
			}
		}
	}
	for i := range h.Blobs {
		h.Blobs[i].pack, h.Blobs[i].at = r.place(h.Blobs[i].ID)
	}
	slices.SortFunc(h.Blobs, func(a, b Blob) int { return cmp.Or(a.pack-b.pack, cmp.Compare(a.at, b.at)) })
	return h, nil
}

func (h *History) fail(err error) {
	if len(h.Errors) < maxErrors {
		h.Errors = append(h.Errors, err)
	}
}

// commits fills in all commits that can be reached, parents first.
func (r *Repo) commits(ctx context.Context, h *History, tips []ID) error {
	type frame struct {
		c    Commit
		next int
	}
	done := map[ID]bool{}
	load := func(id ID) (Commit, bool) {
		for range 10 { // tags on tags
			if done[id] {
				return Commit{}, false
			}
			done[id] = true
			kind, b, err := r.Read(id)
			if err != nil {
				if !errors.Is(err, ErrMissing) || !r.Shallow && !r.Partial {
					h.fail(fmt.Errorf("commit %s: %w", id, err))
				}
				return Commit{}, false
			}
			switch kind {
			case CommitKind:
				c, err := parseCommit(id, b)
				if err != nil {
					h.fail(err)
					return Commit{}, false
				}
				return c, true
			case TagKind:
				line, _, _ := strings.Cut(string(b), "\n")
				to, err := ParseID(strings.TrimPrefix(line, "object "))
				if err != nil {
					h.fail(fmt.Errorf("tag %s: %w", id, err))
					return Commit{}, false
				}
				id = to
			default:
				return Commit{}, false // a reference may name a tree or a blob
			}
		}
		return Commit{}, false
	}
	for _, tip := range tips {
		c, ok := load(tip)
		if !ok {
			continue
		}
		stack := []frame{{c: c}}
		for len(stack) > 0 {
			if len(h.Commits) > maxCommits {
				return fmt.Errorf("more than %d commits", maxCommits)
			}
			if len(h.Commits)%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			top := &stack[len(stack)-1]
			if top.next < len(top.c.parents) {
				top.next++
				if p, ok := load(top.c.parents[top.next-1]); ok {
					stack = append(stack, frame{c: p})
				}
				continue
			}
			h.Commits = append(h.Commits, top.c)
			stack = stack[:len(stack)-1]
		}
	}
	return nil
}
