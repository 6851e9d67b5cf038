package python

// Scope is a namespace of a file: 1 is the module, 0 is none.
type Scope int32

// ScopeKind says what opens a scope.
type ScopeKind uint8

// The kinds of scopes.
const (
	ModuleScope   ScopeKind = iota
	FunctionScope           // of a function or lambda
	ClassScope
	CompScope // of a comprehension or generator
	TypeScope // of type parameters, around the function, class or alias that has them
)

// Symbol is a variable: a name in the scope that it belongs to. 0 is none, such as a
// builtin.
type Symbol int32

// Def is a place that binds a variable.
type Def struct {
	// Node is what carries the name: Name, arg, alias, FunctionDef, ClassDef,
	// ExceptHandler, a pattern or a type parameter.
	Node Node
	// Stmt is what binds it: the statement, or the NamedExpr, comprehension,
	// withitem, match_case or ExceptHandler inside it; for an arg, the function.
	Stmt Node
}

// Bindings are the scopes and variables of a file. They are immutable.
type Bindings struct {
	tree    *Tree
	module  ModuleInfo
	scopes  []scope
	symbols []symbol
	defs    []def
	ref     []Symbol // by node
	opened  map[Node]Scope
	index   map[symbolKey]Symbol
	imports []Import
	idents  func() map[string]int32 // numbers of identifiers
	stars   []Import
}

type scope struct {
	kind   ScopeKind
	node   Node
	parent Scope
	first  Symbol // the symbols of a scope are a list
}

type symbol struct {
	name        int32
	scope       Scope
	next        Symbol // of the same scope
	first, last int32  // defs
	flags       uint8
}

type def struct {
	Def
	next int32
	imp  int32 // one more than the index of the import
}

type symbolKey struct {
	scope Scope
	name  int32
}

// Flags of symbols.
const (
	symParam uint8 = 1 << iota
	symGlobal
	symNonlocal
	symDeleted
	symRebound // bound by a global or nonlocal statement of another scope
)

// Tree returns the tree.
func (b *Bindings) Tree() *Tree { return b.tree }

// Module returns what [Resolve] was told about the module.
func (b *Bindings) Module() ModuleInfo { return b.module }

// Opened returns the scope that a node opens: a Module, function, class, lambda or
// comprehension. For a function, class or alias with type parameters it is the one
// of its body. 0 for other nodes.
func (b *Bindings) Opened(n Node) Scope { return b.opened[n] }

// ScopeKind returns the kind of a scope.
func (b *Bindings) ScopeKind(s Scope) ScopeKind { return b.scopes[s].kind }

// ScopeNode returns the node that opens a scope.
func (b *Bindings) ScopeNode(s Scope) Node { return b.scopes[s].node }

// Parent returns the scope around a scope, 0 for the module.
func (b *Bindings) Parent(s Scope) Scope { return b.scopes[s].parent }

// Ref returns the variable that a node names: a Name, arg, alias, function, class,
// handler, pattern or type parameter. 0 for names that nothing in the file binds,
// such as builtins.
func (b *Bindings) Ref(n Node) Symbol { return b.ref[n] }

// SymbolName returns the name of a variable.
func (b *Bindings) SymbolName(s Symbol) string { return b.tree.names[b.symbols[s].name] }

// SymbolScope returns the scope that a variable belongs to.
func (b *Bindings) SymbolScope(s Symbol) Scope { return b.symbols[s].scope }

// Symbols returns the variables of a scope in the order of their first binding.
func (b *Bindings) Symbols(s Scope) []Symbol {
	var l []Symbol
	for x := b.scopes[s].first; x != 0; x = b.symbols[x].next {
		l = append(l, x)
	}
	for i, j := 0, len(l)-1; i < j; i, j = i+1, j-1 {
		l[i], l[j] = l[j], l[i]
	}
	return l
}

// SymbolCount returns one more than the largest Symbol.
func (b *Bindings) SymbolCount() int { return len(b.symbols) }

// Defs returns the places that bind a variable, in the order of the text.
func (b *Bindings) Defs(s Symbol) []Def {
	var l []Def
	for i := b.symbols[s].first; i != 0; i = b.defs[i].next {
		l = append(l, b.defs[i].Def)
	}
	return l
}

// OnlyDef returns the one place that binds a variable; ok is false where there are
// several or none.
func (b *Bindings) OnlyDef(s Symbol) (d Def, ok bool) {
	v := &b.symbols[s]
	if s == 0 || v.first == 0 || v.first != v.last || v.flags&symDeleted != 0 {
		return Def{}, false
	}
	return b.defs[v.first].Def, true
}

// IsParam reports whether a variable is a parameter.
func (b *Bindings) IsParam(s Symbol) bool { return b.symbols[s].flags&symParam != 0 }

// IsRebound reports whether a function other than the variable's own binds it by
// global or nonlocal.
func (b *Bindings) IsRebound(s Symbol) bool { return b.symbols[s].flags&symRebound != 0 }

// Local returns the variable of that name in a scope itself, or 0.
func (b *Bindings) Local(s Scope, name string) Symbol {
	id := b.idents()[name]
	if id == 0 {
		return 0
	}
	x := b.index[symbolKey{s, id}]
	if x != 0 && b.symbols[x].flags&(symGlobal|symNonlocal) != 0 {
		return 0
	}
	return x
}

// Lookup returns the variable that a name means in a scope, by Python's rules: own
// scope, functions around it, module. 0 where it can only be a builtin.
func (b *Bindings) Lookup(s Scope, name string) Symbol {
	id := b.idents()[name]
	if id == 0 {
		return 0
	}
	return b.lookup(s, id)
}

func (b *Bindings) lookup(s Scope, name int32) Symbol {
	for own := true; s != 0; s = b.scopes[s].parent {
		v := &b.scopes[s]
		if v.kind == ClassScope && !own {
			continue
		}
		// Type parameters see the names of a class directly around them.
		own = own && v.kind == TypeScope
		x := b.index[symbolKey{s, name}]
		if x == 0 {
			continue
		}
		switch f := b.symbols[x].flags; {
		case f&symGlobal != 0:
			return b.index[symbolKey{1, name}]
		case f&symNonlocal == 0:
			return x
		}
	}
	return 0
}
