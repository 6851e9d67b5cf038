package python

import (
	"slices"
	"strings"
	"sync"
)

// Resolve finds the scopes, variables and imports of a tree. m says which module the
// file is, for relative imports; the zero value is a script.
func Resolve(t *Tree, m ModuleInfo) *Bindings { return resolve(t, m).Bindings }

func resolve(t *Tree, m ModuleInfo) *binder {
	b := &binder{
		Bindings: &Bindings{
			tree: t, module: m,
			scopes: make([]scope, 1, 64), symbols: make([]symbol, 1, 256), defs: make([]def, 1, 256),
			ref: make([]Symbol, t.Len()), opened: map[Node]Scope{}, index: map[symbolKey]Symbol{},
		},
	}
	b.idents = sync.OnceValue(func() map[string]int32 {
		m := make(map[string]int32, len(t.names))
		for i, name := range t.names {
			m[name] = int32(i)
		}
		return m
	})
	b.open(ModuleScope, t.module)
	b.stmt = t.module
	b.visitAll(t.Body())
	for _, u := range b.uses {
		b.ref[u.node] = b.lookup(u.scope, u.name)
	}
	return b
}

// binder walks a tree once. Bindings are entered on the way, uses at the end, when
// all bindings are known.
type binder struct {
	*Bindings
	scope Scope
	stmt  Node // what binds names at this point
	uses  []use
	buf   []Node
}

type use struct {
	node  Node
	scope Scope
	name  int32
}

// open makes a scope inside the current one and enters it.
func (b *binder) open(k ScopeKind, n Node) {
	b.scopes = append(b.scopes, scope{kind: k, node: n, parent: b.scope})
	b.scope = Scope(len(b.scopes) - 1)
	b.opened[n] = b.scope
}

func (b *binder) leave() { b.scope = b.scopes[b.scope].parent }

// declare returns the entry of a name in a scope.
func (b *binder) declare(s Scope, name int32) Symbol {
	k := symbolKey{s, name}
	x := b.index[k]
	if x == 0 {
		x = Symbol(len(b.symbols))
		b.symbols = append(b.symbols, symbol{name: name, scope: s, next: b.scopes[s].first})
		b.scopes[s].first = x
		b.index[k] = x
	}
	return x
}

// bind enters a binding of a name in the current scope.
func (b *binder) bind(n, stmt Node, name int32) Symbol { return b.bindIn(b.scope, n, stmt, name) }

func (b *binder) bindIn(s Scope, n, stmt Node, name int32) Symbol {
	x := b.declare(s, name)
	switch f := b.symbols[x].flags; {
	case f&symGlobal != 0:
		x = b.declare(1, name)
		b.symbols[x].flags |= symRebound
	case f&symNonlocal != 0:
		if y := b.lookup(s, name); y != 0 {
			x = y
			b.symbols[x].flags |= symRebound
		}
	}
	i := int32(len(b.defs))
	b.defs = append(b.defs, def{Def: Def{n, stmt}})
	v := &b.symbols[x]
	if v.first == 0 {
		v.first = i
	} else {
		b.defs[v.last].next = i
	}
	v.last = i
	b.ref[n] = x
	return x
}

func (b *binder) visitAll(l []Node) {
	for _, n := range l {
		b.visit(n)
	}
}

// children visits everything below a node.
func (b *binder) children(n Node) {
	mark := len(b.buf)
	b.buf = b.tree.AppendChildren(b.buf, n)
	end := len(b.buf)
	for i := mark; i < end; i++ {
		b.visit(b.buf[i])
	}
	b.buf = b.buf[:mark]
}

func (b *binder) visit(n Node) {
	if n == 0 {
		return
	}
	stmt := b.stmt
	if k := b.tree.nodes[n].kind; k.IsStmt() || k == KindWithItem || k == KindMatchCase {
		b.stmt = n
	}
	b.node(n)
	b.stmt = stmt
}

func (b *binder) node(n Node) {
	t := b.tree
	v := &t.nodes[n]
	switch v.kind {
	case KindName:
		switch v.ctx {
		case Load:
			b.uses = append(b.uses, use{n, b.scope, v.a})
		case Del:
			x := b.bind(n, b.stmt, v.a)
			b.symbols[x].flags |= symDeleted
		default:
			b.bind(n, b.stmt, v.a)
		}
	case KindFunctionDef, KindAsyncFunctionDef:
		b.function(n)
	case KindLambda:
		l := t.Lambda(n)
		b.defaults(l.Args)
		b.open(FunctionScope, n)
		b.params(l.Args, n)
		b.visit(l.Body)
		b.leave()
	case KindClassDef:
		b.class(n)
	case KindTypeAlias:
		a := t.TypeAlias(n)
		b.visit(a.Name)
		b.open(TypeScope, n)
		b.visitAll(a.TypeParams)
		b.visit(a.Value)
		b.leave()
	case KindTypeVar, KindParamSpec, KindTypeVarTuple:
		b.bind(n, n, v.a)
		b.children(n)
	case KindListComp, KindSetComp, KindDictComp, KindGeneratorExp:
		b.comp(n)
	case KindNamedExpr:
		e := t.NamedExpr(n)
		b.visit(e.Value)
		s := b.scope
		for b.scopes[s].kind == CompScope {
			s = b.scopes[s].parent
		}
		if t.Kind(e.Target) == KindName {
			b.bindIn(s, e.Target, n, t.nodes[e.Target].a)
		}
	case KindGlobal, KindNonlocal:
		flag := symGlobal
		if v.kind == KindNonlocal {
			flag = symNonlocal
		}
		for _, name := range t.list(v.a, v.b) {
			if b.scope != 1 {
				b.symbols[b.declare(b.scope, int32(name))].flags |= flag
			}
		}
	case KindExceptHandler:
		h := t.ExceptHandler(n)
		b.visit(h.Type)
		if h.Name != "" {
			b.bind(n, n, v.a)
		}
		b.visitAll(h.Body)
	case KindMatchAs, KindMatchStar:
		b.visit(Node(v.a))
		if v.b != 0 {
			b.bind(n, b.stmt, v.b)
		}
	case KindMatchMapping:
		b.children(n)
		if v.a != 0 {
			b.bind(n, b.stmt, v.a)
		}
	case KindAssign:
		b.visit(Node(v.a))
		b.visitAll(t.Assign(n).Targets)
	case KindFor, KindAsyncFor:
		f := t.For(n)
		b.visit(f.Iter)
		b.visit(f.Target)
		b.visitAll(f.Body)
		b.visitAll(f.Orelse)
	case KindImport, KindImportFrom:
		b.importStmt(n)
	default:
		b.children(n)
	}
}

