package pyflow

import (
	"regexp"
	"slices"
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
	case python.KindNamedExpr:
		x.refine(t.NamedExpr(n).Value, truth)
	}
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
		if (c.Op(0) == python.OpIn) == truth && x.allowlist(right) {
			x.clean(c.Left, AllKinds)
		}
	case python.OpEq, python.OpIs, python.OpNotEq, python.OpIsNot:
		equal := c.Op(0) == python.OpEq || c.Op(0) == python.OpIs
		if equal != truth {
			// re.fullmatch(...) is not None
			if t.Kind(right) == python.KindConstant && t.Const(right) == python.ConstNone && t.Kind(c.Left) == python.KindCall {
				x.refineCall(c.Left)
			}
			return
		}
		x.refineCommon(c.Left)
		x.refineCommon(right)
		if v := x.eval(right); v != nil && v.lit.set && v.lit.kind != python.ConstNone {
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
			x.clean(part, x.a.maskOf("path", "archive", "file-write"))
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
	if len(v.all(2)) > 0 {
		return false
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
			s := x.eval(c.Args[0])
			if _, constant := s.str(); !constant && !slices.ContainsFunc(s.all(1), func(l label) bool { return l.src != nil }) { // below a folder of the program's own
				x.clean(t.Attribute(c.Func).Value, x.a.maskOf("path", "archive", "file-write"))
			}
			if s.start() != "" && withHost().MatchString(s.start()) {
				x.clean(t.Attribute(c.Func).Value, x.a.maskOf("ssrf", "redirect"))
			}
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

// clean marks what a name holds.
func (x *frame) clean(n python.Node, m Mask) {
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
		if callee := x.eval(c.Func); callee != nil && (callee.ref == "str") && len(c.Args) == 1 {
			x.clean(c.Args[0], m)
		}
	case python.KindAttribute:
		a := t.Attribute(n)
		v := x.eval(a.Value)
		if v != nil && v.obj != nil {
			if f := v.obj.get(a.Attr); f != nil {
				v.obj.set(a.Attr, f.with(cleaned(f.labels, m)))
			}
		}
	}
}
