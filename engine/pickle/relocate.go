package pickle

// What is on the stack must not be forgotten while it waits for its BUILD: an outer object's state is begun long before it is finished. So
// the tuples and containers on the stack move to the young end of the ring before they would be overwritten. Their copies in the memo and inside other
// values do not move along: they become forgotten, and a change made through them is noted (lostWrite), because the copy on the stack misses it.

// moveAge is the age in words at which values move. A buffer of opcodes allocates at most three words per byte, so nothing on the stack gets older
// than moveAge + 3*bufferSize < maxCells between two calls.
const (
	moveAge    = maxCells / 4
	moveBudget = maxCells / 8 // words moved at a time; what does not fit is left to be forgotten
	moveDepth  = 1 << 14      // values looked at, from the bottom of the stack: real streams nest less
)

// keepStack is called before each reading of the data.
func (m *Machine) keepStack() {
	if m.cells.head-m.moved < moveAge {
		return
	}
	m.moved = m.cells.head
	start := m.cells.head
	var done map[Value]Value // the same container may be on the stack twice
	for i, v := range m.st[:min(len(m.st), moveDepth)] {
		k := v.Kind()
		if k < KindTuple || k > KindFrozenSet || start-v.payload() < moveAge {
			continue
		}
		if to, ok := done[v]; ok {
			m.st[i] = to
			continue
		}
		if m.cells.head-start > moveBudget {
			return
		}
		to, ok := m.move(v)
		if !ok {
			continue
		}
		if done == nil {
			done = make(map[Value]Value)
		}
		done[v] = to
		m.st[i] = to
	}
}

// move copies a tuple or container to the young end of the ring.
func (m *Machine) move(v Value) (Value, bool) {
	k := v.Kind()
	if k == KindTuple || k == KindRefTuple {
		w := m.cells.at(v.payload(), 1)
		if w == nil {
			return 0, false
		}
		n := 1 + int(min(w[0]&lenMask, keepItems))
		w = m.cells.at(v.payload(), n)
		if w == nil {
			return 0, false
		}
		old := append([]Value(nil), w...)
		pos := m.cells.alloc(n)
		copy(m.cells.at(pos, n), old)
		return mk(k, pos), true
	}
	w := m.cells.at(v.payload(), containerCells)
	if w == nil {
		return 0, false
	}
	head := w[0]
	if head&flagStale != 0 { // a copy from the memo was pushed: the live one has moved before
		return 0, false
	}
	w[0] |= flagStale
	items, _ := m.blocks(v)
	to := m.newContainer(k)
	if n := len(items); n > 0 {
		pos := m.cells.alloc(blockCells + n)
		b := m.cells.at(pos, blockCells+n)
		b[0], b[1] = Value(n), 0
		copy(b[blockCells:], items)
		c := m.cells.at(to.payload(), containerCells)
		c[1], c[2] = Value(pos)+1, Value(pos)+1
	}
	m.cells.at(to.payload(), containerCells)[0] = head | flagMoved
	return to, true
}
