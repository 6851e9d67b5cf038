package pyflow

import (
	"path"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// Analysis is one program. Add every file, then Run.
type Analysis struct {
	spec    *Spec
	visit   Visitor
	modules map[string]*module // by dotted name
	list    []*module          // in the order of their paths
	byNode  map[fnKey]*function
	funcs   []*function // in the order in which they were seen
	queue   []*function
	queued  map[*function]bool
	rounds  map[*function]int
	sources map[fnKey]*Source
	seen    map[hitKey]bool
	waiting map[readerKey]*[]*function
	things  map[thingKey]*thing
	bound   map[nameKey]bool
	nested  int
	work    int // calls applied so far
	budget  int // calls that may be applied before the current function is left
	total   int // statements and expressions interpreted, values translated: the cost
}

type fnKey struct {
	mod  *module
	node python.Node
}

type readerKey struct {
	holder any // *class or *module
	name   string
}

// Visitor hears what an analysis finds. The same place may be reported more than
// once, with the same words.
type Visitor interface {
	// Flow is data of a source that reaches a sink.
	Flow(Flow)
	// Call is every call of something outside the project whose name is known.
	Call(Site)
}

// Flow is a path from a source to a sink.
type Flow struct {
	Source Source
	Sink   Sink
	Callee string // name of what is called
	Weak   bool   // through something unknown on the way, or a sink known by its name only
	Steps  []Step // from source to sink
}

// Step is a place in a file.
type Step struct {
	File any // as given to [Analysis.Add]
	Tree *python.Tree
	Node python.Node
	Note string
}

// module is a file.
type module struct {
	name    string // dotted; the folder's name for __init__.py
	path    string
	isPkg   bool
	file    any
	tree    *python.Tree
	env     *env // globals
	started bool
	done    bool
	main    *function
	stars   []*value // modules imported with *
	exports *exports // see binds
}

// class is a class of the project.
type class struct {
	mod   *module
	node  python.Node
	name  string
	env   *env // names of its body
	bases []*value
	attrs *object  // what is stored in instances, all of them together
	line  []*class // it and the classes it is made from; see lineage
}

// function is a function, method, lambda or module body.
type function struct {
	mod      *module
	node     python.Node // FunctionDef, Lambda or Module
	name     string
	cls      *class
	outer    *env // names around it
	parent   *function
	params   []param
	vararg   int // index in params, or -1
	kwarg    int
	sum      *summary
	running  bool
	decor    []*value // decorators that are not of the project
	fed      string   // source kind of the data it is called with by something outside
	source   *Params  // what a decorator or base class says of the parameters
	yields   bool
	async    bool
	gone     bool // static
	clsm     bool // class method
	property bool
}

type param struct {
	name       string
	annotation python.Node
	value      *value // default
	def        python.Node
	kwOnly     bool
}

// New makes an empty analysis.
func New(spec *Spec, v Visitor) *Analysis {
	return &Analysis{spec: spec, visit: v, modules: map[string]*module{}, byNode: map[fnKey]*function{},
		rounds: map[*function]int{}, queued: map[*function]bool{}, sources: map[fnKey]*Source{}, seen: map[hitKey]bool{}, waiting: map[readerKey]*[]*function{}, things: map[thingKey]*thing{}, bound: map[nameKey]bool{}}
}

// Add adds a file under its slash-separated path relative to the root of the program.
// file is handed back in steps.
func (a *Analysis) Add(name string, tree *python.Tree, file any) {
	m := &module{path: name, file: file, tree: tree}
	dotted := strings.TrimSuffix(name, path.Ext(name))
	if path.Base(dotted) == "__init__" {
		m.isPkg = true
		dotted = path.Dir(dotted)
	}
	m.name = strings.ReplaceAll(dotted, "/", ".")
	a.list = append(a.list, m)
}

// link finds the names under which modules import each other: relative to every
// folder that is no package itself.
func (a *Analysis) link() {
	slices.SortFunc(a.list, func(x, y *module) int { return strings.Compare(x.path, y.path) })
	packages := map[string]bool{}
	for _, m := range a.list {
		if m.isPkg {
			packages[m.name] = true
		}
	}
	for _, m := range a.list {
		name := m.name
		a.register(name, m)
		// src/app/x.py is app.x, tools/run.py is run: the longest chain of packages
		// above a file begins its name.
		parts := strings.Split(name, ".")
		for i := len(parts) - 1; i > 0; i-- {
			if !packages[strings.Join(parts[:i], ".")] {
				a.register(strings.Join(parts[i:], "."), m)
				break
			}
		}
		// Namespace packages have no __init__.py: src/app/x.py as app.x.
		for i := 1; i < len(parts) && i < 4; i++ {
			a.register(strings.Join(parts[i:], "."), m)
		}
	}
}

func (a *Analysis) register(name string, m *module) {
	if _, taken := a.modules[name]; !taken && name != "" {
		a.modules[name] = m
	}
}

// Run analyses everything that was added.
func (a *Analysis) Run() {
	a.link()
	for _, m := range a.list {
		a.load(m)
	}
	// Functions nobody called were not looked at yet.
	for i := 0; i < len(a.funcs); i++ {
		a.summarize(a.funcs[i])
	}
	for len(a.queue) > 0 {
		f := a.queue[0]
		a.queue = a.queue[1:]
		delete(a.queued, f)
		if a.rounds[f]++; a.rounds[f] <= 3 {
			f.sum = nil
			a.summarize(f)
		}
	}
}

// again plans another look at functions.
func (a *Analysis) again(fs []*function) {
	for _, f := range fs {
		// The body of a module runs once, when it is loaded.
		if !a.queued[f] && f != f.mod.main {
			a.queued[f] = true
			a.queue = append(a.queue, f)
		}
	}
}

// reads notes that a function depends on a class attribute or global.
func (a *Analysis) reads(f *function, holder any, name string) {
	if f == nil {
		return
	}
	k := readerKey{holder, name}
	w := a.waiting[k]
	if w == nil {
		w = &[]*function{}
		a.waiting[k] = w
	}
	if n := len(*w); n == 0 || n < 64 && (*w)[n-1] != f && !slices.Contains(*w, f) {
		*w = append(*w, f)
	}
}

// wrote notes that data of a source was stored.
func (a *Analysis) wrote(holder any, name string) {
	if w := a.waiting[readerKey{holder, name}]; w != nil {
		a.again(*w)
	}
}

// load runs the body of a module.
func (a *Analysis) load(m *module) {
	if m.started {
		return
	}
	m.started = true
	m.env = &env{names: map[string]*value{}}
	m.main = &function{mod: m, node: m.tree.Module(), name: "<module>", vararg: -1, kwarg: -1}
	m.main.sum = &summary{}
	before, work := a.budget, a.work
	a.budget = work + maxWork
	defer func() { a.budget, a.work = before, work }()
	x := &frame{a: a, fn: m.main, mod: m, env: m.env, sum: m.main.sum}
	x.block(m.tree.Body())
	m.done = true
}

// alias replaces another name of an outside thing by the one the spec knows.
func (a *Analysis) alias(ref string) string {
	if len(a.spec.Aliases) == 0 {
		return ref
	}
	for n := len(ref); n > 0; n = strings.LastIndexByte(ref[:n], '.') {
		if to, ok := a.spec.Aliases[ref[:n]]; ok {
			return to + ref[n:]
		}
	}
	return ref
}
