package jinja

import (
	"slices"
	"strings"
)

// argument is an evaluated argument.
type argument struct {
	name  string
	stars int
	v     value
}

func (a *analysis) args(list []Arg) []argument {
	out := make([]argument, 0, len(list))
	for _, x := range list {
		v := a.eval(x.Value)
		a.reference(x.Value, v)
		if x.Stars == 1 && v.kind == kList {
			for _, item := range *v.list {
				out = append(out, argument{v: item.with(v.conds)})
			}
			continue
		}
		out = append(out, argument{x.Name, x.Stars, v})
	}
	return out
}

// pick returns the positional argument at i, or the one called name.
func pick(args []argument, i int, name string) (value, bool) {
	n := 0
	for _, x := range args {
		switch {
		case x.name != "" && x.name == name:
			return x.v, true
		case x.name == "" && x.stars == 0:
			if n == i {
				return x.v, true
			}
			n++
		}
	}
	return value{}, false
}

func values(args []argument) []value {
	out := make([]value, len(args))
	for i, x := range args {
		out[i] = x.v
	}
	return out
}

// call is "f(args)".
func (a *analysis) call(e *Expr) value {
	f := e.X[0]
	a.suspect(f)
	callee := a.eval(f)
	args := a.args(e.Args)
	a.callee(e, f, callee)
	switch callee.kind {
	case kMacro:
		return a.callMacro(callee.macro, args, e.Pos)
	case kMethod:
		return a.method(e, callee, args)
	case kGlobal:
		return a.function(e, callee.s, args)
	}
	if v, ok := a.callAny(callee, args, e.Pos); ok {
		return v
	}
	if name, unbound := a.unbound(f); unbound {
		if !knownFunction(name) && !suspectGlobal(name) {
			a.event(Event{Kind: EventCall, Pos: f.Pos, Name: name})
		}
		return mix(values(args)...)
	}
	return mix(append(values(args), callee)...)
}

// callAny calls each macro that a value may be.
func (a *analysis) callAny(callee value, args []argument, pos int) (out value, ok bool) {
	for _, alt := range callee.alts {
		if alt.kind != kMacro {
			continue
		}
		v := a.callMacro(alt.macro, args, pos).with(alt.dep()).with(callee.dep())
		if ok {
			v = either(out, v)
		}
		out, ok = v, true
	}
	return out, ok
}

// callee notes calls that a template that works with text has no use for: of an item
// whose key is not known, and of methods that texts, lists and mappings do not have.
func (a *analysis) callee(e, f *Expr, v value) {
	switch {
	case v.dynamic && v.kind == kUnknown:
		a.event(Event{Kind: EventDynamic, Pos: e.Pos, Name: "a value that is not known", Via: exprPath(e)})
	case f.Op == OpAttr && !isMethod(f.Name) && !otherMethod(f.Name) && v.kind != kMacro && v.kind != kGlobal:
		a.event(Event{Kind: EventCall, Pos: e.Pos, Name: "." + f.Name})
	}
}

// function is a call of what the environment provides.
func (a *analysis) function(e *Expr, name string, args []argument) value {
	switch name {
	case "range":
		return a.rangeOf(e, args)
	case "dict":
		var d []pair
		for _, x := range args {
			if x.name != "" {
				d = append(d, pair{str(x.name, e.Pos), x.v})
			} else if x.v.kind == kDict {
				d = append(d, *x.v.dict...)
			}
		}
		return value{kind: kDict, dict: &d}
	case "namespace":
		ns := map[string]value{}
		for _, x := range args {
			if x.name != "" {
				ns[x.name] = x.v
			}
		}
		return value{kind: kNamespace, ns: ns}
	case "cycler", "joiner":
		v := value{}
		for i, x := range values(args) {
			if i == 0 {
				v = x
			} else {
				v = either(v, x)
			}
		}
		if name == "joiner" {
			if len(args) == 0 {
				v = str(", ", e.Pos)
			}
			v = either(v, str("", e.Pos))
		}
		return value{kind: kMethod, s: name, x: &v}
	case "lipsum":
		a.event(Event{Kind: EventGlobal, Pos: e.Pos, Name: name})
		if n, ok := pick(args, 0, "n"); ok && n.kind == kInt && n.i > 1000 {
			a.event(Event{Kind: EventGrow, Pos: e.Pos, Count: float64(n.i) * 500})
		}
	case "strftime_now", "now":
		return value{class: cTime}
	case "raise_exception":
		return value{}
	}
	return mix(values(args)...)
}

