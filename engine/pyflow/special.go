package pyflow

import (
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// method calls a method of a class for a value.
func (x *frame) method(n python.Node, self, m *value, as args) *value {
	w := *m
	w.self = self
	return x.apply(n, &w, as)
}

// special calls a method such as __str__ if the class of a value has it.
func (x *frame) special(n python.Node, v *value, name string, as ...*value) (*value, bool) {
	if v == nil || v.inst == nil {
		return nil, false
	}
	m, _ := x.a.lookup(v.inst, name, 0)
	if m == nil || m.fn == nil {
		return nil, false
	}
	return x.method(n, v, m, args{pos: as, star: make([]bool, len(as))}), true
}

// iterate is what the iterator of an instance gives.
func (x *frame) iterate(n python.Node, v *value) (*value, bool) {
	for _, name := range []string{"__next__", "__anext__"} {
		if got, ok := x.special(n, v, name); ok {
			return got, true
		}
	}
	for _, name := range []string{"__iter__", "__aiter__"} {
		if got, ok := x.special(n, v, name); ok {
			if got != nil && got.inst != nil && got.inst == v.inst {
				return nil, false
			}
			return x.element(n, got), true
		}
	}
	return nil, false
}

// operators are the methods of binary operators.
var operators = [...]struct {
	op   python.Op
	name string
}{{python.OpAdd, "add"}, {python.OpSub, "sub"}, {python.OpMult, "mul"}, {python.OpDiv, "truediv"}, {python.OpMod, "mod"}, {python.OpBitOr, "or"},
	{python.OpBitAnd, "and"}, {python.OpRShift, "rshift"}, {python.OpLShift, "lshift"}, {python.OpMatMult, "matmul"}, {python.OpFloorDiv, "floordiv"}, {python.OpPow, "pow"}, {python.OpBitXor, "xor"}}

// overloaded is an operator that a class of the project defines.
func (x *frame) overloaded(n python.Node, l *value, op python.Op, r *value) (*value, bool) {
	if (l == nil || l.inst == nil) && (r == nil || r.inst == nil) {
		return nil, false
	}
	for _, o := range operators {
		if o.op != op {
			continue
		}
		if got, ok := x.special(n, l, "__"+o.name+"__", r); ok {
			return got, true
		}
		return x.special(n, r, "__r"+o.name+"__", l)
	}
	return nil, false
}

// asText is what str makes of a value.
func (x *frame) asText(n python.Node, v *value) *value {
	for _, name := range []string{"__str__", "__format__", "__repr__"} {
		if got, ok := x.special(n, v, name); ok {
			return got
		}
	}
	return v
}

// setter is the function that is called where a property is assigned.
func (a *Analysis) setter(c *class, name string) *function {
	for _, l := range a.lineage(c) {
		if f := l.setters[name]; f != nil {
			return f
		}
	}
	return nil
}

// private is the name that an attribute has outside its class.
func (x *frame) private(name string) string {
	if len(name) < 3 || name[0] != '_' || name[1] != '_' || strings.HasSuffix(name, "__") {
		return name
	}
	c := x.cls
	for f := x.fn; c == nil && f != nil; f = f.parent {
		c = f.cls
	}
	if c == nil {
		return name
	}
	return "_" + strings.TrimLeft(c.name, "_") + name
}
