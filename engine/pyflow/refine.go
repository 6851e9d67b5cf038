package pyflow

import (
	"regexp"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/python"
)

// truth knows tests whose answer is fixed.
func (x *frame) truth(n python.Node) (truth, known bool) {
	t := x.mod.tree
	switch t.Kind(n) {
	case python.KindConstant:
		switch t.Const(n) {
		case python.ConstTrue:
			return true, true
		case python.ConstFalse, python.ConstNone:
			return false, true
		}
	case python.KindName:
		if t.Name(n) == "TYPE_CHECKING" {
			return true, true // what is imported there names the types
		}
	case python.KindAttribute:
		if t.Attribute(n).Attr == "TYPE_CHECKING" {
			return true, true
		}
	}
	return false, false
}

// refine learns from a test that had an answer: names that passed a check are clean.
func (x *frame) refine(n python.Node, truth bool) {
	t := x.mod.tree
	switch t.Kind(n) {
	case python.KindUnaryOp:
		if t.Op(n) == python.OpNot {
			x.refine(t.Value(n), !truth)
		}
	case python.KindBoolOp:
		// and: all hold; or: none holds. The other way around nothing is certain.
		if (t.Op(n) == python.OpAnd) == truth {
			for _, part := range t.List(n) {
				x.refine(part, truth)
			}
		}
	case python.KindCompare:
		x.refineCompare(n, truth)
	case python.KindCall:
		if truth {
			x.refineCall(n)
			x.validated(n)
		}
		x.refineAll(n, truth)
		x.checked(n, x.eval(t.Call(n).Func), truth, true)
	case python.KindNamedExpr:
		x.refine(t.NamedExpr(n).Value, truth)
	case python.KindAttribute:
		x.refineAddress(n, truth)
	case python.KindName:
		if !x.answers {
			return
		}
		if v := x.env.names[t.Name(n)+answered]; v != nil && v.test != 0 && x.refining < maxRefine {
			x.refining++
			x.refine(v.test, truth)
			x.refining--
		}
	}
}

// maxRefine bounds tests whose answers are kept in names that other tests ask for.
const maxRefine = 4

// refineAll is about all(c in ALLOWED for c in x), and any(c not in ALLOWED for c in x).
func (x *frame) refineAll(n python.Node, truth bool) {
	t := x.mod.tree
	c := t.Call(n)
	if len(c.Args) != 1 || t.Kind(c.Func) != python.KindName || t.Name(c.Func) != "all" && t.Name(c.Func) != "any" {
		return
	}
	if k := t.Kind(c.Args[0]); k != python.KindGeneratorExp && k != python.KindListComp {
		return
	}
	comp := t.Comp(c.Args[0])
	if len(comp.Generators) != 1 {
		return
	}
	g := t.Comprehension(comp.Generators[0])
	if len(g.Ifs) == 0 && t.Kind(g.Target) == python.KindName && truth {
		x.limitsEach(comp.Elt, g.Iter, t.Name(g.Target))
	}
	if len(g.Ifs) == 0 && t.Kind(g.Target) == python.KindName && (t.Name(c.Func) == "all") == truth && x.limits(comp.Elt, t.Name(g.Target), truth) {
		x.clean(g.Iter, AllKinds)
	}
}

// limits reports whether a test lets an item, which may be one character, be only what
// the program wrote.
func (x *frame) limits(n python.Node, name string, truth bool) bool {
	t := x.mod.tree
	isName := func(n python.Node) bool { return t.Kind(n) == python.KindName && t.Name(n) == name }
	switch t.Kind(n) {
	case python.KindUnaryOp:
		return t.Op(n) == python.OpNot && x.limits(t.Value(n), name, !truth)
	case python.KindBoolOp:
		either := (t.Op(n) == python.OpOr) == truth // of which one is enough
		for _, part := range t.List(n) {
			if got := x.limits(part, name, truth); got != either {
				return got
			}
		}
		return either
	case python.KindCall:
		f := t.Call(n).Func
		return truth && t.Kind(f) == python.KindAttribute && checks()[t.Attribute(f).Attr] && isName(t.Attribute(f).Value)
	case python.KindCompare:
		c := t.Compare(n)
		if len(c.Comparators) != 1 || !isName(c.Left) {
			return false
		}
		switch c.Op(0) {
		case python.OpIn, python.OpNotIn:
			v := x.eval(c.Comparators[0])
			_, constant := v.str()
			return (c.Op(0) == python.OpIn) == truth && (constant || v != nil && strings.HasPrefix(v.ref, "string.") || x.allowlist(c.Comparators[0]))
		}
	}
	return false
}

