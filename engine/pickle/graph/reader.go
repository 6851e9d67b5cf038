package graph

import (
	"fmt"

	"github.com/merlon-security/merlon/engine/pickle"
)

// reader runs opcodes.
type reader struct {
	source
	build    func(*Value, int64) int64
	stack    []*Value
	marks    []int
	memo     []*Value
	memoized uint64          // values in it, and so the number that MEMOIZE gives
	seen     map[string]bool // imports
	spent    *Budget
	res      Result
}

// The values that all look the same.
var (
	opaque = &Value{}
	empty  = &Value{Kind: Tuple}
)

func (m *reader) run() error {
	for ops := 0; ; ops++ {
		if ops == maxOps {
			return fmt.Errorf("more than %d opcodes: %w", maxOps, ErrPickle)
		}
		at := m.at
		b, err := m.take(1)
		if err != nil {
			return err
		}
		op := pickle.Opcode(b[0])
		if op == pickle.STOP {
			root, err := m.pop()
			if err != nil {
				return err
			}
			m.res.Root = root
			return nil
		}
		if err := m.step(op); err != nil {
			return fmt.Errorf("byte %d, %s: %w", at, op, err)
		}
	}
}

// step runs one opcode.
func (m *reader) step(op pickle.Opcode) error {
	switch op {
	case pickle.PROTO:
		b, err := m.take(1)
		if err == nil {
			m.res.Proto = max(m.res.Proto, int(b[0]))
		}
		return err
	case pickle.FRAME:
		return m.skip(8)
	case pickle.MARK:
		if len(m.marks) >= maxStack {
			return ErrPickle
		}
		m.marks = append(m.marks, len(m.stack))
		return nil
	case pickle.POP:
		if len(m.marks) > 0 && m.bottom() == len(m.stack) {
			m.marks = m.marks[:len(m.marks)-1]
			return nil
		}
		_, err := m.pop()
		return err
	case pickle.POPMARK:
		_, err := m.popMark()
		return err
	case pickle.DUP:
		v, err := m.top()
		if err != nil {
			return err
		}
		return m.push(v)
	case pickle.NONE, pickle.NEXTBUFFER:
		return m.push(opaque)
	case pickle.READONLYBUFFER:
		return nil
	case pickle.EMPTYTUPLE:
		return m.push(empty)
	case pickle.EMPTYLIST, pickle.EMPTYSET:
		return m.push(m.fresh(List))
	case pickle.EMPTYDICT:
		return m.push(m.fresh(Dict))
	case pickle.TUPLE, pickle.LIST, pickle.DICT, pickle.FROZENSET, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3:
		return m.container(op)
	case pickle.APPEND, pickle.APPENDS, pickle.ADDITEMS, pickle.SETITEM, pickle.SETITEMS:
		return m.extend(op)
	case pickle.PUT, pickle.BINPUT, pickle.LONGBINPUT, pickle.MEMOIZE:
		return m.put(op)
	case pickle.GET, pickle.BINGET, pickle.LONGBINGET:
		return m.get(op)
	case pickle.GLOBAL, pickle.STACKGLOBAL, pickle.INST, pickle.OBJ, pickle.REDUCE, pickle.NEWOBJ, pickle.NEWOBJEX, pickle.BUILD,
		pickle.PERSID, pickle.BINPERSID, pickle.EXT1, pickle.EXT2, pickle.EXT4:
		return m.object(op)
	}
	return m.scalar(op)
}

// fresh makes a value, or gives the opaque one when there are enough.
func (m *reader) fresh(k Kind) *Value {
	if m.spent.values++; m.spent.values > maxValues {
		m.res.Dropped = true
		return opaque
	}
	v := &Value{Kind: k}
	if k == Object || k == Persistent {
		v.Call = &Call{}
	}
	return v
}

func (m *reader) push(v *Value) error {
	if len(m.stack) >= maxStack {
		return fmt.Errorf("more than %d values at once: %w", maxStack, ErrPickle)
	}
	m.stack = append(m.stack, v)
	return nil
}

// bottom is where the values since the last mark begin.
func (m *reader) bottom() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *reader) top() (*Value, error) {
	if len(m.stack) <= m.bottom() {
		return nil, fmt.Errorf("an empty stack: %w", ErrPickle)
	}
	return m.stack[len(m.stack)-1], nil
}

func (m *reader) pop() (*Value, error) {
	v, err := m.top()
	if err == nil {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return v, err
}

// popMark gives the values since the last mark. They are valid until the next push.
func (m *reader) popMark() ([]*Value, error) {
	if len(m.marks) == 0 {
		return nil, fmt.Errorf("no mark: %w", ErrPickle)
	}
	at := m.bottom()
	items := m.stack[at:]
	m.stack = m.stack[:at]
	m.marks = m.marks[:len(m.marks)-1]
	return items, nil
}

// keep copies items, as far as there is room.
func (m *reader) keep(to []*Value, items []*Value, cut *bool) []*Value {
	if m.spent.items+len(items) > maxItems {
		m.res.Dropped, *cut = true, true
		return to
	}
	m.spent.items += len(items)
	return append(to, items...)
}

func (m *reader) container(op pickle.Opcode) error {
	var items []*Value
	switch op {
	case pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3:
		n := int(op-pickle.TUPLE1) + 1
		if len(m.stack)-n < m.bottom() {
			return fmt.Errorf("an empty stack: %w", ErrPickle)
		}
		items = m.stack[len(m.stack)-n:]
		m.stack = m.stack[:len(m.stack)-n]
	default:
		var err error
		if items, err = m.popMark(); err != nil {
			return err
		}
	}
	kind := map[pickle.Opcode]Kind{pickle.LIST: List, pickle.FROZENSET: List, pickle.DICT: Dict}[op]
	if kind == Opaque {
		kind = Tuple
	}
	if len(items) == 0 && kind == Tuple {
		return m.push(empty)
	}
	v := m.fresh(kind)
	if v != opaque {
		v.Items = m.keep(nil, items, &v.Cut)
	}
	return m.push(v)
}

// extend runs the opcodes that add to what lies below on the stack.
func (m *reader) extend(op pickle.Opcode) error {
	n := map[pickle.Opcode]int{pickle.APPEND: 1, pickle.SETITEM: 2}[op]
	var items []*Value
	if n > 0 {
		if len(m.stack)-n < m.bottom() {
			return fmt.Errorf("an empty stack: %w", ErrPickle)
		}
		items = m.stack[len(m.stack)-n:]
		m.stack = m.stack[:len(m.stack)-n]
	} else {
		var err error
		if items, err = m.popMark(); err != nil {
			return err
		}
	}
	v, err := m.top()
	if err != nil {
		return err
	}
	paired := op == pickle.SETITEM || op == pickle.SETITEMS
	if paired {
		items = items[:len(items)&^1]
	}
	switch {
	case v.Kind == Dict && paired, v.Kind == List && !paired, v.Kind == Object && !paired:
		v.Items = m.keep(v.Items, items, &v.Cut)
	case v.Kind == Object:
		v.Pairs = m.keep(v.Pairs, items, &v.Cut)
	}
	return nil
}
