package pickle

import "strings"

// Path names an object that a value stands for: an attribute path inside a module. A component ending in "()" is the result of a call.
type Path struct {
	Module string
	Name   string  // dotted; empty for the module itself
	Self   Value   // the literal whose attribute this is, e.g. the separator in getattr(", ", "join"); 0 without
	Args   []Value // arguments already bound, by functools.partial
}

// String is Module.Name.
func (p Path) String() string {
	if p.Name == "" {
		return p.Module
	}
	return p.Module + "." + p.Name
}

func (p Path) child(attr string) Path {
	if p.Name == "" {
		return Path{Module: p.Module, Name: attr, Self: p.Self}
	}
	return Path{Module: p.Module, Name: p.Name + "." + attr, Self: p.Self}
}

const (
	maxResolve = 24      // indirections
	maxSteps   = 1 << 20 // of resolving and folding in one run
	maxOnce    = 400     // of them for one question: chains of chains would otherwise take exponential time
)

// ask starts a question that resolves or folds.
func (m *Machine) ask() { m.once = 0 }

// step counts one step; false: enough.
func (m *Machine) step() bool {
	m.steps++
	m.once++
	return m.once <= maxOnce && m.steps <= maxSteps
}

// Resolve follows the standard library's indirections (getattr, operator.attrgetter and itemgetter, __import__, importlib.import_module,
// functools.partial, sys.modules, __dict__ and the like) to the object that v stands for. ok is false if that cannot be told.
func (m *Machine) Resolve(v Value) (p Path, ok bool) {
	m.ask()
	return m.resolve(v, 0)
}

func (m *Machine) resolve(v Value, depth int) (Path, bool) {
	if depth > maxResolve || !m.step() {
		return Path{}, false
	}
	switch v.Kind() {
	case KindGlobal:
		id, _ := v.Global()
		g := m.globals.get(id)
		return Path{Module: g.Module, Name: g.Name}, true
	case KindStr:
		return Path{Module: "builtins", Name: "str", Self: v}, true
	case KindBytes:
		return Path{Module: "builtins", Name: "bytes", Self: v}, true
	case KindByteArray:
		return Path{Module: "builtins", Name: "bytearray", Self: v}, true
	case KindList:
		return Path{Module: "builtins", Name: "list", Self: v}, true
	case KindDict:
		return Path{Module: "builtins", Name: "dict", Self: v}, true
	case KindObject:
		return m.resolveCall(v, depth)
	}
	return Path{}, false
}

func (m *Machine) resolveCall(v Value, depth int) (Path, bool) {
	c, at, ok := m.CallOf(v)
	if !ok {
		return Path{}, false
	}
	args, more := m.Items(c.Args)
	if p, ok, known := m.getter(c.Callable, args, depth+1); known {
		return p, ok
	}
	f, ok := m.resolve(c.Callable, depth+1)
	if !ok {
		return Path{}, false
	}
	if more && len(args) == 0 {
		return Path{}, false
	}
	if len(f.Args) > 0 {
		args = append(append([]Value(nil), f.Args...), args...)
	}
	if at.Op != NEWOBJ && at.Op != NEWOBJEX || f.Name == "partial" {
		if p, ok, known := m.indirect(f, args, depth); known {
			return p, ok
		}
	}
	f.Name += "()"
	f.Args = nil
	return f, true
}

// modern is the module's Python 3 name, for the modules that indirect and fold know.
func modern(module string) string {
	switch module {
	case "__builtin__":
		return "builtins"
	case "_operator":
		return "operator"
	case "_functools":
		return "functools"
	}
	return module
}

// indirect evaluates calls that only look something up; known is false for every other callable.
func (m *Machine) indirect(f Path, args []Value, depth int) (p Path, ok, known bool) {
	none := Path{}
	arg := func(i int) Value {
		if i < len(args) {
			return args[i]
		}
		return 0
	}
	switch modern(f.Module) + "." + f.Name {
	case "builtins.getattr", "builtins.object.__getattribute__", "builtins.type.__getattribute__", "inspect.getattr_static":
		p, ok = m.attribute(arg(0), arg(1), depth)
		return p, ok, true
	case "builtins.__import__", "importlib.__import__", "importlib._bootstrap.__import__":
		name, ok := m.text(arg(0), maxNameLen)
		if i := strings.IndexByte(name, '.'); i > 0 && !m.truthy(arg(3)) {
			name = name[:i]
		}
		return Path{Module: name}, ok, true
	case "importlib.import_module", "importlib._bootstrap._gcd_import", "importlib._bootstrap._find_and_load", "cloudpickle.cloudpickle.subimport",
		"imp.load_module", "importlib._bootstrap._load_backward_compatible":
		name, ok := m.text(arg(0), maxNameLen)
		return Path{Module: name}, ok, true
	case "pkgutil.resolve_name":
		name, ok := m.text(arg(0), maxNameLen)
		module, attr, found := strings.Cut(name, ":")
		if !found {
			if i := strings.LastIndexByte(name, '.'); i > 0 {
				module, attr = name[:i], name[i+1:]
			}
		}
		return Path{Module: module, Name: attr}, ok, true
	case "operator.getitem", "operator.__getitem__", "builtins.dict.get", "builtins.dict.__getitem__", "builtins.dict.pop", "builtins.dict.setdefault":
		p, ok = m.element(arg(0), arg(1), depth)
		return p, ok, true
	case "builtins.vars":
		p, ok = m.resolve(arg(0), depth+1)
		return p.child("__dict__"), ok, true
	case "builtins.type":
		if len(args) != 1 {
			return none, false, false
		}
		p, ok = m.resolve(arg(0), depth+1)
		p.Name = strings.TrimSuffix(p.Name, "()")
		return p, ok, true
	case "functools.partial", "functools.partialmethod":
		p, ok = m.resolve(arg(0), depth+1)
		if ok {
			p.Args = append(append([]Value(nil), p.Args...), args[1:]...)
		}
		return p, ok, true
	case "builtins.staticmethod", "builtins.classmethod", "functools.lru_cache", "functools.wraps", "weakref.ref", "copy.copy", "copy.deepcopy",
		"operator.index", "functools.cache":
		p, ok = m.resolve(arg(0), depth+1)
		return p, ok, true
	}
	if f.Self == 0 && (strings.HasSuffix(f.Name, ".__getattribute__") || strings.HasSuffix(f.Name, ".__getitem__") || strings.HasSuffix(f.Name, ".get")) {
		return m.boundLookup(f, arg(0))
	}
	return none, false, false
}

