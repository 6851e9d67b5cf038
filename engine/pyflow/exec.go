package pyflow

import (
	"slices"

	"github.com/merlon-security/merlon/engine/python"
)

// frame is the interpretation of one function.
type frame struct {
	a      *Analysis
	fn     *function
	mod    *module
	env    *env
	sum    *summary
	depth  int
	props  int    // properties that call each other
	loops  int    // loops around the statement
	inner  *turns // the innermost of them
	higher int    // functions that call what they are given, one in the other
	spent  int    // values translated for calls
	lates  int    // names imported from module to module
	cls    *class // while a class body runs
	raised *value // exceptions so far in the innermost try
	globs  map[string]bool

	facts    int  // what was learnt about places so far; see learn
	answers  bool // some names hold answers of tests
	yes, no  proofs
	refining int
}

// block runs statements and reports whether the end is not reached.
func (x *frame) block(body []python.Node) (dead bool) {
	for _, n := range body {
		if x.stmt(n) || x.a.Over() {
			return true
		}
	}
	return false
}

// branch runs statements and takes back what they did to the names.
func (x *frame) branch(body []python.Node) ([]change, bool) {
	mark := x.env.begin()
	dead := x.block(body)
	return x.env.end(mark), dead
}

func (x *frame) stmt(n python.Node) (dead bool) {
	t := x.mod.tree
	switch t.Kind(n) {
	case python.KindExpr:
		v := x.eval(t.Value(n))
		x.validated(t.Value(n))
		return v != nil && v.ref == exitRef
	case python.KindAssign:
		s := t.Assign(n)
		v := x.eval(s.Value)
		if x.validator(s.Value) != 0 && v != nil {
			v = v.with(weakened(v.all(2)))
		}
		for _, target := range s.Targets {
			x.assign(target, v)
		}
		if len(s.Targets) == 1 && t.Kind(s.Targets[0]) == python.KindName && isTest(t, s.Value) {
			x.answers = true
			x.env.set(t.Name(s.Targets[0])+answered, &value{test: s.Value})
		}
	case python.KindAnnAssign:
		s := t.AnnAssign(n)
		var v *value
		if s.Value != 0 {
			v = x.eval(s.Value)
		}
		if v == nil || v.typ == "" && v.inst == nil && v.obj == nil && v.ref == "" && v.fn == nil && v.cls == nil {
			v = x.typed(v, s.Annotation)
		}
		if s.Value != 0 || x.cls != nil {
			x.assign(s.Target, v)
		}
	case python.KindAugAssign:
		s := t.AugAssign(n)
		x.assign(s.Target, x.binary(n, x.eval(s.Target), s.Op, x.eval(s.Value)))
	case python.KindReturn:
		v := x.eval(t.Value(n))
		x.returns(n, v)
		x.sum.ret = join(x.sum.ret, v)
		x.exit(t.Value(n))
		return true
	case python.KindIf:
		return x.ifStmt(n)
	case python.KindFor, python.KindAsyncFor:
		s := t.For(n)
		iter := x.eval(s.Iter)
		return x.loop(func() { x.assign(s.Target, x.element(n, iter)) }, s.Body, func() bool { return x.block(s.Orelse) })
	case python.KindWhile:
		s := t.While(n)
		return x.loop(func() { x.eval(s.Test); x.refine(s.Test, true) }, s.Body, func() bool {
			if truth, known := x.truth(s.Test); known && truth {
				return true
			}
			x.refine(s.Test, false)
			return x.block(s.Orelse)
		}) && false // whether it ends is not known
	case python.KindWith, python.KindAsyncWith:
		s := t.With(n)
		for _, item := range s.Items {
			w := t.WithItem(item)
			v := x.enter(item, x.eval(w.Context))
			if w.Vars != 0 {
				x.assign(w.Vars, v)
			}
		}
		return x.block(s.Body)
	case python.KindTry, python.KindTryStar:
		return x.try(n)
	case python.KindMatch:
		return x.match(n)
	case python.KindFunctionDef, python.KindAsyncFunctionDef:
		x.define(n)
	case python.KindClassDef:
		x.defineClass(n)
	case python.KindImport, python.KindImportFrom:
		x.imports(n)
	case python.KindGlobal, python.KindNonlocal:
		if x.globs == nil {
			x.globs = map[string]bool{}
		}
		for _, name := range t.Names(n) {
			x.globs[name] = true
		}
	case python.KindRaise:
		s := t.Raise(n)
		if s.Exc != 0 {
			x.raised = join(x.raised, x.eval(s.Exc))
		}
		return true
	case python.KindAssert:
		s := t.Assert(n)
		x.eval(s.Test)
		x.refine(s.Test, true)
	case python.KindDelete:
		for _, target := range t.List(n) {
			if t.Kind(target) == python.KindName {
				x.env.unset(t.Name(target))
			}
		}
	case python.KindBad:
		x.block(t.List(n))
	case python.KindBreak, python.KindContinue:
		if x.inner != nil && len(x.inner.left) < 8 {
			x.inner.left = append(x.inner.left, x.env.since(x.inner.mark))
			if t.Kind(n) == python.KindBreak {
				x.inner.broken = append(x.inner.broken, len(x.inner.left)-1)
			}
		}
		return true
	}
	return false
}

