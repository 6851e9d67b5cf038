package cel

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// checker finds the type of each part of an expression, and how to evaluate it.
type checker struct {
	env    *Env
	locals int
	reads  map[string]bool
}

// scope is a variable of a macro.
type scope struct {
	up   *scope
	name string
	typ  *Type
	slot int
}

// typed is a part that was checked.
type typed struct {
	typ   *Type
	eval  eval
	fixed *Value // of a constant
}

func (c *checker) check(n *node, sc *scope) (typed, error) {
	switch n.form {
	case constant:
		v := n.value
		return typed{n.typ, func(*frame) (Value, error) { return v, nil }, &v}, nil
	case variable:
		return c.variable(n, sc)
	case field, present:
		return c.field(n, sc)
	case index:
		return c.index(n, sc)
	case choice:
		return c.choice(n, sc)
	case listOf:
		return c.list(n, sc)
	case mapOf:
		return c.dictionary(n, sc)
	case operator:
		return c.operator(n, sc)
	}
	return c.call(n, sc)
}

// all checks several parts.
func (c *checker) all(list []*node, sc *scope) ([]typed, error) {
	out := make([]typed, len(list))
	for i, n := range list {
		var err error
		if out[i], err = c.check(n, sc); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *checker) variable(n *node, sc *scope) (typed, error) {
	for s := sc; s != nil; s = s.up {
		if s.name == n.name {
			slot := s.slot
			return typed{typ: s.typ, eval: func(f *frame) (Value, error) { return f.locals[slot], nil }}, nil
		}
	}
	t := c.env.types[n.name]
	if t == nil {
		return typed{}, failf(n.pos, "undeclared reference to %q; there are %s", n.name, strings.Join(slices.Sorted(maps.Keys(c.env.types)), ", "))
	}
	c.reads[n.name] = true
	slot, name := c.env.slots[n.name], n.name
	return typed{typ: t, eval: func(f *frame) (Value, error) { return f.vars.load(slot, name, t), nil }}, nil
}

// field is x.name, or has(x.name).
func (c *checker) field(n *node, sc *scope) (typed, error) {
	of, err := c.check(n.args[0], sc)
	if err != nil {
		return typed{}, err
	}
	get, pos, name := of.eval, n.pos, n.name
	if of.typ.isMap() {
		if join(of.typ.key, String) == nil {
			return typed{}, failf(pos, "the keys of the map are %s, and %q is text", of.typ.key, name)
		}
		return c.entry(get, of.typ, func(*frame) (Value, error) { return Value{s: name}, nil }, pos, n.form == present), nil
	}
	if !of.typ.isObject() {
		return typed{}, failf(pos, "%s has no fields, so no %q", of.typ, name)
	}
	fd, ok := of.typ.field(name)
	if !ok {
		var names []string
		for _, f := range of.typ.fields {
			names = append(names, f.Name)
		}
		return typed{}, failf(pos, "undefined field %q; there are %s", name, strings.Join(names, ", "))
	}
	at, t := fd.at, fd.Type
	if n.form == present {
		return typed{typ: Bool, eval: func(f *frame) (Value, error) {
			v, err := get(f)
			if err != nil {
				return v, err
			}
			return truth(!reflect.ValueOf(v.r).Elem().Field(at).IsZero()), f.spend(1)
		}}, nil
	}
	return typed{typ: t, eval: func(f *frame) (Value, error) {
		v, err := get(f)
		if err != nil {
			return v, err
		}
		return fromGo(t, reflect.ValueOf(v.r).Elem().Field(at)), f.spend(1)
	}}, nil
}

// entry is m[k], or whether it is there.
func (c *checker) entry(get eval, t *Type, key eval, pos int, present bool) typed {
	find := func(f *frame) (Value, bool, error) {
		m, err := get(f)
		if err != nil {
			return m, false, err
		}
		k, err := key(f)
		if err != nil {
			return k, false, err
		}
		v, ok := m.r.(*dictionary).get(k)
		if !ok {
			v = k
		}
		return v, ok, f.spend(1)
	}
	if present {
		return typed{typ: Bool, eval: func(f *frame) (Value, error) {
			_, ok, err := find(f)
			return truth(ok), err
		}}
	}
	return typed{typ: t.of, eval: func(f *frame) (Value, error) {
		v, ok, err := find(f)
		if err == nil && !ok {
			err = failf(pos, "no such key: %v", toGo(t.key, v))
		}
		return v, err
	}}
}

func (c *checker) index(n *node, sc *scope) (typed, error) {
	x, err := c.all(n.args, sc)
	if err != nil {
		return typed{}, err
	}
	of, at, pos := x[0], x[1], n.pos
	switch {
	case of.typ.isMap():
		if join(of.typ.key, at.typ) == nil {
			return typed{}, failf(pos, "the keys of the map are %s, not %s", of.typ.key, at.typ)
		}
		return c.entry(of.eval, of.typ, at.eval, pos, false), nil
	case !of.typ.isList():
		return typed{}, failf(pos, "found no matching overload for [...] of %s; a list or a map is needed", of.typ)
	case at.typ != Int:
		return typed{}, failf(pos, "a list is indexed by int, not %s", at.typ)
	}
	return typed{typ: of.typ.of, eval: func(f *frame) (Value, error) {
		v, err := of.eval(f)
		if err != nil {
			return v, err
		}
		i, err := at.eval(f)
		if err != nil {
			return i, err
		}
		l := v.list()
		if i.n < 0 || i.n >= int64(l.Len()) {
			return v, failf(pos, "index out of bounds: %d of a list of %d; ask for its size() first", i.n, l.Len())
		}
		return l.At(int(i.n)), f.spend(1)
	}}, nil
}

func (c *checker) choice(n *node, sc *scope) (typed, error) {
	x, err := c.all(n.args, sc)
	if err != nil {
		return typed{}, err
	}
	t := join(x[1].typ, x[2].typ)
	if x[0].typ != Bool || t == nil {
		return typed{}, failf(n.pos, "found no matching overload for '_?_:_' applied to '(%s, %s, %s)'; the first is a bool, the others of one type", x[0].typ, x[1].typ, x[2].typ)
	}
	return typed{typ: t, eval: func(f *frame) (Value, error) {
		v, err := x[0].eval(f)
		if err == nil {
			err = f.spend(1)
		}
		if err != nil {
			return v, err
		}
		if v.n != 0 {
			return x[1].eval(f)
		}
		return x[2].eval(f)
	}}, nil
}
