package pyflow

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/python"
)

type hitKey struct {
	src  *Source
	rule string
	mod  *module
	node python.Node
}

// sink looks at a value that reaches a sink.
func (x *frame) sink(n python.Node, s *Sink, v *value, callee string, as args, self *value, weak bool) {
	if v == nil {
		return
	}
	labels := v.all(2)
	if len(labels) == 0 {
		return
	}
	for _, c := range s.When {
		if !c.holds(v, as, self) {
			return
		}
	}
	for _, l := range labels {
		x.hit(l, s, callee, x.mod, n, weak && !s.Sure || x.fn != nil && guarding().MatchString(x.fn.name))
	}
}

// hit reports a source at a sink, or leaves it to the callers.
func (x *frame) hit(l label, s *Sink, callee string, m *module, n python.Node, weak bool) {
	if l.clean&(1<<s.Kind) != 0 {
		return
	}
	if l.src == nil {
		k := useKey{l.owner, int(l.param), l.path, s.Rule, m, n}
		if x.sum.used[k] || len(x.sum.sinks) >= maxUses {
			return
		}
		if x.sum.used == nil {
			x.sum.used = map[useKey]bool{}
		}
		x.sum.used[k] = true
		l.via = l.via.then(m, n, "")
		x.sum.sinks = append(x.sum.sinks, use{label: l, sink: s, callee: callee, mod: m, node: n, weak: weak})
		return
	}
	k := hitKey{l.src, s.Rule, m, n}
	if x.a.seen[k] {
		return
	}
	x.a.seen[k] = true
	f := Flow{Source: *l.src, Sink: *s, Callee: callee, Weak: weak || l.weak}
	add := func(st *step) {
		if k := len(f.Steps) - 1; k >= 0 && f.Steps[k].Tree == st.mod.tree && f.Steps[k].Node == st.node {
			return
		}
		f.Steps = append(f.Steps, Step{File: st.mod.id, Tree: st.mod.tree, Node: st.node, Note: st.note})
	}
	for _, st := range slices.Backward(l.via.walk(4 * maxTrace)) {
		add(st)
	}
	add(&step{mod: m, node: n, note: shortName(callee)})
	x.a.visit.Flow(f)
}

// withHost begins with a scheme, a host and what ends it: what follows cannot choose
// where a request goes.
var withHost = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]+[/?#]`) })

func (c Condition) holds(v *value, as args, self *value) bool {
	switch {
	case c.Host:
		return !withHost().MatchString(v.start())
	case c.Local:
		s := v.start()
		return len(s) < 2 || s[0] != '/' || s[1] == '/' || s[1] == '\\'
	case c.Begin != nil:
		return c.Begin.MatchString(v.start())
	case c.Parts:
		return v.built
	case c.Built:
		return v.typ == "" && v.inst == nil && v.obj == nil && (v.built || v.ref == "" || len(v.labels) > 0)
	}
	w, ok := as.get(c.Arg, self)
	if c.Match != nil {
		return ok && w.anyString(c.Match.MatchString)
	}
	if c.Lack != nil {
		return !ok || !w.anyString(c.Lack.MatchString)
	}
	text := "unset"
	if ok {
		text = ""
		if w != nil && w.lit.set {
			text = w.lit.s
		}
	}
	if c.Is != "" {
		return text == c.Is
	}
	if c.Not != "" {
		return text != c.Not
	}
	return true
}

// anyString reports whether a value may be a constant string that a test accepts, an
// outside thing with such a name, or a list with such a string.
func (v *value) anyString(accepts func(string) bool) bool {
	one := func(v *value) bool {
		return slices.ContainsFunc(v.literals(), func(l literal) bool { return l.kind == python.ConstStr && accepts(l.s) })
	}
	return one(v) || v != nil && v.ref != "" && accepts(v.ref) || v != nil && v.obj != nil && (one(v.obj.elem) || slices.ContainsFunc(v.obj.fields, func(f field) bool { return one(f.v) }))
}

// Site is a call of something outside the project.
type Site struct {
	Ref  string
	Tree *python.Tree
	File any
	Node python.Node
	args args
	self *value
	fn   *function
	// Maybe says that an argument is one of several constants, and this call is about one
	// of them.
	Maybe bool
}

// Known is what is known of an argument.
type Known struct {
	Given   bool   // false: certainly not given
	Text    string // text of a constant string, source text of another constant; valid with Const
	Const   bool
	IsStr   bool
	Prefix  string // constant beginning of a string
	Name    string // dotted name of an outside thing
	Type    string // outside class
	Project bool   // a function or class of the project, or an instance
	Data    bool   // it carries data of a source
	Param   bool   // a parameter of the function: the caller knows
}

// Arg tells about an argument.
func (s Site) Arg(a Arg) Known {
	v, ok := s.args.get(a, s.self)
	if !ok || v == nil {
		return Known{Given: ok}
	}
	k := Known{Given: true, Name: v.ref, Type: v.typ, Prefix: v.start(), Project: v.fn != nil || v.cls != nil || v.inst != nil}
	if v.lit.set {
		k.Const, k.Text, k.IsStr = true, v.lit.s, v.lit.kind == python.ConstStr
	}
	for _, l := range v.all(2) {
		k.Data = k.Data || l.src != nil
		k.Param = k.Param || l.src == nil
	}
	return k
}

// Args returns the number of positional arguments, and the names of the others.
func (s Site) Args() (positional int, names []string) {
	for _, k := range s.args.kw {
		names = append(names, k.name)
	}
	return len(s.args.pos), names
}

// Items returns what is known of the items of a list argument that was written out.
func (s Site) Items(a Arg) []Known {
	v, ok := s.args.get(a, s.self)
	if !ok || v == nil || v.obj == nil || !v.obj.seq {
		return nil
	}
	var out []Known
	for i := range len(v.obj.fields) {
		a := a
		a.Key = index(i)
		out = append(out, s.Arg(a))
	}
	return out
}

// Function returns the names of the functions and classes around the call, innermost
// first.
func (s Site) Function() []string {
	var out []string
	for f := s.fn; f != nil; f = f.parent {
		out = append(out, f.name)
		if f.cls != nil {
			out = append(out, f.cls.name)
		}
	}
	return out
}

// trimAttr splits a dotted name at its last dot.
func trimAttr(ref string) (base, last string) {
	i := strings.LastIndexByte(ref, '.')
	if i < 0 {
		return "", ref
	}
	return ref[:i], ref[i+1:]
}
