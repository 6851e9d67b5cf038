package pickle

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"strconv"
	"strings"
)

// binaryArgument runs the rarer opcodes with a binary argument.
func (m *Machine) binaryArgument(op Opcode, b []byte) bool {
	le := binary.LittleEndian
	size := 1
	switch op {
	case EXT2:
		size = 2
	case EXT4, LONG4:
		size = 4
	case FRAME:
		size = 8
	}
	if len(b) < 1+size {
		m.truncated()
		return false
	}
	m.p += size
	switch op {
	case EXT1:
		m.extension(int64(b[1]))
	case EXT2:
		m.extension(int64(le.Uint16(b[1:])))
	case EXT4:
		m.extension(int64(int32(le.Uint32(b[1:]))))
	case PROTO:
		if b[1] > highestProtocol {
			m.issue(IssueArgument, "unsupported protocol "+strconv.Itoa(int(b[1])))
		}
		m.res.Proto = int(b[1])
	case FRAME:
		m.loadFrame(le.Uint64(b[1:]))
	case LONG1:
		return m.loadLong(2, int64(b[1]))
	case LONG4:
		return m.loadLong(5, int64(int32(le.Uint32(b[1:]))))
	}
	return true
}

// loadLong pushes a two's-complement little-endian int of n bytes.
func (m *Machine) loadLong(head int, n int64) bool {
	if n < 0 {
		m.issue(IssueArgument, "negative length")
		m.push(valueUnknown)
		return true
	}
	if n <= 7 && m.fill(int(n)) {
		var x int64
		for i := int(n) - 1; i >= 0; i-- {
			x = x<<8 | int64(m.win[m.p+i])
		}
		if n > 0 {
			shift := 64 - 8*n
			x = x << shift >> shift
		}
		m.p += int(n)
		m.push(mkInt(x))
		return true
	}
	m.push(mkAt(KindBigInt, m.at))
	if !m.skip(uint64(n)) {
		m.truncated()
		return false
	}
	return true
}

// textArgument runs the opcodes whose argument is one or two lines.
func (m *Machine) textArgument(op Opcode) bool {
	if op == GLOBAL || op == INST {
		return m.loadGlobal(op)
	}
	bodyAt := m.offset()
	text, long, ok := m.line()
	if !ok {
		m.truncated()
		return false
	}
	switch op {
	case INT, LONG, FLOAT, GET, PUT:
		// These are parsed as C strings: they end at a NUL.
		if i := bytes.IndexByte(text, 0); i >= 0 {
			text = text[:i]
		}
	}
	switch op {
	case STRING:
		m.loadString(text, long, bodyAt)
	case UNICODE:
		if m.nest && len(text) >= minNested && nestedStart[text[0]] {
			m.nested(op, bodyAt, uint64(m.offset()-1-bodyAt))
		}
		m.push(mkAt(KindStr, m.at))
	case PERSID:
		// The id is a str: it is read again as the line of this opcode.
		m.push(m.persistent(mkAt(KindStr, m.at)))
	case INT:
		m.loadInt(text, long)
	case LONG:
		if n := len(text); n > 0 && text[n-1] == 'L' {
			text = text[:n-1]
		}
		m.number(text, long)
	case FLOAT:
		if _, ok := parseFloat(text); !ok || long {
			m.issue(IssueArgument, "not a float")
		}
		m.push(mkAt(KindFloat, m.at))
	case GET, PUT:
		i, ok := m.index(text, long)
		switch {
		case !ok:
			m.issue(IssueArgument, "not a memo index")
			if op == GET {
				m.push(valueUnknown)
			}
		case op == GET:
			m.getMemo(i)
		default:
			m.putMemo(i)
		}
	}
	return true
}

func (m *Machine) loadInt(text []byte, long bool) {
	switch string(text) {
	case "00":
		m.push(valueFalse)
	case "01":
		m.push(valueTrue)
	default:
		m.number(text, long)
	}
}

// number pushes a decimal (or Python-prefixed) integer.
func (m *Machine) number(text []byte, long bool) {
	if long || len(text) > 4300 { // the digits limit of CPython's int(); whether it applies depends on the build
		m.push(mkAt(KindBigInt, m.at))
		return
	}
	s := strings.TrimSpace(string(text))
	if s == "" && m.op == INT { // strtol reads nothing and gives 0
		s = "0"
	}
	if n, err := strconv.ParseInt(s, 0, 64); err == nil && n >= minSmallInt && n <= maxSmallInt {
		m.push(mkInt(n))
		return
	}
	if _, ok := new(big.Int).SetString(s, 0); !ok {
		if _, ok := new(big.Int).SetString(s, 10); !ok {
			m.issue(IssueArgument, "not an integer")
			m.push(valueUnknown)
			return
		}
	}
	m.push(mkAt(KindBigInt, m.at))
}

// index parses the memo index of GET and PUT.
func (m *Machine) index(text []byte, long bool) (uint64, bool) {
	if long || len(text) > 40 {
		return 0, false
	}
	s := strings.TrimPrefix(strings.TrimSpace(string(text)), "+")
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
	if err != nil || n < 0 {
		return 0, false
	}
	return uint64(n), true
}

