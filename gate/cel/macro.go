package cel

import "slices"

var macros = []string{"all", "exists", "exists_one", "filter", "map"}

// macro is list.all(x, ...) and its like; of a map it looks at the keys.
func (c *checker) macro(n *node, sc *scope) (typed, error) {
	name, args := n.name, n.args[1:]
	if len(args) != 2 && !(name == "map" && len(args) == 3) {
		return typed{}, failf(n.pos, "%s() takes a name and an expression, as in findings.%s(f, f.level > 3)", name, name)
	}
	if args[0].form != variable {
		return typed{}, failf(args[0].pos, "the first argument of %s() is a new name for each element", name)
	}
	over, err := c.check(n.args[0], sc)
	if err != nil {
		return typed{}, err
	}
	of := over.typ.of
	if over.typ.isMap() {
		of = over.typ.key
	}
	if of == nil {
		return typed{}, failf(n.pos, "%s() looks at the elements of a list, not of %s", name, over.typ)
	}
	inner := &scope{up: sc, name: args[0].name, typ: of}
	if sc != nil {
		inner.slot = sc.slot + 1
	}
	c.locals = max(c.locals, inner.slot+1)
	x, err := c.all(args[1:], inner)
	if err != nil {
		return typed{}, err
	}
	if x[0].typ != Bool && (name != "map" || len(x) == 2) {
		return typed{}, failf(args[1].pos, "the condition of %s() is of type %s, and has to be true or false", name, x[0].typ)
	}
	m := loop{over.eval, inner.slot, x[0].eval}
	switch name {
	case "all", "exists":
		return typed{typ: Bool, eval: m.decide(name == "exists")}, nil
	case "exists_one":
		return typed{typ: Bool, eval: m.one}, nil
	case "filter":
		return typed{typ: List(of), eval: m.filter}, nil
	}
	if len(x) == 2 {
		return typed{typ: List(x[1].typ), eval: m.collect(x[1].eval, true)}, nil
	}
	return typed{typ: List(x[0].typ), eval: m.collect(x[0].eval, false)}, nil
}

func isMacro(name string) bool { return slices.Contains(macros, name) }

// loop looks at each element of a list.
type loop struct {
	over eval
	slot int
	body eval
}

// each calls visit for each element until it returns false.
func (m *loop) each(f *frame, visit func(e Value) (bool, error)) error {
	v, err := m.over(f)
	if err != nil {
		return err
	}
	l := v.list()
	for i := range l.Len() {
		if err := f.spend(1); err != nil {
			return err
		}
		f.locals[m.slot] = l.At(i)
		if on, err := visit(f.locals[m.slot]); !on || err != nil {
			return err
		}
	}
	return nil
}

// decide is all and exists: one element that decides outweighs those without a value.
func (m *loop) decide(on bool) eval {
	stop := truth(on).n
	return func(f *frame) (Value, error) {
		out := Value{n: 1 - stop}
		var first error
		err := m.each(f, func(Value) (bool, error) {
			v, err := m.body(f)
			switch {
			case f.left < 0:
				return false, errCost
			case err != nil:
				if first == nil {
					first = err
				}
				return true, nil
			case v.n == stop:
				out, first = v, nil
				return false, nil
			}
			return true, nil
		})
		if err == nil && out.n != stop {
			err = first
		}
		return out, err
	}
}

func (m *loop) one(f *frame) (Value, error) {
	n := 0
	err := m.each(f, func(Value) (bool, error) {
		v, err := m.body(f)
		n += int(v.n)
		return true, err
	})
	return truth(n == 1), err
}

func (m *loop) filter(f *frame) (Value, error) {
	var out []Value
	err := m.each(f, func(e Value) (bool, error) {
		v, err := m.body(f)
		if err == nil && v.n != 0 {
			out = append(out, e)
			err = f.spend(4)
		}
		return true, err
	})
	return listValue(out), err
}

// collect is map: the values of to, of the elements for which the condition holds
// where there is one.
func (m *loop) collect(to eval, conditional bool) eval {
	return func(f *frame) (Value, error) {
		var out []Value
		err := m.each(f, func(Value) (bool, error) {
			if conditional {
				if v, err := m.body(f); err != nil || v.n == 0 {
					return true, err
				}
			}
			v, err := to(f)
			if err == nil {
				out = append(out, v)
				err = f.spend(4)
			}
			return true, err
		})
		return listValue(out), err
	}
}