func (x *frame) refineCompare(n python.Node, truth bool) {
	t := x.mod.tree
	c := t.Compare(n)
	if len(c.Comparators) != 1 {
		return
	}
	right := c.Comparators[0]
	switch c.Op(0) {
	case python.OpIn, python.OpNotIn:
		if (c.Op(0) == python.OpIn) != truth {
			x.lacks(c.Left, right)
		}
		if (c.Op(0) == python.OpIn) == truth {
			if x.allowlist(right) {
				x.clean(c.Left, AllKinds)
				x.ofURL(c.Left)
			}
			if t.Kind(right) == python.KindAttribute && t.Attribute(right).Attr == "parents" {
				x.confined(x.root(right))
			}
		}
	case python.OpLtE:
		if truth && t.Kind(c.Left) == python.KindCall && t.Kind(right) == python.KindCall { // set(x) <= set("abc")
			if callee := x.eval(t.Call(c.Left).Func); callee != nil && callee.ref == "set" && len(x.eval(right).all(2)) == 0 {
				x.clean(c.Left, AllKinds)
			}
		}
	case python.OpEq, python.OpIs, python.OpNotEq, python.OpIsNot:
		equal := c.Op(0) == python.OpEq || c.Op(0) == python.OpIs
		if t.Kind(right) == python.KindConstant {
			switch t.Const(right) {
			case python.ConstNone: // re.fullmatch(...) is not None
				if equal != truth {
					x.refine(c.Left, true)
				}
				return
			case python.ConstTrue, python.ConstFalse:
				x.refine(c.Left, (equal == truth) == (t.Const(right) == python.ConstTrue))
				return
			}
		}
		if equal != truth {
			return
		}
		x.refineCommon(c.Left)
		x.refineCommon(right)
		if len(x.eval(right).all(1)) == 0 || t.Kind(right) == python.KindAttribute {
			x.ofURL(c.Left)
		}
		if v := x.eval(right); v != nil && (v.lit.set && v.lit.kind != python.ConstNone || len(v.literals()) > 0 && len(v.labels) == 0) {
			x.clean(c.Left, AllKinds)
		}
	}
}

// refineCommon is about os.path.commonpath([root, path]) == root: path is below root.
func (x *frame) refineCommon(n python.Node) {
	t := x.mod.tree
	if t.Kind(n) != python.KindCall {
		return
	}
	c := t.Call(n)
	v := x.eval(c.Func)
	if v == nil || len(c.Args) != 1 || v.ref != "os.path.commonpath" && v.ref != "os.path.commonprefix" {
		return
	}
	if k := t.Kind(c.Args[0]); k == python.KindList || k == python.KindTuple {
		for _, part := range t.List(c.Args[0]) {
			x.confined(x.root(part))
		}
	}
}

// validating are names of functions that look at data and refuse what is harmful, or
// make it harmless. What they do is not understood, so what they let pass is weak.
var validating = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^_*((is_)?(safe|secure)|(validate|sanitize|sanitise|escape|clean)d?|strip_(invalid|unsafe)|is_(in|within|under|allowed|valid|permitted|inside|relative)|(check|verify|ensure|assert|reject)_.*(path|name|url|uri|host|safe|valid|id))(_|[A-Z0-9]|$)`)
})

// guarding are names of functions that look at what they open or unpack themselves.
var guarding = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^_*(safe|secure)_?(extract|unpack|open|join|path|read|write)`)
})

// runners call their first argument with the others.
var runners = set("to_thread", "run_sync", "run_in_threadpool", "submit")

// validator returns the call of such a function, or 0.
func (x *frame) validator(n python.Node) python.Node {
	t := x.mod.tree
	for n != 0 && t.Kind(n) == python.KindAwait {
		n = t.Value(n)
	}
	if n == 0 || t.Kind(n) != python.KindCall {
		return 0
	}
	f := t.Call(n).Func
	if as := t.Call(n).Args; t.Kind(f) == python.KindAttribute && len(as) > 1 && runners()[t.Attribute(f).Attr] {
		f = as[0] // asyncio.to_thread(validate, x)
	}
	name := ""
	switch t.Kind(f) {
	case python.KindName:
		name = t.Name(f)
	case python.KindAttribute:
		name = t.Attribute(f).Attr
	}
	if name == "" || !validating().MatchString(name) {
		return 0
	}
	return n
}

// validated makes the names weak that a validator was called with.
func (x *frame) validated(n python.Node) {
	n = x.validator(n)
	if n == 0 {
		return
	}
	t := x.mod.tree
	for _, a := range t.Call(n).Args {
		if t.Kind(a) != python.KindName {
			continue
		}
		if v, e := x.env.look(t.Name(a)); e == x.env && v != nil && len(v.all(1)) > 0 {
			x.env.names[t.Name(a)] = v.with(weakened(v.labels))
		}
	}
}

