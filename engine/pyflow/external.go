package pyflow

import (
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/python"
)

// external is a call of something the project does not define.
func (x *frame) external(n python.Node, callee *value, as args) *value {
	ref := callee.ref
	last := ref[strings.LastIndexByte(ref, '.')+1:]
	spec := x.a.spec.Calls[ref]
	if spec == nil && (ref[0] == '?' || strings.Contains(ref, "()") || strings.Contains(ref, "[]") || callee.self != nil) {
		spec = x.a.spec.Methods["."+last]
	}
	self := callee.self
	if self != nil && len(self.labels) == 0 && len(callee.labels) > 0 {
		self = self.with(callee.labels)
	}
	site := Site{Ref: ref, Tree: x.mod.tree, File: x.mod.id, Node: n, args: as, self: self, fn: x.fn}
	x.a.visit.Call(site)
	site.Maybe = true
	as.variants(func(as args) {
		site.args = as
		x.a.visit.Call(site)
	})
	if x.a.spec.Exits[ref] {
		return &value{ref: exitRef}
	}
	if spec != nil {
		for i := range spec.Sinks {
			s := &spec.Sinks[i]
			if s.Arg.All {
				for _, v := range as.pos {
					x.sink(n, s, v, ref, as, self, spec.Weak)
				}
				for _, k := range as.kw {
					x.sink(n, s, k.v, ref, as, self, spec.Weak)
				}
			} else if v, ok := as.get(s.Arg, self); ok {
				x.sink(n, s, v, ref, as, self, spec.Weak)
			}
		}
		for _, f := range spec.Feeds {
			if v, ok := as.get(f.Arg, self); ok && v != nil && v.fn != nil {
				x.feed(v.fn, f.Kind)
			}
		}
	}
	if spec == nil || spec.Source == "" && spec.Returns == "" && spec.Clean == 0 {
		if v, done := x.library(n, callee, as); done {
			return v
		}
		if v, done := x.container(n, last, self, as); done {
			return v
		}
	}
	return x.result(n, callee, ref, last, spec, self, as)
}

// feed says that the parameters of a function are data of a source.
func (x *frame) feed(f *function, kind string) {
	if f.fed == "" {
		f.fed = kind
		if f.sum != nil {
			x.a.again([]*function{f})
		}
	}
}

// result is what a call of something outside gives.
func (x *frame) result(n python.Node, callee *value, ref, last string, spec *Call, self *value, as args) *value {
	v := &value{ref: ref + "()"}
	if x.a.injector(ref) && len(as.pos)+len(as.kw) > 0 {
		v.pre = &as
	}
	if t := x.a.spec.Types[v.ref]; t != "" {
		v.typ = t
	} else if last != "" && last[0] >= 'A' && last[0] <= 'Z' && ref[0] != '?' {
		v.typ = ref // a class
	}
	if configurations()[v.typ] {
		v.obj = x.object(object{})
	}
	v.known = x.a.knows(v.ref, v.typ)
	var labels []label
	pass := func(a Arg) {
		if a.All {
			labels = joinLabels(labels, as.all())
		} else if w, ok := as.get(a, self); ok {
			labels = joinLabels(labels, w.all(2))
		}
	}
	switch {
	case spec != nil && spec.Pass != nil:
		for _, a := range spec.Pass {
			pass(a)
		}
	case spec != nil:
		labels = as.all()
		if self != nil {
			labels = joinLabels(labels, self.all(1))
		}
	case plainMethods()[last] && self != nil:
		labels = joinLabels(self.all(1), as.all())
		if quotesGone(last, as) {
			labels = cleaned(labels, x.a.maskOf("xpath"))
		}
	case silent()[ref]:
	default:
		labels = weakened(as.all())
		if self != nil {
			labels = joinLabels(self.all(1), labels)
		}
	}
	if spec != nil {
		if spec.Returns != "" {
			v.typ = spec.Returns
			v.known = x.a.knows(v.ref, v.typ)
		}
		labels = cleaned(labels, spec.Clean)
		if spec.Undo {
			labels = mapLabels(labels, func(l *label) { l.clean = 0 })
		}
		for _, a := range spec.Into {
			if w, ok := as.get(a, self); ok && self != nil {
				x.setItem(0, self, nil, carries(w.all(2)))
			}
		}
		if spec.Source != "" {
			labels = append([]label{x.source(n, spec.Source, ref)}, labels...)
		}
	}
	if last == "fullmatch" && len(labels) > 0 {
		if s, ok := as.at(0).str(); !ok || !strings.Contains(s, ".*") {
			labels = cleaned(labels, AllKinds) // what is not nothing matched
		}
	}
	v.labels = along(labels, x.mod, n, "through "+shortName(ref))
	if s, ok := self.str(); ok && (last == "format" || last == "join") {
		v.built = true
		if last == "format" {
			v.prefix, _, _ = strings.Cut(s, "{")
		}
	} else if plainMethods()[last] && self != nil {
		v.built = self.built
		if last == "strip" || last == "lower" || last == "encode" || last == "replace" || last == "rstrip" || last == "format" {
			v.prefix = self.start()
		}
	} else if ref == "str" && len(as.pos) == 1 {
		v.built, v.prefix = true, as.pos[0].start()
	} else if (ref == "urllib.parse.urljoin" || ref == "os.path.join" || ref == "pathlib.Path") && len(as.pos) > 0 {
		v.prefix = as.pos[0].start()
	}
	return v
}

