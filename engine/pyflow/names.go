package pyflow

import (
	"crypto/sha256"
	"io"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// base is the full name of the module that a statement imports from.
func (f *file) base(d python.ImportFrom) string {
	if d.Level == 0 {
		return d.Module
	}
	pkg := f.name
	up := d.Level
	if f.isPkg {
		up--
	}
	for ; up > 0; up-- {
		i := strings.LastIndexByte(pkg, '.')
		if i < 0 {
			pkg = ""
			break
		}
		pkg = pkg[:i]
	}
	return strings.Trim(pkg+"."+d.Module, ".")
}

// exports are the names that the text of a module binds, and the modules from which it
// imports with a star.
type exports struct {
	names map[string]bool
	stars []string
}

// maxStars bounds modules that import each other with stars, one from the other.
const maxStars = 8

// digest names everything that counts of the names for whoever looks for some of them.
func (e *exports) digest(sought []string) [sha256.Size]byte {
	h := sha256.New()
	for _, n := range sought {
		if e.names[n] {
			io.WriteString(h, n+"\n")
		}
	}
	for _, s := range e.stars {
		io.WriteString(h, "*"+s+"\n")
	}
	return [sha256.Size]byte(h.Sum(nil))
}

type nameKey struct {
	mod  *module
	name string
}

// binds reports whether a module may have a name, without loading it.
func (a *Analysis) binds(m *module, name string) bool {
	k := nameKey{m, name}
	known, ok := a.bound[k]
	if !ok {
		known = a.bindsTo(m, name, 0)
		a.bound[k] = known
	}
	return known
}

func (a *Analysis) bindsTo(m *module, name string, depth int) bool {
	e := m.exports()
	a.named[m.file] = true
	if e.names[name] {
		return true
	}
	for _, s := range e.stars {
		if from := a.find(s); from != nil && from != m && depth < maxStars && a.bindsTo(from, name, depth+1) {
			return true
		}
	}
	return false
}

// collect notes the names that statements bind, outside functions and classes.
func (e *exports) collect(f *file, t *python.Tree, body []python.Node) {
	for _, n := range body {
		switch t.Kind(n) {
		case python.KindFunctionDef, python.KindAsyncFunctionDef:
			e.names[t.FunctionDef(n).Name] = true
		case python.KindClassDef:
			e.names[t.ClassDef(n).Name] = true
		case python.KindImport:
			for _, al := range t.List(n) {
				e.add(t.Alias(al))
			}
		case python.KindImportFrom:
			d := t.ImportFrom(n)
			for _, al := range d.Names {
				if a := t.Alias(al); a.Name == "*" {
					e.stars = append(e.stars, f.base(d))
				} else {
					e.add(a)
				}
			}
		default:
			t.Walk(n, func(n python.Node) bool {
				switch t.Kind(n) {
				case python.KindName:
					if t.Context(n) == python.Store {
						e.names[t.Name(n)] = true
					}
				case python.KindFunctionDef, python.KindAsyncFunctionDef, python.KindClassDef, python.KindImport, python.KindImportFrom:
					e.collect(f, t, []python.Node{n})
					return false
				case python.KindLambda:
					return false
				}
				return true
			})
		}
	}
}

func (e *exports) add(a python.Alias) {
	name := a.AsName
	if name == "" {
		name, _, _ = strings.Cut(a.Name, ".")
	}
	e.names[name] = true
}
