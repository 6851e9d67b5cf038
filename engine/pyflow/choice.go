package pyflow

import (
	"slices"
)

// choice is what a value may be besides what it says itself: the other functions of a
// table, the instances of the other classes that a factory makes, other constants.
type choice struct {
	of   []*value  // identities: without labels and objects
	lits []literal // of a value whose own literal is not set
}

// Bounds of a choice.
const (
	maxChoices  = 8
	maxLiterals = 4
)

// named reports whether anything is known of what a value is.
func (v *value) named() bool {
	return v.fn != nil || v.cls != nil || v.inst != nil || v.mod != nil || v.ref != "" || v.typ != ""
}

// identity is a value without what it carries and holds.
func (v *value) identity() *value {
	if v.labels == nil && v.obj == nil && v.alts == nil && !v.lit.set {
		return v
	}
	return &value{ref: v.ref, typ: v.typ, fn: v.fn, bound: v.bound, self: v.self, pre: v.pre, cls: v.cls, inst: v.inst, mod: v.mod, exact: v.exact, known: v.known}
}

// vague reports whether nothing is known of what calling a value means.
func (v *value) vague() bool {
	return v.fn == nil && v.cls == nil && v.inst == nil && v.mod == nil && !v.known && v.pre == nil
}

// is reports whether two values are the same thing, as far as it is known.
func (v *value) is(w *value) bool {
	return v.fn == w.fn && v.cls == w.cls && v.inst == w.inst && v.mod == w.mod && v.ref == w.ref && v.typ == w.typ && v.bound == w.bound &&
		(v.self == w.self || v.self != nil && w.self != nil && v.self.inst == w.self.inst && v.self.obj == w.self.obj && v.self.inst != nil)
}

// choices is what a value that is a or b may be besides a.
func choices(a, b *value) *choice {
	c := a.alts
	grown := false
	grow := func() {
		if !grown {
			grown = true
			n := &choice{}
			if c != nil {
				n.of = append(make([]*value, 0, len(c.of)+1), c.of...)
				n.lits = append(make([]literal, 0, len(c.lits)+1), c.lits...)
			}
			c = n
		}
	}
	add := func(v *value) {
		if v.is(a) || v.ref == exitRef || v.vague() || c != nil && len(c.of) >= maxChoices {
			return
		}
		if c != nil {
			for _, w := range c.of {
				if v.is(w) {
					return
				}
			}
		}
		grow()
		c.of = append(c.of, v.identity())
	}
	// What only fills what a leaves open needs no choice; see joinTo.
	if b.fn != nil || b.cls != nil || b.inst != nil || b.mod != nil || b.ref != "" || b.typ != "" {
		callable := a.fn != nil || a.cls != nil || a.mod != nil || a.ref != "" && a.ref != exitRef
		kind := a.inst != nil || a.typ != ""
		if (b.fn != nil || b.cls != nil || b.mod != nil || b.ref != "") && callable || (b.inst != nil || b.typ != "") && kind {
			add(b)
		}
	}
	if b.alts != nil {
		for _, v := range b.alts.of {
			add(v)
		}
	}
	literal := func(l literal) {
		if !l.set || c != nil && len(c.lits) >= maxLiterals || len(l.s) > 64 {
			return
		}
		if c != nil {
			for _, k := range c.lits {
				if k == l {
					return
				}
			}
		}
		grow()
		c.lits = append(c.lits, l)
	}
	if a.lit != b.lit {
		literal(a.lit)
		literal(b.lit)
	}
	if b.alts != nil {
		for _, l := range b.alts.lits {
			literal(l)
		}
	}
	return c
}

// each calls f for everything that a value may be.
func (v *value) each(f func(*value)) {
	if v == nil || v.alts == nil || len(v.alts.of) == 0 {
		f(v)
		return
	}
	w := *v
	w.alts = nil
	f(&w)
	for _, c := range v.alts.of {
		u := *c
		u.labels, u.obj = v.labels, v.obj
		f(&u)
	}
}

// settled is a value as others than who made it see it: of a setting that may be one
// constant or another, it is not known that it is either.
func (v *value) settled() *value {
	if v == nil || v.alts == nil || len(v.alts.lits) == 0 {
		return v
	}
	w := *v
	w.alts = nil
	if len(v.alts.of) > 0 {
		w.alts = &choice{of: v.alts.of}
	}
	return &w
}

// literals are the constants that a value may be.
func (v *value) literals() []literal {
	switch {
	case v == nil:
		return nil
	case v.lit.set:
		return []literal{v.lit}
	case v.alts != nil:
		return v.alts.lits
	}
	return nil
}

// each is a choice with every value of it changed.
func (c *choice) each(f func(*value) *value) *choice {
	if c == nil || len(c.of) == 0 {
		return c
	}
	out := c
	for i, v := range c.of {
		w := f(v)
		if w != v && out == c {
			out = &choice{lits: c.lits, of: slices.Clone(c.of)}
		}
		out.of[i] = w
	}
	if out != c {
		out.of = slices.DeleteFunc(out.of, func(v *value) bool { return v == nil })
	}
	return out
}

// maxVariants bounds the calls that are reported of one call because its arguments may be
// one constant or another.
const maxVariants = 6

// variants calls f for every constant that an argument may be.
func (a args) variants(f func(args)) {
	left := maxVariants
	try := func(v *value, with func(*value) args) {
		if v == nil || v.lit.set || v.alts == nil {
			return
		}
		for _, l := range v.alts.lits {
			if left--; left < 0 {
				return
			}
			f(with(&value{lit: l, labels: v.labels}))
		}
	}
	for i := range a.pos {
		try(a.pos[i], func(v *value) args {
			b := a
			b.pos = slices.Clone(a.pos)
			b.pos[i] = v
			return b
		})
	}
	for i, k := range a.kw {
		put := func(v *value) args {
			b := a
			b.kw = slices.Clone(a.kw)
			b.kw[i].v = v
			return b
		}
		if k.name != "" {
			try(k.v, put)
			continue
		}
		if k.v == nil || k.v.obj == nil {
			continue
		}
		for j, g := range k.v.obj.fields {
			try(g.v, func(v *value) args {
				o := *k.v.obj
				o.fields = slices.Clone(o.fields)
				o.fields[j].v = v
				return put(&value{obj: &o, labels: k.v.labels})
			})
		}
	}
}