// boundLookup evaluates obj.__getattribute__(name), obj.__getitem__(key) and obj.get(key), where the path of obj is known.
func (m *Machine) boundLookup(f Path, key Value) (Path, bool, bool) {
	name, ok := m.text(key, maxNameLen)
	if !ok {
		return Path{}, false, true
	}
	i := strings.LastIndexByte(f.Name, '.')
	owner := Path{Module: f.Module, Name: f.Name[:i]}
	if f.Name[i:] == ".__getattribute__" {
		return owner.child(name), true, true
	}
	return member(owner, name), true, true
}

// getter evaluates g(obj, ...) where g is the result of operator.attrgetter(name), itemgetter(key) or methodcaller(name, ...).
func (m *Machine) getter(g Value, args []Value, depth int) (p Path, ok, known bool) {
	made, _, found := m.CallOf(g)
	if !found || depth > maxResolve {
		return Path{}, false, false
	}
	f, found := m.resolve(made.Callable, depth+1)
	if !found || modern(f.Module) != "operator" {
		return Path{}, false, false
	}
	params, more := m.Items(made.Args)
	if len(params) == 0 || len(args) == 0 || more {
		return Path{}, false, false
	}
	switch f.Name {
	case "attrgetter":
		if len(params) > 1 {
			return Path{}, false, true
		}
		p, ok = m.attribute(args[0], params[0], depth)
		return p, ok, true
	case "itemgetter":
		p, ok = m.element(args[0], params[0], depth)
		return p, ok, true
	case "methodcaller":
		p, ok = m.attribute(args[0], params[0], depth)
		p.Args = params[1:]
		if q, ok, known := m.indirect(p, p.Args, depth); known && ok {
			return q, true, true
		}
		p.Name += "()"
		p.Args = nil
		return p, ok, true
	}
	return Path{}, false, false
}

// Callee gives the object that a call calls in the end: for operator.methodcaller(name, ...)(obj) that is obj.name.
// The arguments bound before (by partial or methodcaller) are in its Args.
func (m *Machine) Callee(c Call) (p Path, ok bool) {
	m.ask()
	return m.callee(c)
}

func (m *Machine) callee(c Call) (p Path, ok bool) {
	if c.Callable.Kind() == KindObject {
		made, _, found := m.CallOf(c.Callable)
		if f, ok := m.resolve(made.Callable, 1); found && ok && modern(f.Module) == "operator" && f.Name == "methodcaller" {
			args, _ := m.Items(c.Args)
			params, more := m.Items(made.Args)
			if len(args) == 0 || len(params) == 0 || more {
				return Path{}, false
			}
			p, ok = m.attribute(args[0], params[0], 1)
			p.Args = params[1:]
			return p, ok
		}
	}
	return m.resolve(c.Callable, 1)
}

func (m *Machine) attribute(obj, attr Value, depth int) (Path, bool) {
	name, ok := m.text(attr, maxNameLen)
	if !ok {
		return Path{}, false
	}
	p, ok := m.resolve(obj, depth+1)
	return p.child(name), ok
}

func (m *Machine) element(obj, key Value, depth int) (Path, bool) {
	name, ok := m.text(key, maxNameLen)
	if !ok {
		return Path{}, false
	}
	p, ok := m.resolve(obj, depth+1)
	return member(p, name), ok
}

// member is obj[name] for the objects whose items are attributes or modules: sys.modules, a module's or class's __dict__, globals(), __builtins__.
func member(p Path, name string) Path {
	if p.Module == "sys" && p.Name == "modules" {
		return Path{Module: name}
	}
	if s, ok := strings.CutSuffix(p.Name, "__dict__"); ok {
		p.Name = strings.TrimSuffix(s, ".")
		return p.child(name)
	}
	switch last := p.Name[strings.LastIndexByte(p.Name, '.')+1:]; last {
	case "__builtins__", "globals()", "locals()":
		return Path{Module: "builtins", Name: name}
	case "modules":
		return Path{Module: name}
	}
	return p.child("[" + name + "]")
}

func (m *Machine) truthy(v Value) bool {
	switch v.Kind() {
	case KindAbsent, KindNone, KindEmptyTuple:
		return false
	case KindList, KindDict:
		n, ok := m.Len(v)
		return !ok || n > 0
	}
	return true
}
