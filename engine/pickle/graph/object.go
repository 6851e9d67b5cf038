package graph

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/pickle"
)

// put stores the top of the stack in the memo.
func (m *reader) put(op pickle.Opcode) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	n := m.memoized
	if op != pickle.MEMOIZE {
		if n, err = m.index(op); err != nil {
			return err
		}
	}
	if n >= maxMemo {
		m.memoized++
		m.res.Dropped = true
		return nil
	}
	for uint64(len(m.memo)) <= n {
		m.memo = append(m.memo, nil)
	}
	if m.memo[n] == nil {
		m.memoized++
	}
	m.memo[n] = v
	return nil
}

func (m *reader) get(op pickle.Opcode) error {
	n, err := m.index(op)
	if err != nil {
		return err
	}
	switch {
	case n >= maxMemo && m.res.Dropped:
		return m.push(opaque)
	case n >= uint64(len(m.memo)) || m.memo[n] == nil:
		return fmt.Errorf("nothing has number %d: %w", n, ErrPickle)
	}
	return m.push(m.memo[n])
}

// index reads the argument of an opcode of the memo.
func (m *reader) index(op pickle.Opcode) (uint64, error) {
	switch op {
	case pickle.BINPUT, pickle.BINGET:
		b, err := m.take(1)
		if err != nil {
			return 0, err
		}
		return uint64(b[0]), nil
	case pickle.LONGBINPUT, pickle.LONGBINGET:
		b, err := m.take(4)
		if err != nil {
			return 0, err
		}
		return uint64(binary.LittleEndian.Uint32(b)), nil
	}
	b, err := m.line()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("number of a value: %w", ErrPickle)
	}
	return n, nil
}

// object runs the opcodes about globals and objects.
func (m *reader) object(op pickle.Opcode) error {
	switch op {
	case pickle.GLOBAL:
		name, err := m.names()
		if err != nil {
			return err
		}
		return m.push(m.global(name))
	case pickle.INST:
		name, err := m.names()
		if err != nil {
			return err
		}
		args, err := m.popMark()
		if err != nil {
			return err
		}
		return m.made(m.global(name), args)
	case pickle.OBJ:
		args, err := m.popMark()
		if err != nil || len(args) == 0 {
			return fmt.Errorf("an object without a class: %w", ErrPickle)
		}
		return m.made(args[0], args[1:])
	case pickle.PERSID:
		b, err := m.line()
		if err != nil {
			return err
		}
		return m.persistent(m.text(b))
	case pickle.EXT1, pickle.EXT2, pickle.EXT4:
		if err := m.skip(1 << (op - pickle.EXT1)); err != nil {
			return err
		}
		return m.push(opaque)
	case pickle.BUILD:
		return m.setState()
	}
	n := map[pickle.Opcode]int{pickle.STACKGLOBAL: 2, pickle.REDUCE: 2, pickle.NEWOBJ: 2, pickle.NEWOBJEX: 3, pickle.BINPERSID: 1}[op]
	if len(m.stack)-n < m.bottom() {
		return fmt.Errorf("an empty stack: %w", ErrPickle)
	}
	a := m.stack[len(m.stack)-n:]
	m.stack = m.stack[:len(m.stack)-n]
	switch op {
	case pickle.STACKGLOBAL:
		if a[0].Kind != Str || a[1].Kind != Str {
			return m.push(opaque)
		}
		return m.push(m.global(a[0].Text + "." + a[1].Text))
	case pickle.BINPERSID:
		return m.persistent(a[0])
	}
	return m.made(a[0], a[1].Items)
}

// names reads the two lines of GLOBAL and INST.
func (m *reader) names() (string, error) {
	var parts [2]string
	for i := range parts {
		b, err := m.line()
		if err != nil {
			return "", err
		}
		parts[i] = string(b[:min(len(b), maxText)])
	}
	return parts[0] + "." + parts[1], nil
}

func (m *reader) global(name string) *Value {
	if !m.seen[name] && len(m.res.Imports) < MaxImports {
		m.seen[name] = true
		m.res.Imports = append(m.res.Imports, name)
	}
	v := m.fresh(Global)
	if v != opaque {
		v.Text = name
	}
	return v
}

// made pushes the result of a call. copyreg's functions make an instance of their first argument.
func (m *reader) made(callable *Value, args []*Value) error {
	v := m.fresh(Object)
	if v == opaque {
		return m.push(v)
	}
	if callable.Kind == Global {
		v.Text = callable.Text
		switch v.Text {
		case "copyreg._reconstructor", "copy_reg._reconstructor", "copyreg.__newobj__", "copy_reg.__newobj__":
			if len(args) > 0 && args[0].Kind == Global {
				v.Text, args = args[0].Text, args[1:]
			}
		}
	}
	v.Args = m.keep(nil, args, &v.Cut)
	return m.push(v)
}