// shortName keeps traces readable.
func shortName(ref string) string {
	ref = strings.TrimPrefix(ref, "?.")
	if i := strings.LastIndex(ref, "()"); i > 0 && len(ref) > 40 {
		ref = ref[i+2:]
	}
	return strings.TrimPrefix(ref, ".")
}

// container handles methods of lists, dicts and sets that were written out.
func (x *frame) container(n python.Node, last string, self *value, as args) (*value, bool) {
	if self == nil || self.obj == nil && self.typ != "" || self.inst != nil {
		return nil, false
	}
	switch last {
	case "write", "writelines":
		if self.obj != nil && len(as.pos) == 1 {
			x.setItem(0, self, nil, as.pos[0])
		}
	case "append", "add", "appendleft", "push", "put", "put_nowait":
		if len(as.pos) == 1 && last == "append" && x.straight(self.obj) && len(self.obj.fields) < maxList {
			self.obj.set(index(len(self.obj.fields)), as.pos[0])
		} else if len(as.pos) == 1 {
			x.setItem(0, self, nil, as.pos[0])
			x.growName(n, self, as.pos[0])
		}
		return nil, self.obj != nil
	case "extend", "insert", "update":
		for _, v := range as.pos {
			w := x.element(n, v)
			if last == "update" && v != nil && self.obj != nil && !x.shared(self.obj) {
				x.fill(n, self.obj, v)
				continue
			}
			if last == "insert" {
				w = v
			}
			x.setItem(0, self, nil, w)
			x.growName(n, self, w)
		}
		for _, k := range as.kw {
			if k.name == "" {
				if self.obj != nil && !x.shared(self.obj) {
					x.fill(n, self.obj, k.v)
				}
				continue
			}
			x.setItem(0, self, text(k.name), k.v)
		}
		return nil, self.obj != nil
	}
	if self.obj == nil {
		return nil, false
	}
	switch last {
	case "get", "pop", "setdefault", "popitem", "popleft", "get_nowait":
		key := as.at(0)
		if last == "pop" && x.straight(self.obj) {
			if v, ok := self.obj.takeOut(key); ok {
				return v, true
			}
		}
		if key != nil && key.lit.set && key.lit.kind == python.ConstInt && last == "pop" {
			key = nil // the list has other places by then
		}
		v := x.item(n, self, key)
		if d := as.at(1); d != nil {
			if last == "setdefault" {
				x.setItem(0, self, key, d)
			}
			v = join(v, d)
		}
		return v, true
	case "values":
		return x.list(x.values(self)), true
	case "items":
		pair := &value{obj: x.object(object{seq: true, fields: []field{{"[0]", x.element(n, self)}, {"[1]", x.values(self)}}})}
		return x.list(pair), true
	case "keys":
		return x.list(x.element(n, self)), true
	case "copy":
		return self, true
	}
	return nil, false
}

