package inspection

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
)

// branch is a part of the names of tensors, with what lies below it.
type branch struct {
	name     string
	bytes    int64
	tensors  int
	children []*branch
	leaf     *asset.Tensor
	byName   map[string]*branch
}

const maxTree = 200_000 // tensors in the picture

// grow makes the tree of all tensors: names are split at dots and slashes.
func grow(x *asset.Inspection) *branch {
	root := &branch{name: "weights"}
	n := 0
	for i := range x.Files {
		f := &x.Files[i]
		if f.Index {
			continue
		}
		for k := range f.Tensors {
			if n++; n > maxTree {
				return root.order()
			}
			root.add(&f.Tensors[k])
		}
	}
	return root.order()
}

func (b *branch) add(t *asset.Tensor) {
	size := max(t.Bytes, 0)
	b.bytes += size
	b.tensors++
	at := b
	parts := strings.FieldsFunc(t.Name, func(r rune) bool { return r == '.' || r == '/' })
	if len(parts) == 0 {
		parts = []string{"(no name)"}
	}
	if len(parts) > 12 {
		parts = append(parts[:11:11], strings.Join(parts[11:], "."))
	}
	for _, p := range parts {
		if at.byName == nil {
			at.byName = map[string]*branch{}
		}
		c := at.byName[p]
		if c == nil {
			c = &branch{name: p}
			at.byName[p] = c
			at.children = append(at.children, c)
		}
		c.bytes += size
		c.tensors++
		at = c
	}
	at.leaf = t
}

// order puts larger parts first and joins chains of single parts.
func (b *branch) order() *branch {
	for i, c := range b.children {
		for c.leaf == nil && len(c.children) == 1 {
			only := c.children[0]
			only.name = c.name + "." + only.name
			c = only
		}
		b.children[i] = c.order()
	}
	slices.SortStableFunc(b.children, func(x, y *branch) int {
		switch {
		case x.bytes > y.bytes:
			return -1
		case x.bytes < y.bytes:
			return 1
		}
		return strings.Compare(x.name, y.name)
	})
	return b
}

// box is one rectangle of the picture, in percent of its width.
type box struct {
	X, W  float64
	Y     int
	Label string
	Title string
	Tone  int
}

const (
	rows     = 5
	minWidth = 0.15 // percent; what is narrower cannot be seen
)

// boxes lays the tree out as an icicle: a row per level, widths by bytes.
func boxes(b *branch) []box {
	var out []box
	var lay func(b *branch, x, w float64, y, tone int)
	lay = func(b *branch, x, w float64, y, tone int) {
		label := ""
		if w > float64(len(b.name))*0.75+1 {
			label = b.name
		}
		out = append(out, box{X: x, W: w, Y: y, Label: label, Tone: tone % 6,
			Title: b.name + ": " + Size(b.bytes) + ", " + count(itoa(b.tensors)) + " tensors"})
		if y+1 >= rows || b.bytes == 0 {
			return
		}
		at := x
		for i, c := range b.children {
			cw := w * float64(c.bytes) / float64(b.bytes)
			if cw >= minWidth {
				t := tone
				if y == 0 {
					t = i
				}
				lay(c, at, cw, y+1, t)
			}
			at += cw
		}
	}
	lay(b, 0, 100, 0, 0)
	return out
}
