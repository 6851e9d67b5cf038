package pyflow

import (
	"slices"
	"strings"
)

// injected finds what a framework gives a parameter by itself, as its default
// (db=Depends(session)) or its annotation (Annotated[Session, Depends(session)]) says:
// a call of one of the names that s excepts. It returns that call's result, and whether
// there is one.
func (x *frame) injected(p param, s *Params) (*value, bool) {
	is := func(v *value) bool {
		return v != nil && (slices.Contains(s.Except, strings.TrimSuffix(v.ref, "()")) || v.typ != "" && slices.Contains(s.Except, v.typ))
	}
	if is(p.value) {
		return p.value, true
	}
	if p.annotation == 0 {
		return nil, false
	}
	if a := x.eval(p.annotation); a != nil && a.ref == annotated && a.obj != nil {
		for _, f := range a.obj.fields {
			if is(f.v) {
				return f.v, true
			}
		}
	}
	return nil, false
}

// annotated is what Annotated[...] is, with what stands in the brackets as its object.
const annotated = "typing.Annotated[]"

// injector reports whether a name is that of a call that says what is injected.
func (a *Analysis) injector(ref string) bool {
	if a.injectors == nil {
		a.injectors = map[string]bool{}
		for _, s := range a.spec.Params {
			for _, name := range s.Except {
				a.injectors[name] = true
			}
		}
	}
	return a.injectors[ref]
}

// dependency is what the function that an injected parameter names gives. Its own
// parameters come from where those of the function that asks for it come from.
func (x *frame) dependency(f *function, call *value, s *Params) *value {
	if call.pre == nil {
		return nil
	}
	dep, _ := call.pre.get(Arg{Pos: 0, Name: "dependency"}, nil)
	if dep == nil || x.depth > maxDepth {
		return nil
	}
	asks := func(g *function) {
		if g.source == nil && s.Kind != "" {
			g.source = s
			if !g.running {
				g.sum = nil
			}
		}
	}
	var got *value
	switch {
	case dep.fn != nil:
		asks(dep.fn)
		got = x.apply(f.node, dep, args{})
	case dep.cls != nil:
		if m, _ := x.a.lookup(dep.cls, "__init__", 0); m != nil && m.fn != nil {
			asks(m.fn)
		}
		got = x.callKnown(f.node, dep, args{})
	case dep.inst != nil:
		if m, _ := x.a.lookup(dep.inst, "__call__", 0); m != nil && m.fn != nil {
			asks(m.fn)
			got = x.method(f.node, dep, m, args{})
		}
	}
	if dep.fn != nil && dep.fn.yields {
		got = x.element(f.node, got)
	}
	return got
}
