// Package python reads Python: a tokenizer and a parser for Python 3.8 to 3.14, and
// for Python 2 as far as it goes. It knows what a program says and has no opinion
// about it.
//
// [Parse] makes a [Tree] of a file. It always does: a statement that is not Python
// becomes a node of kind [KindBad], everything around it is kept, and
// [Tree.Errors] says what is missing. Trees are those of CPython's ast module, with
// its names of nodes and fields and its positions; 3.14 decides where versions
// differ.
//
// A [Node] is an index into its tree, and 0 is "none". What a node is made of is
// given by a view, one method for each kind:
//
//	t := python.Parse(src)
//	t.Walk(t.Module(), func(n python.Node) bool {
//		switch t.Kind(n) {
//		case python.KindFunctionDef, python.KindAsyncFunctionDef:
//			f := t.FunctionDef(n)
//			fmt.Println("def", f.Name, "in line", t.Line(n))
//		case python.KindCall:
//			c := t.Call(n)
//			if t.IsName(c.Func, "eval") && len(c.Args) > 0 {
//				if s, ok := t.String(c.Args[0]); ok {
//					fmt.Printf("eval(%q)\n", s)
//				}
//			}
//			for _, k := range c.Keywords {
//				fmt.Println(t.Keyword(k).Name) // "" for **kwargs
//			}
//		}
//		return true // false: leave out what is below n
//	})
//
// Views hold slices of the tree: nothing is allocated, nothing may be changed. A
// view of the wrong kind panics. Kinds with a single child or a single list have no
// view: see [Tree.Value] and [Tree.List]. [Tree.Block] is the body of anything that
// has one. A slice indexed by Node has the length [Tree.Len].
//
// Blocks are at most 100 deep, brackets 200. Chains such as a + b + c, x.y.z() or
// elif make trees that are up to 20,000 nodes deep without brackets: a function
// that recurses into expressions is fine in Go, whose stacks grow, and
// [Tree.Walk] does not recurse.
//
// [Resolve] finds out what names mean in one file: scopes, variables, imports,
// constants, and the full names of expressions. [Project] follows them between
// files. With the tree of
//
//	import torch as t
//	from torch import load as L
//	def f(path): return L(path) if path else t.load("a" + ".pt")
//
//	b := python.Resolve(tree, python.ModuleInfo{Name: "pkg.mod"})
//	b.Qualified(c.Func)   // "torch.load" for both calls
//	b.String(c.Args[0])   // "a.pt" for the second, not constant for the first
//	b.Ref(c.Args[0])      // a Symbol of which b.IsParam is true, for the first
//	b.Parts(n)            // "SELECT " and x, of "SELECT " + x and its relatives
//
// Offsets are bytes of [Tree.Source], which is UTF-8 whatever the file was, and
// [Tree.Position] turns them into lines and columns.
package python