// ifStmt goes through if and its elifs in a loop: there may be thousands.
func (x *frame) ifStmt(n python.Node) bool {
	t := x.mod.tree
	var ends [][]change
	outer := x.env.begin()
	dead := false
	for {
		s := t.If(n)
		x.eval(s.Test)
		rest := s.Orelse
		if truth, known := x.always(s.Test); known {
			// if TYPE_CHECKING, if False: both are looked at, the dead one changes nothing.
			if truth {
				dead = x.block(s.Body)
				break
			}
			x.branch(s.Body)
		} else {
			mark := x.env.begin()
			x.refine(s.Test, true)
			yes := x.block(s.Body)
			if after := x.env.end(mark); !yes {
				ends = append(ends, append(after, x.env.since(outer)...))
			}
			x.refine(s.Test, false)
		}
		if len(rest) == 1 && t.Kind(rest[0]) == python.KindIf {
			n = rest[0]
			continue
		}
		dead = x.block(rest)
		break
	}
	if after := x.env.end(outer); !dead {
		ends = append(ends, after)
	}
	x.env.merge(ends...)
	return len(ends) == 0
}

// loop runs a body twice, so that what one turn leaves is seen by the next. Loops in
// loops in loops run once: the work must not double with every level.
//
// rest is what follows when the loop is not left by break. loop reports whether nothing
// after it is reached.
func (x *frame) loop(head func(), body []python.Node, rest func() bool) bool {
	x.loops++
	outer := x.env.begin()
	around, l := x.inner, &turns{mark: outer}
	x.inner = l
	var proved []change
	for turn := range 2 {
		head()
		after, dead := x.branch(body)
		if !dead {
			proved = x.proved(after)
		}
		again := turn == 0 && x.loops <= 3 && x.news(after)
		x.env.join(after)
		if !again {
			break
		}
	}
	x.inner = around
	x.loops--
	x.env.join(x.env.end(outer))
	for _, c := range proved {
		x.env.set(c.name, c.v)
	}
	ended := x.env.begin()
	for i, cs := range l.left {
		if !slices.Contains(l.broken, i) {
			x.env.join(cs)
		}
	}
	dead := rest()
	normal := x.env.end(ended)
	if dead {
		var ends [][]change
		for _, i := range l.broken {
			ends = append(ends, l.left[i])
		}
		x.env.merge(ends...)
		return len(ends) == 0
	}
	x.env.apply(normal)
	for _, i := range l.broken {
		x.env.join(l.left[i])
	}
	return false
}

// proved are the names that a turn of a loop only cleaned of what leads to other paths or
// servers: it raises otherwise. A loop over nothing is not thought of: the addresses of a
// host, the parts of a path.
func (x *frame) proved(after []change) []change {
	m := x.a.maskOf("path", "archive", "file-write", "ssrf", "redirect")
	var out []change
	for _, c := range after {
		old := x.env.names[c.name]
		if !c.ok || c.v == nil || old == nil || len(c.v.labels) != len(old.labels) || len(old.labels) == 0 {
			continue
		}
		only := true
		for i := range old.labels {
			a, b := &old.labels[i], &c.v.labels[i]
			only = only && a.same(b) && a.clean&^b.clean == 0 && b.clean&^(a.clean|m) == 0
		}
		if only {
			out = append(out, c)
		}
	}
	return out
}

// turns is a loop that is being interpreted.
type turns struct {
	mark   int
	left   [][]change // what was so at break and continue
	broken []int      // which of them at break
}

