package onnx

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// Expansion says what inlining all model-local functions gives: how many nodes the
// main graph has then ([math.MaxInt64] stands for more), and a function that calls
// itself, directly or through others, nil if there is none.
func (m *Model) Expansion() (nodes int64, recursive *Function) {
	byName := make(map[callee]int, len(m.Functions))
	for i := range m.Functions {
		f := &m.Functions[i]
		byName[callee{normal(f.Domain), f.Name, f.Overload}] = i
	}
	const (
		unseen = iota
		open
		done
	)
	state := make([]uint8, len(m.Functions))
	size := make([]int64, len(m.Functions))
	var expand func(calls map[callee]int64) int64
	expand = func(calls map[callee]int64) int64 {
		total := int64(0)
		for _, to := range slices.SortedFunc(maps.Keys(calls), callee.compare) { // any order, but always the same
			n, each := calls[to], int64(1)
			if i, local := byName[to]; local {
				switch state[i] {
				case unseen:
					state[i] = open
					size[i] = expand(m.Functions[i].calls)
					state[i] = done
				case open:
					if recursive == nil || m.Functions[i].Offset < recursive.Offset {
						recursive = &m.Functions[i]
					}
					continue
				}
				each = size[i]
			}
			total = addMul(total, n, each)
		}
		return total
	}
	nodes = expand(m.calls)
	for i := range m.Functions { // what the main graph does not reach may recurse too
		if state[i] == unseen {
			state[i] = open
			size[i] = expand(m.Functions[i].calls)
			state[i] = done
		}
	}
	return nodes, recursive
}

// addMul is a + n*each, or the greatest number.
func addMul(a, n, each int64) int64 {
	if each != 0 && n > (math.MaxInt64-a)/each {
		return math.MaxInt64
	}
	return a + n*each
}

func (a callee) compare(b callee) int {
	return cmp.Or(cmp.Compare(a.domain, b.domain), cmp.Compare(a.name, b.name), cmp.Compare(a.overload, b.overload))
}
