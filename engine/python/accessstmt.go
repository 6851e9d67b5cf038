package python

// Assign returns the view of an Assign.
func (t *Tree) Assign(n Node) Assign {
	v := t.at(n, KindAssign)
	c := t.cut(v.b)
	k := c.one()
	return Assign{Targets: c.list(k), Value: Node(v.a)}
}

// AnnAssign returns the view of an AnnAssign.
func (t *Tree) AnnAssign(n Node) AnnAssign {
	v := t.at(n, KindAnnAssign)
	l := t.list(v.a, 3)
	return AnnAssign{l[0], l[1], l[2], v.flag&flagSimple != 0}
}

// AugAssign returns the view of an AugAssign.
func (t *Tree) AugAssign(n Node) AugAssign {
	v := t.at(n, KindAugAssign)
	return AugAssign{Node(v.a), Op(v.op), Node(v.b)}
}

// TypeAlias returns the view of a TypeAlias.
func (t *Tree) TypeAlias(n Node) TypeAlias {
	v := t.at(n, KindTypeAlias)
	c := t.cut(v.a)
	h := c.list(3)
	return TypeAlias{Name: h[0], Value: h[1], TypeParams: c.list(h[2])}
}

// For returns the view of a For or AsyncFor.
func (t *Tree) For(n Node) For {
	v := &t.nodes[n]
	if v.kind != KindAsyncFor {
		v = t.at(n, KindFor)
	}
	c := t.cut(v.a)
	h := c.list(4)
	return For{h[0], h[1], c.list(h[2]), c.list(h[3]), v.kind == KindAsyncFor}
}

// While returns the view of a While.
func (t *Tree) While(n Node) While {
	v := t.at(n, KindWhile)
	c := t.cut(v.b)
	h := c.list(2)
	return While{Node(v.a), c.list(h[0]), c.list(h[1])}
}

// If returns the view of an If.
func (t *Tree) If(n Node) If {
	v := t.at(n, KindIf)
	c := t.cut(v.b)
	h := c.list(2)
	return If{Node(v.a), c.list(h[0]), c.list(h[1])}
}

// With returns the view of a With or AsyncWith.
func (t *Tree) With(n Node) With {
	v := &t.nodes[n]
	if v.kind != KindAsyncWith {
		v = t.at(n, KindWith)
	}
	c := t.cut(v.a)
	h := c.list(2)
	return With{c.list(h[0]), c.list(h[1]), v.kind == KindAsyncWith}
}

// WithItem returns the view of a withitem.
func (t *Tree) WithItem(n Node) WithItem {
	v := t.at(n, KindWithItem)
	return WithItem{Node(v.a), Node(v.b)}
}

// Match returns the view of a Match.
func (t *Tree) Match(n Node) Match {
	v := t.at(n, KindMatch)
	c := t.cut(v.b)
	k := c.one()
	return Match{Node(v.a), c.list(k)}
}

// MatchCase returns the view of a match_case.
func (t *Tree) MatchCase(n Node) MatchCase {
	v := t.at(n, KindMatchCase)
	c := t.cut(v.b)
	h := c.list(2)
	return MatchCase{Node(v.a), h[0], c.list(h[1])}
}

// MatchAs returns the view of a MatchAs or MatchStar.
func (t *Tree) MatchAs(n Node) MatchAs {
	v := &t.nodes[n]
	if v.kind != KindMatchStar {
		v = t.at(n, KindMatchAs)
	}
	return MatchAs{Node(v.a), t.names[v.b]}
}

// MatchMapping returns the view of a MatchMapping.
func (t *Tree) MatchMapping(n Node) MatchMapping {
	v := t.at(n, KindMatchMapping)
	c := t.cut(v.b)
	k := c.one()
	return MatchMapping{Keys: c.list(k), Patterns: c.list(k), Rest: t.names[v.a]}
}

