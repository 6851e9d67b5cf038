// Package match finds many literals in one pass: the automaton of Aho and Corasick
// ("Efficient string matching", CACM 18(6), 1975) as a table of transitions over
// classes of bytes.
//
// For a text in memory use [Automaton.Append]; for one that comes in pieces use
// [Automaton.Stream], which finds the same wherever the pieces were cut.
package match

import (
	"errors"
	"fmt"
	"slices"
)

// Literal is a byte string to look for.
type Literal struct {
	Text string
	Fold bool // ASCII letters match in either case
}

// Hit is an occurrence of a literal.
type Hit struct {
	Literal int   // index into the literals given to [New]
	End     int64 // offset after its last byte, counted from the beginning of the text
}

// Automaton finds all literals, overlapping ones included. It does not change
// once built and serves any number of goroutines.
type Automaton struct {
	literals []Literal
	longest  int
	class    [256]uint8 // column of a byte; 0 stands for all that no literal has
	shift    uint8      // log2 of the number of columns
	// next[state<<shift|class] is a state. States are numbered so that those in
	// which a literal ends come last: the loop compares once per byte.
	next   []uint16
	accept uint32 // first state with output
	// output[s-accept] lists the literals that end in state s, longest first.
	output [][]int32
}

// maxStates bounds the table: states are 16 bits wide.
const maxStates = 1 << 16

// New builds an automaton. An empty literal, or more text than about 60,000 bytes,
// is an error.
func New(literals []Literal) (*Automaton, error) {
	a := &Automaton{literals: slices.Clone(literals)}
	columns := 1
	for i, l := range literals {
		if l.Text == "" {
			return nil, fmt.Errorf("literal %d is empty", i)
		}
		a.longest = max(a.longest, len(l.Text))
		for j := range len(l.Text) {
			if c := lower(l.Text[j]); a.class[c] == 0 {
				if columns == 256 {
					return nil, errors.New("literals use every byte value there is")
				}
				a.class[c] = uint8(columns)
				columns++
			}
		}
	}
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[lower(c)]
	}
	for 1<<a.shift < columns {
		a.shift++
	}
	t := newTrie(a)
	for i, l := range literals {
		if err := t.add(int32(i), l.Text); err != nil {
			return nil, err
		}
	}
	t.link()
	t.number()
	return a, nil
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Len returns the length of a literal in bytes.
func (a *Automaton) Len(literal int) int { return len(a.literals[literal].Text) }

// Append appends the hits in text to dst, ordered by where they end; of those that
// end together the longest comes first.
func (a *Automaton) Append(dst []Hit, text []byte) []Hit {
	dst, _ = a.run(dst, text, 0, 0, nil)
	return dst
}

// run feeds text to the automaton in the given state. base is the offset of the
// text's first byte; before holds what came before it, as far as literals reach.
func (a *Automaton) run(dst []Hit, text []byte, state uint32, base int64, before []byte) ([]Hit, uint32) {
	next, shift, accept := a.next, a.shift&15, a.accept
	class := &a.class
	s := state
	for i, c := range text {
		s = uint32(next[s<<shift|uint32(class[c])])
		if s >= accept {
			dst = a.emit(dst, s, text, i+1, base, before)
		}
	}
	return dst, s
}

// emit appends the hits of an accepting state. The automaton folds case for all
// literals; those that are written in one case are compared here.
func (a *Automaton) emit(dst []Hit, s uint32, text []byte, end int, base int64, before []byte) []Hit {
	for _, id := range a.output[s-a.accept] {
		if l := &a.literals[id]; l.Fold || written(l.Text, text[:end], before) {
			dst = append(dst, Hit{Literal: int(id), End: base + int64(end)})
		}
	}
	return dst
}

// written reports whether before followed by text ends with want.
func written(want string, text, before []byte) bool {
	if len(want) <= len(text) {
		return string(text[len(text)-len(want):]) == want
	}
	head := want[:len(want)-len(text)]
	return len(head) <= len(before) &&
		string(before[len(before)-len(head):]) == head && string(text) == want[len(head):]
}
