package pyflow

import (
	"crypto/sha256"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/python"
)

// Program is the files of a program. Once all are added, any number of analyses may
// use it at the same time.
type Program struct {
	files  []*file
	byName map[string]*file
	byID   map[any]*file
	once   sync.Once
}

// file is what is known of a file before it is looked at.
type file struct {
	path    string
	name    string // dotted; the folder's name for __init__.py
	isPkg   bool
	id      any
	parse   func() *python.Tree
	exports func() *exports
}

// Add adds a file under its slash-separated path relative to the root of the program.
// parse gives its tree when it is needed, again and again the same. id is handed back
// in steps.
func (p *Program) Add(name string, parse func() *python.Tree, id any) {
	f := &file{path: name, id: id, parse: parse}
	dotted := strings.TrimSuffix(name, path.Ext(name))
	if path.Base(dotted) == "__init__" {
		f.isPkg = true
		dotted = path.Dir(dotted)
	}
	f.name = strings.ReplaceAll(dotted, "/", ".")
	f.exports = sync.OnceValue(func() *exports {
		e := &exports{names: map[string]bool{}}
		e.collect(f, f.parse(), f.parse().Body())
		return e
	})
	p.files = append(p.files, f)
}

// link finds the names under which modules import each other: relative to every
// folder that is no package itself.
func (p *Program) link() {
	p.once.Do(func() {
		p.byName, p.byID = map[string]*file{}, map[any]*file{}
		slices.SortFunc(p.files, func(x, y *file) int { return strings.Compare(x.path, y.path) })
		packages := map[string]bool{}
		for _, f := range p.files {
			p.byID[f.id] = f
			if f.isPkg {
				packages[f.name] = true
			}
		}
		for _, f := range p.files {
			name := f.name
			p.register(name, f)
			// src/app/x.py is app.x, tools/run.py is run: the longest chain of packages
			// above a file begins its name.
			parts := strings.Split(name, ".")
			for i := len(parts) - 1; i > 0; i-- {
				if !packages[strings.Join(parts[:i], ".")] {
					p.register(strings.Join(parts[i:], "."), f)
					break
				}
			}
			// Namespace packages have no __init__.py: src/app/x.py as app.x.
			for i := 1; i < len(parts) && i < 4; i++ {
				p.register(strings.Join(parts[i:], "."), f)
			}
		}
	})
}

func (p *Program) register(name string, f *file) {
	if _, taken := p.byName[name]; !taken && name != "" {
		p.byName[name] = f
	}
}

// module is what this analysis knows of a file.
func (a *Analysis) module(f *file) *module {
	m := a.modules[f]
	if m == nil {
		m = &module{file: f}
		a.modules[f] = m
	}
	return m
}

// find returns a module of the program by its dotted name, which may not be loaded yet.
func (a *Analysis) find(name string) *module {
	a.asked[name] = true
	f := a.program.byName[name]
	if f == nil {
		return nil
	}
	return a.module(f)
}

// Limit bounds the cost of what the files that are looked at use of others, as
// [Analysis.Foreign] counts it. An analysis that is over it stops, and what it has found
// is of no use.
func (a *Analysis) Limit(foreign int) { a.most = foreign }

// Over reports whether an analysis was stopped by its limit.
func (a *Analysis) Over() bool { return a.most > 0 && a.foreign > a.most }

// Foreign is what other files than those that were looked at have cost so far, in
// expressions interpreted and values translated: the same in every run.
func (a *Analysis) Foreign() int { return a.foreign }

// spend counts the cost of looking at a module.
func (a *Analysis) spend(m *module) {
	if a.total++; !m.mine {
		a.foreign++
	}
}

// Uses is what of a program the result of an analysis depends on, apart from the
// files that it was about: as long as it stays the same, so does the result.
type Uses struct {
	Loaded []any    // files whose text counts
	Named  []any    // files of which only the names count that they bind; see [Program.Names]
	Sought []string // the names that were looked for in them
	Asked  []string // dotted names that were looked for; see [Program.Find]
}

// Uses returns what an analysis that ran depends on, in the order of the paths.
func (a *Analysis) Uses() Uses {
	u := Uses{Asked: slices.Sorted(maps.Keys(a.asked))}
	sought := map[string]bool{}
	for k := range a.bound {
		sought[k.name] = true
	}
	u.Sought = slices.Sorted(maps.Keys(sought))
	for _, f := range a.program.files {
		switch m := a.modules[f]; {
		case m != nil && m.started:
			u.Loaded = append(u.Loaded, f.id)
		case a.named[f]:
			u.Named = append(u.Named, f.id)
		}
	}
	return u
}

// Find returns the file that a dotted name means; nil where the program has none.
func (p *Program) Find(name string) any {
	p.link()
	if f := p.byName[name]; f != nil {
		return f.id
	}
	return nil
}

// Names is the digest of those of some names, in order, that the text of a file binds,
// and of the modules from which it imports with a star. id is what [Program.Add] was given.
func (p *Program) Names(id any, sought []string) [sha256.Size]byte {
	p.link()
	if f := p.byID[id]; f != nil {
		return f.exports().digest(sought)
	}
	return [sha256.Size]byte{}
}
