package pyflow

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// A place is a name, attribute or item with a constant key that is written out. What was
// learnt about one that is no plain name is kept among the names, under its text; see
// isFact.

// maxFact bounds the text of a place in bytes.
const maxFact = 80

// placeOf returns the text of a place: "self.cmd", "d[key]".
func (x *frame) placeOf(n python.Node) (string, bool) {
	t := x.mod.tree
	switch t.Kind(n) {
	case python.KindName:
		return t.Name(n), true
	case python.KindAttribute:
		a := t.Attribute(n)
		if base, ok := x.placeOf(a.Value); ok && len(base) < maxFact {
			return base + "." + x.private(a.Attr), true
		}
	case python.KindSubscript:
		s := t.Subscript(n)
		if t.Kind(s.Index) != python.KindConstant {
			break
		}
		if base, ok := x.placeOf(s.Value); ok && len(base) < maxFact {
			if key := constant(t, s.Index); len(key.lit.s) < maxFact {
				return base + "[" + key.lit.s + "]", true
			}
		}
	}
	return "", false
}

// answered is added to a name for what is known of the test whose answer it holds.
const answered = ".?"

// isFact reports whether something among the names is what was learnt about a place.
func isFact(name string) bool { return strings.ContainsAny(name, ".[") }

// fact is what was learnt about an attribute or item.
func (x *frame) fact(n python.Node) (*value, bool) {
	if x.facts == 0 {
		return nil, false
	}
	p, ok := x.placeOf(n)
	if !ok {
		return nil, false
	}
	v, ok := x.env.names[p]
	return v, ok
}

// learn keeps what was learnt about a place.
func (x *frame) learn(place string, v *value) {
	x.facts++
	x.env.set(place, v)
}

// forget drops what was learnt about a place and everything in it, because it changes.
func (x *frame) forget(place string) {
	if x.answers {
		x.env.unset(place + answered)
	}
	if x.facts == 0 {
		return
	}
	for name := range x.env.names {
		if len(name) >= len(place) && name[:len(place)] == place && isFact(name) && (len(name) == len(place) || name[len(place)] == '.' || name[len(place)] == '[') {
			x.env.unset(name)
		}
	}
}

// clean marks what a place holds.
func (x *frame) clean(n python.Node, m Mask) {
	if m == 0 {
		return
	}
	t := x.mod.tree
	switch t.Kind(n) {
	case python.KindName:
		v, e := x.env.look(t.Name(n))
		if e == nil || len(v.all(1)) == 0 {
			return
		}
		w := *v
		w.labels = cleaned(v.labels, m)
		if v.obj != nil {
			w.obj = nil
			w.labels = cleaned(v.all(2), m)
		}
		x.env.set(t.Name(n), &w)
	case python.KindNamedExpr:
		x.clean(t.NamedExpr(n).Target, m)
	case python.KindCall: // x.strip() in ALLOWED, os.path.splitext(x)
		c := t.Call(n)
		if t.Kind(c.Func) == python.KindAttribute {
			if a := t.Attribute(c.Func); a.Attr == "lower" || a.Attr == "strip" || a.Attr == "upper" {
				x.clean(a.Value, m)
			}
		}
		if callee := x.eval(c.Func); callee != nil && len(c.Args) == 1 && (callee.ref == "str" || callee.ref == "set" || callee.ref == "frozenset") {
			x.clean(c.Args[0], m)
		}
	case python.KindAttribute, python.KindSubscript:
		if p, ok := x.placeOf(n); ok {
			x.cleanPlace(p, x.eval(n), m)
		}
	}
}

func (x *frame) cleanPlace(place string, v *value, m Mask) {
	if labels := v.all(2); len(labels) > 0 {
		w := *v
		w.labels, w.obj = cleaned(labels, m), nil
		x.learn(place, &w)
	}
}

// check is what a function proves about a parameter, or an attribute or item of it: what
// it is clean for when the function returned something true, or something false or nothing.
type check struct {
	param   int
	path    string // "", ".name" or "[key]"
	yes, no Mask
}

type proofKey struct {
	param int
	path  string
}

// proofs are what holds at every exit of one kind so far.
type proofs struct {
	reached bool
	clean   map[proofKey]Mask
}

// meet takes in another exit.
func (p *proofs) meet(now map[proofKey]Mask) {
	if !p.reached {
		p.reached, p.clean = true, now
		return
	}
	for k, m := range p.clean {
		if m &= now[k]; m == 0 {
			delete(p.clean, k)
		} else {
			p.clean[k] = m
		}
	}
}

// proven is what is known here about the parameters.
func (x *frame) proven() map[proofKey]Mask {
	var out map[proofKey]Mask
	put := func(param int, path string, m Mask) {
		if m != 0 {
			if out == nil {
				out = map[proofKey]Mask{}
			}
			out[proofKey{param, path}] = m
		}
	}
	for i, p := range x.fn.params {
		if v := x.env.names[p.name]; v != nil {
			for _, l := range v.labels {
				if l.src == nil && l.owner == x.fn && int(l.param) == i && l.path == "" {
					put(i, "", l.clean)
				}
			}
		}
		if x.facts == 0 {
			continue
		}
		for name, v := range x.env.names {
			path, ok := strings.CutPrefix(name, p.name)
			if !ok || v == nil || len(v.labels) == 0 || path == "" || !isFact(path[:1]) {
				continue
			}
			m := AllKinds
			for _, l := range v.labels {
				m &= l.clean
			}
			put(i, path, m)
		}
	}
	return out
}

