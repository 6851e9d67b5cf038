package python

import (
	"path"
	"slices"
	"strings"
)

// maxHops bounds how many re-exports are followed.
const maxHops = 16

// Project knows which file is which module, and follows imports between files. Fill
// it with [Project.Bind] first; then several goroutines may ask.
type Project struct {
	paths    map[string]ModuleInfo
	byName   map[string][]string // every dotted name that a path ends with, to paths
	bindings map[string]*Bindings
}

// NewProject makes a project of the .py and .pyi files with these paths, which have
// slashes and are relative to one root.
//
// The name of a module is made of the folders above it that have an __init__.py. As
// scripts, namespace packages and src folders have other names at run time, a file
// is also found by any part of its path: src/a/b.py as b, a.b and src.a.b.
func NewProject(paths []string) *Project {
	p := &Project{
		paths:    make(map[string]ModuleInfo, len(paths)),
		byName:   make(map[string][]string, 2*len(paths)),
		bindings: make(map[string]*Bindings, len(paths)),
	}
	packages := map[string]bool{}
	for _, f := range paths {
		if base := path.Base(f); base == "__init__.py" || base == "__init__.pyi" {
			packages[path.Dir(f)] = true
		}
	}
	sorted := slices.Clone(paths)
	slices.Sort(sorted)
	for _, f := range sorted {
		stem, ok := moduleStem(f)
		if !ok {
			continue
		}
		info := ModuleInfo{Name: path.Base(stem), Package: path.Base(stem) == "__init__"}
		dir := path.Dir(stem)
		if info.Package {
			info.Name = path.Base(dir)
			stem, dir = dir, path.Dir(dir)
		}
		if info.Name == "." {
			info.Name = ""
		}
		for ; packages[dir] && dir != "."; dir = path.Dir(dir) {
			info.Name = path.Base(dir) + "." + info.Name
		}
		p.paths[f] = info
		name := strings.ReplaceAll(stem, "/", ".")
		for {
			p.byName[name] = append(p.byName[name], f)
			_, rest, more := strings.Cut(name, ".")
			if !more {
				break
			}
			name = rest
		}
	}
	return p
}

func moduleStem(f string) (string, bool) {
	if s, ok := strings.CutSuffix(f, ".py"); ok {
		return s, true
	}
	return strings.CutSuffix(f, ".pyi")
}

// Module returns which module a file is.
func (p *Project) Module(file string) ModuleInfo { return p.paths[file] }

// Bind enters the bindings of a file, made with its [Project.Module].
func (p *Project) Bind(file string, b *Bindings) { p.bindings[file] = b }

// Bindings returns the bindings of a file, nil if it has none.
func (p *Project) Bindings(file string) *Bindings { return p.bindings[file] }

// Find returns the file of a module, as seen from another file: of several with that
// name, the one in the same tree of packages, else the nearest. A module that is in
// no file of the project has none.
func (p *Project) Find(module, from string) (file string, ok bool) {
	best := -1
	for _, f := range p.byName[module] {
		score := 2 * shared(f, from)
		if p.paths[f].Name == module {
			score += 1 << 20
		}
		if strings.HasSuffix(f, ".py") {
			score++ // before a stub
		}
		if score > best {
			file, best = f, score
		}
	}
	return file, best >= 0
}

// shared counts the folders that two paths have in common.
func shared(a, b string) int {
	n := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			n++
		}
	}
	return n
}

// Definition is where a full name leads.
type Definition struct {
	File     string
	Bindings *Bindings
	Symbol   Symbol // 0 for the module itself
	Rest     string // attributes that are left: "method" of pkg.Class.method
}

// Resolve follows a full name, as [Bindings.Qualified] gives it, through modules and
// re-exports (from .a import b in an __init__.py, star imports, aliases) to the file
// and variable that define it. from is the file that uses the name.
func (p *Project) Resolve(name, from string) (Definition, bool) {
	return p.resolve(name, from, map[string]bool{})
}

func (p *Project) resolve(name, from string, seen map[string]bool) (Definition, bool) {
	if len(seen) >= maxHops || seen[name] {
		return Definition{}, false
	}
	seen[name] = true
	// The longest prefix that is a module.
	module, rest := name, ""
	for {
		if file, ok := p.Find(module, from); ok {
			return p.inside(file, module, rest, seen)
		}
		i := strings.LastIndexByte(module, '.')
		if i <= 0 {
			return Definition{}, false
		}
		module, rest = module[:i], strings.TrimSuffix(module[i+1:]+"."+rest, ".")
	}
}

// inside finds an attribute of a module.
func (p *Project) inside(file, module, rest string, seen map[string]bool) (Definition, bool) {
	b := p.bindings[file]
	d := Definition{File: file, Bindings: b, Rest: rest}
	if rest == "" || b == nil {
		return d, rest == ""
	}
	first, after, _ := strings.Cut(rest, ".")
	s := b.Local(1, first)
	if s == 0 {
		for _, im := range b.stars {
			if target, ok := p.resolve(im.Module+"."+rest, file, seen); ok {
				return target, true
			}
		}
		return Definition{}, false
	}
	q := qualifier{b: b}
	q.symbol(s, "", 0)
	d.Symbol, d.Rest = s, after
	own := module + "." + first
	for _, name := range q.names {
		if name == own || name == b.symbolPath(s) {
			return d, true
		}
	}
	for _, name := range q.names {
		if after != "" {
			name += "." + after
		}
		if target, ok := p.resolve(name, file, seen); ok {
			return target, true
		}
	}
	return d, true
}
