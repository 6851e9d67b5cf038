package pyflow

import (
	"maps"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// args are the arguments of a call.
type args struct {
	pos  []*value
	star []bool // pos[i] is *pos[i]
	kw   []kwarg
}

type kwarg struct {
	name string // "" for **
	v    *value
}

// all is everything the arguments carry.
func (a args) all() []label {
	var out []label
	for _, v := range a.pos {
		out = joinLabels(out, v.all(2))
	}
	for _, k := range a.kw {
		out = joinLabels(out, k.v.all(2))
	}
	return out
}

// get selects an argument; ok is false where it is certain that it is not given.
func (a args) get(s Arg, self *value) (v *value, ok bool) {
	if s.Self {
		return self, self != nil
	}
	if s.Name != "" {
		for _, k := range a.kw {
			if k.name == s.Name {
				return k.v.field(s.Key), true
			}
		}
	}
	if s.Pos >= 0 {
		for i, v := range a.pos {
			if a.star[i] {
				if v != nil && v.obj != nil && v.obj.seq {
					if f, in := v.obj.find(index(s.Pos - i)); in {
						return f.field(s.Key), true
					}
					return nil, false
				}
				return carries(v.all(2)), true
			}
			if i == s.Pos {
				return v.field(s.Key), true
			}
		}
	}
	for _, k := range a.kw {
		if k.name == "" { // **options: known when they were written out
			if k.v != nil && k.v.obj != nil {
				if f, in := k.v.obj.find("[" + s.Name + "]"); in {
					return f.field(s.Key), true
				}
				if k.v.obj.elem == nil && len(k.v.labels) == 0 {
					continue
				}
			}
			return carries(k.v.all(2)), true
		}
	}
	return nil, false
}

// field is an item of a value that was written out, or the value itself. Keys may
// follow each other: "[0][content]".
func (v *value) field(key string) *value {
	if key == "" || v == nil {
		return v
	}
	if i := strings.Index(key, "]["); i > 0 {
		return v.field(key[:i+1]).field(key[i+1:])
	}
	if v.obj != nil {
		if f, ok := v.obj.find(key); ok {
			return f
		}
		if v.obj.seq {
			return nil
		}
		return v.obj.elem
	}
	return v
}

// call is a call expression.
func (x *frame) call(n python.Node) *value {
	t := x.mod.tree
	c := t.Call(n)
	callee := x.eval(c.Func)
	var as args
	for _, a := range c.Args {
		as.pos = append(as.pos, x.eval(a))
		as.star = append(as.star, t.Kind(a) == python.KindStarred)
	}
	for _, k := range c.Keywords {
		kw := t.Keyword(k)
		as.kw = append(as.kw, kwarg{kw.Name, x.eval(kw.Value)})
	}
	if callee != nil && callee.ref == "super" && callee.self == nil {
		self := x.selfValue()
		return &value{ref: "super()", self: self}
	}
	v := x.callValue(n, callee, as)
	x.checked(n, callee, false, false)
	x.converted(n, callee)
	return v
}

// selfValue is the first parameter of the method that is interpreted.
func (x *frame) selfValue() *value {
	for f := x.fn; f != nil; f = f.parent {
		if f.cls != nil && len(f.params) > 0 {
			v, _ := x.env.look(f.params[0].name)
			return v
		}
	}
	return nil
}

// callValue calls whatever a value may be.
func (x *frame) callValue(n python.Node, callee *value, as args) *value {
	if callee == nil || callee.alts == nil || len(callee.alts.of) == 0 {
		return x.callOne(n, callee, as)
	}
	var out *value
	callee.each(func(w *value) { out = join(out, x.callOne(n, w, as)) })
	return out
}

func (x *frame) callOne(n python.Node, callee *value, as args) *value {
	if callee == nil {
		return carries(weakened(as.all()))
	}
	if callee.pre != nil && !strings.HasPrefix(callee.ref, "operator.") {
		as = callee.pre.then(as)
	}
	if !callee.named() {
		return x.callParam(n, callee, as)
	}
	out := x.callKnown(n, callee, as)
	// What a parameter holds may be something else for another caller.
	if symbolic(callee.labels) && (callee.fn != nil || callee.ref != "" && callee.ref[0] == '?' && x.a.method(callee.ref)) && !plainMethods()[callee.ref[strings.LastIndexByte(callee.ref, '.')+1:]] {
		out = join(out, x.callParam(n, callee, as))
	}
	return out
}

func (x *frame) callKnown(n python.Node, callee *value, as args) *value {
	switch {
	case callee.fn != nil:
		return x.apply(n, callee, as)
	case callee.cls != nil:
		return x.instantiate(n, callee, as)
	case callee.inst != nil:
		if m, _ := x.a.lookup(callee.inst, "__call__", 0); m != nil && m.fn != nil {
			return x.method(n, callee, m, as)
		}
	}
	if callee.ref == "" && callee.typ == "" {
		return carries(weakened(as.all()))
	}
	if callee.ref == "" {
		w := *callee
		w.ref, w.self = callee.typ+".__call__", callee
		callee = &w
	}
	if v, done := x.reflected(n, callee, as); done {
		return v
	}
	return x.external(n, callee, as)
}

// maxTellers bounds the classes that have a method of a name for the name to tell anything.
const maxTellers = 8

// method reports whether a few classes of the project have a method of that name.
func (a *Analysis) method(ref string) bool {
	n := len(a.methods[ref[strings.LastIndexByte(ref, '.')+1:]])
	return n > 0 && n <= maxTellers
}

// instantiate makes an instance of a class of the project.
func (x *frame) instantiate(n python.Node, callee *value, as args) *value {
	c := callee.cls
	if x.a.enumeration(c) {
		return nil // one of its constants, or an error
	}
	v := &value{inst: c, bound: callee.bound, exact: true, obj: x.lasts(n, x.object(object{owner: c}), c)}
	if m, _ := x.a.lookup(c, "__init__", 0); m != nil && m.fn != nil {
		w := *m
		w.self = v
		x.apply(n, &w, as)
		return v
	}
	if base := outsideBase(c, 0); base != "" {
		x.external(n, &value{ref: base}, as)
	}
	fields := x.a.fields(c)
	for i, p := range as.pos {
		if i < len(fields) && !as.star[i] {
			v.obj.set(fields[i], p)
		} else {
			v.obj.elem = join(v.obj.elem, carries(p.all(2)))
		}
	}
	for _, k := range as.kw {
		switch {
		case k.name != "":
			v.obj.set(k.name, k.v)
		case k.v != nil && k.v.obj != nil:
			for _, f := range k.v.obj.fields {
				v.obj.set(strings.Trim(f.key, "[]"), f.v)
			}
			fallthrough
		default:
			v.labels = joinLabels(v.labels, k.v.all(1)) // whoever made the dict chose its keys
		}
	}
	if len(as.all()) > 0 {
		for _, name := range []string{"__post_init__", "__attrs_post_init__", "model_post_init"} {
			x.special(n, v, name)
		}
	}
	return v
}

// enumeration reports whether a class is an enumeration.
func (a *Analysis) enumeration(c *class) bool {
	for _, l := range a.lineage(c) {
		for _, b := range l.bases {
			if b != nil && (b.ref == "enum.Enum" || b.ref == "enum.IntEnum" || b.ref == "enum.StrEnum") {
				return true
			}
		}
	}
	return false
}

// reflected handles getattr and setattr with names that are known.
func (x *frame) reflected(n python.Node, callee *value, as args) (*value, bool) {
	switch callee.ref {
	case "getattr":
		if name, ok := as.at(1).str(); ok {
			return join(x.attr(n, as.at(0), name), as.at(2)), true
		}
		if v := as.at(0); v != nil && v.inst != nil && len(as.at(1).start()) > 1 {
			return join(x.beginning(n, v, as.at(1).start()), as.at(2)), true
		}
	case "setattr":
		if name, ok := as.at(1).str(); ok {
			x.setAttr(n, as.at(0), name, as.at(2))
			return nil, true
		}
		if v := as.at(0); v != nil && (v.inst != nil || v.obj != nil) {
			x.write(v, "[]", as.at(2))
			if v.obj != nil {
				x.put(v.obj, "[]", as.at(2))
			}
			return nil, true
		}
	}
	return nil, false
}

// beginning are the methods of an instance whose names begin with something: what
// getattr(self, "do_" + name) may be.
func (x *frame) beginning(n python.Node, v *value, start string) *value {
	var out *value
	for _, c := range x.a.lineage(v.inst) {
		for _, name := range slices.Sorted(maps.Keys(c.env.names)) {
			if m := c.env.names[name]; strings.HasPrefix(name, start) && m != nil && m.fn != nil && !m.fn.property {
				out = join(out, x.bound(n, v, m, name))
			}
		}
	}
	return out
}

// apply calls a function of the project: its summary, with the values at hand.
func (x *frame) apply(n python.Node, callee *value, as args) *value {
	f := callee.fn
	x.a.work++
	if f.running || x.depth > maxDepth || x.a.work > x.a.budget || x.spent > maxSpent {
		return carries(weakened(as.all())) // recursion, or a function that costs too much
	}
	sum := x.a.summarize(f)
	f.called(x.fn)
	x.depth++
	defer func() { x.depth-- }()
	x.spent += len(sum.sinks) + len(sum.writes) + len(sum.calls) + 1
	b := &binding{owner: f, args: x.bindArgs(n, f, callee.self, as), up: callee.bound}
	b.calls = make([]*value, len(sum.calls))
	tr := &translator{x: x, n: n, b: b, name: f.name}
	for i := range sum.calls {
		tr.result(f, i, b)
	}
	for i := range sum.sinks {
		u := &sum.sinks[i]
		for _, l := range tr.label(nil, &u.label, true) {
			x.hit(l, u.sink, u.callee, u.mod, u.node, u.weak)
		}
	}
	for i := range sum.writes {
		w := &sum.writes[i]
		var target *value
		if w.to == nil && w.env == nil && w.mod == nil {
			if target = tr.target(w.label); target == nil {
				continue
			}
		}
		val := w.val
		if !w.closed {
			val = tr.value(val, 0)
		}
		x.replay(n, w, target, val)
	}
	var ret *value
	if sum.closed {
		ret = sum.ret.copied(x)
	} else {
		ret = tr.value(sum.ret, 0)
	}
	if ret != nil && validating().MatchString(f.name) {
		ret = ret.with(weakened(ret.labels))
	}
	if sum.yields != nil {
		y := x.list(tr.value(sum.yields.elem, 0))
		if ret == nil {
			return y
		}
		return join(y, ret)
	}
	return ret
}

// bindArgs gives every parameter its value.
func (x *frame) bindArgs(n python.Node, f *function, self *value, as args) []*value {
	out := make([]*value, len(f.params))
	given := make([]bool, len(f.params))
	next := 0
	put := func(v *value) {
		for next < len(f.params) && (next == f.vararg || f.params[next].kwOnly) {
			if next == f.vararg {
				if out[next] == nil || out[next].obj == nil {
					out[next] = &value{obj: x.object(object{seq: true})}
				}
				out[next].obj.set(index(len(out[next].obj.fields)), v)
				return
			}
			next++
		}
		if next < len(f.params) {
			out[next], given[next] = v, true
			next++
		}
	}
	if self != nil && !f.gone {
		put(self)
	}
	for i, v := range as.pos {
		if !as.star[i] {
			put(v)
			continue
		}
		if v == nil {
			continue
		}
		if v.obj != nil && v.obj.seq && len(v.labels) == 0 {
			for k := range len(v.obj.fields) {
				put(v.obj.get(index(k)))
			}
			continue
		}
		if next == f.vararg && out[next] == nil {
			out[next] = v // handed on as it is
			continue
		}
		for k := 0; next < len(f.params) && next != f.vararg && !f.params[next].kwOnly; k++ {
			if k < 10 {
				put(x.item(n, v, number(k)))
			} else {
				put(x.element(n, v))
			}
		}
		if f.vararg >= 0 {
			out[f.vararg] = join(out[f.vararg], x.list(x.element(n, v)))
		}
	}
	for _, k := range as.kw {
		if k.name == "" {
			x.spread(f, out, given, k.v)
			continue
		}
		done := false
		for i, p := range f.params {
			if p.name == k.name && i != f.vararg && i != f.kwarg {
				out[i], given[i], done = k.v, true, true
			}
		}
		if !done && f.kwarg >= 0 {
			// Never in the caller's own dict.
			out[f.kwarg] = join(&value{obj: x.object(object{dict: true, fields: []field{{"[" + k.name + "]", k.v}}})}, out[f.kwarg])
		}
	}
	for i, p := range f.params {
		if !given[i] && out[i] == nil {
			out[i] = p.value
		}
	}
	return out
}

// spread gives the items of **v to parameters by name.
func (x *frame) spread(f *function, out []*value, given []bool, v *value) {
	if v == nil {
		return
	}
	for i, p := range f.params {
		if given[i] || i == f.vararg {
			continue
		}
		if i == f.kwarg {
			out[i] = join(out[i], v)
			continue
		}
		if v.obj != nil {
			if w, ok := v.obj.find("[" + p.name + "]"); ok {
				out[i], given[i] = w, true
				continue
			}
		}
		if len(v.labels) > 0 && f.cls == nil || len(v.labels) > 0 && i > 0 {
			out[i] = join(out[i], carries(guessed(extend(v.labels, "["+p.name+"]"))))
		}
	}
}

// maxParamCalls bounds the calls of parameters of one function that are remembered.
const maxParamCalls = 16

// callParam calls something that only a caller of this function knows.
func (x *frame) callParam(n python.Node, callee *value, as args) *value {
	var labels []label
	for _, l := range callee.labels {
		if l.src != nil || l.owner == nil || len(x.sum.calls) >= maxParamCalls || !encloses(l.owner, x.fn) {
			continue
		}
		i := slices.IndexFunc(x.sum.calls, func(c paramCall) bool { return c.node == n && c.callee.same(&l) })
		if i < 0 {
			i = len(x.sum.calls)
			x.sum.calls = append(x.sum.calls, paramCall{callee: l, node: n, method: callee.ref != ""})
		}
		x.sum.calls[i].args = as
		labels = joinLabels(labels, []label{{owner: x.fn, param: -1 - int32(i)}})
	}
	// Where it is known later what is called, it is known what it returns of that.
	given, known := weakened(as.all()), len(labels) > 0
	for _, l := range append(given[:len(given):len(given)], callee.labels...) {
		if l.src != nil || !known {
			labels = joinLabels(labels, weakened([]label{l}))
		}
	}
	return carries(labels)
}

// encloses reports whether f is defined inside outer.
func encloses(outer, f *function) bool {
	for ; f != nil; f = f.parent {
		if f == outer {
			return true
		}
	}
	return false
}

// guessed are the labels of something that may or may not be in a dict whose keys are not
// known.
func guessed(labels []label) []label {
	return mapLabels(labels, func(l *label) { l.weak = l.weak || l.src != nil })
}
