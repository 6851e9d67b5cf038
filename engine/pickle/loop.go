package pickle

import (
	"encoding/binary"
	"strconv"
)

// inline is how many bytes the loop keeps available ahead: the longest fixed-size opcode with its argument, plus what nested() looks at.
const inline = 16

// loop is the Unpickler's dispatch loop. Opcodes with a fixed-size argument that only push or pop literals are handled here, the others in
// methods; it allocates nothing itself.
func (m *Machine) loop() {
	le := binary.LittleEndian
	for {
		if len(m.win)-m.p < inline {
			m.keepStack()
			if !m.fill(inline) && m.p >= len(m.win) {
				m.at = m.offset()
				m.issue(IssueTruncated, "no STOP")
				return
			}
			if m.ctx.Err() != nil {
				m.issue(IssueCancelled, "")
				return
			}
		}
		b := m.win[m.p:]
		op := Opcode(b[0])
		at := m.base + int64(m.p)
		if at >= m.frame.end {
			m.leaveFrame(at)
		}
		m.op, m.at = op, at
		m.p++
		m.res.Ops++
		switch op {
		case BININT1:
			if len(b) < 2 {
				m.truncated()
				return
			}
			m.p++
			m.push(mkInt(int64(b[1])))
		case BININT2:
			if len(b) < 3 {
				m.truncated()
				return
			}
			m.p += 2
			m.push(mkInt(int64(le.Uint16(b[1:]))))
		case BININT:
			if len(b) < 5 {
				m.truncated()
				return
			}
			m.p += 4
			m.push(mkInt(int64(int32(le.Uint32(b[1:])))))
		case BINFLOAT:
			if len(b) < 9 {
				m.truncated()
				return
			}
			m.p += 8
			m.push(mkAt(KindFloat, m.at))
		case SHORTBINUNICODE, SHORTBINBYTES, SHORTBINSTRING:
			if len(b) < 2 || !m.literal(b, 2, uint64(b[1])) {
				m.truncated()
				return
			}
		case BINUNICODE, BINBYTES, BINSTRING:
			if len(b) < 5 || !m.literal(b, 5, uint64(le.Uint32(b[1:]))) {
				m.truncated()
				return
			}
		case BINUNICODE8, BINBYTES8, BYTEARRAY8:
			if len(b) < 9 || !m.literal(b, 9, le.Uint64(b[1:])) {
				m.truncated()
				return
			}
		case MEMOIZE:
			if v, ok := m.top(); ok {
				m.memo.put(m.memo.filled, v)
			} else {
				m.underflow()
			}
		case BINPUT:
			if len(b) < 2 {
				m.truncated()
				return
			}
			m.p++
			m.putMemo(uint64(b[1]))
		case LONGBINPUT:
			if len(b) < 5 {
				m.truncated()
				return
			}
			m.p += 4
			m.putMemo(uint64(le.Uint32(b[1:])))
		case BINGET:
			if len(b) < 2 {
				m.truncated()
				return
			}
			m.p++
			m.getMemo(uint64(b[1]))
		case LONGBINGET:
			if len(b) < 5 {
				m.truncated()
				return
			}
			m.p += 4
			m.getMemo(uint64(le.Uint32(b[1:])))
		case NONE:
			m.push(valueNone)
		case NEWTRUE:
			m.push(valueTrue)
		case NEWFALSE:
			m.push(valueFalse)
		case MARK:
			if !m.mark() {
				m.issue(IssueManyMarks, "")
			}
		case EMPTYTUPLE:
			m.push(valueEmptyTuple)
		case EMPTYLIST:
			m.push(m.newContainer(KindList))
		case EMPTYDICT:
			m.push(m.newContainer(KindDict))
		case EMPTYSET:
			m.push(m.newContainer(KindSet))
		case TUPLE1:
			m.counted(1)
		case TUPLE2:
			m.counted(2)
		case TUPLE3:
			m.counted(3)
		case DUP:
			if v, ok := m.top(); ok {
				m.push(v)
			} else {
				m.underflow()
				m.push(valueUnknown)
			}
		case POP:
			m.loadPop()
		case STOP:
			m.loadStop()
			return
		default:
			if !m.rare(op, b) {
				return
			}
		}
	}
}

