package python

// Where the parts of a node are. a and b are the fields of the node; [x y n...]
// is a record in the extra slab, where a list follows the counts.
//
//	Module Bad Delete Import BoolOp JoinedStr TemplateStr
//	List Tuple Set MatchSequence MatchOr        a=[nodes...] b=count
//	Global Nonlocal                             a=[names...] b=count
//	Return Expr Await Yield YieldFrom Starred
//	UnaryOp MatchValue                          a=value
//	FunctionDef      a=name    b=[args returns nbody ndecorators ntypeparams ...]
//	ClassDef         a=name    b=[nbases nkeywords nbody ndecorators ntypeparams ...]
//	Assign           a=value   b=[n targets...]
//	TypeAlias        a=[name value n typeparams...]
//	AugAssign        a=target  b=value
//	AnnAssign        a=[target annotation value]
//	For              a=[target iter nbody norelse ...]
//	While If         a=test    b=[nbody norelse ...]
//	With             a=[nitems nbody ...]
//	Match            a=subject b=[n cases...]
//	match_case       a=pattern b=[guard n body...]
//	Raise            a=exc     b=cause
//	Assert           a=test    b=msg
//	Try              a=[nbody nhandlers norelse nfinally ...]
//	ExceptHandler    a=name    b=[type n body...]
//	ImportFrom       a=module  b=[level n names...]
//	NamedExpr        a=target  b=value
//	BinOp            a=left    b=right
//	Lambda           a=args    b=body
//	IfExp            a=[test body orelse]
//	Dict             a=[keys... values...] b=count
//	ListComp ...     a=elt     b=[value n generators...]
//	Compare          a=left    b=[n ops... comparators...]
//	Call             a=func    b=[nargs nkeywords ...]
//	FormattedValue   a=value   b=spec
//	Interpolation    a=value   b=[spec end-of-expression]
//	Attribute        a=value   b=name
//	Subscript        a=value   b=index
//	Slice            a=[lower upper step]
//	comprehension    a=[target iter n ifs...]
//	arguments        a=[nposonly nargs nkwonly ndefaults vararg kwarg
//	                    posonly... args... kwonly... kwdefaults... defaults...]
//	arg keyword      a=name    b=annotation or value
//	alias            a=name    b=asname
//	withitem         a=context b=vars
//	MatchMapping     a=rest    b=[n keys... patterns...]
//	MatchClass       a=class   b=[npatterns nkeywords patterns... names... patterns...]
//	MatchStar MatchAs a=pattern b=name
//	TypeVar ...      a=name    b=[bound default]
//	Name             a=name
//	Constant         a=[start end mode ...] b=count, of strings in several pieces

// lists cuts consecutive lists off the slab at off.
type cutter struct {
	rest []Node
}

func (t *Tree) cut(off int32) cutter { return cutter{t.extra[off:]} }

func (c *cutter) one() Node {
	n := c.rest[0]
	c.rest = c.rest[1:]
	return n
}

func (c *cutter) list(n Node) []Node {
	l := c.rest[:n:n]
	c.rest = c.rest[n:]
	return l
}

// at returns a node after checking its kind: a wrong view is a programmer's error.
func (t *Tree) at(n Node, k Kind) *node {
	v := &t.nodes[n]
	if v.kind != k {
		panic("python: " + k.String() + " view of a " + v.kind.String())
	}
	return v
}

// Value returns the only child of a Return, Expr, Await, Yield, YieldFrom, Starred,
// UnaryOp or MatchValue, and 0 for other kinds.
func (t *Tree) Value(n Node) Node {
	switch v := &t.nodes[n]; v.kind {
	case KindReturn, KindExpr, KindAwait, KindYield, KindYieldFrom, KindStarred, KindUnaryOp, KindMatchValue:
		return Node(v.a)
	}
	return 0
}

