package pyflow

import (
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
	return x.callValue(n, callee, as)
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

// callValue calls whatever a value is.
func (x *frame) callValue(n python.Node, callee *value, as args) *value {
	switch {
	case callee == nil:
		return carries(weakened(as.all()))
	case callee.fn != nil:
		return x.apply(n, callee, as)
	case callee.cls != nil:
		return x.instantiate(n, callee.cls, as)
	case callee.inst != nil:
		if m, _ := x.a.lookup(callee.inst, "__call__", 0); m != nil && m.fn != nil {
			w := *m
			w.self = callee
			return x.apply(n, &w, as)
		}
	}
	if callee.ref != "" || callee.typ != "" {
		if callee.ref == "" {
			w := *callee
			w.ref, w.self = callee.typ+".__call__", callee
			callee = &w
		}
		if v, done := x.indirect(n, callee, as); done {
			return v
		}
		return x.external(n, callee, as)
	}
	return x.callParam(n, callee, as)
}

// instantiate makes an instance of a class of the project.
func (x *frame) instantiate(n python.Node, c *class, as args) *value {
	v := &value{inst: c, obj: &object{owner: c}}
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
			v.labels = joinLabels(v.labels, k.v.all(1))
		}
	}
	return v
}

// indirect handles the calls that call something else: getattr, partial, threads.
func (x *frame) indirect(n python.Node, callee *value, as args) (*value, bool) {
	arg := func(i int) *value {
		if i < len(as.pos) && !as.star[i] {
			return as.pos[i]
		}
		return nil
	}
	rest := func(i int) args {
		if i > len(as.pos) {
			return args{}
		}
		return args{pos: as.pos[i:], star: as.star[i:], kw: as.kw}
	}
	callable := func(v *value) bool { return v != nil && (v.fn != nil || v.inst != nil || v.cls != nil) }
	last := callee.ref[strings.LastIndexByte(callee.ref, '.')+1:]
	switch callee.ref {
	case "getattr":
		if name, ok := arg(1).str(); ok {
			return join(x.attr(n, arg(0), name), arg(2)), true
		}
	case "setattr":
		if name, ok := arg(1).str(); ok {
			x.setAttr(arg(0), name, arg(2))
			return nil, true
		}
	case "map", "filter":
		if f := arg(0); callable(f) && arg(1) != nil {
			v := x.callValue(n, f, args{pos: []*value{x.element(n, arg(1))}, star: []bool{false}})
			if callee.ref == "filter" {
				v = x.element(n, arg(1))
			}
			return &value{obj: &object{elem: v}}, true
		}
	case "functools.partial":
		if f := arg(0); callable(f) && f.fn != nil && f.pre == nil {
			w := *f
			pre := rest(1)
			w.pre = &pre
			return &w, true
		}
	case "functools.wraps", "functools.update_wrapper":
		return nil, true
	case "asyncio.to_thread", "asgiref.sync.sync_to_async", "anyio.to_thread.run_sync":
		if f := arg(0); callable(f) {
			return x.callValue(n, f, rest(1)), true
		}
	case "threading.Thread", "multiprocessing.Process":
		target, _ := as.get(Arg{Pos: 1, Name: "target"}, nil)
		given, _ := as.get(Arg{Pos: 3, Name: "args"}, nil)
		if callable(target) {
			x.callValue(n, target, args{pos: []*value{given}, star: []bool{true}})
		}
	}
	switch last {
	case "submit", "apply_async", "add_task", "call_soon", "call_soon_threadsafe":
		if f := arg(0); callable(f) {
			return x.callValue(n, f, rest(1)), true
		}
	case "run_in_executor":
		if f := arg(1); callable(f) {
			return x.callValue(n, f, rest(2)), true
		}
	}
	return nil, false
}

// apply calls a function of the project: its summary, with the values at hand.
func (x *frame) apply(n python.Node, callee *value, as args) *value {
	f := callee.fn
	if callee.pre != nil {
		as.pos = append(append([]*value{}, callee.pre.pos...), as.pos...)
		as.star = append(append([]bool{}, callee.pre.star...), as.star...)
		as.kw = append(append([]kwarg{}, callee.pre.kw...), as.kw...)
	}
	x.a.work++
	if f.running || x.depth > maxDepth || x.a.work > x.a.budget {
		return carries(weakened(as.all())) // recursion, or a function that costs too much
	}
	sum := x.a.summarize(f)
	x.depth++
	defer func() { x.depth-- }()
	b := &binding{owner: f, args: x.bindArgs(n, f, callee.self, as), up: callee.bound}
	b.calls = make([]*value, len(sum.calls))
	tr := &translator{x: x, n: n, b: b, name: f.name}
	for i := range sum.calls {
		tr.result(f, i, b)
	}
	for i := range sum.sinks {
		u := &sum.sinks[i]
		for _, l := range tr.label(nil, u.label, true) {
			x.hit(l, u.sink, u.callee, u.mod, u.node, u.weak)
		}
	}
	for _, w := range sum.writes {
		target := tr.target(w.label)
		if target == nil {
			continue
		}
		val := w.val
		if !w.closed {
			val = tr.value(val, 0)
		}
		if w.path == "[]" {
			x.setItem(0, target, nil, val)
		} else {
			x.setAttr(target, w.path[1:], val)
		}
	}
	var ret *value
	if sum.closed {
		ret = sum.ret.copied()
	} else {
		ret = tr.value(sum.ret, 0)
	}
	if sum.yields != nil {
		y := &value{obj: &object{elem: tr.value(sum.yields.elem, 0)}}
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
					out[next] = &value{obj: &object{seq: true}}
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
	if self != nil && (f.cls != nil || self.cls != nil) && !f.gone {
		put(self)
	}
	for i, v := range as.pos {
		if !as.star[i] {
			put(v)
			continue
		}
		if v != nil && v.obj != nil && v.obj.seq && len(v.labels) == 0 {
			for k := range len(v.obj.fields) {
				put(v.obj.get(index(k)))
			}
			continue
		}
		e := x.element(n, v)
		for next < len(f.params) && next != f.vararg && !f.params[next].kwOnly {
			put(e)
		}
		if f.vararg >= 0 {
			out[f.vararg] = join(out[f.vararg], carries(v.all(2)))
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
			out[f.kwarg] = join(&value{obj: &object{fields: []field{{"[" + k.name + "]", k.v}}}}, out[f.kwarg])
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
			out[i] = join(out[i], carries(extend(v.labels, "["+p.name+"]")))
		}
	}
}

// callParam calls something that only a caller of this function knows.
func (x *frame) callParam(n python.Node, callee *value, as args) *value {
	labels := weakened(as.all())
	for _, l := range callee.labels {
		if l.src != nil || l.owner == nil || len(x.sum.calls) >= 16 {
			continue
		}
		if l.owner != x.fn && !encloses(l.owner, x.fn) {
			continue
		}
		i := slices.IndexFunc(x.sum.calls, func(c paramCall) bool { return c.node == n && c.callee.same(&l) })
		if i < 0 {
			i = len(x.sum.calls)
			x.sum.calls = append(x.sum.calls, paramCall{callee: l, node: n})
		}
		x.sum.calls[i].args = as
		labels = joinLabels(labels, []label{{owner: x.fn, param: -1 - int32(i)}})
	}
	for _, l := range callee.labels {
		if l.src != nil {
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