// news reports whether a turn of a loop left something for the next.
func (x *frame) news(cs []change) bool {
	for _, c := range cs {
		if v := c.v; v != nil && v != x.env.names[c.name] &&
			(len(v.labels) > 0 || v.obj != nil || v.typ != "" || v.fn != nil || v.inst != nil || v.cls != nil || v.built) {
			return true
		}
	}
	return false
}

func (x *frame) try(n python.Node) bool {
	t := x.mod.tree
	s := t.Try(n)
	mark := x.env.begin()
	outer := x.raised
	x.raised = nil
	dead := x.block(s.Body)
	raised := x.raised
	x.raised = outer
	if len(s.Handlers) == 0 {
		x.raised = join(outer, raised)
	}
	if !dead {
		dead = x.block(s.Orelse)
	}
	body := x.env.end(mark)
	var ends [][]change
	if !dead {
		ends = append(ends, body)
	}
	for _, h := range s.Handlers {
		e := t.ExceptHandler(h)
		mark := x.env.begin()
		x.env.join(body) // a handler starts from anywhere in the body
		if e.Name != "" {
			x.env.set(e.Name, raised)
		}
		d := x.block(e.Body)
		if after := x.env.end(mark); !d {
			ends = append(ends, after)
		}
	}
	if len(ends) > 0 {
		x.env.merge(ends...)
	} else {
		x.env.join(body)
	}
	if x.block(s.Finally) {
		return true
	}
	return len(ends) == 0
}

func (x *frame) match(n python.Node) bool {
	t := x.mod.tree
	s := t.Match(n)
	v := x.eval(s.Subject)
	var ends [][]change
	total := false
	subject, certain := x.fold(s.Subject, 0)
	certain = certain && x.inner == nil
	for _, c := range s.Cases {
		mc := t.MatchCase(c)
		if match, known := x.fits(mc.Pattern, subject); certain && known && mc.Guard == 0 {
			if !match {
				continue
			}
			total = true
		}
		if certain && total && len(ends) > 0 {
			break
		}
		mark := x.env.begin()
		x.pattern(mc.Pattern, v)
		if x.constants(mc.Pattern) {
			x.clean(s.Subject, AllKinds)
		}
		if mc.Guard != 0 {
			x.eval(mc.Guard)
			x.refine(mc.Guard, true)
		}
		dead := x.block(mc.Body)
		if after := x.env.end(mark); !dead {
			ends = append(ends, after)
		}
		if t.Kind(mc.Pattern) == python.KindMatchAs && t.MatchAs(mc.Pattern).Pattern == 0 && mc.Guard == 0 {
			total = true
		}
	}
	if !total {
		ends = append(ends, nil)
	}
	x.env.merge(ends...)
	return len(ends) == 0
}

// constants reports whether only constants match a pattern.
func (x *frame) constants(p python.Node) bool {
	t := x.mod.tree
	switch t.Kind(p) {
	case python.KindMatchValue, python.KindMatchSingleton:
		return true
	case python.KindMatchOr:
		return !slices.ContainsFunc(t.List(p), func(q python.Node) bool { return !x.constants(q) })
	case python.KindMatchAs:
		return t.MatchAs(p).Pattern != 0 && x.constants(t.MatchAs(p).Pattern)
	case python.KindMatchClass:
		c := x.eval(t.MatchClass(p).Class)
		return c != nil && (c.ref == "int" || c.ref == "float" || c.ref == "bool")
	}
	return false
}

// pattern binds the names of a pattern to parts of the subject.
func (x *frame) pattern(p python.Node, v *value) {
	t := x.mod.tree
	switch t.Kind(p) {
	case python.KindMatchAs, python.KindMatchStar:
		m := t.MatchAs(p)
		if m.Pattern != 0 {
			x.pattern(m.Pattern, v)
			if k := t.Kind(m.Pattern); k == python.KindMatchValue || k == python.KindMatchOr {
				v = v.with(cleaned(v.all(0), AllKinds)) // one of the constants
			}
		}
		if m.Name != "" {
			x.bind(m.Name, v)
		}
	case python.KindMatchMapping:
		m := t.MatchMapping(p)
		for i, k := range m.Keys {
			x.pattern(m.Patterns[i], x.item(p, v, x.eval(k)))
		}
		if m.Rest != "" {
			x.bind(m.Rest, carries(v.all(2)))
		}
	case python.KindMatchClass:
		m := t.MatchClass(p)
		if c := x.eval(m.Class); c != nil && (c.ref == "int" || c.ref == "float" || c.ref == "bool") {
			v = nil
		}
		for _, q := range m.Patterns {
			x.pattern(q, carries(v.all(2)))
		}
		for i, q := range m.KwPatterns {
			x.pattern(q, x.attr(p, v, m.KwNames[i]))
		}
	case python.KindMatchSequence:
		items := t.List(p)
		for i, q := range items {
			switch {
			case t.Kind(q) == python.KindMatchStar:
				x.pattern(q, x.list(x.element(p, v)))
			case i < 10 && !slices.ContainsFunc(items[:i], func(n python.Node) bool { return t.Kind(n) == python.KindMatchStar }):
				x.pattern(q, x.item(p, v, number(i)))
			default:
				x.pattern(q, x.element(p, v))
			}
		}
	case python.KindMatchOr:
		for _, q := range t.List(p) {
			x.pattern(q, v)
		}
	}
}