func (a *analysis) rangeOf(e *Expr, args []argument) value {
	lo, hi, step := int64(0), int64(0), int64(1)
	for i, v := range values(args) {
		if v.kind != kInt {
			return value{conds: mix(values(args)...).conds}
		}
		switch {
		case i == 0 && len(args) == 1, i == 1:
			hi = v.i
		case i == 0:
			lo = v.i
		case i == 2:
			step = v.i
		}
	}
	if step == 0 {
		return value{}
	}
	n := (float64(hi) - float64(lo)) / float64(step)
	if n <= 0 {
		return list(nil)
	}
	if n > maxList {
		return value{count: n}
	}
	var items []value
	for i := lo; step > 0 && i < hi || step < 0 && i > hi; i += step {
		items = append(items, num(i))
	}
	return list(items)
}

// callMacro runs a macro with its arguments and returns what it puts out.
func (a *analysis) callMacro(m *Stmt, args []argument, pos int) value {
	a.macros[m]++
	if a.recursive(m, args) {
		return mix(values(args)...)
	}
	if a.calls >= maxCalls {
		if len(a.stack[m]) > 0 {
			a.event(Event{Kind: EventRecursion, Pos: m.Pos, Name: m.Name})
		} else {
			a.report.Incomplete = true
		}
		return mix(values(args)...)
	}
	a.calls++
	a.stack[m] = append(a.stack[m], signature(args))
	defer func() { a.calls--; a.stack[m] = a.stack[m][:len(a.stack[m])-1] }()
	saved := a.st.vars
	a.st.vars = make(map[string]value, len(saved)+len(m.Params))
	a.steps += len(saved)
	for k, v := range saved {
		a.st.vars[k] = v
	}
	for i, p := range m.Params {
		v, ok := pick(args, i, p.Name)
		if !ok && p.Value != nil {
			v = a.eval(p.Value)
		}
		a.st.vars[p.Name] = v
	}
	var extra []value
	if n := len(m.Params); len(args) > n {
		extra = values(args[n:])
	}
	a.st.vars["varargs"] = list(extra)
	a.st.vars["kwargs"] = value{lits: gather(extra, nil)}
	pc := a.pc
	a.pc = nil // conditions of the caller are added where the result goes
	v := a.capture(func() { a.exec(m.Body) })
	a.pc = pc
	a.st.vars = saved
	return v.at(max(v.pos, 1))
}

// recursive reports whether a call would only repeat one that is being followed. A
// macro that walks nested data, the schema of a tool, is followed into itself only
// with other constants; one that works with nothing but what is known, to the end.
func (a *analysis) recursive(m *Stmt, args []argument) bool {
	n := len(a.stack[m])
	if n == 0 {
		return false
	}
	if a.dead > 0 {
		return true
	}
	for _, x := range args {
		if !x.v.fully(4) {
			return n > 1 || slices.Contains(a.stack[m], signature(args))
		}
	}
	return false
}

// signature tells calls apart by the constants that they pass.
func signature(args []argument) string {
	var b strings.Builder
	for _, x := range args {
		s, ok := text(x.v)
		if !ok {
			s = "?"
		}
		b.WriteString(x.name + "=" + s + "\x00")
	}
	return b.String()
}

// callBlock is "{% call f() %}body{% endcall %}": the macro may put the body out.
func (a *analysis) callBlock(s *Stmt) {
	caller := &Stmt{Kind: Macro, Pos: s.Pos, Name: "caller", Params: s.Params, Body: s.Body}
	old, had := a.st.vars["caller"]
	a.st.vars["caller"] = value{kind: kMacro, macro: caller}
	v := a.eval(s.Value)
	if had {
		a.st.vars["caller"] = old
	} else {
		delete(a.st.vars, "caller")
	}
	if a.macros[caller] == 0 { // passed to something that is not known
		v = mix(v, a.callMacro(caller, nil, s.Pos))
	}
	a.emit(v)
}
