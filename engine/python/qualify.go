package python

import (
	"slices"
	"strings"
)

// Bounds of name resolution.
const (
	maxQualified = 8 // names that an expression can have
	maxAlias     = 8 // assignments followed: a = b; c = a
	maxSteps     = 256
)

// Qualified returns the full names that an expression can stand for: "torch.load"
// of t.load after import torch as t, or of L after from torch import load as L.
//
// There are several where branches bind a name differently, as in try: import a
// except: import b as a. A function or class of the file itself has the name of its
// module in front ("pkg.mod.Class.method"), for a script only its own. A name that
// nothing binds is a builtin ("builtins.eval") or, after star imports, may come from
// them: these come first. Variables that are bound once to such an expression are
// followed, and so are getattr with a constant, __import__ and
// importlib.import_module. There is none for values: results of calls, parameters.
func (b *Bindings) Qualified(n Node) []string {
	q := qualifier{b: b}
	q.expr(n, "", 0)
	return q.names
}

// QualifiedAs reports whether name is among the full names of an expression.
func (b *Bindings) QualifiedAs(n Node, name string) bool {
	return slices.Contains(b.Qualified(n), name)
}

// QualifiedName returns the full name of a function or class where it is defined.
func (b *Bindings) QualifiedName(def Node) string {
	return b.symbolPath(b.ref[def])
}

type qualifier struct {
	b     *Bindings
	names []string
	steps int
}

func (q *qualifier) add(name, suffix string) {
	if len(q.names) < maxQualified && !slices.Contains(q.names, name+suffix) {
		q.names = append(q.names, name+suffix)
	}
}

// expr adds the names of an expression with a suffix of attributes.
func (q *qualifier) expr(n Node, suffix string, followed int) {
	t := q.b.tree
	for n != 0 && q.steps < maxSteps {
		q.steps++
		switch t.Kind(n) {
		case KindAttribute:
			n, suffix = q.attributes(n, suffix)
		case KindName:
			q.name(n, suffix, followed)
			return
		case KindNamedExpr:
			n = t.NamedExpr(n).Value
		case KindIfExp:
			e := t.IfExp(n)
			if followed < maxAlias {
				q.expr(e.Body, suffix, followed+1)
				q.expr(e.Orelse, suffix, followed+1)
			}
			return
		case KindCall:
			value, attr, ok := q.dynamic(n, followed)
			if !ok {
				return
			}
			if value == 0 {
				q.add(attr, suffix)
				return
			}
			n, suffix = value, "."+attr+suffix
		default:
			return
		}
	}
}

// attributes goes down a chain of attributes and returns what is below it, and the
// attributes in front of suffix.
func (q *qualifier) attributes(n Node, suffix string) (Node, string) {
	t := q.b.tree
	top, size := n, 0
	for t.Kind(n) == KindAttribute && q.steps < maxSteps {
		q.steps++
		v := &t.nodes[n]
		n, size = Node(v.a), size+1+len(t.names[v.b])
	}
	// Without spaces or brackets in between, the chain is what the source has.
	if text := t.src[t.End(n):t.End(top)]; len(text) == size && text[0] == '.' {
		return n, text + suffix
	}
	var chain []string
	for x := top; x != n; {
		a := t.Attribute(x)
		chain = append(chain, a.Attr)
		x = a.Value
	}
	slices.Reverse(chain)
	return n, "." + strings.Join(chain, ".") + suffix
}

