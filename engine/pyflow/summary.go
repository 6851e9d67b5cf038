package pyflow

import (
	"slices"
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
	checks []check
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
	to     *object // where no label says it: an object that others see,
	env    *env    // a name of an enclosing function,
	mod    *module // or a global
	path   string  // ".name", "[key]", or "[]" for any item
	val    *value
	closed bool // val says nothing about parameters
}

// paramCall is a call of something that a parameter holds.
type paramCall struct {
	callee label
	args   args
	node   python.Node
	method bool // of something unknown: only classes of the project matter
}

const maxUses = 64

// maxWork bounds the calls that are applied while one function is interpreted.
const maxWork = 4000

// maxSpent bounds the values that are translated while one function is interpreted.
const maxSpent = 6_000

// maxHigher bounds calls of what is given to functions that call what is given to them.
const maxHigher = 3

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
		x.exit(body)
	} else if !x.block(t.FunctionDef(f.node).Body) {
		x.exit(0)
	}
	sum.checks = x.checks()
	sum.finish(f)
	f.sum = sum
	return sum
}

// size grows with everything that a summary says.
func (s *summary) size() int {
	n := len(s.sinks) + len(s.writes) + len(s.calls) + s.ret.size()
	if s.yields != nil {
		n += 1 + s.yields.elem.size()
	}
	return n
}

