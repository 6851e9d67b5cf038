package pyflow

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// setAttr stores an attribute.
func (x *frame) setAttr(n python.Node, v *value, name string, val *value) {
	if v == nil {
		return
	}
	if v.inst != nil {
		if f := x.a.setter(v.inst, name); f != nil {
			x.apply(n, &value{fn: f, self: v}, args{pos: []*value{val}, star: []bool{false}})
			return
		}
	}
	if v.obj != nil {
		x.put(v.obj, name, val)
	}
	if v.mod != nil && v.mod.env != nil {
		x.setGlobal(v.mod, name, val)
	}
	c := v.inst
	if c == nil {
		c = v.cls
	}
	if c != nil {
		if c.attrs == nil {
			c.attrs = &object{made: &everywhere}
		}
		if lasting := val.lasting(); lasting != nil {
			old := c.attrs.get(name)
			before := old.news()
			if old != nil && old.obj != nil && old.obj.made == &everywhere && lasting.obj != nil {
				old.obj.absorb(lasting.obj, 0)
				lasting.obj = old.obj // who holds it sees what is added
			}
			now := join(old, lasting)
			c.attrs.set(name, now)
			x.stored(c, name, before, now)
		}
	}
	x.write(v, "."+name, val)
}

// put stores in an object what lasts there. What depends on the call of this function is
// stored when it is called.
func (x *frame) put(o *object, key string, val *value) {
	if x.shared(o) {
		if x.depends(val, 0) {
			x.later(o, key, val)
			val = val.lasting()
		}
	}
	if key == "[]" {
		before := o.elem.news()
		o.elem = join(o.elem, val)
		if x.shared(o) {
			x.stored(o, "", before, o.elem)
		}
		return
	}
	old := o.get(key)
	now := join(old, val)
	o.set(key, now)
	if x.shared(o) {
		x.stored(o, "", old.news(), now)
	}
}

// depends reports whether a value is another one for every call of this function.
func (x *frame) depends(v *value, depth int) bool {
	if v == nil || depth > 3 {
		return false
	}
	if symbolic(v.labels) || v.fn != nil && encloses(x.fn, v.fn.parent) || v.self != nil && x.depends(v.self, depth+1) {
		return true
	}
	if v.pre != nil {
		for _, p := range v.pre.pos {
			if x.depends(p, depth+1) {
				return true
			}
		}
	}
	if v.alts != nil && slices.ContainsFunc(v.alts.of, func(w *value) bool { return x.depends(w, depth+1) }) {
		return true
	}
	return v.obj != nil && (x.depends(v.obj.elem, depth+1) ||
		slices.ContainsFunc(v.obj.fields, func(f field) bool { return x.depends(f.v, depth+1) }))
}

// maxWrites bounds what is remembered of what one function stores.
const maxWrites = 32

// maxShared bounds the writes of one function to what others see.
const maxShared = 16

// later notes in the summary that something is stored in an object that others see.
func (x *frame) later(o *object, key string, val *value) {
	path := key
	if key[0] != '[' {
		path = "." + key
	}
	n := 0
	for i := range x.sum.writes {
		w := &x.sum.writes[i]
		if w.to == o && w.path == path {
			w.val = join(w.val, val)
			return
		}
		if w.to != nil {
			n++
		}
	}
	if n < maxShared && len(x.sum.writes) < maxWrites {
		x.sum.writes = append(x.sum.writes, write{to: o, path: path, val: val})
	}
}

// setGlobal gives a name of a module.
func (x *frame) setGlobal(m *module, name string, v *value) {
	if x.fn != m.main && x.depends(v, 0) {
		if len(x.sum.writes) < maxWrites {
			x.sum.writes = append(x.sum.writes, write{mod: m, path: "." + name, val: v})
		}
		v = v.lasting()
	}
	old := m.env.names[name]
	now := join(old, v)
	if m.env != x.env {
		m.env.names[name] = now
	} else {
		x.env.set(name, now)
	}
	x.stored(m, name, old.news(), now)
}