// MatchClass returns the view of a MatchClass.
func (t *Tree) MatchClass(n Node) MatchClass {
	v := t.at(n, KindMatchClass)
	c := t.cut(v.b)
	h := c.list(2)
	return MatchClass{Node(v.a), c.list(h[0]), t.nameList(c.list(h[1])), c.list(h[1])}
}

// Raise returns the view of a Raise.
func (t *Tree) Raise(n Node) Raise {
	v := t.at(n, KindRaise)
	return Raise{Node(v.a), Node(v.b)}
}

// Assert returns the view of an Assert.
func (t *Tree) Assert(n Node) Assert {
	v := t.at(n, KindAssert)
	return Assert{Node(v.a), Node(v.b)}
}

// Try returns the view of a Try or TryStar.
func (t *Tree) Try(n Node) Try {
	v := &t.nodes[n]
	if v.kind != KindTryStar {
		v = t.at(n, KindTry)
	}
	c := t.cut(v.a)
	h := c.list(4)
	return Try{c.list(h[0]), c.list(h[1]), c.list(h[2]), c.list(h[3]), v.kind == KindTryStar}
}

// ExceptHandler returns the view of an ExceptHandler.
func (t *Tree) ExceptHandler(n Node) ExceptHandler {
	v := t.at(n, KindExceptHandler)
	c := t.cut(v.b)
	h := c.list(2)
	return ExceptHandler{h[0], t.names[v.a], c.list(h[1])}
}

// ImportFrom returns the view of an ImportFrom.
func (t *Tree) ImportFrom(n Node) ImportFrom {
	v := t.at(n, KindImportFrom)
	c := t.cut(v.b)
	h := c.list(2)
	return ImportFrom{t.names[v.a], c.list(h[1]), int(h[0])}
}

// Alias returns the view of an alias.
func (t *Tree) Alias(n Node) Alias {
	v := t.at(n, KindAlias)
	return Alias{t.names[v.a], t.names[v.b]}
}

// TypeParam returns the view of a TypeVar, ParamSpec or TypeVarTuple.
func (t *Tree) TypeParam(n Node) TypeParam {
	v := &t.nodes[n]
	switch v.kind {
	case KindTypeVar, KindParamSpec, KindTypeVarTuple:
	default:
		t.at(n, KindTypeVar)
	}
	l := t.list(v.b, 2)
	return TypeParam{t.names[v.a], l[0], l[1]}
}

