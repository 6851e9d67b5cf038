package pickle

// A record is four words: callable, arguments, keyword arguments, and opcode and offset of the call.
const recordWords = 4

func (m *Machine) record(callable, args, kwargs Value) uint64 {
	where := Value(m.op)<<payloadBits | Value(m.at)&offsetMask
	if n := len(m.first); n < maxFirst {
		m.first = append(m.first, callable, args, kwargs, where)
		return uint64(n)
	}
	pos := m.records.alloc(recordWords)
	w := m.records.at(pos, recordWords)
	w[0], w[1], w[2], w[3] = callable, args, kwargs, where
	return maxFirst + pos
}

// recordAt gives the words of a record, nil if it is forgotten.
func (m *Machine) recordAt(pos uint64) []Value {
	if pos < maxFirst {
		if pos+recordWords > uint64(len(m.first)) {
			return nil
		}
		return m.first[pos : pos+recordWords]
	}
	return m.records.at(pos-maxFirst, recordWords)
}

// call records a call, tells the visitor and gives the value of the result.
func (m *Machine) call(callable, args, kwargs Value) Value {
	id := noGlobal
	if g, ok := callable.Global(); ok {
		id = g
		if m.globals.maker(g) {
			id = m.firstArg(args)
		}
	}
	result := mkObject(id, m.record(callable, args, kwargs))
	m.vis.Call(m, Site{m.op, m.at}, Call{callable, args, kwargs, result})
	return result
}

// flagRecord is set in the last word of a record, above the offset.
const flagRecord Value = 1 << 55

// Flag sets the one flag that every call result carries for the visitor's use and gives its former value. known is false if the record is forgotten: then
// nothing is set.
func (m *Machine) Flag(v Value) (was, known bool) {
	if v.Kind() != KindObject {
		return false, false
	}
	w := m.recordAt(v.payload() & recordMask)
	if w == nil {
		return false, false
	}
	was = w[3]&flagRecord != 0
	w[3] |= flagRecord
	return was, true
}

// Flagged reports whether [Machine.Flag] was called for v; false if its record is forgotten.
func (m *Machine) Flagged(v Value) bool {
	if v.Kind() != KindObject {
		return false
	}
	w := m.recordAt(v.payload() & recordMask)
	return w != nil && w[3]&flagRecord != 0
}

// firstArg gives the class of which copyreg's functions make an instance.
func (m *Machine) firstArg(args Value) GlobalID {
	if items, _ := m.Items(args); len(items) > 0 {
		if g, ok := items[0].Global(); ok {
			return g
		}
	}
	return noGlobal
}

// CallOf gives the call whose result is v, and where it was made; ok is false if v is no call result or its record is forgotten.
func (m *Machine) CallOf(v Value) (c Call, at Site, ok bool) {
	if v.Kind() != KindObject {
		return Call{}, Site{}, false
	}
	w := m.recordAt(v.payload() & recordMask)
	if w == nil {
		return Call{}, Site{}, false
	}
	return Call{w[0], w[1], w[2], v}, Site{Opcode(w[3] >> payloadBits), int64(w[3] & offsetMask)}, true
}

// PersistentID gives the id of a persistent object; ok is false if v is none or it is forgotten.
func (m *Machine) PersistentID(v Value) (id Value, ok bool) {
	if v.Kind() != KindPersistent {
		return 0, false
	}
	w := m.recordAt(v.payload())
	if w == nil {
		return 0, false
	}
	return w[1], true
}

func (m *Machine) persistent(id Value) Value {
	v := mk(KindPersistent, m.record(valueNone, id, valueNone))
	if w := m.vis.Persistent(m, Site{m.op, m.at}, id); w != 0 {
		return w
	}
	return v
}

func isTuple(v Value) bool {
	k := v.Kind()
	return k == KindEmptyTuple || k == KindTuple || k == KindRefTuple
}

// mayBeTuple is isTuple, or a value that the machine does not know.
func mayBeTuple(v Value) bool { return isTuple(v) || unknowable(v) || v.Kind() == KindUnknown }

func (m *Machine) loadReduce() {
	args := m.take()
	callable := m.take()
	if !mayBeTuple(args) {
		m.issue(IssueType, "argument list must be a tuple")
	}
	v := m.call(callable, args, valueNone)
	if g, ok := callable.Global(); ok {
		m.register(g, args)
	}
	m.push(v)
}

// loadNew runs NEWOBJ and NEWOBJ_EX.
func (m *Machine) loadNew(ex bool) {
	kwargs := valueNone
	if ex {
		kwargs = m.take()
		if k := kwargs.Kind(); k != KindDict && !unknowable(kwargs) && k != KindUnknown {
			m.issue(IssueType, "NEWOBJ_EX expects a dict of keyword arguments")
		}
	}
	args := m.take()
	class := m.take()
	if !mayBeTuple(args) {
		m.issue(IssueType, "NEWOBJ expects an argument tuple")
	}
	if class.IsPlain() {
		m.issue(IssueType, "NEWOBJ expects a class")
	}
	m.push(m.call(class, args, kwargs))
}

func (m *Machine) loadObj() {
	pos := m.marker()
	items, cut := m.above(pos)
	if len(items) == 0 {
		m.underflow()
		m.truncate(pos)
		m.push(valueUnknown)
		return
	}
	class := items[0]
	if cut {
		class = valueForgotten
	}
	args := m.newTuple(items[1:], cut)
	m.truncate(pos)
	m.push(m.call(class, args, valueNone))
}

func (m *Machine) loadBuild() {
	if m.size()-2 < m.fenceAbs() {
		m.underflow()
		return
	}
	state := m.take()
	target, _ := m.top()
	m.vis.Build(m, Site{m.op, m.at}, target, state)
	if m.jump >= 0 {
		m.seek(m.jump)
		m.jump = -1
		m.frame.reset() // whoever reads raw data from the file closes the frame first
	}
}