// bind gives a name in the function, or in the one that global or nonlocal names.
func (x *frame) bind(name string, v *value) {
	if x.cls != nil {
		name = x.private(name)
	}
	x.forget(name)
	if x.globs[name] {
		if _, e := x.fn.outer.look(name); e != nil && e != x.mod.env {
			x.setOuter(e, name, v)
		} else {
			x.setGlobal(x.mod, name, v)
		}
		return
	}
	x.env.set(name, v)
}

// stored tells those who read a shared place that it holds more than it did.
func (x *frame) stored(holder any, name string, before int, now *value) {
	if before < now.news() {
		x.a.wrote(holder, name)
	}
}

// news counts what readers of a value have to know.
func (v *value) news() int {
	if v == nil {
		return 0
	}
	n := 0
	for _, l := range v.all(1) {
		if l.src != nil {
			n++
		}
	}
	if v.fn != nil || v.cls != nil || v.inst != nil {
		n++
	}
	if v.alts != nil {
		n += len(v.alts.of)
	}
	if v.obj != nil {
		for _, f := range v.obj.fields {
			n += f.v.callables()
		}
		n += v.obj.elem.callables()
	}
	return n
}

func (v *value) callables() int {
	if v == nil || v.fn == nil && v.cls == nil && v.inst == nil {
		return 0
	}
	if v.alts != nil {
		return 1 + len(v.alts.of)
	}
	return 1
}

// assign stores a value where a target says.
func (x *frame) assign(target python.Node, v *value) {
	t := x.mod.tree
	switch t.Kind(target) {
	case python.KindName:
		x.bind(t.Name(target), v)
	case python.KindTuple, python.KindList:
		items := t.List(target)
		for i, item := range items {
			switch {
			case t.Kind(item) == python.KindStarred:
				x.assign(t.Value(item), x.list(x.element(target, v)))
			case v != nil && v.obj != nil && v.obj.seq && len(v.labels) == 0:
				x.assign(item, v.obj.get(index(i)))
			case i < 10 && len(items) < 10 && !starred(t, items[:i]):
				x.assign(item, x.item(target, v, number(i)))
			default:
				x.assign(item, x.element(target, v))
			}
		}
	case python.KindAttribute:
		at := t.Attribute(target)
		if p, ok := x.placeOf(target); ok {
			x.forget(p)
		}
		into := x.eval(at.Value)
		x.setAttr(target, into, x.private(at.Attr), v)
		x.putInto(target, into, "."+at.Attr+"=", v)
	case python.KindSubscript:
		s := t.Subscript(target)
		if p, ok := x.placeOf(target); ok {
			x.forget(p)
		} else if p, ok := x.placeOf(s.Value); ok {
			x.forget(p)
		}
		into, key := x.eval(s.Value), x.eval(s.Index)
		x.setItem(s.Value, into, key, v)
		x.putInto(target, into, ".__setitem__", key, v)
	case python.KindStarred:
		x.assign(t.Value(target), v)
	}
}

func starred(t *python.Tree, items []python.Node) bool {
	return slices.ContainsFunc(items, func(n python.Node) bool { return t.Kind(n) == python.KindStarred })
}

// isTest reports whether an expression is one whose answer says something about others.
func isTest(t *python.Tree, n python.Node) bool {
	switch t.Kind(n) {
	case python.KindCompare, python.KindBoolOp, python.KindCall:
		return true
	case python.KindUnaryOp:
		return t.Op(n) == python.OpNot
	}
	return false
}