func (m *reader) persistent(id *Value) error {
	v := m.fresh(Persistent)
	if v != opaque {
		v.Args = []*Value{id}
	}
	return m.push(v)
}

func (m *reader) setState() error {
	state, err := m.pop()
	if err != nil {
		return err
	}
	target, err := m.top()
	if err != nil {
		return err
	}
	if target.Kind == Object {
		target.State = state
	}
	if m.build != nil {
		if next := m.build(target, m.at); next > m.at {
			return m.skip(next - m.at)
		}
	}
	return nil
}

func (m *reader) text(b []byte) *Value {
	if m.spent.texts += len(b); m.spent.texts > maxTexts || len(b) > maxText {
		m.res.Dropped = m.res.Dropped || m.spent.texts > maxTexts
		return opaque
	}
	v := m.fresh(Str)
	if v != opaque {
		v.Text = string(b)
	}
	return v
}

func (m *reader) num(n int64) error {
	v := m.fresh(Int)
	if v != opaque {
		v.Num = n
	}
	return m.push(v)
}

// scalar runs the opcodes of numbers and texts.
func (m *reader) scalar(op pickle.Opcode) error {
	switch op {
	case pickle.NEWTRUE, pickle.NEWFALSE:
		return m.num(int64(pickle.NEWFALSE-op) & 1)
	case pickle.BININT1, pickle.BININT2, pickle.BININT:
		b, err := m.take(map[pickle.Opcode]int64{pickle.BININT1: 1, pickle.BININT2: 2, pickle.BININT: 4}[op])
		if err != nil {
			return err
		}
		return m.num(signed(b, op == pickle.BININT))
	case pickle.LONG1, pickle.LONG4:
		return m.long(op)
	case pickle.INT, pickle.LONG:
		b, err := m.line()
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(string(b)), "L"), 10, 64)
		if err != nil {
			return m.push(opaque) // of any size, which is fine
		}
		return m.num(n)
	case pickle.FLOAT:
		if _, err := m.line(); err != nil {
			return err
		}
		return m.push(opaque)
	case pickle.BINFLOAT:
		if err := m.skip(8); err != nil {
			return err
		}
		return m.push(opaque)
	case pickle.STRING, pickle.UNICODE:
		b, err := m.line()
		if err != nil {
			return err
		}
		s := string(b)
		if op == pickle.STRING && len(s) >= 2 {
			s = s[1 : len(s)-1] // quotes
		}
		if strings.Contains(s, `\`) {
			if u, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`); err == nil {
				s = u
			}
		}
		return m.push(m.text([]byte(s)))
	}
	return m.literal(op)
}

func signed(b []byte, sign bool) int64 {
	var v uint64
	for i := len(b) - 1; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	if sign && len(b) < 8 && len(b) > 0 && b[len(b)-1]&0x80 != 0 {
		v |= math.MaxUint64 << (8 * len(b))
	}
	return int64(v)
}

func (m *reader) long(op pickle.Opcode) error {
	width := int64(1)
	if op == pickle.LONG4 {
		width = 4
	}
	b, err := m.take(width)
	if err != nil {
		return err
	}
	n := signed(b, false)
	if n > 8 {
		if err := m.skip(n); err != nil {
			return err
		}
		return m.push(opaque)
	}
	if b, err = m.take(n); err != nil {
		return err
	}
	return m.num(signed(b, true))
}

// literal runs the opcodes with a length in front.
func (m *reader) literal(op pickle.Opcode) error {
	width := int64(4)
	switch op {
	case pickle.SHORTBINUNICODE, pickle.SHORTBINBYTES, pickle.SHORTBINSTRING:
		width = 1
	case pickle.BINUNICODE8, pickle.BINBYTES8, pickle.BYTEARRAY8:
		width = 8
	case pickle.BINUNICODE, pickle.BINBYTES, pickle.BINSTRING:
	default:
		return fmt.Errorf("no opcode: %w", ErrPickle)
	}
	b, err := m.take(width)
	if err != nil {
		return err
	}
	n := signed(b, op == pickle.BINSTRING)
	bytes := op == pickle.BINBYTES || op == pickle.SHORTBINBYTES || op == pickle.BINBYTES8 || op == pickle.BYTEARRAY8
	if !bytes && n <= maxText {
		if b, err = m.take(n); err != nil {
			return err
		}
		return m.push(m.text(b))
	}
	v := m.fresh(Bytes) // a long text of protocol 2 may be the bytes of an array, too
	if v != opaque {
		v.Num, v.At = n, m.at
	}
	if n < 0 || n > 64 || v == opaque {
		if err := m.skip(n); err != nil {
			return err
		}
		return m.push(v)
	}
	if b, err = m.take(n); err != nil {
		return err
	}
	v.Text = string(b)
	return m.push(v)
}