// allowing are names of lists of what may pass.
var allowing = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(allow|valid|permit|support|known|whitelist|safe|accept)[a-z_]*$`)
})

// allowlist reports whether a container holds nothing but what the program wrote.
func (x *frame) allowlist(n python.Node) bool {
	v := x.eval(n)
	if v == nil {
		// A constant of another module: ALLOWED, settings.ALLOWED.
		_, name := trimAttr(x.mod.tree.Text(n))
		return name != "" && strings.ToUpper(name) == name
	}
	if v.lit.set && v.lit.kind == python.ConstStr {
		return false // "abc" in text asks for a part of it
	}
	if labels := v.all(2); len(labels) > 0 {
		// What the class keeps for itself: self.allowed.
		for _, l := range labels {
			if l.src != nil || l.owner.cls == nil || l.param != 0 || l.path == "" {
				return false
			}
		}
		return v.obj != nil || allowing().MatchString(x.mod.tree.Text(n))
	}
	if v.obj != nil {
		return true
	}
	_, name := trimAttr(v.ref)
	return v.ref != "" && (strings.ToUpper(name) == name || strings.HasSuffix(v.ref, "()"))
}

// checks are methods of strings that only harmless text passes.
var checks = set("isdigit", "isdecimal", "isnumeric", "isalnum", "isalpha", "isidentifier")

func (x *frame) refineCall(n python.Node) {
	t := x.mod.tree
	c := t.Call(n)
	if t.Kind(c.Func) == python.KindAttribute {
		a := t.Attribute(c.Func)
		if checks()[a.Attr] {
			x.clean(a.Value, AllKinds)
			return
		}
	}
	callee := x.eval(c.Func)
	if callee == nil {
		return
	}
	if callee.ref == "bool" && len(c.Args) == 1 {
		x.refine(c.Args[0], true)
		return
	}
	if callee.ref == "isinstance" && len(c.Args) == 2 {
		if x.scalar(c.Args[1]) {
			x.clean(c.Args[0], AllKinds)
		}
		return
	}
	_, last := trimAttr(callee.ref)
	switch last {
	case "fullmatch", "match":
		if strings.HasPrefix(callee.ref, "re.") || strings.Contains(callee.ref, "compile()") || callee.typ == "re.Pattern" || callee.self != nil && callee.self.typ == "re.Pattern" {
			x.refineMatch(c, callee, last)
		}
		return
	case "startswith":
		if t.Kind(c.Func) == python.KindAttribute && len(c.Args) > 0 {
			x.begins(t.Attribute(c.Func).Value, c.Args[0])
		}
	case "is_relative_to", "relative_to":
		if t.Kind(c.Func) == python.KindAttribute {
			x.confined(x.root(t.Attribute(c.Func).Value))
		}
	}
	if spec := x.a.spec.Calls[callee.ref]; spec != nil && spec.Check != 0 && len(c.Args) > 0 {
		x.clean(c.Args[0], spec.Check)
	} else if spec := x.a.spec.Methods["."+last]; spec != nil && spec.Check != 0 && t.Kind(c.Func) == python.KindAttribute {
		x.clean(t.Attribute(c.Func).Value, spec.Check)
	}
}

// refineMatch is about regular expressions that cover the whole text.
func (x *frame) refineMatch(c python.Call, callee *value, method string) {
	var pattern, text python.Node
	switch {
	case strings.HasPrefix(callee.ref, "re.") && !strings.Contains(callee.ref, "()") && len(c.Args) >= 2:
		pattern, text = c.Args[0], c.Args[1]
	case len(c.Args) >= 1:
		text = c.Args[0]
	default:
		return
	}
	if method == "match" && pattern != 0 {
		s, ok := x.eval(pattern).str()
		if !ok || !strings.HasSuffix(s, "$") && !strings.HasSuffix(s, `\Z`) || strings.Contains(s, ".*") {
			return
		}
	}
	if pattern != 0 {
		if s, ok := x.eval(pattern).str(); ok && strings.Contains(s, ".*") {
			return
		}
	}
	x.clean(text, AllKinds)
}

// scalar reports whether a class, or every class of a tuple, has no text in it.
func (x *frame) scalar(n python.Node) bool {
	t := x.mod.tree
	if t.Kind(n) == python.KindTuple {
		for _, m := range t.List(n) {
			if !x.scalar(m) {
				return false
			}
		}
		return true
	}
	v := x.eval(n)
	return v != nil && (v.ref == "int" || v.ref == "float" || v.ref == "bool")
}

// maskOf names kinds.
func (a *Analysis) maskOf(kinds ...string) Mask {
	var m Mask
	for i, k := range a.spec.Kinds {
		for _, want := range kinds {
			if k == want {
				m |= 1 << i
			}
		}
	}
	return m
}