// values is what a dict holds.
func (x *frame) values(v *value) *value {
	x.looks(v.obj)
	return join(v.obj.items(), carries(extend(v.labels, "[]")))
}

// growName lets a list of unknown make that is a plain name carry what is added.
func (x *frame) growName(n python.Node, self, v *value) {
	if self.obj != nil {
		return
	}
	labels := v.all(1)
	t := x.mod.tree
	if len(labels) == 0 || t.Kind(n) != python.KindCall {
		return
	}
	f := t.Call(n).Func
	if t.Kind(f) != python.KindAttribute {
		return
	}
	if base := t.Attribute(f).Value; t.Kind(base) == python.KindName {
		if w, e := x.env.look(t.Name(base)); e == x.env {
			x.env.set(t.Name(base), w.with(joinLabels(w.all(0), labels)))
		}
	}
}

// enter is the value that with gives a name to.
func (x *frame) enter(n python.Node, v *value) *value {
	if v == nil {
		return nil
	}
	if v.inst != nil {
		for _, name := range []string{"__enter__", "__aenter__"} {
			if m, _ := x.a.lookup(v.inst, name, 0); m != nil && m.fn != nil {
				w := *m
				w.self = v
				return x.apply(n, &w, args{})
			}
		}
		return v
	}
	if v.obj != nil && v.obj.elem != nil && v.typ == "" && v.ref == "" && !v.obj.seq {
		return v.obj.elem // a generator under contextlib.contextmanager
	}
	return v
}

// plainMethods of strings and containers return what they work on.
var plainMethods = set("strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold", "swapcase", "replace", "format", "format_map",
	"join", "split", "rsplit", "splitlines", "partition", "rpartition", "encode", "decode", "expandtabs", "center", "ljust", "rjust", "zfill",
	"removeprefix", "removesuffix", "translate", "get", "pop", "copy", "items", "values", "keys", "setdefault", "popitem", "read", "readline", "readlines",
	"getvalue", "json", "dict", "model_dump", "model_dump_json", "tolist", "hex", "group", "groups", "groupdict", "getlist", "get_all", "getall", "to_dict", "first", "one")

// silent functions return nothing of what they are given that could hurt.
var silent = set("len", "int", "float", "bool", "complex", "hash", "id", "isinstance", "issubclass", "callable", "hasattr", "range", "round", "abs", "divmod",
	"pow", "sum", "ord", "type", "any", "all", "print", "uuid.UUID", "hashlib.md5", "hashlib.sha1", "hashlib.sha256", "hashlib.sha512", "os.path.exists",
	"os.path.isfile", "os.path.isdir", "os.path.getsize", "datetime.datetime.strptime", "datetime.date.fromisoformat", "datetime.datetime.fromisoformat",
	"decimal.Decimal", "ipaddress.ip_address", "math.floor", "math.ceil", "time.time", "logging.getLogger")

// builtin names are not looked for in modules imported with a star.
var builtin = set("open", "eval", "exec", "compile", "input", "print", "len", "int", "str", "float", "bool", "bytes", "list", "dict", "set", "tuple", "object",
	"super", "type", "isinstance", "issubclass", "hasattr", "getattr", "setattr", "delattr", "range", "enumerate", "zip", "map", "filter", "sorted", "reversed",
	"min", "max", "sum", "any", "all", "abs", "round", "repr", "ascii", "chr", "ord", "hex", "oct", "bin", "hash", "id", "iter", "next", "vars", "dir", "globals",
	"locals", "callable", "classmethod", "staticmethod", "property", "format", "slice", "frozenset", "bytearray", "memoryview", "complex", "divmod", "pow",
	"Exception", "ValueError", "TypeError", "KeyError", "RuntimeError", "OSError", "IOError", "NotImplementedError", "AttributeError", "IndexError",
	"StopIteration", "KeyboardInterrupt", "ImportError", "BaseException", "AssertionError", "NotImplemented", "__name__", "__file__", "__import__")

// set makes a set of names on first use.
func set(names ...string) func() map[string]bool {
	return sync.OnceValue(func() map[string]bool {
		m := make(map[string]bool, len(names))
		for _, n := range names {
			m[n] = true
		}
		return m
	})
}
