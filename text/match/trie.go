package match

import (
	"fmt"
	"slices"
)

// trie is the automaton while it is built.
type trie struct {
	a     *Automaton
	next  []int32   // state<<shift|class; -1: no edge
	out   [][]int32 // literals that end in a state
	blank []int32   // a state without edges
}

func newTrie(a *Automaton) *trie {
	t := &trie{a: a, blank: slices.Repeat([]int32{-1}, 1<<a.shift)}
	t.state()
	return t
}

func (t *trie) state() int32 {
	t.next = append(t.next, t.blank...)
	t.out = append(t.out, nil)
	return int32(len(t.out) - 1)
}

func (t *trie) add(id int32, text string) error {
	s := int32(0)
	for i := range len(text) {
		at := int(s)<<t.a.shift | int(t.a.class[lower(text[i])])
		if t.next[at] < 0 {
			if len(t.out) == maxStates {
				return fmt.Errorf("literals need more than %d states", maxStates)
			}
			n := t.state()
			t.next[at] = n
		}
		s = t.next[at]
	}
	t.out[s] = append(t.out[s], id)
	return nil
}

// link completes the edges breadth-first: where a state has none, the edge of the
// longest proper suffix that is a state holds, so that no failure link is left to
// follow while matching.
func (t *trie) link() {
	shift, columns := t.a.shift, 1<<t.a.shift
	fail := make([]int32, len(t.out))
	queue := make([]int32, 0, len(t.out))
	for c := range columns {
		if n := t.next[c]; n < 0 {
			t.next[c] = 0
		} else {
			queue = append(queue, n)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		t.out[s] = append(t.out[s], t.out[fail[s]]...)
		for c := range columns {
			at, back := int(s)<<shift|c, t.next[int(fail[s])<<shift|c]
			if n := t.next[at]; n < 0 {
				t.next[at] = back
			} else {
				fail[n] = back
				queue = append(queue, n)
			}
		}
	}
}

// number moves the states with output behind the others and writes the table.
func (t *trie) number() {
	name := make([]uint16, len(t.out))
	n := 0
	for s, out := range t.out {
		if len(out) == 0 {
			name[s] = uint16(n)
			n++
		}
	}
	a := t.a
	a.accept = uint32(n)
	for s, out := range t.out {
		if len(out) > 0 {
			name[s] = uint16(n)
			n++
			a.output = append(a.output, out)
		}
	}
	a.next = make([]uint16, len(t.next))
	for s := range t.out {
		for c := range 1 << a.shift {
			a.next[int(name[s])<<a.shift|c] = name[t.next[s<<a.shift|c]]
		}
	}
}