// setOuter gives a name of an enclosing function.
func (x *frame) setOuter(e *env, name string, v *value) {
	if e == x.env {
		x.env.set(name, join(e.names[name], v))
		return
	}
	if x.depends(v, 0) {
		if len(x.sum.writes) < maxWrites {
			x.sum.writes = append(x.sum.writes, write{env: e, path: "." + name, val: v})
		}
		v = v.lasting()
	}
	old := e.names[name]
	now := join(old, v)
	e.names[name] = now
	x.stored(e, name, old.news(), now)
}

// write notes in the summary that something was stored in an argument.
func (x *frame) write(v *value, path string, val *value) {
	if v == nil || val == nil {
		return
	}
	for _, l := range v.labels {
		if len(x.sum.writes) < maxWrites && l.src == nil && l.param >= 0 && encloses(l.owner, x.fn) {
			x.sum.writes = append(x.sum.writes, write{label: l, path: path, val: val})
		}
	}
}

// replay stores what a summary says.
func (x *frame) replay(n python.Node, w *write, target, val *value) {
	switch {
	case w.to != nil:
		target = &value{obj: w.to}
	case w.mod != nil:
		x.setGlobal(w.mod, w.path[1:], val)
		return
	case w.env != nil:
		x.setOuter(w.env, w.path[1:], val)
		return
	case target == nil:
		return
	}
	if w.path[0] == '.' {
		x.setAttr(n, target, w.path[1:], val)
		return
	}
	var key *value
	if w.path != "[]" {
		key = text(strings.Trim(w.path, "[]"))
	}
	x.setItem(0, target, key, val)
}

// text is a constant string.
func text(s string) *value {
	return &value{lit: literal{kind: python.ConstStr, set: true, s: s}}
}

// setItem stores an item; expr is the container's expression.
func (x *frame) setItem(expr python.Node, v, key, val *value) {
	path := "[]"
	if key != nil && key.lit.set {
		path = "[" + key.lit.s + "]"
	}
	if v != nil && v.inst != nil {
		if m, _ := x.a.lookup(v.inst, "__setitem__", 0); m != nil && m.fn != nil {
			x.method(expr, v, m, args{pos: []*value{key, val}, star: []bool{false, false}})
			return
		}
	}
	if v != nil && v.obj != nil {
		x.put(v.obj, path, val)
		if path == "[]" && key != nil && len(key.labels) > 0 && !x.shared(v.obj) {
			v.obj.keys = join(v.obj.keys, key)
		}
	} else if labels := val.all(1); len(labels) > 0 && x.mod.tree.Kind(expr) == python.KindName {
		name := x.mod.tree.Name(expr)
		if _, e := x.env.look(name); e == x.env {
			w := v.with(joinLabels(v.all(0), labels))
			x.env.set(name, w)
		}
	}
	x.write(v, path, val)
}

// lasting is the part of a value that means something outside the function: all but
// what its parameters carry. The result is new.
func (v *value) lasting() *value {
	left := maxSize
	return v.lastingTo(0, &left)
}

// maxLasting is how deep objects in objects last.
const maxLasting = 2

func (v *value) lastingTo(depth int, left *int) *value {
	if v == nil {
		return nil
	}
	w := *v.settled()
	w.labels, w.test = nil, 0
	for _, l := range v.labels {
		if l.src != nil {
			w.labels = append(w.labels, l)
		}
	}
	if v.self != nil && depth < maxLasting {
		w.self = v.self.lastingTo(depth+1, left)
	}
	w.obj = nil
	if v.obj != nil && depth < maxLasting && *left > len(v.obj.fields) {
		*left -= 1 + len(v.obj.fields)
		o := &object{seq: v.obj.seq, dict: v.obj.dict, owner: v.obj.owner, made: &everywhere}
		o.elem, o.keys = v.obj.elem.lastingTo(depth+1, left), v.obj.keys.lastingTo(depth+1, left)
		for _, f := range v.obj.fields {
			if got := f.v.lastingTo(depth+1, left); got != nil {
				o.fields = append(o.fields, field{f.key, got})
			}
		}
		w.obj = o
	}
	if w.labels == nil && !w.named() && w.obj == nil && !w.lit.set && w.alts == nil {
		return nil
	}
	return &w
}