// List returns the children of a node that has one list of them: Module, Bad,
// Delete, Import, BoolOp, JoinedStr, TemplateStr, List, Tuple, Set, MatchSequence
// or MatchOr; nil for other kinds.
func (t *Tree) List(n Node) []Node {
	switch v := &t.nodes[n]; v.kind {
	case KindModule, KindBad, KindDelete, KindImport, KindBoolOp, KindJoinedStr, KindTemplateStr,
		KindList, KindTuple, KindSet, KindMatchSequence, KindMatchOr:
		return t.list(v.a, v.b)
	}
	return nil
}

// Block returns the main body of a module, function, class or compound statement,
// of a handler or case; nil for other kinds.
func (t *Tree) Block(n Node) []Node {
	switch t.nodes[n].kind {
	case KindModule, KindBad:
		return t.List(n)
	case KindFunctionDef, KindAsyncFunctionDef:
		return t.FunctionDef(n).Body
	case KindClassDef:
		return t.ClassDef(n).Body
	case KindFor, KindAsyncFor:
		return t.For(n).Body
	case KindWhile:
		return t.While(n).Body
	case KindIf:
		return t.If(n).Body
	case KindWith, KindAsyncWith:
		return t.With(n).Body
	case KindTry, KindTryStar:
		return t.Try(n).Body
	case KindExceptHandler:
		return t.ExceptHandler(n).Body
	case KindMatchCase:
		return t.MatchCase(n).Body
	}
	return nil
}

// Name returns the identifier of a Name, arg, keyword, alias, function, class,
// handler or type parameter, in Unicode form NFKC; "" for other kinds.
func (t *Tree) Name(n Node) string {
	switch v := &t.nodes[n]; v.kind {
	case KindName, KindArg, KindKeyword, KindAlias, KindFunctionDef, KindAsyncFunctionDef, KindClassDef,
		KindExceptHandler, KindTypeVar, KindParamSpec, KindTypeVarTuple:
		return t.names[v.a]
	}
	return ""
}

// IsName reports whether a node is the Name of that identifier.
func (t *Tree) IsName(n Node, name string) bool {
	v := &t.nodes[n]
	return v.kind == KindName && t.names[v.a] == name
}

// Names returns the identifiers of a Global or Nonlocal.
func (t *Tree) Names(n Node) []string {
	v := &t.nodes[n]
	if v.kind != KindGlobal && v.kind != KindNonlocal {
		return nil
	}
	return t.nameList(t.list(v.a, v.b))
}

func (t *Tree) nameList(l []Node) []string {
	names := make([]string, len(l))
	for i, s := range l {
		names[i] = t.names[s]
	}
	return names
}

// FunctionDef returns the view of a FunctionDef or AsyncFunctionDef.
func (t *Tree) FunctionDef(n Node) FunctionDef {
	v := &t.nodes[n]
	if v.kind != KindAsyncFunctionDef {
		v = t.at(n, KindFunctionDef)
	}
	c := t.cut(v.b)
	h := c.list(5)
	return FunctionDef{
		Name: t.names[v.a], Async: v.kind == KindAsyncFunctionDef, Args: h[0], Returns: h[1],
		Body: c.list(h[2]), Decorators: c.list(h[3]), TypeParams: c.list(h[4]),
	}
}

// ClassDef returns the view of a ClassDef.
func (t *Tree) ClassDef(n Node) ClassDef {
	v := t.at(n, KindClassDef)
	c := t.cut(v.b)
	h := c.list(5)
	return ClassDef{
		Name: t.names[v.a], Bases: c.list(h[0]), Keywords: c.list(h[1]),
		Body: c.list(h[2]), Decorators: c.list(h[3]), TypeParams: c.list(h[4]),
	}
}

// Arguments returns the view of arguments.
func (t *Tree) Arguments(n Node) Arguments {
	v := t.at(n, KindArguments)
	c := t.cut(v.a)
	h := c.list(6)
	return Arguments{
		PosOnly: c.list(h[0]), Args: c.list(h[1]), KwOnly: c.list(h[2]), Vararg: h[4], Kwarg: h[5],
		KwDefaults: c.list(h[2]), Defaults: c.list(h[3]),
	}
}