// rare runs the opcodes that are not worth a place in the loop; it reports false at the end of the stream.
func (m *Machine) rare(op Opcode, b []byte) bool {
	switch op {
	case POPMARK:
		m.truncate(m.marker())
	case TUPLE:
		pos := m.marker()
		v := m.tupleAbove(pos)
		m.truncate(pos)
		m.push(v)
	case LIST, DICT, FROZENSET:
		m.loadContainer(op)
	case APPEND:
		m.fillTop(m.size()-1, KindList, 1)
	case SETITEM:
		m.fillTop(m.size()-2, KindDict, 2)
	case APPENDS:
		m.fillTop(m.marker(), KindList, 1)
	case SETITEMS:
		m.fillTop(m.marker(), KindDict, 2)
	case ADDITEMS:
		m.fillTop(m.marker(), KindSet, 1)
	case REDUCE:
		m.loadReduce()
	case NEWOBJ:
		m.loadNew(false)
	case NEWOBJEX:
		m.loadNew(true)
	case OBJ:
		m.loadObj()
	case BUILD:
		m.loadBuild()
	case STACKGLOBAL:
		m.loadStackGlobal()
	case BINPERSID:
		id := m.take()
		m.push(m.persistent(id))
	case READONLYBUFFER:
		if _, ok := m.top(); !ok {
			m.underflow()
		}
	case NEXTBUFFER:
		m.push(valueBuffer)
	case EXT1, EXT2, EXT4, LONG1, LONG4, PROTO, FRAME:
		return m.binaryArgument(op, b)
	case GLOBAL, INST, INT, LONG, FLOAT, STRING, UNICODE, PERSID, GET, PUT:
		return m.textArgument(op)
	default:
		m.p--
		m.res.Ops--
		m.issue(IssueBadOpcode, "")
		return false
	}
	return true
}

func (m *Machine) truncated() {
	m.seek(m.end)
	m.issue(IssueTruncated, "")
}

func (m *Machine) underflow() { m.issue(IssueUnderflow, "") }

// take pops one value; on an underflow it records the issue and gives an unknown value.
func (m *Machine) take() Value {
	v, ok := m.pop()
	if !ok {
		m.underflow()
	}
	return v
}

// marker pops the topmost mark and gives its position; without one it records the issue and gives the top of the stack.
func (m *Machine) marker() int {
	pos, ok := m.popMark()
	if !ok {
		m.issue(IssueNoMark, "")
	}
	return pos
}

// literal pushes the string literal of n bytes whose opcode and length take head bytes.
func (m *Machine) literal(b []byte, head int, n uint64) bool {
	m.p += head - 1
	op := Opcode(b[0])
	kind := KindStr
	switch op {
	case SHORTBINBYTES, BINBYTES, BINBYTES8:
		kind = KindBytes
	case BYTEARRAY8:
		kind = KindByteArray
	case BINSTRING:
		if int32(n) < 0 { // a signed length
			m.issue(IssueArgument, "negative length")
			m.push(valueUnknown)
			return true
		}
	}
	if m.nest && n >= minNested && (len(b) <= head || nestedStart[b[head]]) {
		m.nested(op, m.at+int64(head), n)
	}
	m.push(mkAt(kind, m.at))
	return m.skip(n)
}

func (m *Machine) putMemo(i uint64) {
	v, ok := m.top()
	if !ok {
		m.underflow()
		return
	}
	if i > freeIndex && i > uint64(max(m.at, 0)) { // Python counts up from 0, at two bytes or more for each
		m.issue(IssueMemoLost, "index "+strconv.FormatUint(i, 10))
	}
	m.memo.put(i, v)
}

// freeIndex is a memo index that nobody minds: CPython makes room for twice as many.
const freeIndex = 1 << 20

func (m *Machine) getMemo(i uint64) {
	v := m.memo.get(i)
	if v == 0 {
		m.issue(IssueMemo, "")
		v = valueUnknown
	}
	m.push(v)
}

func (m *Machine) loadPop() {
	// The C Unpickler keeps marks apart from values: POP on a mark takes the mark.
	if n := len(m.marks); n > 0 && m.marks[n-1] == m.size() {
		m.marks = m.marks[:n-1]
		m.setFence()
		return
	}
	if _, ok := m.pop(); !ok {
		m.underflow()
	}
}

func (m *Machine) loadStop() {
	v := m.take()
	m.res.Stopped = true
	m.ref(v)
	if m.memo.inexact || m.memo.full {
		m.issue(IssueMemoLost, "")
	}
}