// function binds a name to a function and opens its scope.
func (b *binder) function(n Node) {
	t := b.tree
	f := t.FunctionDef(n)
	b.visitAll(f.Decorators)
	b.defaults(f.Args)
	b.bind(n, n, t.nodes[n].a)
	if len(f.TypeParams) > 0 {
		b.open(TypeScope, n)
		b.visitAll(f.TypeParams)
	}
	b.annotations(f.Args)
	b.visit(f.Returns)
	b.open(FunctionScope, n)
	b.params(f.Args, n)
	b.visitAll(f.Body)
	b.leave()
	if len(f.TypeParams) > 0 {
		b.leave()
	}
}

func (b *binder) class(n Node) {
	t := b.tree
	c := t.ClassDef(n)
	b.visitAll(c.Decorators)
	if len(c.TypeParams) > 0 {
		b.open(TypeScope, n)
		b.visitAll(c.TypeParams)
	}
	b.visitAll(c.Bases)
	b.visitAll(c.Keywords)
	b.open(ClassScope, n)
	b.visitAll(c.Body)
	b.leave()
	if len(c.TypeParams) > 0 {
		b.leave()
	}
	b.bind(n, n, t.nodes[n].a)
}

// defaults visits the defaults of parameters, which belong to the scope outside.
func (b *binder) defaults(args Node) {
	if args == 0 {
		return
	}
	a := b.tree.Arguments(args)
	b.visitAll(a.Defaults)
	b.visitAll(a.KwDefaults)
}

func (b *binder) annotations(args Node) {
	b.eachParam(args, func(arg Node) { b.visit(b.tree.Arg(arg).Annotation) })
}

// params binds parameters.
func (b *binder) params(args, function Node) {
	b.eachParam(args, func(arg Node) {
		if name := b.tree.nodes[arg].a; name != 0 {
			b.symbols[b.bind(arg, function, name)].flags |= symParam
		}
	})
}

func (b *binder) eachParam(args Node, f func(arg Node)) {
	if args == 0 {
		return
	}
	a := b.tree.Arguments(args)
	for i := range len(a.PosOnly) + len(a.Args) {
		f(a.Positional(i))
	}
	if a.Vararg != 0 {
		f(a.Vararg)
	}
	for _, k := range a.KwOnly {
		f(k)
	}
	if a.Kwarg != 0 {
		f(a.Kwarg)
	}
}

// comp opens the scope of a comprehension. Its first iterable is outside.
func (b *binder) comp(n Node) {
	t := b.tree
	c := t.Comp(n)
	if len(c.Generators) > 0 {
		b.visit(t.Comprehension(c.Generators[0]).Iter)
	}
	b.open(CompScope, n)
	stmt := b.stmt
	for i, g := range c.Generators {
		v := t.Comprehension(g)
		if i > 0 {
			b.visit(v.Iter)
		}
		b.stmt = g
		b.visit(v.Target)
		b.stmt = stmt
		b.visitAll(v.Ifs)
	}
	b.visit(c.Elt)
	b.visit(c.Value)
	b.leave()
}

// importStmt binds the names that an import makes.
func (b *binder) importStmt(n Node) {
	t := b.tree
	if t.Kind(n) == KindImport {
		for _, a := range t.List(n) {
			v := t.Alias(a)
			im := Import{Node: a, Stmt: n, Module: v.Name, Bound: v.AsName, As: v.AsName != ""}
			name := t.nodes[a].b
			if v.AsName == "" {
				first, _, dotted := strings.Cut(v.Name, ".")
				im.Bound = first
				name = t.nodes[a].a
				if dotted {
					name = int32(slices.Index(t.names, first))
				}
			}
			b.bindImport(a, n, name, im)
		}
		return
	}
	f := t.ImportFrom(n)
	module := b.module.Absolute(f.Level, f.Module)
	for _, a := range f.Names {
		v := t.Alias(a)
		im := Import{Node: a, Stmt: n, Module: module, Name: v.Name, Bound: v.AsName, From: true, As: v.AsName != ""}
		if v.Name == "*" {
			b.stars = append(b.stars, im)
			b.imports = append(b.imports, im)
			continue
		}
		name := t.nodes[a].b
		if v.AsName == "" {
			im.Bound = v.Name
			name = t.nodes[a].a
		}
		b.bindImport(a, n, name, im)
	}
}

func (b *binder) bindImport(alias, stmt Node, name int32, im Import) {
	b.imports = append(b.imports, im)
	b.bind(alias, stmt, name)
	b.defs[len(b.defs)-1].imp = int32(len(b.imports))
}