// size grows with everything that is known of a value.
func (v *value) size() int {
	if v == nil {
		return 0
	}
	n := 1 + len(v.all(2))
	if v.named() {
		n++
	}
	if v.alts != nil {
		n += len(v.alts.of)
	}
	if v.obj != nil {
		n += len(v.obj.fields)
	}
	return n
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
	tr.symbolic = tr.symbolic || v.fn != nil && encloses(tr.f, v.fn.parent) || v.pre != nil ||
		v.cls.local() && encloses(tr.f, v.cls.parent) || v.inst.local() && encloses(tr.f, v.inst.parent)
	if v.obj == nil && v.self == nil && v.alts == nil {
		return v
	}
	w := *v
	w.alts = v.alts.each(func(u *value) *value { return tr.value(u, depth+1) })
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
	if o.global() {
		return o
	}
	size := len(o.fields) + 1
	if depth > 3 || tr.left < size {
		return nil
	}
	tr.left -= size
	out := &object{seq: o.seq, dict: o.dict, made: o.made, owner: o.owner}
	if tr.seen == nil {
		tr.seen = map[*object]*object{}
	}
	tr.seen[o] = out
	before := tr.symbolic
	tr.symbolic = false
	out.elem, out.keys = tr.value(o.elem, depth+1), tr.value(o.keys, depth+1)
	out.fields = make([]field, len(o.fields))
	for i, f := range o.fields {
		out.fields[i] = field{f.key, tr.value(f.v, depth+1)}
	}
	out.closed = !tr.symbolic
	tr.symbolic = tr.symbolic || before
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
	s.sinks, s.writes, s.calls = fit(s.sinks), fit(s.writes), fit(s.calls)
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

// fit is a list without room for more.
func fit[T any](list []T) []T {
	if cap(list)-len(list) < 2 {
		return list
	}
	return append(make([]T, 0, len(list)), list...)
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
			v.inst, v.obj = f.cls, &object{owner: f.cls, made: f}
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
		if call, ok := x.injected(p, s); ok {
			if got := x.dependency(f, call, s); got != nil {
				given := v.labels
				if v.inst == nil && v.typ == "" {
					v = got
				}
				v = v.with(joinLabels(given, got.labels))
				if v.obj == nil {
					v.obj = got.obj
				}
			}
		} else if i >= first+s.Skip && s.Kind != "" && !x.harmless(f, p, s) {
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
	all   []label // all that v carries, once asked for
	asked bool
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
	if l.src != nil || tr.find(l.owner) == nil {
		return nil
	}
	return tr.memo[tr.look(&l)].v
}

// all is what a label of a parameter stands for.
func (tr *translator) all(l *label) []label {
	r := &tr.memo[tr.look(l)]
	if !r.asked {
		r.asked, r.all = true, r.v.all(2)
	}
	return r.all
}

// look returns the place in memo of what a label stands for.
func (tr *translator) look(l *label) int {
	for i := range tr.memo {
		if tr.memo[i].label.same(l) {
			return i
		}
	}
	v := tr.resolve(*l, tr.find(l.owner))
	tr.memo = append(tr.memo, resolved{label: *l, v: v})
	return len(tr.memo) - 1
}

func (tr *translator) resolve(l label, b *binding) *value {
	var v *value
	if l.param < 0 {
		v = tr.result(l.owner, int(-1-l.param), b)
	} else if int(l.param) < len(b.args) {
		v = b.args[l.param]
	}
	for path := l.path; path != "" && v != nil; {
		end := 1 + strings.IndexByte(path, ']')
		if path[0] == '.' {
			end = 1 + strings.IndexAny(path[1:], ".[")
		}
		if end == 0 {
			end = len(path)
		}
		piece := path[:end]
		path = path[end:]
		switch {
		case piece[0] == '.':
			v = tr.x.attr(tr.n, v, piece[1:])
		case piece == "[]":
			v = tr.x.item(tr.n, v, nil)
		default:
			v = tr.x.item(tr.n, v, text(strings.Trim(piece, "[]")))
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
	if tr.x.higher >= maxHigher {
		return b.calls[i]
	}
	tr.x.higher++
	defer func() { tr.x.higher-- }()
	callee := tr.target(pc.callee)
	if pc.method && (callee == nil || callee.fn == nil && callee.cls == nil && callee.inst == nil && callee.alts == nil && !symbolic(callee.labels)) {
		return b.calls[i]
	}
	as := tr.args(pc.args)
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

func (tr *translator) args(as args) args {
	out := args{star: as.star}
	for _, v := range as.pos {
		out.pos = append(out.pos, tr.value(v, 0))
	}
	for _, k := range as.kw {
		out.kw = append(out.kw, kwarg{k.name, tr.value(k.v, 0)})
	}
	return out
}

// asGiven reports whether a label stands for a parameter as a whole, unchanged.
func (tr *translator) asGiven(v *value, l *label) bool {
	return !v.built && l.src == nil && l.clean == 0 && !l.weak && tr.find(l.owner) != nil
}

// labels translates labels one by one.
func (tr *translator) labels(ls []label) []label {
	if !symbolic(ls) {
		return ls
	}
	var out []label
	for i := range ls {
		out = tr.label(out, &ls[i], false)
	}
	return fit(out)
}

func symbolic(ls []label) bool {
	for i := range ls {
		if ls[i].src == nil {
			return true
		}
	}
	return false
}

// label adds what a label stands for to out, which is changed. The way inside the callee
// is kept for what reaches a sink there, and for data of a source.
func (tr *translator) label(out []label, l *label, sink bool) []label {
	if l.src != nil || tr.find(l.owner) == nil {
		return putLabel(out, *l)
	}
	for _, m := range tr.all(l) {
		m.clean |= l.clean
		m.weak = m.weak || l.weak
		if sink || m.src != nil {
			m.via = l.via.after(m.via.then(tr.x.mod, tr.n, "passed to "+tr.name))
		}
		out = putLabel(out, m)
	}
	return out
}

// value translates a value. What is returned as it was given keeps all that is known
// of it.
func (tr *translator) value(v *value, depth int) *value {
	if v == nil || depth > 4 {
		return nil
	}
	if v.fn == nil && v.obj == nil && v.self == nil && v.alts == nil && len(v.labels) == 0 && !v.cls.local() && !v.inst.local() && v.pre == nil {
		return v
	}
	tr.x.a.spend(tr.x.mod)
	var same *value
	given := 0 // labels that stand for something as it was given
	for i := range v.labels {
		if tr.asGiven(v, &v.labels[i]) {
			same = join(same, tr.target(v.labels[i]))
			given++
		}
	}
	w := *v
	if same == nil || w.named() {
		w.labels = tr.labels(v.labels)
	} else {
		w.labels = nil
		for i := range v.labels {
			if given < len(v.labels) && !tr.asGiven(v, &v.labels[i]) {
				w.labels = tr.label(w.labels, &v.labels[i], false)
			}
		}
	}
	if w.fn != nil && encloses(tr.b.owner, w.fn.parent) || w.cls.local() && encloses(tr.b.owner, w.cls.parent) || w.inst.local() && encloses(tr.b.owner, w.inst.parent) {
		w.bound = tr.b
	}
	if w.self != nil {
		w.self = tr.value(w.self, depth+1)
	}
	if v.pre != nil {
		pre := tr.args(*v.pre)
		w.pre = &pre
	}
	w.alts = v.alts.each(func(u *value) *value { return tr.value(u, depth+1) })
	if v.obj != nil && (depth > 0 || v.obj.owner == nil || same == nil) {
		w.obj = tr.object(v.obj, depth)
	}
	if same != nil {
		if !w.named() {
			s := *same
			s.labels = joinLabels(same.labels, w.labels)
			s.alts = choices(same, &w)
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
	if o.global() {
		return o
	}
	if out, ok := tr.objs[o]; ok {
		return out
	}
	tr.x.a.total++
	out := &object{seq: o.seq, dict: o.dict, made: tr.x.fn, owner: o.owner}
	if tr.objs == nil {
		tr.objs = map[*object]*object{}
	}
	tr.objs[o] = out
	if o.closed {
		out.elem, out.keys, out.fields = o.elem, o.keys, slices.Clone(o.fields)
		return out
	}
	out.elem, out.keys = tr.value(o.elem, depth+1), tr.value(o.keys, depth+1)
	out.fields = make([]field, len(o.fields))
	for i, f := range o.fields {
		out.fields[i] = field{f.key, tr.value(f.v, depth+1)}
	}
	return out
}
