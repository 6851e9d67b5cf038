package git

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// treeEntry is a line of a tree.
type treeEntry struct {
	name string
	id   ID
	mode uint32
}

func (e treeEntry) tree() bool { return e.mode == 0o40000 }

// file reports a blob with content: no link and no submodule.
func (e treeEntry) file() bool { return e.mode&0o170000 == 0o100000 }

func parseTree(b []byte, hash int) ([]treeEntry, error) {
	var list []treeEntry
	for len(b) > 0 {
		e, name, n, err := nextEntry(b, hash)
		if err != nil {
			return list, err
		}
		e.name = string(name)
		list = append(list, e)
		b = b[n:]
	}
	return list, nil
}

// nextEntry reads the entry, of n bytes, that a tree begins with; its name is left in
// the bytes.
func nextEntry(b []byte, hash int) (e treeEntry, name []byte, n int, err error) {
	sp := 0
	for ; sp < len(b) && sp < 8 && b[sp] != ' '; sp++ {
		if b[sp] < '0' || b[sp] > '7' {
			return e, nil, 0, errTree
		}
		e.mode = e.mode<<3 | uint32(b[sp]-'0')
	}
	nul := bytes.IndexByte(b, 0)
	if sp == 0 || nul <= sp || b[sp] != ' ' || len(b) < nul+1+hash {
		return e, nil, 0, errTree
	}
	n = nul + 1 + hash
	copy(e.id[:], b[nul+1:n])
	return e, b[sp+1 : nul], n, nil
}

var errTree = errors.New("tree is broken")

// Commit is what is needed of a commit.
type Commit struct {
	ID      ID
	Author  string // name and address
	Time    time.Time
	tree    ID
	parents []ID
}

func parseCommit(id ID, b []byte) (Commit, error) {
	c := Commit{ID: id}
	if n := bytes.Index(b, []byte("\n\n")); n >= 0 {
		b = b[:n] // the message is not needed
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		key, value, _ := strings.Cut(line, " ")
		var err error
		switch key {
		case "tree":
			c.tree, err = ParseID(value)
		case "parent":
			var p ID
			p, err = ParseID(value)
			c.parents = append(c.parents, p)
		case "author":
			if i := strings.LastIndexByte(value, '>'); i >= 0 {
				c.Author = value[:i+1]
				sec, _, _ := strings.Cut(strings.TrimSpace(value[i+1:]), " ")
				n, _ := strconv.ParseInt(sec, 10, 64)
				c.Time = time.Unix(n, 0).UTC()
			}
		}
		if err != nil {
			return c, fmt.Errorf("commit %s: %w", id, err)
		}
	}
	if c.tree == (ID{}) {
		return c, fmt.Errorf("commit %s names no tree", id)
	}
	return c, nil
}

// files lists the files of a tree by path, up to limit.
func (r *Repo) files(tree ID, limit int) (map[string]ID, error) {
	out := map[string]ID{}
	type dir struct {
		id   ID
		path string
	}
	todo := []dir{{tree, ""}}
	for len(todo) > 0 {
		d := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		list, err := r.tree(d.id)
		if err != nil {
			return out, err
		}
		for _, e := range list {
			switch path := d.path + e.name; {
			case e.tree() && strings.Count(path, "/") < maxTreeDepth:
				todo = append(todo, dir{e.id, path + "/"})
			case e.file():
				out[path] = e.id
			}
		}
		if len(out)+len(todo) > limit {
			return out, fmt.Errorf("tree of more than %d files", limit)
		}
	}
	return out, nil
}

const maxTreeDepth = 500

func (r *Repo) tree(id ID) ([]treeEntry, error) {
	b, err := r.rawTree(id)
	if err != nil {
		return nil, err
	}
	return parseTree(b, r.hash)
}

func (r *Repo) rawTree(id ID) ([]byte, error) {
	kind, b, err := r.Read(id)
	if err == nil && kind != TreeKind {
		err = fmt.Errorf("object %s is no tree", id)
	}
	return b, err
}
