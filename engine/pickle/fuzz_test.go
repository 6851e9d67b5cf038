package pickle

import (
	"bytes"
	"context"
	"testing"
)

// inspector asks the machine everything about every value that it is shown.
type inspector struct{ Ignore }

func (inspector) look(m *Machine, vs ...Value) {
	for _, v := range vs {
		m.Render(v, 100)
		m.Resolve(v)
		m.Text(v, 100)
		m.Raw(v, 100)
		m.Items(v)
		m.Len(v)
		m.CallOf(v)
		m.Span(v)
	}
}

func (i inspector) Call(m *Machine, _ Site, c Call) {
	i.look(m, c.Callable, c.Args, c.Kwargs, c.Result)
	m.Callee(c)
}
func (i inspector) Build(m *Machine, _ Site, a, b Value) { i.look(m, a, b); m.Flag(a) }
func (i inspector) Mutate(m *Machine, _ Site, a Value, items []Value, _ bool) {
	i.look(m, a)
	i.look(m, items...)
}
func (i inspector) Persistent(m *Machine, _ Site, id Value) Value { i.look(m, id); return 0 }
func (i inspector) Unresolved(m *Machine, _ Site, a, b Value)     { i.look(m, a, b) }
func (i inspector) Ref(m *Machine, _ Site, v Value)               { i.look(m, v) }
func (i inspector) Nested(m *Machine, _ Site, c Candidate) {
	if r, size, err := m.Open(c, 1<<16); err == nil && size > 0 {
		_, _ = r.ReadAt(make([]byte, 16), 0)
	}
}

// FuzzMachine: no input makes the machine panic, run longer than its bytes, read beyond them, or exceed its memory.
func FuzzMachine(f *testing.F) {
	for _, s := range []string{
		"N.", "cos\nsystem\n(S'echo merlon-test'\ntR.", "(S'x'\nios\nsystem\n.", "\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94\x8c\x06system\x94\x93\x94h\x02.",
		"\x80\x02ccopy_reg\n_reconstructor\nq\x00(cx\nY\nq\x01c__builtin__\nobject\nq\x02Ntq\x03Rq\x04}q\x05U\x01aK\x01sb.", "\x80\x05\x96\x03\x00\x00\x00\x00\x00\x00\x00abc\x97\x98.",
		"(lp0\nI1\naF1.5\naL5L\naVx\\u20ac\np1\na.", "\x80\x04(K\x01K\x02\x91\x8f(N\x90\x86\x82\x05\x83\x05\x00\x84\x05\x00\x00\x00.", "\x80\x04B\x0b\x00\x00\x00\x80\x02cos\nx\n)R..",
		"cbuiltins\ngetattr\ncbuiltins\n__import__\nX\x02\x00\x00\x00os\x85RX\x06\x00\x00\x00system\x86R)R.", "Pid\nQ.", "\x80\x04}(X\x01\x00\x00\x00aK\x01ud(Niq\nw\n.",
	} {
		f.Add([]byte(s))
	}
	f.Add(dense(3000))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := new(Machine)
		res := m.Run(context.Background(), bytes.NewReader(data), Options{End: int64(len(data)), Nested: true}, inspector{})
		if res.Ops > int64(len(data)) {
			t.Errorf("%d opcodes in %d bytes", res.Ops, len(data))
		}
		if res.End > int64(len(data)) || res.End < 0 {
			t.Errorf("ended at %d of %d", res.End, len(data))
		}
		if !res.Stopped && len(res.Issues) == 0 {
			t.Error("ended without STOP and without an issue")
		}
		if size := m.footprint(); size > 50<<20 {
			t.Errorf("the machine holds %d MB", size>>20)
		}
	})
}
