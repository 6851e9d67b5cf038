// Package parity finds the places in a Python file that Bandit 1.9.4 reports, by its
// ids B101 to B704, so that a team can change tools and see the same list.
//
// Like Bandit it looks at one file at a time and at names as they are written: import
// aliases are resolved, data is not followed. Where Bandit is easily fooled or too
// eager, so is this package; rules with a mind of their own are those of package sast.
// What each id looks for is in Bandit's documentation
// (https://bandit.readthedocs.io/en/1.9.4/plugins/); that both agree is measured by
// bench/python/bandit.py.
package parity

import (
	"cmp"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// Hit is a place that Bandit reports.
type Hit struct {
	ID          string
	Start, End  int // what it is about, by offsets into the text; the line of Start is Bandit's
	First, Last int // the lines, counted from 1, in which a comment # nosec counts
}

// IDs lists every id that is looked for, in order.
func IDs() []string {
	var ids []string
	for _, c := range callChecks {
		ids = append(ids, c.id)
	}
	ids = append(ids, otherIDs...)
	for _, c := range slices.Concat(bannedCalls(), bannedImports()) {
		ids = append(ids, c.id)
	}
	slices.Sort(ids)
	return ids
}

// otherIDs are looked for in what is no call.
var otherIDs = []string{"B101", "B104", "B105", "B107", "B108", "B110", "B112", "B503", "B608", "B613"}

// Find returns the places of one file in the order of its text. No line has two of one
// id.
func Find(t *python.Tree) []Hit {
	v := &visit{t: t, parents: t.Parents(), aliases: map[string]string{}, budget: 20*t.Len() + 1000}
	v.hidden()
	t.Walk(t.Module(), func(n python.Node) bool {
		v.node(n)
		return true
	})
	slices.SortStableFunc(v.hits, func(a, b Hit) int {
		return cmp.Or(line(t, a.Start)-line(t, b.Start), strings.Compare(a.ID, b.ID), a.Start-b.Start)
	})
	return slices.CompactFunc(v.hits, func(a, b Hit) bool { return a.ID == b.ID && line(t, a.Start) == line(t, b.Start) })
}

// visit is the state of one pass through a file.
type visit struct {
	t       *python.Tree
	parents []python.Node
	aliases map[string]string // names that imports bound so far, anywhere in the file
	imports []string          // what was imported so far
	hits    []Hit
	budget  int // nodes that may still be looked at twice
}

// hit reports a node. Comments count in the lines of the whole expression or statement.
func (v *visit) hit(id string, n, whole python.Node) {
	h := Hit{id, v.t.Start(n), v.t.End(n), line(v.t, v.t.Start(whole)), line(v.t, v.t.End(whole))}
	if v.t.Kind(n) == python.KindFunctionDef {
		h.End = h.Start + len("def") // the body is not what it is about
	}
	v.hits = append(v.hits, h)
}

func line(t *python.Tree, offset int) int {
	l, _ := t.Position(offset)
	return l
}

func (v *visit) node(n python.Node) {
	t := v.t
	switch t.Kind(n) {
	case python.KindImport, python.KindImportFrom:
		v.bind(n)
		v.bannedImport(n)
	case python.KindCall:
		v.call(n)
	case python.KindAssert:
		v.hit("B101", n, n)
	case python.KindExceptHandler:
		v.handler(n)
	case python.KindFunctionDef:
		v.defaults(n)
	case python.KindConstant:
		if s, ok := v.str(n); ok && t.Kind(v.parents[n]) != python.KindExpr {
			v.text(n, s)
		}
	}
}

// bind notes what an import brings in. Levels of relative imports are not looked at.
func (v *visit) bind(n python.Node) {
	t := v.t
	names, prefix := t.List(n), ""
	if t.Kind(n) == python.KindImportFrom {
		d := t.ImportFrom(n)
		names = d.Names
		if d.Module != "" {
			prefix = d.Module + "."
		}
	}
	for _, a := range names {
		alias := t.Alias(a)
		whole := prefix + alias.Name
		v.imports = append(v.imports, whole)
		switch {
		case alias.AsName != "":
			v.aliases[alias.AsName] = whole
		case prefix != "":
			v.aliases[alias.Name] = whole
		}
	}
}

// imported reports whether exactly this was imported.
func (v *visit) imported(name string) bool { return slices.Contains(v.imports, name) }

// importedLike reports whether something was imported whose name contains the text.
func (v *visit) importedLike(part string) bool {
	return slices.ContainsFunc(v.imports, func(m string) bool { return strings.Contains(m, part) })
}

// qualified is the dotted name of what is called or read, with imports resolved; what
// is no name counts as "".
func (v *visit) qualified(n python.Node) string {
	var attrs []string
	for v.t.Kind(n) == python.KindAttribute {
		a := v.t.Attribute(n)
		attrs, n = append(attrs, a.Attr), a.Value
	}
	name := ""
	if v.t.Kind(n) == python.KindName {
		name = v.alias(v.t.Name(n))
	}
	for _, a := range slices.Backward(attrs) {
		name = v.alias(name + "." + a)
	}
	return name
}

func (v *visit) alias(name string) string {
	if whole, ok := v.aliases[name]; ok {
		return whole
	}
	return name
}

// str is the text of a constant string.
func (v *visit) str(n python.Node) (string, bool) {
	if n == 0 || v.t.Kind(n) != python.KindConstant || v.t.Const(n) != python.ConstStr {
		return "", false
	}
	return v.t.String(n)
}

func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func first(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return name
}
