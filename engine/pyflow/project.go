package pyflow

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// Analysis looks at a program, or at a part of it. One goroutine uses it.
type Analysis struct {
	spec      *Spec
	visit     Visitor
	program   *Program
	modules   map[*file]*module
	asked     map[string]bool // names of modules that were looked for
	named     map[*file]bool  // files of which only the names were looked at
	byNode    map[fnKey]*function
	funcs     []*function // in the order in which they were seen
	queue     []*function
	queued    map[*function]bool
	rounds    map[*function]int
	sources   map[fnKey]*Source
	seen      map[hitKey]bool
	waiting   map[readerKey]*[]*function
	things    map[thingKey]*thing
	bound     map[nameKey]bool
	made      map[madeKey]*object      // by the bodies of modules
	classes   map[fnKey]*class         // of them
	injectors map[string]bool          // see injector
	methods   map[string][]*class      // that have a method of the name
	bases     map[string]bool          // see knows
	below     map[overrideKey][]*value // see overrides
	loaded    bool                     // the bodies of all modules are done
	nested    int
	work      int // calls applied so far
	budget    int // calls that may be applied before the current function is left
	total     int // statements and expressions interpreted, values translated: the cost
	foreign   int // the part of it that was for other files than those that are looked at
	most      int // of it; 0: any
}

type fnKey struct {
	mod  *module
	node python.Node
}

type madeKey struct {
	mod  *module
	node python.Node
	cls  *class
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
	*file
	mine    bool         // it is looked at as a whole
	tree    *python.Tree // once it is loaded
	env     *env         // globals
	started bool
	done    bool
	main    *function
	stars   []*value // modules imported with *
}

// class is a class of the project.
type class struct {
	mod     *module
	node    python.Node
	name    string
	env     *env      // names of its body
	parent  *function // around it
	bases   []*value
	attrs   *object              // what is stored in instances, all of them together
	setters map[string]*function // of properties
	base    bool                 // other classes are made from it
	line    []*class             // it and the classes it is made from; see lineage
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
	callers  []*function
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

// New makes an analysis of a program that is added to it file by file.
func New(spec *Spec, v Visitor) *Analysis { return new(Program).Analysis(spec, v) }

// Analysis makes an analysis of a program, to which no file is added any more.
func (p *Program) Analysis(spec *Spec, v Visitor) *Analysis {
	return &Analysis{spec: spec, visit: v, program: p, modules: map[*file]*module{}, asked: map[string]bool{}, named: map[*file]bool{}, byNode: map[fnKey]*function{},
		rounds: map[*function]int{}, queued: map[*function]bool{}, sources: map[fnKey]*Source{}, seen: map[hitKey]bool{}, waiting: map[readerKey]*[]*function{}, things: map[thingKey]*thing{}, bound: map[nameKey]bool{}, methods: map[string][]*class{}, below: map[overrideKey][]*value{}, made: map[madeKey]*object{}, classes: map[fnKey]*class{}}
}

// Add adds a file; see [Program.Add].
func (a *Analysis) Add(name string, tree *python.Tree, id any) {
	a.program.Add(name, func() *python.Tree { return tree }, id)
}

// Run looks at everything in the files that are named as they were to [Program.Add];
// at all where none is. Of other files it looks at what these use.
func (a *Analysis) Run(own ...any) {
	a.program.link()
	mine := map[any]bool{}
	for _, id := range own {
		mine[id] = true
	}
	for _, f := range a.program.files {
		if len(own) == 0 || mine[f.id] {
			a.module(f).mine = true
		}
	}
	for _, f := range a.program.files {
		if m := a.modules[f]; m != nil && m.mine {
			a.load(m)
		}
	}
	a.loaded = true
	// Functions nobody called were not looked at yet. What makes instances comes first:
	// the others read it.
	for i := 0; i < len(a.funcs); i++ {
		if f := a.funcs[i]; f.mod.mine && f.cls != nil && f.name == "__init__" {
			a.summarize(f)
		}
	}
	for i := 0; i < len(a.funcs); i++ {
		if f := a.funcs[i]; f.mod.mine {
			a.summarize(f)
		}
	}
	for len(a.queue) > 0 {
		f := a.queue[0]
		a.queue = a.queue[1:]
		delete(a.queued, f)
		if a.rounds[f]++; a.rounds[f] <= maxRounds {
			if f == f.mod.main {
				a.body(f.mod)
				continue
			}
			old := f.sum
			f.sum = nil
			if sum := a.summarize(f); old == nil || sum.size() > old.size() {
				a.again(f.callers)
			}
		}
	}
}

// maxRounds bounds how often a function is looked at again.
const maxRounds = 3

// maxCallers bounds the callers of a function that are remembered.
const maxCallers = 32

// called notes who depends on the summary of a function.
func (f *function) called(by *function) {
	if n := len(f.callers); by != nil && n < maxCallers && (n == 0 || f.callers[n-1] != by) && !slices.Contains(f.callers, by) {
		f.callers = append(f.callers, by)
	}
}

// again plans another look at functions.
func (a *Analysis) again(fs []*function) {
	for _, f := range fs {
		if !a.queued[f] && (f.mod.done || f != f.mod.main) {
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
	m.tree = m.parse()
	m.env = &env{names: map[string]*value{}}
	m.main = &function{mod: m, node: m.tree.Module(), name: "<module>", vararg: -1, kwarg: -1}
	a.body(m)
	m.done = true
}

// body runs the statements of a module: when it is loaded, and again when there is more
// in what they read. What they make stays the same then.
func (a *Analysis) body(m *module) {
	m.main.sum = &summary{}
	before, work := a.budget, a.work
	a.budget = work + maxWork
	defer func() { a.budget, a.work = before, work }()
	x := &frame{a: a, fn: m.main, mod: m, env: m.env, sum: m.main.sum}
	x.block(m.tree.Body())
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