// AppendChildren appends the children of a node to dst: what is evaluated around a
// function or class (decorators, defaults, bases) first, then as in the text.
func (t *Tree) AppendChildren(dst []Node, n Node) []Node {
	add := func(l ...Node) {
		for _, n := range l {
			if n != 0 {
				dst = append(dst, n)
			}
		}
	}
	v := &t.nodes[n]
	switch v.kind {
	case KindFunctionDef, KindAsyncFunctionDef:
		f := t.FunctionDef(n)
		add(f.Decorators...)
		add(f.TypeParams...)
		add(f.Args, f.Returns)
		add(f.Body...)
	case KindClassDef:
		c := t.ClassDef(n)
		add(c.Decorators...)
		add(c.TypeParams...)
		add(c.Bases...)
		add(c.Keywords...)
		add(c.Body...)
	case KindReturn, KindExpr, KindAwait, KindYield, KindYieldFrom, KindStarred, KindUnaryOp, KindMatchValue:
		add(Node(v.a))
	case KindAttribute, KindMatchAs:
		add(Node(v.a))
	case KindArg, KindKeyword:
		add(Node(v.b))
	case KindAugAssign, KindRaise, KindAssert, KindNamedExpr, KindBinOp, KindLambda, KindSubscript, KindWithItem, KindFormattedValue:
		add(Node(v.a), Node(v.b))
	case KindInterpolation:
		add(Node(v.a), t.extra[v.b])
	case KindAssign:
		a := t.Assign(n)
		add(a.Targets...)
		add(a.Value)
	case KindTypeAlias:
		a := t.TypeAlias(n)
		add(a.Name)
		add(a.TypeParams...)
		add(a.Value)
	case KindAnnAssign, KindSlice:
		add(t.list(v.a, 3)...)
	case KindIfExp:
		e := t.IfExp(n)
		add(e.Body, e.Test, e.Orelse)
	case KindFor, KindAsyncFor:
		f := t.For(n)
		add(f.Target, f.Iter)
		add(f.Body...)
		add(f.Orelse...)
	case KindWhile, KindIf:
		c := t.cut(v.b)
		h := c.list(2)
		add(Node(v.a))
		add(c.list(h[0] + h[1])...)
	case KindWith, KindAsyncWith:
		w := t.With(n)
		add(w.Items...)
		add(w.Body...)
	case KindMatch:
		m := t.Match(n)
		add(m.Subject)
		add(m.Cases...)
	case KindMatchCase:
		m := t.MatchCase(n)
		add(m.Pattern, m.Guard)
		add(m.Body...)
	case KindMatchMapping:
		m := t.MatchMapping(n)
		for i, k := range m.Keys {
			add(k, m.Patterns[i])
		}
	case KindMatchClass:
		m := t.MatchClass(n)
		add(m.Class)
		add(m.Patterns...)
		add(m.KwPatterns...)
	case KindTry, KindTryStar:
		c := t.cut(v.a)
		h := c.list(4)
		add(c.list(h[0] + h[1] + h[2] + h[3])...)
	case KindExceptHandler:
		e := t.ExceptHandler(n)
		add(e.Type)
		add(e.Body...)
	case KindImportFrom:
		add(t.ImportFrom(n).Names...)
	case KindDict:
		d := t.Dict(n)
		for i, k := range d.Keys {
			add(k, d.Values[i])
		}
	case KindListComp, KindSetComp, KindGeneratorExp, KindDictComp:
		c := t.Comp(n)
		add(c.Elt, c.Value)
		add(c.Generators...)
	case KindComprehension:
		c := t.Comprehension(n)
		add(c.Target, c.Iter)
		add(c.Ifs...)
	case KindCompare:
		c := t.Compare(n)
		add(c.Left)
		add(c.Comparators...)
	case KindCall:
		c := t.Call(n)
		add(c.Func)
		add(c.Args...)
		add(c.Keywords...)
	case KindArguments:
		dst = t.appendArguments(dst, n)
	case KindTypeVar, KindParamSpec, KindTypeVarTuple:
		add(t.list(v.b, 2)...)
	default:
		add(t.List(n)...)
	}
	return dst
}

// appendArguments appends every parameter followed by its default.
func (t *Tree) appendArguments(dst []Node, n Node) []Node {
	a := t.Arguments(n)
	first := len(a.PosOnly) + len(a.Args) - len(a.Defaults)
	for i := range len(a.PosOnly) + len(a.Args) {
		dst = append(dst, a.Positional(i))
		if i >= first {
			dst = append(dst, a.Defaults[i-first])
		}
	}
	if a.Vararg != 0 {
		dst = append(dst, a.Vararg)
	}
	for i, k := range a.KwOnly {
		dst = append(dst, k)
		if d := a.KwDefaults[i]; d != 0 {
			dst = append(dst, d)
		}
	}
	if a.Kwarg != 0 {
		dst = append(dst, a.Kwarg)
	}
	return dst
}

// Positional returns parameter i of PosOnly and Args together.
func (a Arguments) Positional(i int) Node {
	if i < len(a.PosOnly) {
		return a.PosOnly[i]
	}
	return a.Args[i-len(a.PosOnly)]
}

// Default returns the default of parameter i of PosOnly and Args together, or 0.
func (a Arguments) Default(i int) Node {
	if i -= len(a.PosOnly) + len(a.Args) - len(a.Defaults); i >= 0 {
		return a.Defaults[i]
	}
	return 0
}