func parseFloat(text []byte) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
	return f, err == nil || strings.Contains(err.Error(), "out of range")
}

// loadString pushes a quoted Python 2 string.
func (m *Machine) loadString(text []byte, long bool, bodyAt int64) {
	n := len(text)
	if !long && (n < 2 || text[0] != text[n-1] || text[0] != '\'' && text[0] != '"') {
		m.issue(IssueArgument, "unquoted string")
		m.push(valueUnknown)
		return
	}
	if m.nest && n-2 >= minNested && nestedStart[text[1]] {
		m.nested(STRING, bodyAt+1, uint64(m.offset()-3-bodyAt))
	}
	m.push(mkAt(KindStr, m.at))
}

// loadGlobal runs GLOBAL and INST.
func (m *Machine) loadGlobal(op Opcode) bool {
	var mark int
	if op == INST {
		mark = m.marker()
	}
	module, long1, ok := m.line()
	if !ok {
		m.truncated()
		return false
	}
	m.lits.scratch = append(m.lits.scratch[:0], module...)
	name, long2, ok := m.line()
	if !ok {
		m.truncated()
		return false
	}
	module = m.lits.scratch
	if len(module) == 0 || len(name) == 0 {
		m.issue(IssueArgument, "empty name")
	}
	v := m.importGlobal(module, name, long1 || long2)
	if op == GLOBAL {
		m.push(v)
		return true
	}
	args := m.tupleAbove(mark)
	m.truncate(mark)
	m.push(m.call(v, args, valueNone))
	return true
}

// importGlobal interns the name, tells the visitor and gives the value.
func (m *Machine) importGlobal(module, name []byte, long bool) Value {
	if long || len(module) > maxNameLen || len(name) > maxNameLen {
		m.issue(IssueLongName, "")
		module, name = module[:min(len(module), maxNameLen)], name[:min(len(name), maxNameLen)]
	}
	id, full := m.globals.intern(module, name)
	if full {
		m.issue(IssueManyGlobals, "")
	}
	m.vis.Import(m, Site{m.op, m.at}, id)
	return mk(KindGlobal, uint64(id))
}

func (m *Machine) loadStackGlobal() {
	name := m.take()
	module := m.take()
	slot := &m.globals.names[(uint64(name)*0x9e3779b97f4a7c15^uint64(module)*0xc2b2ae3d27d4eb4f)>>56]
	if slot.name == name && slot.module == module && name != 0 {
		m.vis.Import(m, Site{m.op, m.at}, slot.id)
		m.push(mk(KindGlobal, uint64(slot.id)))
		return
	}
	mod, ok1 := m.Text(module, maxNameLen+1)
	nam, ok2 := m.Text(name, maxNameLen+1)
	if !ok1 || !ok2 {
		if !unknowable(module) && !unknowable(name) || m.notString(module) || m.notString(name) {
			m.issue(IssueType, "STACK_GLOBAL requires str")
		}
		m.vis.Unresolved(m, Site{m.op, m.at}, module, name)
		m.push(valueUnknown)
		return
	}
	v := m.importGlobal([]byte(mod), []byte(nam), false)
	if id, _ := v.Global(); id != OverflowGlobal && module.Kind() == KindStr && name.Kind() == KindStr {
		*slot = namePair{module, name, id}
		m.globals.pairs = true
	}
	m.push(v)
}

// unknowable reports whether a value may be a string that the machine just does not know.
func unknowable(v Value) bool {
	return v.Kind() == KindForgotten || v.Kind() == KindObject || v.Kind() == KindPersistent || v.Kind() == KindExtension
}

// notString reports whether v is certainly no str.
func (m *Machine) notString(v Value) bool {
	switch v.Kind() {
	case KindStr, KindForgotten, KindObject, KindPersistent, KindExtension, KindUnknown:
		return false
	}
	return true
}

// extension runs EXT1, EXT2 and EXT4.
func (m *Machine) extension(code int64) {
	if code <= 0 {
		m.issue(IssueArgument, "extension code not positive")
		m.push(valueUnknown)
		return
	}
	if id, ok := m.ext[code]; ok {
		m.vis.Import(m, Site{m.op, m.at}, id)
		m.push(mk(KindGlobal, uint64(id)))
		return
	}
	m.vis.Extension(m, Site{m.op, m.at}, code)
	m.push(mk(KindExtension, uint64(code)))
}

// register notes copyreg.add_extension(module, name, code): a later EXT in the same process imports module.name.
func (m *Machine) register(callee GlobalID, args Value) {
	if g := m.globals.get(callee); g.Name != "add_extension" || g.Module != "copyreg" && g.Module != "copy_reg" {
		return
	}
	items, more := m.Items(args)
	if more || len(items) != 3 {
		return
	}
	mod, ok1 := m.Text(items[0], maxNameLen)
	name, ok2 := m.Text(items[1], maxNameLen)
	code, ok3 := items[2].Int()
	if !ok1 || !ok2 || !ok3 || len(m.ext) >= 1024 {
		return
	}
	id, full := m.globals.intern(bytes.Clone([]byte(mod)), []byte(name))
	if full {
		return
	}
	if m.ext == nil {
		m.ext = make(map[int64]GlobalID)
	}
	m.ext[code] = id
}
