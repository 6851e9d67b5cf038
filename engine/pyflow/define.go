package pyflow

import (
	"maps"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// define handles def: the function, its defaults and decorators.
func (x *frame) define(n python.Node) {
	t := x.mod.tree
	d := t.FunctionDef(n)
	f := x.function(n, d.Name, d.Args)
	f.async = d.Async
	v := &value{fn: f}
	for i := len(d.Decorators) - 1; i >= 0; i-- {
		dec := d.Decorators[i]
		if t.Kind(dec) == python.KindAttribute {
			if a := t.Attribute(dec).Attr; a == "setter" || a == "deleter" {
				if a == "setter" && x.cls != nil {
					if x.cls.setters == nil {
						x.cls.setters = map[string]*function{}
					}
					x.cls.setters[d.Name] = f
				}
				return // the getter keeps the name
			}
		}
		w := x.eval(dec)
		switch {
		case w == nil:
		case w.fn != nil || w.cls != nil:
			if got := x.callValue(dec, w, args{pos: []*value{v}, star: []bool{false}}); got != nil && (got.fn != nil || got.inst != nil) {
				v = got
			}
		case w.ref != "":
			x.decorate(f, w)
		}
	}
	x.bind(d.Name, v)
}

// decorate notes a decorator from outside.
func (x *frame) decorate(f *function, d *value) {
	name := strings.TrimSuffix(d.ref, "()")
	switch name {
	case "property", "functools.cached_property", "cached_property", "abc.abstractproperty":
		f.property = true
	case "staticmethod":
		f.gone = true
	case "classmethod":
		f.clsm = true
	}
	f.decor = append(f.decor, d)
	if p := x.a.spec.Params[name]; p != nil {
		f.source = p
	} else if i := strings.LastIndexByte(name, '.'); i >= 0 && strings.HasPrefix(name, "?") {
		if p := x.a.spec.Params["?"+name[i:]]; p != nil {
			f.source = p
		}
	}
}

// lambda is a function without a name.
func (x *frame) lambda(n python.Node) *function {
	return x.function(n, "<lambda>", x.mod.tree.Lambda(n).Args)
}

// function makes what is known of a function from its head. Interpreting the same
// definition again gives the same function.
func (x *frame) function(n python.Node, name string, arguments python.Node) *function {
	k := fnKey{x.mod, n}
	if f := x.a.byNode[k]; f != nil {
		return f
	}
	t := x.mod.tree
	f := &function{mod: x.mod, node: n, name: name, cls: x.cls, outer: x.env, parent: x.fn, vararg: -1, kwarg: -1}
	x.a.byNode[k] = f
	x.a.funcs = append(x.a.funcs, f)
	add := func(arg, def python.Node, kwOnly bool) {
		a := t.Arg(arg)
		p := param{name: a.Name, annotation: a.Annotation, def: def, kwOnly: kwOnly}
		if def != 0 {
			p.value = x.eval(def)
		}
		f.params = append(f.params, p)
	}
	a := t.Arguments(arguments)
	for i := range len(a.PosOnly) + len(a.Args) {
		add(a.Positional(i), a.Default(i), false)
	}
	if a.Vararg != 0 {
		f.vararg = len(f.params)
		add(a.Vararg, 0, false)
	}
	for i, kw := range a.KwOnly {
		add(kw, a.KwDefaults[i], true)
	}
	if a.Kwarg != 0 {
		f.kwarg = len(f.params)
		add(a.Kwarg, 0, true)
	}
	if f.cls != nil {
		f.source = x.a.methodParams(f.cls, name)
	}
	return f
}

// methodParams finds what a base class from outside says of a method.
func (a *Analysis) methodParams(c *class, method string) *Params {
	for _, l := range a.lineage(c) {
		for _, b := range l.bases {
			if b != nil && b.ref != "" {
				if p := a.spec.Params[b.ref+"."+method]; p != nil {
					return p
				}
			}
		}
	}
	return a.generated(c, method)
}

// defineClass handles class.
func (x *frame) defineClass(n python.Node) {
	t := x.mod.tree
	d := t.ClassDef(n)
	c := x.a.classes[fnKey{x.mod, n}]
	fresh := c == nil
	if fresh {
		c = &class{mod: x.mod, node: n, name: d.Name, parent: x.fn}
		if x.fn == x.mod.main {
			x.a.classes[fnKey{x.mod, n}] = c
		}
	}
	c.bases, c.line = nil, nil
	for _, b := range d.Bases {
		v := x.eval(b)
		c.bases = append(c.bases, v)
		if v != nil && v.cls != nil {
			v.cls.base = true
		}
	}
	for _, k := range d.Keywords {
		x.eval(t.Keyword(k).Value)
	}
	c.env = &env{names: map[string]*value{}, up: x.env, class: true}
	v := &value{cls: c}
	x.bind(d.Name, v)
	y := &frame{a: x.a, fn: x.fn, mod: x.mod, env: c.env, sum: x.sum, cls: c, depth: x.depth}
	y.block(d.Body)
	if fresh {
		for name, v := range c.env.names {
			if v != nil && v.fn != nil {
				x.a.methods[name] = append(x.a.methods[name], c)
			}
		}
	}
	for _, l := range x.a.lineage(c)[1:] {
		for _, name := range slices.Sorted(maps.Keys(c.env.names)) {
			x.a.wrote(l, name) // whoever calls it there may call it here
		}
	}
	for i := len(d.Decorators) - 1; i >= 0; i-- {
		x.eval(d.Decorators[i])
	}
}

// local reports whether a class is made anew whenever a function is called.
func (c *class) local() bool { return c != nil && c.parent != nil && c.parent != c.mod.main }

// lookup finds a name of a class in the order of its bases.
func (a *Analysis) lookup(c *class, name string, depth int) (*value, *class) {
	if v, ok := c.env.names[name]; ok {
		return v, c
	}
	if depth > 12 {
		return nil, nil
	}
	for _, b := range c.bases {
		if b != nil && b.cls != nil && b.cls != c {
			if v, in := a.lookup(b.cls, name, depth+1); in != nil {
				return v, in
			}
		}
	}
	return nil, nil
}

// maxOverrides bounds the methods of classes below that a call may mean. Where there
// are more, it is no telling which.
const maxOverrides = 8

// maxDefiners bounds the classes that have a method of one name: run, forward.
const maxDefiners = 512

// overrides are what the classes below a class have under a name.
func (a *Analysis) overrides(c *class, name string) []*value {
	if !c.base {
		return nil
	}
	all := a.methods[name]
	if len(all) == 0 || len(all) > maxDefiners {
		return nil
	}
	k := overrideKey{c, name}
	if out, ok := a.below[k]; ok {
		return out
	}
	var out []*value
	for _, d := range all {
		if d == c || !slices.Contains(a.lineage(d), c) {
			continue
		}
		if len(out) == maxOverrides {
			out = nil
			break
		}
		if v := d.env.names[name]; v != nil && v.fn != nil {
			out = append(out, v)
		}
	}
	if a.loaded {
		a.below[k] = out
	}
	return out
}

type overrideKey struct {
	cls  *class
	name string
}

// lineage is a class and the classes of the project it is made from.
func (a *Analysis) lineage(c *class) []*class {
	if c.line == nil {
		seen := []*class{c}
		for i := 0; i < len(seen) && len(seen) < 32; i++ {
			for _, b := range seen[i].bases {
				if b != nil && b.cls != nil && !slices.Contains(seen, b.cls) {
					seen = append(seen, b.cls)
				}
			}
		}
		c.line = seen
	}
	return c.line
}

// outsideBase is the first base from outside the project.
func outsideBase(c *class, depth int) string {
	if depth > 12 {
		return ""
	}
	for _, b := range c.bases {
		switch {
		case b == nil:
		case b.ref != "" && b.ref != "object" && !strings.HasPrefix(b.ref, latePrefix):
			return strings.TrimSuffix(b.ref, "[]")
		case b.cls != nil && b.cls != c:
			if s := outsideBase(b.cls, depth+1); s != "" {
				return s
			}
		}
	}
	return ""
}

// fields are the annotated names of a data class, bases first.
func (a *Analysis) fields(c *class) []string {
	chain := a.lineage(c)
	var out []string
	for _, l := range slices.Backward(chain) {
		t := l.mod.tree
		for _, s := range t.ClassDef(l.node).Body {
			if t.Kind(s) == python.KindAnnAssign {
				if target := t.AnnAssign(s).Target; t.Kind(target) == python.KindName && !slices.Contains(out, t.Name(target)) {
					out = append(out, t.Name(target))
				}
			}
		}
	}
	return out
}

// imports handles import and from ... import.
func (x *frame) imports(n python.Node) {
	t := x.mod.tree
	if t.Kind(n) == python.KindImport {
		for _, al := range t.List(n) {
			a := t.Alias(al)
			if a.AsName != "" {
				x.bind(a.AsName, x.module(a.Name))
				continue
			}
			first, _, _ := strings.Cut(a.Name, ".")
			x.bind(first, x.module(first))
		}
		return
	}
	d := t.ImportFrom(n)
	base := x.mod.base(d)
	m := x.a.find(base)
	for _, al := range d.Names {
		a := t.Alias(al)
		if a.Name == "*" {
			x.mod.stars = append(x.mod.stars, x.module(base))
			continue
		}
		name := a.AsName
		if name == "" {
			name = a.Name
		}
		switch {
		case m != nil:
			x.bind(name, later(m, a.Name))
		default:
			if sub := x.a.find(strings.Trim(base+"."+a.Name, ".")); sub != nil {
				x.bind(name, &value{mod: sub})
			} else {
				x.bind(name, x.outside(n, base+"."+a.Name, nil))
			}
		}
	}
}

// module is a module of the project or an outside one.
func (x *frame) module(name string) *value {
	if m := x.a.find(name); m != nil {
		return &value{mod: m}
	}
	return &value{ref: x.a.alias(name)}
}

// typed gives a value the class that an annotation names.
func (x *frame) typed(v *value, annotation python.Node) *value {
	a := x.annotation(annotation, 0)
	if a == nil {
		return v
	}
	w := value{}
	if v != nil {
		w = *v
	}
	switch {
	case a.cls != nil:
		w.inst = a.cls
		if w.obj == nil {
			w.obj = &object{owner: a.cls}
		}
	case a.ref != "" && !plain()[a.ref]:
		w.typ = a.ref
	default:
		return v
	}
	return &w
}

// plain are annotations that say nothing about attributes.
var plain = set("str", "bytes", "dict", "list", "object", "typing.Any", "Any", "typing.Dict", "typing.List", "set", "tuple", "typing.Callable",
	"collections.abc.Callable", "None")

// annotation evaluates an annotation to the class it stands for.
func (x *frame) annotation(n python.Node, depth int) *value {
	if n == 0 || depth > 4 {
		return nil
	}
	t := x.mod.tree
	switch t.Kind(n) {
	case python.KindConstant:
		s, ok := t.String(n) // "Name", quoted because it is defined later
		if !ok || s == "" || strings.ContainsAny(s, "[](){}\"' \n") {
			return nil
		}
		first, rest, _ := strings.Cut(s, ".")
		v := x.name(n, first)
		for rest != "" && v != nil {
			first, rest, _ = strings.Cut(rest, ".")
			v = x.attr(n, v, first)
		}
		return v
	case python.KindName, python.KindAttribute:
		return x.eval(n)
	case python.KindSubscript:
		s := t.Subscript(n)
		base := x.eval(s.Value)
		if base == nil {
			return nil
		}
		switch base.ref {
		case "typing.Optional", "typing.Annotated", "typing.Union", "typing_extensions.Annotated", "typing.ClassVar", "typing.Final":
			inner := s.Index
			if t.Kind(inner) == python.KindTuple && len(t.List(inner)) > 0 {
				inner = t.List(inner)[0]
			}
			return x.annotation(inner, depth+1)
		}
		return base
	case python.KindBinOp:
		b := t.BinOp(n)
		if l := x.annotation(b.Left, depth+1); l != nil && l.ref != "None" {
			return l
		}
		return x.annotation(b.Right, depth+1)
	}
	return nil
}