// exit notes what is proven where the function returns something; 0 is nothing.
func (x *frame) exit(n python.Node) {
	if x.fn == x.mod.main || len(x.fn.params) == 0 || x.loops > 0 && x.yes.reached && x.no.reached && len(x.yes.clean)+len(x.no.clean) == 0 {
		return
	}
	t := x.mod.tree
	if n == 0 {
		x.no.meet(x.proven())
		return
	}
	switch t.Kind(n) {
	case python.KindConstant:
		if truth, known := x.truth(n); !known || truth {
			x.yes.meet(x.proven())
		} else {
			x.no.meet(x.proven())
		}
	case python.KindCompare, python.KindBoolOp, python.KindUnaryOp, python.KindCall, python.KindNamedExpr, python.KindName:
		for _, truth := range []bool{true, false} {
			mark := x.env.begin()
			x.refine(n, truth)
			now := x.proven()
			x.env.end(mark)
			if truth {
				x.yes.meet(now)
			} else {
				x.no.meet(now)
			}
		}
	default:
		now := x.proven()
		x.no.meet(maps.Clone(now))
		x.yes.meet(now)
	}
}

// checks are what the exits of a function prove together.
func (x *frame) checks() []check {
	var out []check
	for k, m := range x.yes.clean {
		c := check{param: k.param, path: k.path, yes: m, no: x.no.clean[k]}
		if !x.no.reached {
			c.no = m
		}
		out = append(out, c)
	}
	for k, m := range x.no.clean {
		if _, known := x.yes.clean[k]; !known {
			c := check{param: k.param, path: k.path, no: m}
			if !x.yes.reached {
				c.yes = m
			}
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b check) int { return cmp.Or(a.param-b.param, strings.Compare(a.path, b.path)) })
	return out[:min(len(out), maxChecks)]
}

// maxChecks bounds what is remembered of what one function proves.
const maxChecks = 16

// checked learns from a call of a function of the project that it returned: with something
// true or false where that is known.
func (x *frame) checked(n python.Node, callee *value, truth, known bool) {
	from := 0
	if callee != nil && handsOver()[callee.ref] { // asyncio.to_thread(check, x)
		if c := x.mod.tree.Call(n); len(c.Args) > 1 {
			callee, from = x.eval(c.Args[0]), 1
		}
	}
	if callee == nil || callee.fn == nil || callee.alts != nil || callee.pre != nil || callee.fn.sum == nil {
		return
	}
	f := callee.fn
	for _, c := range f.sum.checks {
		m := c.yes & c.no
		if known && truth {
			m = c.yes
		} else if known {
			m = c.no
		}
		arg := x.argument(n, callee, c.param, from)
		if m == 0 || arg == 0 {
			continue
		}
		if c.path == "" {
			x.clean(arg, m)
			continue
		}
		p, ok := x.placeOf(arg)
		if !ok {
			continue
		}
		if c.path[0] == '.' {
			x.cleanPlace(p+c.path, x.attr(n, x.eval(arg), c.path[1:]), m)
		} else {
			x.cleanPlace(p+c.path, x.item(n, x.eval(arg), text(strings.Trim(c.path, "[]"))), m)
		}
	}
}

// argument is the expression that a call gives a parameter; 0 where it is not written out.
func (x *frame) argument(n python.Node, callee *value, param, from int) python.Node {
	t, f := x.mod.tree, callee.fn
	if t.Kind(n) != python.KindCall || param >= len(f.params) {
		return 0
	}
	c, at := t.Call(n), param
	for _, k := range c.Keywords {
		if kw := t.Keyword(k); kw.Name == f.params[param].name {
			return kw.Value
		}
	}
	if callee.self != nil && !f.gone {
		if param == 0 {
			f := c.Func
			if from > 0 {
				f = c.Args[0]
			}
			if t.Kind(f) == python.KindAttribute {
				return t.Attribute(f).Value
			}
			return 0
		}
		param--
	}
	param += from
	if param >= len(c.Args) || starred(t, c.Args[:param+1]) || f.vararg >= 0 && at >= f.vararg || f.params[at].kwOnly {
		return 0
	}
	return c.Args[param]
}

// converts are calls that fail for everything but harmless text.
var converts = set("int", "float", "complex", "uuid.UUID", "decimal.Decimal", "ipaddress.ip_address", "ipaddress.ip_network", "datetime.date.fromisoformat", "datetime.datetime.fromisoformat")

// handsOver are functions that call their first argument with the others.
var handsOver = set("asyncio.to_thread", "anyio.to_thread.run_sync", "starlette.concurrency.run_in_threadpool", "fastapi.concurrency.run_in_threadpool", "functools.partial")

// converted learns from a conversion that it did not fail.
func (x *frame) converted(n python.Node, callee *value) {
	if callee == nil {
		return
	}
	t := x.mod.tree
	c := t.Call(n)
	if t.Kind(c.Func) == python.KindAttribute && t.Attribute(c.Func).Attr == "relative_to" && len(c.Args) == 1 {
		x.confined(x.root(t.Attribute(c.Func).Value)) // it fails for every other path
	}
	if len(c.Args) > 0 && (converts()[callee.ref] || callee.cls != nil && x.a.enumeration(callee.cls)) {
		x.clean(c.Args[0], AllKinds)
	}
}
