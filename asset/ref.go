// Package asset names the things merlon looks at: files and what lies inside
// them, by path and by digest.
//
// [Ref] says where something is, [Asset] what it is, [Fact] what is known about
// it. A fact is proved when it was read from the bytes themselves, asserted when
// somebody merely says so; the two never mix.
package asset

import (
	"strconv"
	"strings"
)

// Ref is the place of an asset: a file, and the way from that file inwards.
// It is printed by [Ref.String]: "m.zip!/data.pkl", "n.ipynb#cell=3",
// "image.tar!/layer@sha256:.../etc/x".
type Ref struct {
	Path  string // slash-separated, as the user would name the file
	Inner []Step // empty for the file itself
}

// StepKind says which kind of part a [Step] leads into.
type StepKind = string

// The kinds of step.
const (
	Member StepKind = "member" // member of an archive, by name; N > 0 tells apart members of one name
	Stream StepKind = "stream" // decompressed content of a compressed file
	Nested StepKind = "nested" // serialized object inside a serialized object, N is its offset
	Cell   StepKind = "cell"   // notebook cell, N counts from 0
	Layer  StepKind = "layer"  // image layer, by digest
	Commit StepKind = "commit" // git commit, by hash
	Column StepKind = "column" // table column, by name
	Key    StepKind = "key"    // key of a mapping, by name
	Row    StepKind = "row"    // table row, N counts from 0
	Output StepKind = "output" // output of a notebook cell, N counts from 0
)

// Step is one move inwards.
type Step struct {
	Kind StepKind
	Name string
	N    int
}

// Join returns r with one more step. It never shares memory with r.
func (r Ref) Join(s Step) Ref {
	inner := make([]Step, len(r.Inner)+1)
	copy(inner, r.Inner)
	inner[len(r.Inner)] = s
	return Ref{Path: r.Path, Inner: inner}
}

// Name returns the last name in the reference: the member's for a member of an
// archive, the file's otherwise. It is what a loader would judge by extension.
func (r Ref) Name() string {
	for i := len(r.Inner) - 1; i >= 0; i-- {
		if r.Inner[i].Kind == Member {
			return r.Inner[i].Name
		}
	}
	return r.Path
}

// InnerString prints the steps without the path; empty for the file itself.
func (r Ref) InnerString() string {
	var b strings.Builder
	for _, s := range r.Inner {
		switch s.Kind {
		case Member:
			b.WriteString("!/")
			b.WriteString(s.Name)
			if s.N > 0 {
				b.WriteString("#" + strconv.Itoa(s.N))
			}
		case Stream:
			b.WriteString("!")
			b.WriteString(s.Name)
		case Layer, Commit:
			b.WriteString("!/" + s.Kind + "@" + s.Name)
		case Cell, Row, Nested, Output:
			b.WriteString("#" + s.Kind + "=" + strconv.Itoa(s.N))
		default:
			b.WriteString("#" + s.Kind + "=" + s.Name)
		}
	}
	return b.String()
}

// String prints the whole reference.
func (r Ref) String() string { return r.Path + r.InnerString() }
