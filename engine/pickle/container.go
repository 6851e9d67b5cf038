package pickle

// How many items of a tuple, list or set, and how many keys and values of a dict, are kept; of the others only the number is known.
const (
	keepItems = 128
	keepPairs = 512 // more, because an object's attributes are judged by their names
)

// A tuple's cells are a header and up to keepItems values. The header is the length, with two flags.
const (
	flagCut      Value = 1 << 63 // items are missing or may have been replaced
	flagReported Value = 1 << 62 // the globals among the items were reported by Ref
	flagMoved    Value = 1 << 61 // the container was moved here: older references to it exist
	flagStale    Value = 1 << 60 // the container was moved away
	lenMask      Value = 1<<40 - 1
)

// The 20 bits between length and flags of a tuple's header are its weight, see [Machine.weigh].
const (
	weightShift = 40
	weightMask  = 1<<20 - 1
)

// A list's, dict's or set's cells are a header, the position of its first block plus one, and of its last. A block is the number of its
// values, the position of the next block plus one, and the values.
const (
	containerCells = 3
	blockCells     = 2
)

// counted runs TUPLE1, TUPLE2 and TUPLE3.
func (m *Machine) counted(n int) {
	k := len(m.st) - n
	if k >= m.fence {
		v := m.newTuple(m.st[k:], false)
		m.st = append(m.st[:k], v)
		return
	}
	var items [3]Value
	for i := n - 1; i >= 0; i-- {
		items[i] = m.take()
	}
	m.push(m.newTuple(items[:n], false))
}

// tupleAbove makes a tuple of the values above an absolute position without popping them.
func (m *Machine) tupleAbove(pos int) Value {
	items, cut := m.above(pos)
	return m.newTuple(items, cut)
}

func (m *Machine) newTuple(items []Value, cut bool) Value {
	n := len(items)
	if n == 0 && !cut {
		return valueEmptyTuple
	}
	kept := min(n, keepItems)
	pos := m.cells.alloc(1 + kept)
	w := m.cells.at(pos, 1+kept)
	w[0] = Value(n) | m.weigh(items)<<weightShift
	if cut || kept < n {
		w[0] |= flagCut
	}
	kind := KindTuple
	for i, v := range items[:kept] {
		w[1+i] = v
		switch v.Kind() {
		case KindGlobal, KindForgotten:
			kind = KindRefTuple
		case KindRefTuple:
			m.ref(v)
		}
	}
	for _, v := range items[kept:] {
		m.ref(v)
	}
	if cut {
		kind = KindRefTuple
	}
	return mk(kind, pos)
}

// ref tells the visitor about the globals that become data when v is stored.
func (m *Machine) ref(v Value) {
	switch v.Kind() {
	case KindGlobal, KindForgotten:
		if v != valueForgottenData {
			m.vis.Ref(m, Site{m.op, m.at}, v)
		}
	case KindRefTuple:
		w := m.cells.at(v.payload(), 1)
		if w == nil {
			m.vis.Ref(m, Site{m.op, m.at}, valueForgotten)
			return
		}
		if w[0]&flagReported != 0 {
			return
		}
		w[0] |= flagReported
		items, more := m.Items(v)
		for _, item := range items {
			if k := item.Kind(); k == KindGlobal || k == KindForgotten {
				m.ref(item)
			}
		}
		if more && len(items) < keepItems { // items were dropped before the tuple was made
			m.vis.Ref(m, Site{m.op, m.at}, valueForgotten)
		}
	}
}

func (m *Machine) newContainer(k Kind) Value {
	pos := m.cells.alloc(containerCells)
	w := m.cells.at(pos, containerCells)
	w[0], w[1], w[2] = 0, 0, 0
	return mk(k, pos)
}

// extend adds items to a list, dict or set.
func (m *Machine) extend(v Value, items []Value, cut bool) {
	for _, item := range items {
		switch item.Kind() {
		case KindGlobal, KindForgotten, KindRefTuple:
			m.ref(item)
		}
	}
	w := m.cells.at(v.payload(), containerCells)
	if w == nil || w[0]&flagStale != 0 {
		m.lostWrite = true
		return
	}
	have := int(w[0] & lenMask)
	keep := keepItems
	if v.Kind() == KindDict {
		keep = keepPairs
	}
	n := max(0, min(len(items), keep-have))
	if n > 0 {
		block := m.cells.alloc(blockCells + n)
		b := m.cells.at(block, blockCells+n)
		b[0], b[1] = Value(n), 0
		copy(b[blockCells:], items)
		if w = m.cells.at(v.payload(), containerCells); w == nil { // overwritten by alloc
			m.lostWrite = true
			return
		}
		if w[1] == 0 {
			w[1] = Value(block) + 1
		} else if last := m.cells.at(uint64(w[2])-1, blockCells); last != nil {
			last[1] = Value(block) + 1
		}
		w[2] = Value(block) + 1
	}
	flags := w[0] & (flagCut | flagMoved)
	if cut || n < len(items) {
		flags |= flagCut
	}
	w[0] = Value(have+len(items)) | flags
}