// Arg returns the view of an arg.
func (t *Tree) Arg(n Node) Arg {
	v := t.at(n, KindArg)
	return Arg{t.names[v.a], Node(v.b)}
}

// Call returns the view of a Call.
func (t *Tree) Call(n Node) Call {
	v := t.at(n, KindCall)
	c := t.cut(v.b)
	h := c.list(2)
	return Call{Func: Node(v.a), Args: c.list(h[0]), Keywords: c.list(h[1])}
}

// Keyword returns the view of a keyword.
func (t *Tree) Keyword(n Node) Keyword {
	v := t.at(n, KindKeyword)
	return Keyword{t.names[v.a], Node(v.b)}
}

// Attribute returns the view of an Attribute.
func (t *Tree) Attribute(n Node) Attribute {
	v := t.at(n, KindAttribute)
	return Attribute{Node(v.a), t.names[v.b]}
}

// Subscript returns the view of a Subscript.
func (t *Tree) Subscript(n Node) Subscript {
	v := t.at(n, KindSubscript)
	return Subscript{Node(v.a), Node(v.b)}
}

// BinOp returns the view of a BinOp.
func (t *Tree) BinOp(n Node) BinOp {
	v := t.at(n, KindBinOp)
	return BinOp{Node(v.a), Op(v.op), Node(v.b)}
}

// NamedExpr returns the view of a NamedExpr.
func (t *Tree) NamedExpr(n Node) NamedExpr {
	v := t.at(n, KindNamedExpr)
	return NamedExpr{Node(v.a), Node(v.b)}
}

// IfExp returns the view of an IfExp.
func (t *Tree) IfExp(n Node) IfExp {
	l := t.list(t.at(n, KindIfExp).a, 3)
	return IfExp{l[0], l[1], l[2]}
}

// Lambda returns the view of a Lambda.
func (t *Tree) Lambda(n Node) Lambda {
	v := t.at(n, KindLambda)
	return Lambda{Node(v.a), Node(v.b)}
}

// Dict returns the view of a Dict.
func (t *Tree) Dict(n Node) Dict {
	v := t.at(n, KindDict)
	return Dict{t.list(v.a, v.b), t.list(v.a+v.b, v.b)}
}

// Compare returns the view of a Compare.
func (t *Tree) Compare(n Node) Compare {
	v := t.at(n, KindCompare)
	c := t.cut(v.b)
	k := c.one()
	return Compare{Left: Node(v.a), ops: c.list(k), Comparators: c.list(k)}
}

// Slice returns the view of a Slice.
func (t *Tree) Slice(n Node) Slice {
	l := t.list(t.at(n, KindSlice).a, 3)
	return Slice{l[0], l[1], l[2]}
}

// Comp returns the view of a ListComp, SetComp, GeneratorExp or DictComp.
func (t *Tree) Comp(n Node) Comp {
	v := &t.nodes[n]
	switch v.kind {
	case KindListComp, KindSetComp, KindGeneratorExp, KindDictComp:
	default:
		t.at(n, KindListComp)
	}
	c := t.cut(v.b)
	h := c.list(2)
	return Comp{Elt: Node(v.a), Value: h[0], Generators: c.list(h[1])}
}

// Comprehension returns the view of a comprehension.
func (t *Tree) Comprehension(n Node) Comprehension {
	v := t.at(n, KindComprehension)
	c := t.cut(v.a)
	h := c.list(3)
	return Comprehension{Target: h[0], Iter: h[1], Ifs: c.list(h[2]), Async: v.flag&flagAsync != 0}
}

// FormattedValue returns the view of a FormattedValue or Interpolation.
func (t *Tree) FormattedValue(n Node) FormattedValue {
	v := &t.nodes[n]
	if v.kind == KindInterpolation {
		return FormattedValue{Node(v.a), v.op, t.extra[v.b]}
	}
	v = t.at(n, KindFormattedValue)
	return FormattedValue{Node(v.a), v.op, Node(v.b)}
}