// dynamic reads getattr(value, "attr") and __import__("module"), for which value is 0.
func (q *qualifier) dynamic(n Node, followed int) (value Node, name string, ok bool) {
	b, t := q.b, q.b.tree
	c := t.Call(n)
	if len(c.Args) == 0 || followed > maxAlias {
		return 0, "", false
	}
	switch t.Kind(c.Func) {
	case KindName:
		if k := t.Name(c.Func); k != "getattr" && k != "__import__" && k != "import_module" {
			return 0, "", false
		}
	case KindAttribute:
		if t.Attribute(c.Func).Attr != "import_module" {
			return 0, "", false
		}
	default:
		return 0, "", false
	}
	f := qualifier{b: b, steps: q.steps}
	f.expr(c.Func, "", followed+1)
	q.steps = f.steps
	if len(f.names) != 1 {
		return 0, "", false
	}
	switch f.names[0] {
	case "builtins.getattr":
		if len(c.Args) >= 2 {
			if s, ok := b.String(c.Args[1]); ok && s != "" {
				return c.Args[0], s, true
			}
		}
	case "builtins.__import__", "importlib.import_module":
		if s, ok := b.String(c.Args[0]); ok && s != "" && s[0] != '.' {
			if f.names[0] == "builtins.__import__" {
				s, _, _ = strings.Cut(s, ".")
			}
			return 0, s, true
		}
	}
	return 0, "", false
}

func (q *qualifier) name(n Node, suffix string, followed int) {
	b := q.b
	s := b.ref[n]
	if s == 0 {
		name := b.tree.Name(n)
		for _, im := range b.stars {
			q.add(im.Module+"."+name, suffix)
		}
		q.add("builtins."+name, suffix)
		return
	}
	q.symbol(s, suffix, followed)
}

// symbol adds what the definitions of a variable stand for.
func (q *qualifier) symbol(s Symbol, suffix string, followed int) {
	b, t := q.b, q.b.tree
	only := b.symbols[s].first == b.symbols[s].last
	for i := b.symbols[s].first; i != 0; i = b.defs[i].next {
		if q.steps++; q.steps > maxSteps {
			return
		}
		d := &b.defs[i]
		if d.imp > 0 {
			q.add(b.imports[d.imp-1].Target(), suffix)
			continue
		}
		switch t.Kind(d.Node) {
		case KindFunctionDef, KindAsyncFunctionDef, KindClassDef:
			q.add(b.symbolPath(s), suffix)
		case KindName:
			// A variable assigned once is followed; of several assignments, those
			// that name something in the simplest way are.
			v := assigned(t, d.Def)
			if v == 0 || followed >= maxAlias {
				continue
			}
			if k := t.Kind(v); only || k == KindName || k == KindAttribute {
				if t.Kind(v) == KindName && b.ref[v] == s {
					continue
				}
				q.expr(v, suffix, followed+1)
			}
		}
	}
}

// assigned returns the value that a definition gives to its name by NAME = value, or
// 0 where it is taken apart, changed or iterated.
func assigned(t *Tree, d Def) Node {
	switch t.Kind(d.Stmt) {
	case KindAssign:
		a := t.Assign(d.Stmt)
		if slices.Contains(a.Targets, d.Node) {
			return a.Value
		}
	case KindAnnAssign:
		if a := t.AnnAssign(d.Stmt); a.Target == d.Node {
			return a.Value
		}
	case KindNamedExpr:
		return t.NamedExpr(d.Stmt).Value
	}
	return 0
}

// Assigned returns the value that a definition gives to its name: of NAME = value,
// NAME: T = value and NAME := value. 0 where the name is bound in another way.
func (b *Bindings) Assigned(d Def) Node { return assigned(b.tree, d) }

// symbolPath returns module, classes and functions around a variable, and its name.
func (b *Bindings) symbolPath(s Symbol) string {
	if s == 0 {
		return ""
	}
	v := &b.symbols[s]
	path := b.tree.names[v.name]
	for sc := v.scope; sc > 1; sc = b.scopes[sc].parent {
		if k := b.scopes[sc].kind; k == ClassScope || k == FunctionScope {
			name := b.tree.Name(b.scopes[sc].node)
			if name == "" {
				name = "<lambda>"
			}
			path = name + "." + path
		}
	}
	if b.module.Name != "" {
		path = b.module.Name + "." + path
	}
	return path
}
