package python

import "strings"

// ModuleInfo says which module a file is.
type ModuleInfo struct {
	Name    string // dotted: "pkg.sub.mod"; for pkg/sub/__init__.py "pkg.sub"
	Package bool   // an __init__.py
}

// Absolute returns the full name of a module that an import with level leading dots
// names in m. A level that leads out of the package leaves the dots in front.
func (m ModuleInfo) Absolute(level int, module string) string {
	if level == 0 {
		return module
	}
	base := m.Name
	up := level
	if m.Package {
		up--
	}
	for ; up > 0 && base != ""; up-- {
		i := strings.LastIndexByte(base, '.')
		base = base[:max(i, 0)]
	}
	switch {
	case base == "":
		return strings.Repeat(".", level) + module
	case module == "":
		return base
	}
	return base + "." + module
}

// Import is one name that an import statement brings.
type Import struct {
	Node   Node   // alias
	Stmt   Node   // Import or ImportFrom
	Module string // absolute; with leading dots where the package is not known
	Name   string // of from Module import Name, "*" for all
	Bound  string // the variable; "" for a star import
	From   bool
	As     bool // renamed by as
}

// Target returns what the variable of an import stands for: "torch.load" of from
// torch import load, "os" of import os.path, "a.b" of import a.b as c.
func (i Import) Target() string {
	switch {
	case !i.From && i.As:
		return i.Module
	case !i.From:
		return i.Bound
	case strings.HasSuffix(i.Module, ".") || i.Module == "":
		return i.Module + i.Name
	}
	return i.Module + "." + i.Name
}

// Imports returns all imports of a file, also those inside functions.
func (b *Bindings) Imports() []Import { return b.imports }

// StarImports returns the imports of everything: from x import *.
func (b *Bindings) StarImports() []Import { return b.stars }
