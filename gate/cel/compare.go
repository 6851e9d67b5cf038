package cel

import (
	"cmp"
	"math"
	"strings"
)

// equal says how to tell whether two values of a type are equal. It pays for what it
// looks at.
func equal(t *Type) func(f *frame, a, b Value) (bool, error) {
	switch t {
	case String:
		return func(f *frame, a, b Value) (bool, error) { return a.s == b.s, f.spend(1 + min(len(a.s), len(b.s))/64) }
	case Double:
		return func(f *frame, a, b Value) (bool, error) { return a.double() == b.double(), f.spend(1) }
	case Timestamp:
		return func(f *frame, a, b Value) (bool, error) { return a.time().Equal(b.time()), f.spend(1) }
	case Bool, Int, Duration, open:
		return func(f *frame, a, b Value) (bool, error) { return a.n == b.n, f.spend(1) }
	}
	of := equal(t.of)
	if t.isMap() {
		return func(f *frame, a, b Value) (bool, error) {
			x, y := a.r.(*dictionary), b.r.(*dictionary)
			if len(x.keys) != len(y.keys) {
				return false, f.spend(1)
			}
			for i, k := range x.keys {
				v, ok := y.get(k)
				if !ok {
					return false, f.spend(1)
				}
				if same, err := of(f, x.values[i], v); err != nil || !same {
					return false, err
				}
			}
			return true, f.spend(1)
		}
	}
	return func(f *frame, a, b Value) (bool, error) {
		x, y := a.list(), b.list()
		if x.Len() != y.Len() {
			return false, f.spend(1)
		}
		for i := range x.Len() {
			if same, err := of(f, x.At(i), y.At(i)); err != nil || !same {
				return false, err
			}
		}
		return true, f.spend(1)
	}
}

func (c *checker) equality(n *node, x []typed) (typed, error) {
	t := join(x[0].typ, x[1].typ)
	switch {
	case x[0].typ.isObject() && x[0].typ == x[1].typ, t != nil && !t.comparable():
		return typed{}, failf(n.pos, "objects are not compared; compare their fields")
	case t == nil:
		return typed{}, mismatch(n, x)
	}
	same, want, l, r := equal(t), n.name == "==", x[0].eval, x[1].eval
	return typed{typ: Bool, eval: func(f *frame) (Value, error) {
		a, err := l(f)
		if err != nil {
			return a, err
		}
		b, err := r(f)
		if err != nil {
			return b, err
		}
		eq, err := same(f, a, b)
		return truth(eq == want), err
	}}, nil
}

// membership is x in list, or x in map.
func (c *checker) membership(n *node, x []typed) (typed, error) {
	of := x[1].typ.of
	if x[1].typ.isMap() {
		of = x[1].typ.key
	}
	if of == nil || join(of, x[0].typ) == nil {
		return typed{}, mismatch(n, x)
	}
	t := join(of, x[0].typ)
	if !t.comparable() {
		return typed{}, failf(n.pos, "objects are not compared; use exists() and compare their fields")
	}
	same, byKey := equal(t), x[1].typ.isMap()
	return typed{typ: Bool, eval: func(f *frame) (Value, error) {
		a, err := x[0].eval(f)
		if err != nil {
			return a, err
		}
		b, err := x[1].eval(f)
		if err != nil {
			return b, err
		}
		if byKey {
			_, ok := b.r.(*dictionary).get(a)
			return truth(ok), f.spend(1)
		}
		l := b.list()
		for i := range l.Len() {
			if eq, err := same(f, a, l.At(i)); eq || err != nil {
				return truth(eq), err
			}
		}
		return Value{}, f.spend(1)
	}}, nil
}

// order is a < b and its like.
func (c *checker) order(n *node, x []typed) (typed, error) {
	t := x[0].typ
	if t != x[1].typ || !t.ordered() {
		return typed{}, mismatch(n, x)
	}
	var holds func(int) bool
	switch n.name {
	case "<":
		holds = func(c int) bool { return c < 0 }
	case "<=":
		holds = func(c int) bool { return c <= 0 }
	case ">":
		holds = func(c int) bool { return c > 0 }
	default:
		holds = func(c int) bool { return c >= 0 }
	}
	return typed{typ: Bool, eval: func(f *frame) (Value, error) {
		a, err := x[0].eval(f)
		if err != nil {
			return a, err
		}
		b, err := x[1].eval(f)
		if err != nil {
			return b, err
		}
		if t == Double && (math.IsNaN(a.double()) || math.IsNaN(b.double())) {
			return Value{}, f.spend(1)
		}
		return truth(holds(compare(t, a, b))), f.spend(1 + min(len(a.s), len(b.s))/64)
	}}, nil
}

func compare(t *Type, a, b Value) int {
	switch t {
	case String:
		return strings.Compare(a.s, b.s)
	case Double:
		return cmp.Compare(a.double(), b.double())
	case Timestamp:
		return a.time().Compare(b.time())
	}
	return cmp.Compare(a.n, b.n)
}