// spoil marks the contents of a container as unknown.
func (m *Machine) spoil(v Value) {
	switch v.Kind() {
	case KindList, KindDict, KindSet:
		if w := m.cells.at(v.payload(), 1); w != nil && w[0]&flagStale == 0 {
			w[0] |= flagCut
		} else {
			m.lostWrite = true
		}
	}
}

// Items gives the elements of a tuple, list, set or frozenset, or the keys and values of a dict in turn and in the order of insertion.
// more reports that there are, or may be, further or replaced elements; it is also true for values that are no containers.
// The slice must not be changed or kept.
func (m *Machine) Items(v Value) (items []Value, more bool) {
	switch v.Kind() {
	case KindEmptyTuple:
		return nil, false
	case KindTuple, KindRefTuple:
		w := m.cells.at(v.payload(), 1)
		if w == nil {
			return nil, true
		}
		n := int(w[0] & lenMask)
		w = m.cells.at(v.payload(), 1+min(n, keepItems))
		if w == nil {
			return nil, true
		}
		return w[1:], w[0]&flagCut != 0
	case KindList, KindDict, KindSet, KindFrozenSet:
		return m.blocks(v)
	}
	return nil, true
}

func (m *Machine) blocks(v Value) (items []Value, more bool) {
	w := m.cells.at(v.payload(), containerCells)
	if w == nil {
		return nil, true
	}
	for next := w[1]; next != 0; {
		b := m.cells.at(uint64(next)-1, blockCells)
		if b == nil {
			return items, true
		}
		n := int(b[0])
		all := m.cells.at(uint64(next)-1, blockCells+n)
		if all == nil {
			return items, true
		}
		items = append(items, all[blockCells:]...)
		next = b[1]
	}
	return items, w[0]&(flagCut|flagStale) != 0 || w[0]&flagMoved != 0 && m.lostWrite
}

// Len gives the number of elements of a container (dict: of keys and values together); ok is false if it is not known.
func (m *Machine) Len(v Value) (n int, ok bool) {
	switch v.Kind() {
	case KindEmptyTuple:
		return 0, true
	case KindTuple, KindRefTuple, KindList, KindDict, KindSet, KindFrozenSet:
		if w := m.cells.at(v.payload(), 1); w != nil {
			return int(w[0] & lenMask), true
		}
	}
	return 0, false
}

// loadContainer runs LIST, DICT and FROZENSET.
func (m *Machine) loadContainer(op Opcode) {
	pos := m.marker()
	kind := KindList
	switch op {
	case DICT:
		kind = KindDict
	case FROZENSET:
		kind = KindFrozenSet
	}
	items, cut := m.above(pos)
	if kind == KindDict && len(items)%2 != 0 && !cut {
		m.issue(IssueType, "odd number of items")
	}
	v := m.newContainer(kind)
	m.extend(v, items, cut)
	m.truncate(pos)
	m.push(v)
}

// fillTop runs APPEND(S), SETITEM(S) and ADDITEMS: the values above absolute position pos go into the value below it.
func (m *Machine) fillTop(pos int, want Kind, step int) {
	if pos <= m.fenceAbs() {
		m.underflow()
		if pos >= m.fenceAbs() {
			m.truncate(pos)
		}
		return
	}
	items, cut := m.above(pos)
	if len(items) == 0 && !cut {
		return
	}
	if step == 2 && len(items)%2 != 0 && !cut {
		m.issue(IssueType, "odd number of items")
	}
	target := m.stack.at(pos - 1)
	switch target.Kind() {
	case want:
		m.extend(target, items, cut)
	case KindUnknown:
		for _, item := range items {
			m.ref(item)
		}
	default:
		for _, item := range items {
			m.ref(item)
		}
		m.spoil(target)
		n := min(len(items), keepItems)
		m.vis.Mutate(m, Site{m.op, m.at}, target, items[:n], cut || n < len(items))
	}
	m.truncate(pos)
}
