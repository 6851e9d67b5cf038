package parity

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

func jinja(s *site) python.Node {
	if last(s.name) != "Environment" || !slices.Contains(strings.Split(s.name, "."), "jinja2") {
		return 0
	}
	// The first keyword of that name, also of a call inside.
	for queue := []python.Node{s.node}; len(queue) > 0 && s.budget > 0; queue = queue[1:] {
		s.budget--
		n := queue[0]
		if s.t.Kind(n) == python.KindKeyword {
			if kw := s.t.Keyword(n); kw.Name == "autoescape" {
				return s.when(!s.escapes(kw.Value))
			}
		}
		queue = s.t.AppendChildren(queue, n)
	}
	return s.node
}

func (s *site) escapes(n python.Node) bool {
	if s.t.Kind(n) == python.KindCall {
		return s.value(s.t.Call(n).Func).s == "select_autoescape"
	}
	return s.t.Kind(n) == python.KindConstant && s.t.Const(n) == python.ConstTrue
}

// markSafe reports text that is not constant, also by way of variables.
func markSafe(s *site) python.Node {
	if !slices.Contains([]string{"mark_safe", "SafeText", "SafeUnicode", "SafeString", "SafeBytes"}, last(s.name)) || len(s.args) == 0 || !s.importedLike("django.utils.safestring") {
		return 0
	}
	return s.when(!s.constantText(s.args[0], s.t.Line(s.node), 8))
}

// constantText reports whether an expression is put together of constants only. What a
// variable was given before the line counts.
func (s *site) constantText(n python.Node, line, depth int) bool {
	t := s.t
	if depth == 0 {
		return false
	}
	constant := func(n python.Node) bool { return s.constantText(n, line, depth-1) }
	switch t.Kind(n) {
	case python.KindConstant:
		return t.Const(n) == python.ConstStr
	case python.KindName:
		return s.constantVariable(n, line, depth)
	case python.KindBinOp:
		b := t.BinOp(n)
		_, text := s.str(b.Left)
		if !text || b.Op != python.OpMod {
			return false
		}
		if t.Kind(b.Right) == python.KindTuple {
			return !slices.ContainsFunc(t.List(b.Right), func(n python.Node) bool { return !constant(n) })
		}
		return constant(b.Right)
	case python.KindCall:
		c := t.Call(n)
		if t.Kind(c.Func) != python.KindAttribute || len(c.Keywords) > 0 {
			return false
		}
		a := t.Attribute(c.Func)
		return a.Attr == "format" && t.Kind(a.Value) == python.KindConstant && !slices.ContainsFunc(c.Args, func(n python.Node) bool { return !constant(n) })
	}
	return false
}

// constantVariable reports whether everything that a variable is given above the line,
// in the function around it or else in the module, is constant text.
func (s *site) constantVariable(name python.Node, line, depth int) bool {
	t, id := s.t, s.t.Name(name)
	around := s.parents[name]
	for around != 0 && t.Kind(around) != python.KindFunctionDef && t.Kind(around) != python.KindModule {
		around = s.parents[around]
	}
	if around == 0 {
		return false
	}
	if t.Kind(around) == python.KindFunctionDef {
		for _, p := range t.Arguments(t.FunctionDef(around).Args).Args {
			if t.Arg(p).Name == id {
				return false
			}
		}
	}
	given, constant := false, true
	judge := func(target, value python.Node) {
		if t.IsName(target, id) {
			given = true
			constant = constant && value != 0 && s.constantText(value, t.Line(value), depth-1)
		}
	}
	t.Walk(around, func(n python.Node) bool {
		s.budget--
		if t.Line(n) >= line && t.Kind(n) != python.KindModule || s.budget < 0 {
			return false
		}
		switch t.Kind(n) {
		case python.KindClassDef:
			return false
		case python.KindAssign:
			a := t.Assign(n)
			judge(a.Targets[0], a.Value)
			if to, from := t.List(a.Targets[0]), t.List(a.Value); len(to) == len(from) {
				for i := range to {
					judge(to[i], from[i])
				}
			}
		case python.KindAugAssign:
			a := t.AugAssign(n)
			judge(a.Target, a.Value)
		case python.KindWithItem:
			judge(t.WithItem(n).Vars, 0)
		}
		return true
	})
	return given && constant && s.budget > 0
}

// djangoExtra reports pieces of SQL that are not constant.
func djangoExtra(s *site) python.Node {
	if last(s.name) != "extra" {
		return 0
	}
	piece := func(name string, at int) python.Node {
		if at < len(s.args) {
			return s.args[at]
		}
		return s.keyword(name)
	}
	constant := func(n python.Node) bool { _, ok := s.str(n); return ok }
	open := func(l []python.Node) bool {
		return slices.ContainsFunc(l, func(n python.Node) bool { return !constant(n) })
	}
	for _, n := range []python.Node{piece("where", 1), piece("tables", 3)} {
		if n != 0 && (s.t.Kind(n) != python.KindList || open(s.t.List(n))) {
			return s.node
		}
	}
	n := piece("select", 0)
	if n == 0 {
		return 0
	}
	if s.t.Kind(n) != python.KindDict {
		return s.node
	}
	d := s.t.Dict(n)
	return s.when(open(d.Keys) || open(d.Values))
}
