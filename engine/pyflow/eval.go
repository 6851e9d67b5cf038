package pyflow

import (
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// exitRef is the result of a call that does not return.
const exitRef = "!"

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// eval interprets an expression. 0 is None.
func (x *frame) eval(n python.Node) *value {
	if n == 0 || x.depth > maxDepth {
		return nil
	}
	if x.a.spend(x.mod); x.a.Over() {
		return nil
	}
	x.depth++
	defer func() { x.depth-- }()
	t := x.mod.tree
	switch t.Kind(n) {
	case python.KindName:
		return x.name(n, t.Name(n))
	case python.KindConstant:
		return constant(t, n)
	case python.KindAttribute:
		if v, ok := x.fact(n); ok {
			return v
		}
		a := t.Attribute(n)
		return x.attr(n, x.eval(a.Value), x.private(a.Attr))
	case python.KindSubscript:
		if v, ok := x.fact(n); ok {
			return v
		}
		s := t.Subscript(n)
		return x.item(n, x.eval(s.Value), x.eval(s.Index))
	case python.KindCall:
		return x.call(n)
	case python.KindBinOp:
		b := t.BinOp(n)
		return x.binary(n, x.eval(b.Left), b.Op, x.eval(b.Right))
	case python.KindJoinedStr, python.KindTemplateStr:
		return x.joined(n)
	case python.KindBoolOp:
		return x.boolOp(n)
	case python.KindIfExp:
		return x.ifExp(n)
	case python.KindUnaryOp:
		v := x.eval(t.Value(n))
		if t.Op(n) == python.OpNot {
			return nil
		}
		return carries(v.all(0))
	case python.KindCompare:
		c := t.Compare(n)
		x.eval(c.Left)
		for _, r := range c.Comparators {
			x.eval(r)
		}
	case python.KindAwait:
		return awaited(x.eval(t.Value(n)))
	case python.KindStarred:
		return x.eval(t.Value(n))
	case python.KindYield:
		v := x.eval(t.Value(n))
		x.returns(n, v)
		x.yield(v)
	case python.KindYieldFrom:
		v := x.eval(t.Value(n))
		x.yield(x.element(n, v))
		return v
	case python.KindNamedExpr:
		e := t.NamedExpr(n)
		v := x.eval(e.Value)
		x.assign(e.Target, v)
		return v
	case python.KindLambda:
		return &value{fn: x.lambda(n)}
	case python.KindList, python.KindTuple, python.KindSet:
		return x.display(n)
	case python.KindDict:
		return x.dict(n)
	case python.KindListComp, python.KindSetComp, python.KindGeneratorExp, python.KindDictComp:
		return x.comprehension(n)
	case python.KindSlice:
		s := t.Slice(n)
		x.eval(s.Lower)
		x.eval(s.Upper)
		return &value{lit: literal{kind: python.ConstEllipsis, set: true, s: ":"}}
	}
	return nil
}

func constant(t *python.Tree, n python.Node) *value {
	v := &value{lit: literal{kind: t.Const(n), set: true}}
	switch v.lit.kind {
	case python.ConstStr, python.ConstBytes:
		v.lit.s, _ = t.String(n)
	default:
		v.lit.s = t.Text(n)
	}
	return v
}

// name looks a name up: local, enclosing, global, imported with a star, built in.
func (x *frame) name(n python.Node, name string) *value {
	v, e := x.env.look(name)
	if e == nil && x.mod.env != nil {
		v, e = x.mod.env.look(name)
	}
	if e != nil {
		switch {
		case e == x.env:
		case e == x.mod.env:
			x.a.reads(x.fn, x.mod, name)
			v = v.settled()
		case !e.class:
			x.a.reads(x.fn, e, name)
		}
		return x.late(n, v)
	}
	if v, ok := x.starred(n, x.mod, name); ok {
		return v
	}
	for _, s := range x.mod.stars {
		if s.ref != "" && !builtin()[name] {
			return x.outside(n, s.ref+"."+name, nil)
		}
	}
	return x.outside(n, name, nil)
}

// starred looks a name up in what a module imports with a star.
func (x *frame) starred(n python.Node, m *module, name string) (*value, bool) {
	for _, s := range m.stars {
		if s.mod == nil || s.mod == m || !x.a.binds(s.mod, name) {
			continue
		}
		x.a.load(s.mod)
		if v, ok := s.mod.env.names[name]; ok {
			x.a.reads(x.fn, s.mod, name)
			return x.late(n, v.settled()), true
		}
	}
	return nil, false
}

// latePrefix marks a name of another module that is looked up when it is used: modules
// are loaded when something of them is needed, and may import each other.
const latePrefix = "\x00"

// later is a name of a module of the project.
func later(m *module, name string) *value {
	return &value{ref: latePrefix + m.name + "\x00" + name, mod: m}
}

// later reports whether a value is a name that is still to be looked up.
func (v *value) later() bool { return v.mod != nil && v.ref != "" }

// maxLate bounds names that are imported from module to module.
const maxLate = 24

func (x *frame) late(n python.Node, v *value) *value {
	if v == nil {
		return nil
	}
	if v.alts != nil && slices.ContainsFunc(v.alts.of, (*value).later) {
		var out *value
		v.each(func(w *value) { out = join(out, x.late(n, w)) })
		return out
	}
	if !v.later() {
		return v
	}
	if x.lates >= maxLate {
		return nil
	}
	x.lates++
	defer func() { x.lates-- }()
	got := x.member(n, v.mod, v.ref[strings.LastIndexByte(v.ref, 0)+1:])
	if len(v.labels) > 0 {
		got = join(got, carries(v.labels))
	}
	return got
}

// outside is a thing that the project does not define, under its dotted name.
func (x *frame) outside(n python.Node, ref string, self *value) *value {
	return x.thing(n, x.a.thing("", ref), self)
}

// source is data that comes in at a node.
func (x *frame) source(n python.Node, kind, name string) label {
	return x.a.sourceAt(x.mod, n, kind, name)
}

func (a *Analysis) sourceAt(m *module, n python.Node, kind, name string) label {
	k := fnKey{m, n}
	s := a.sources[k]
	if s == nil || s.Kind != kind {
		s = &Source{Kind: kind, Name: name, mod: m, node: int32(n)}
		a.sources[k] = s
	}
	var via *step
	return label{src: s, via: via.then(m, n, name)}
}

// binary is an operator.
func (x *frame) binary(n python.Node, l *value, op python.Op, r *value) *value {
	if v, ok := x.overloaded(n, l, op, r); ok {
		return v
	}
	ls, lok := l.str()
	rs, rok := r.str()
	if op == python.OpAdd && lok && rok {
		return &value{lit: literal{kind: python.ConstStr, set: true, s: ls + rs}}
	}
	depth := 2
	if l != nil && l.obj != nil && r != nil && r.obj != nil && (op == python.OpAdd || op == python.OpBitOr) {
		depth = 0 // what they hold goes with the objects
	}
	right := r.all(depth)
	if op == python.OpAdd && !lok && l != nil && l.prefix == "" && l.obj == nil {
		right = cleaned(right, x.a.maskOf("ssrf", "redirect")) // l chooses the host
	}
	v := &value{labels: joinLabels(l.all(depth), right)}
	switch op {
	case python.OpAdd:
		v.prefix = l.start()
		v.built = lok || rok || l != nil && l.built || r != nil && r.built
		if l != nil && l.obj != nil || r != nil && r.obj != nil {
			v.obj = joinObjects(objectOf(l), objectOf(r))
			if v.obj != nil {
				o := x.object(*v.obj)
				o.elem, o.seq, o.fields = o.items(), false, nil
				v.obj = o
			}
		}
	case python.OpMod:
		if lok {
			v.built = true
			v.prefix, _, _ = strings.Cut(ls, "%")
		}
	case python.OpDiv: // pathlib
		if l != nil {
			v.typ = l.typ
		}
		if v.typ == "" && r != nil {
			v.typ = r.typ
		}
		v.prefix = l.start()
	case python.OpBitOr:
		if l != nil && l.obj != nil || r != nil && r.obj != nil {
			v.obj = x.object(*joinObjects(objectOf(l), objectOf(r)))
		}
		if l != nil && v.obj == nil && len(v.labels) == 0 {
			if r != nil && r.typ != "" {
				return join(r, l) // a | b of pipelines does last what b does
			}
			return join(l, r)
		}
	}
	if len(v.labels) == 0 && !v.built && v.obj == nil && v.typ == "" && v.prefix == "" {
		return nil
	}
	return v
}

func objectOf(v *value) *object {
	if v == nil {
		return nil
	}
	return v.obj
}

// joined is an f-string.
func (x *frame) joined(n python.Node) *value {
	t := x.mod.tree
	v := &value{built: true}
	known := true
	var shape strings.Builder
	for _, part := range t.List(n) {
		switch t.Kind(part) {
		case python.KindConstant:
			s, _ := t.String(part)
			shape.WriteString(s)
			if known {
				v.prefix += s
			}
		case python.KindFormattedValue, python.KindInterpolation:
			p := x.asText(part, x.eval(t.FormattedValue(part).Value))
			if s, ok := p.str(); ok && known {
				v.prefix += s
				shape.WriteString(s)
				continue
			}
			if known {
				v.prefix += p.start()
			}
			known = false
			labels := p.all(2)
			if hostChosen(shape.String()) {
				labels = cleaned(labels, x.a.maskOf("ssrf", "redirect"))
			}
			shape.WriteByte(0)
			v.labels = joinLabels(v.labels, along(labels, x.mod, n, "put into a string"))
		}
	}
	if known {
		return &value{lit: literal{kind: python.ConstStr, set: true, s: v.prefix}}
	}
	return v
}

// boolOp is and, or: the left side guards the right one.
func (x *frame) boolOp(n python.Node) *value {
	t := x.mod.tree
	mark := x.env.begin()
	var v *value
	for i, part := range t.List(n) {
		w := x.eval(part)
		if i == 0 {
			v = w
		} else {
			v = join(v, w)
		}
		x.refine(part, t.Op(n) == python.OpAnd)
	}
	// Names bound by := inside stay.
	for _, c := range x.env.end(mark) {
		if _, ok := x.env.names[c.name]; !ok && c.ok && !isFact(c.name) {
			x.env.set(c.name, c.v)
		}
	}
	return v
}

func (x *frame) ifExp(n python.Node) *value {
	e := x.mod.tree.IfExp(n)
	x.eval(e.Test)
	if truth, known := x.always(e.Test); known {
		if truth {
			return x.eval(e.Body)
		}
		return x.eval(e.Orelse)
	}
	mark := x.env.begin()
	x.refine(e.Test, true)
	yes := x.eval(e.Body)
	x.env.end(mark)
	mark = x.env.begin()
	x.refine(e.Test, false)
	no := x.eval(e.Orelse)
	x.env.end(mark)
	return join(yes, no).settled()
}

// display is a list, tuple or set written out.
func (x *frame) display(n python.Node) *value {
	t := x.mod.tree
	o := x.object(object{seq: true})
	for i, item := range t.List(n) {
		v := x.eval(item)
		switch {
		case t.Kind(item) == python.KindStarred:
			o.seq = false
			o.elem = join(o.elem, x.element(item, v))
		case i < 32 && o.seq:
			o.set(index(i), v)
		default:
			o.elem = join(o.elem, v)
		}
	}
	return &value{obj: x.lasts(n, o, nil)}
}

func (x *frame) dict(n python.Node) *value {
	d := x.mod.tree.Dict(n)
	o := x.object(object{dict: true})
	for i, k := range d.Keys {
		v := x.eval(d.Values[i])
		if k == 0 {
			if v != nil && v.obj != nil {
				o = x.object(*joinObjects(o, v.obj))
			} else {
				o.elem = join(o.elem, carries(v.all(1)))
			}
			continue
		}
		key := x.eval(k)
		if s, ok := key.str(); ok {
			o.set("["+s+"]", v)
		} else {
			o.elem = join(o.elem, v)
			if key != nil && len(key.labels) > 0 {
				o.keys = join(o.keys, key)
			}
		}
	}
	return &value{obj: x.lasts(n, o, nil)}
}

func (x *frame) comprehension(n python.Node) *value {
	t := x.mod.tree
	c := t.Comp(n)
	mark := x.env.begin()
	for _, g := range c.Generators {
		f := t.Comprehension(g)
		x.assign(f.Target, x.element(g, x.eval(f.Iter)))
		for _, test := range f.Ifs {
			x.eval(test)
			x.refine(test, true)
		}
	}
	o := x.object(object{elem: x.eval(c.Elt)})
	if c.Value != 0 {
		o.keys, o.elem, o.dict = o.elem, x.eval(c.Value), true
	}
	x.env.end(mark)
	return &value{obj: o}
}

// yield adds to what a generator gives.
func (x *frame) yield(v *value) {
	x.fn.yields = true
	if x.sum.yields == nil {
		x.sum.yields = &object{}
	}
	x.sum.yields.elem = join(x.sum.yields.elem, v)
}

// attr is v.name.
func (x *frame) attr(n python.Node, v *value, name string) *value {
	if v == nil || v.alts == nil || len(v.alts.of) == 0 {
		return x.attrOf(n, v, name)
	}
	var out *value
	v.each(func(w *value) { out = join(out, x.attrOf(n, w, name)) })
	return out
}

func (x *frame) attrOf(n python.Node, v *value, name string) *value {
	if v == nil {
		return nil
	}
	if v.obj != nil {
		if f, ok := v.obj.find(name); ok {
			return f
		}
	}
	switch {
	case v.typ == "pathlib.Path" && (name == "suffix" || name == "stem" || name == "name" || name == "suffixes"):
		return carries(cleaned(v.all(1), x.a.maskOf("path", "archive", "file-write"))) // no separator is in them
	case v.mod != nil && v.ref == "":
		return x.member(n, v.mod, name)
	case v.ref == "super()":
		return x.superAttr(n, v, name)
	case v.inst != nil:
		return x.instAttr(n, v, name)
	case v.cls != nil:
		m, _ := x.a.lookup(v.cls, name, 0)
		if m != nil && m.fn != nil {
			w := *m
			if m.fn.clsm {
				w.self = v
			}
			if w.bound == nil {
				w.bound = v.bound
			}
			return &w
		}
		for _, c := range x.a.lineage(v.cls) {
			x.a.reads(x.fn, c, name)
			if c.attrs != nil {
				m = join(m, c.attrs.get(name))
			}
		}
		if m != nil {
			return m.settled()
		}
		if base := outsideBase(v.cls, 0); base != "" {
			return x.outside(n, base+"."+name, v)
		}
		return nil
	case v.typ != "":
		return x.part(n, v, v.typ, name)
	case v.ref != "":
		return x.part(n, v, v.ref, name)
	case v.fn != nil:
		return &value{ref: "?." + name, self: v}
	}
	return x.part(n, v, "?", name)
}

// part is an attribute of an outside thing or of something unknown.
func (x *frame) part(n python.Node, v *value, base, name string) *value {
	w := x.thing(n, x.a.thing(base, name), v)
	w.labels = joinLabels(w.labels, extend(v.labels, "."+name))
	return w
}

// member is a name of a module of the project.
func (x *frame) member(n python.Node, m *module, name string) *value {
	x.a.load(m)
	if v, ok := m.env.names[name]; ok {
		x.a.reads(x.fn, m, name)
		return x.late(n, v.settled())
	}
	if v, ok := x.starred(n, m, name); ok {
		return v
	}
	if sub := x.a.find(m.name + "." + name); sub != nil {
		return &value{mod: sub}
	}
	if !m.done && x.lates == 0 {
		return later(m, name)
	}
	return x.outside(n, m.name+"."+name, nil)
}

// instAttr is an attribute of an instance of a class of the project.
func (x *frame) instAttr(n python.Node, v *value, name string) *value {
	m, _ := x.a.lookup(v.inst, name, 0)
	if !v.exact && !(m != nil && m.fn == nil) {
		if !x.a.loaded {
			x.a.reads(x.fn, v.inst, name)
		}
		if below := x.a.overrides(v.inst, name); len(below) > 0 {
			var out *value
			if m != nil {
				out = x.bound(n, v, m, name)
			}
			for _, w := range below {
				out = join(out, x.bound(n, v, w, name))
			}
			return out
		}
	}
	if m != nil && m.fn != nil {
		return x.bound(n, v, m, name)
	}
	out := m
	for _, c := range x.a.lineage(v.inst) {
		x.a.reads(x.fn, c, name)
		if c.attrs != nil {
			out = join(out, c.attrs.get(name))
		}
	}
	out = out.settled()
	if l := extend(v.labels, "."+name); len(l) > 0 {
		if out == nil {
			out = &value{}
		}
		out = out.with(joinLabels(out.labels, l))
	}
	if out == nil {
		if got, ok := x.special(n, v, "__getattr__", text(name)); ok {
			return got
		}
	}
	if base := outsideBase(v.inst, 0); base != "" && (out == nil || out.fn == nil && out.cls == nil && out.inst == nil && out.typ == "" && out.ref == "") {
		w := x.outside(n, base+"."+name, v)
		if out != nil {
			w.labels = joinLabels(w.labels, out.labels)
			w.obj = out.obj
		}
		return w
	}
	return out
}

// bound is a method of an instance, or what a property gives.
func (x *frame) bound(n python.Node, v, m *value, name string) *value {
	w := *m
	if !m.fn.gone {
		w.self = v
	}
	if w.bound == nil {
		w.bound = v.bound // of the function that made the class
	}
	if m.fn.property {
		if x.props >= 3 {
			return carries(extend(v.labels, "."+name))
		}
		x.props++
		defer func() { x.props-- }()
		return x.apply(n, &w, args{})
	}
	return &w
}

func (x *frame) superAttr(n python.Node, v *value, name string) *value {
	if x.fn.cls == nil {
		return nil
	}
	for _, b := range x.fn.cls.bases {
		if b == nil {
			continue
		}
		if b.cls != nil {
			if m, _ := x.a.lookup(b.cls, name, 0); m != nil {
				w := *m
				w.self = v.self
				return &w
			}
			if base := outsideBase(b.cls, 0); base != "" {
				return x.outside(n, base+"."+name, v.self)
			}
		} else if b.ref != "" {
			return x.outside(n, b.ref+"."+name, v.self)
		}
	}
	return nil
}
