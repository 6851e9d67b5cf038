package pyflow

import (
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// summary is what a call of a function does.
type summary struct {
	ret    *value
	yields *object
	sinks  []use
	writes []write
	calls  []paramCall
	used   map[useKey]bool
	closed bool // ret says nothing about parameters
}

// use is a parameter that reaches a sink.
type use struct {
	label  label
	sink   *Sink
	callee string
	mod    *module
	node   python.Node
	weak   bool
}

type useKey struct {
	owner *function
	param int
	path  string
	rule  string
	mod   *module
	node  python.Node
}

// write is something stored in an argument.
type write struct {
	label  label
	path   string // ".name", or "[]" for an item
	val    *value
	closed bool // val says nothing about parameters
}

// paramCall is a call of something that a parameter holds.
type paramCall struct {
	callee label
	args   args
	node   python.Node
}

const maxUses = 100

// maxWork bounds the calls that are applied while one function is interpreted.
const maxWork = 4000

// maxNested bounds summaries that wait for other summaries.
const maxNested = 150

// summarize interprets a function with symbols for its parameters.
func (a *Analysis) summarize(f *function) *summary {
	if f.sum != nil {
		return f.sum
	}
	if f.running || a.nested > maxNested {
		return &summary{}
	}
	f.running = true
	a.nested++
	// What this function may cost; those it waits for have budgets of their own.
	before, work := a.budget, a.work
	a.budget = work + maxWork
	defer func() { f.running = false; a.nested--; a.budget, a.work = before, work }()
	sum := &summary{}
	x := &frame{a: a, fn: f, mod: f.mod, sum: sum, env: &env{names: map[string]*value{}, up: f.outer}}
	for i := range f.params {
		x.env.names[f.params[i].name] = x.param(f, i)
	}
	t := f.mod.tree
	if t.Kind(f.node) == python.KindLambda {
		body := t.Lambda(f.node).Body
		sum.ret = x.eval(body)
		x.returns(body, sum.ret)
	} else {
		x.block(t.FunctionDef(f.node).Body)
	}
	sum.finish(f)
	f.sum = sum
	return sum
}

// maxSize bounds the values told apart in what a function returns or stores: what
// lies deeper goes together.
const maxSize = 96

// trim bounds a value and reports whether it says anything about parameters.
type trim struct {
	f        *function
	left     int
	symbolic bool
	seen     map[*object]*object
}

func (tr *trim) value(v *value, depth int) *value {
	if v == nil {
		return nil
	}
	for _, l := range v.labels {
		tr.symbolic = tr.symbolic || l.src == nil
	}
	tr.symbolic = tr.symbolic || v.fn != nil && encloses(tr.f, v.fn.parent) || v.pre != nil
	if v.obj == nil && v.self == nil {
		return v
	}
	w := *v
	if v.self != nil {
		w.self = tr.value(v.self, depth+1)
	}
	w.obj = tr.object(v.obj, depth)
	if w.obj == nil && v.obj != nil {
		w.labels = v.all(1)
	}
	return &w
}

func (tr *trim) object(o *object, depth int) *object {
	if o == nil {
		return nil
	}
	if got, ok := tr.seen[o]; ok {
		return got
	}
	size := len(o.fields) + 1
	if depth > 3 || tr.left < size {
		return nil
	}
	tr.left -= size
	out := &object{seq: o.seq, owner: o.owner}
	if tr.seen == nil {
		tr.seen = map[*object]*object{}
	}
	tr.seen[o] = out
	out.elem = tr.value(o.elem, depth+1)
	out.fields = make([]field, len(o.fields))
	for i, f := range o.fields {
		out.fields[i] = field{f.key, tr.value(f.v, depth+1)}
	}
	return out
}

// finish bounds a summary and finds out what of it depends on parameters.
func (s *summary) finish(f *function) {
	tr := trim{f: f, left: maxSize}
	s.ret = tr.value(s.ret, 0)
	s.closed = !tr.symbolic
	s.used = nil
	for i := range s.writes {
		tr := trim{f: f, left: maxSize / 2}
		s.writes[i].val = tr.value(s.writes[i].val, 0)
		s.writes[i].closed = !tr.symbolic
	}
	if s.yields != nil {
		tr := trim{f: f, left: maxSize}
		s.yields = tr.object(s.yields, 0)
	}
	for i := range s.calls {
		as := &s.calls[i].args
		tr := trim{f: f, left: maxSize}
		for k, v := range as.pos {
			as.pos[k] = tr.value(v, 1)
		}
		for k := range as.kw {
			as.kw[k].v = tr.value(as.kw[k].v, 1)
		}
	}
}

// param is what is known of a parameter before any call.
func (x *frame) param(f *function, i int) *value {
	p := f.params[i]
	v := &value{labels: []label{{owner: f, param: int32(i)}}}
	switch {
	case i == 0 && f.cls != nil && !f.gone && f.parent != nil && f.vararg != 0:
		if f.clsm {
			v.cls = f.cls
		} else {
			v.inst, v.obj = f.cls, &object{owner: f.cls}
		}
		return v
	case i == f.vararg, i == f.kwarg:
	case p.annotation != 0:
		v = x.typed(v, p.annotation)
	}
	if v.typ == "" && v.inst == nil && i != f.vararg && i != f.kwarg {
		v.typ = x.a.spec.Named[p.name]
	}
	if d := p.value.lasting(); d != nil { // the default, where a call gives nothing
		v.labels = joinLabels(v.labels, d.labels)
	}
	if s := f.source; s != nil {
		first := 0
		if f.cls != nil && !f.gone {
			first = 1
		}
		if k := i - first; k >= 0 && k < len(s.Types) && s.Types[k] != "" && v.typ == "" && v.inst == nil {
			v.typ = s.Types[k]
		}
		if i >= first+s.Skip && s.Kind != "" && !x.harmless(f, p, s) {
			v.labels = append(v.labels, x.a.sourceAt(f.mod, f.node, s.Kind, "parameter "+p.name+" of "+f.name))
		}
	}
	if fed := f.fed; fed != "" && !(i == 0 && f.cls != nil) {
		v.labels = append(v.labels, x.a.sourceAt(f.mod, f.node, fed, "parameter "+p.name+" of "+f.name))
	}
	return v
}

// harmless reports whether a parameter's type leaves no room for data that hurts.
func (x *frame) harmless(f *function, p param, s *Params) bool {
	if a := x.annotation(p.annotation, 0); a != nil {
		name := a.ref
		for _, c := range append(s.Clean, s.Except...) {
			if name == c {
				return true
			}
		}
		if a.cls != nil {
			for _, l := range x.a.lineage(a.cls) {
				for _, b := range l.bases {
					if b != nil && (b.ref == "enum.Enum" || b.ref == "enum.IntEnum" || b.ref == "enum.StrEnum") {
						return true
					}
				}
			}
		}
	}
	if p.value != nil {
		name := strings.TrimSuffix(p.value.ref, "()")
		for _, c := range s.Except {
			if name == c || p.value.typ == c {
				return true
			}
		}
	}
	return false
}

// returns sees what a function with a special decorator returns.
func (x *frame) returns(n python.Node, v *value) {
	s := x.fn.source
	if s == nil || v == nil {
		return
	}
	for i := range s.Return {
		x.sink(n, &s.Return[i], v, x.fn.name, args{}, nil, false)
	}
}

// translator turns what a summary says about parameters into what it means for one
// call.
type translator struct {
	x    *frame
	n    python.Node
	b    *binding
	name string
	memo []resolved
	objs map[*object]*object
}

// resolved is a label and what it stands for.
type resolved struct {
	label label
	v     *value
}

// find returns what belongs to the parameters of a function.
func (tr *translator) find(owner *function) *binding {
	for b := tr.b; b != nil; b = b.up {
		if b.owner == owner {
			return b
		}
	}
	return nil
}

// target is the value that a label stands for.
func (tr *translator) target(l label) *value {
	b := tr.find(l.owner)
	if l.src != nil || b == nil {
		return nil
	}
	for _, r := range tr.memo {
		if r.label.same(&l) {
			return r.v
		}
	}
	v := tr.resolve(l, b)
	tr.memo = append(tr.memo, resolved{l, v})
	return v
}

func (tr *translator) resolve(l label, b *binding) *value {
	var v *value
	if l.param < 0 {
		v = tr.result(l.owner, int(-1-l.param), b)
	} else if int(l.param) < len(b.args) {
		v = b.args[l.param]
	}
	for path := l.path; path != "" && v != nil; {
		end := 1 + strings.IndexAny(path[1:], ".[")
		if end == 0 {
			end = len(path)
		}
		piece := path[:end]
		path = path[end:]
		if piece[0] == '.' {
			v = tr.x.attr(tr.n, v, piece[1:])
		} else {
			v = tr.x.item(tr.n, v, &value{lit: literal{kind: python.ConstStr, set: true, s: strings.Trim(piece, "[]")}})
		}
	}
	return v
}

// result is what a call of a parameter gave.
func (tr *translator) result(owner *function, i int, b *binding) *value {
	if i >= len(b.calls) || owner.sum == nil || i >= len(owner.sum.calls) {
		return nil
	}
	if b.calls[i] != nil {
		return b.calls[i]
	}
	b.calls[i] = &value{} // a call that needs its own result
	pc := owner.sum.calls[i]
	if pc.callee.owner == owner && pc.callee.param < 0 && int(-1-pc.callee.param) >= i {
		return b.calls[i]
	}
	callee := tr.target(pc.callee)
	as := args{star: pc.args.star}
	for _, v := range pc.args.pos {
		as.pos = append(as.pos, tr.value(v, 0))
	}
	for _, k := range pc.args.kw {
		as.kw = append(as.kw, kwarg{k.name, tr.value(k.v, 0)})
	}
	if callee == nil || tr.x.depth > maxDepth {
		b.calls[i] = carries(weakened(as.all()))
	} else {
		b.calls[i] = tr.x.callValue(tr.n, callee, as)
	}
	if b.calls[i] == nil {
		b.calls[i] = &value{}
	}
	return b.calls[i]
}

// labels translates labels one by one.
func (tr *translator) labels(ls []label) []label {
	if !symbolic(ls) {
		return ls
	}
	var out []label
	for _, l := range ls {
		out = tr.label(out, l, false)
	}
	return out
}

func symbolic(ls []label) bool {
	for i := range ls {
		if ls[i].src == nil {
			return true
		}
	}
	return false
}

// label adds what a label stands for. The way inside the callee is kept for what
// reaches a sink there, and for data of a source.
func (tr *translator) label(out []label, l label, sink bool) []label {
	if l.src != nil || tr.find(l.owner) == nil {
		return joinLabels(out, []label{l})
	}
	v := tr.target(l)
	from := v.all(2)
	if len(from) == 0 {
		return out
	}
	return joinLabels(out, mapLabels(from, func(m *label) {
		m.clean |= l.clean
		m.weak = m.weak || l.weak
		if sink || m.src != nil {
			m.via = l.via.after(m.via.then(tr.x.mod, tr.n, "passed to "+tr.name))
		}
	}))
}

// value translates a value. What is returned as it was given keeps all that is known
// of it.
func (tr *translator) value(v *value, depth int) *value {
	if v == nil || depth > 4 {
		return nil
	}
	if v.fn == nil && v.obj == nil && v.self == nil && len(v.labels) == 0 {
		return v
	}
	tr.x.a.spend(tr.x.mod)
	var same *value
	if len(v.labels) > 0 && !v.built {
		for _, l := range v.labels {
			if l.src == nil && tr.find(l.owner) != nil && l.clean == 0 && !l.weak {
				got := tr.target(l)
				if same = join(same, got); got == nil {
					continue
				}
			}
		}
	}
	w := *v
	w.labels = tr.labels(v.labels)
	if w.fn != nil && encloses(tr.b.owner, w.fn.parent) {
		w.bound = tr.b
	}
	if w.self != nil {
		w.self = tr.value(w.self, depth+1)
	}
	if v.obj != nil && (depth > 0 || v.obj.owner == nil || same == nil) {
		w.obj = tr.object(v.obj, depth)
	}
	if same != nil {
		if w.ref == "" && w.fn == nil && w.cls == nil && w.mod == nil && w.inst == nil && w.typ == "" {
			labels := joinLabels(w.labels, nil)
			s := *same
			s.labels = labels
			if w.obj != nil {
				s.obj = joinObjects(same.obj, w.obj)
			}
			return &s
		}
		if w.inst != nil && same.inst != nil { // self, returned
			s := *same
			s.labels = w.labels
			return &s
		}
	}
	return &w
}

func (tr *translator) object(o *object, depth int) *object {
	if out, ok := tr.objs[o]; ok {
		return out
	}
	out := &object{seq: o.seq, owner: o.owner}
	if tr.objs == nil {
		tr.objs = map[*object]*object{}
	}
	tr.objs[o] = out
	out.elem = tr.value(o.elem, depth+1)
	out.fields = make([]field, len(o.fields))
	for i, f := range o.fields {
		out.fields[i] = field{f.key, tr.value(f.v, depth+1)}
	}
	return out
}
