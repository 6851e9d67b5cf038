package jinja

import (
	"strconv"
	"strings"
)

// eval returns what is known of an expression. Large values count as work.
func (a *analysis) eval(e *Expr) value {
	if e == nil || !a.step() {
		return value{}
	}
	v := a.evaluated(e)
	a.steps += len(v.s) / 128
	if v.kind == kList {
		a.steps += len(*v.list) / 4
	}
	return v
}

func (a *analysis) evaluated(e *Expr) value {
	switch e.Op {
	case OpName:
		return a.name(e)
	case OpConst:
		return constant(e)
	case OpList, OpTuple:
		items := make([]value, 0, len(e.X))
		for _, x := range e.X {
			items = append(items, a.eval(x))
		}
		return list(items)
	case OpDict:
		var d []pair
		for i := 0; i+1 < len(e.X); i += 2 {
			d = append(d, pair{a.eval(e.X[i]), a.eval(e.X[i+1])})
		}
		return value{kind: kDict, dict: &d}
	case OpAttr:
		return a.attribute(e, a.eval(e.X[0]), e.Name)
	case OpItem:
		base := a.eval(e.X[0])
		if e.X[1].Op == OpSlice {
			return a.slice(base, e.X[1])
		}
		return a.item(e, base, a.eval(e.X[1]))
	case OpCall:
		return a.call(e)
	case OpFilter:
		return a.filter(e, a.eval(e.X[0]))
	case OpTest:
		return a.test(e)
	case OpNot:
		v := a.eval(e.X[0])
		if b, ok := v.truth(); ok {
			return boolean(!b).with(v.dep())
		}
		return value{class: measure(v), conds: v.dep()}
	case OpUnary:
		v := a.eval(e.X[0])
		if v.kind == kInt && e.Name == "-" {
			v.i = -v.i
		} else if v.kind == kFloat && e.Name == "-" {
			v.f = -v.f
		}
		return v
	case OpBinary:
		return a.binary(e, a.eval(e.X[0]), a.eval(e.X[1]))
	case OpConcat:
		v := a.eval(e.X[0])
		for _, x := range e.X[1:] {
			v = a.grown(e.Pos, combine(concat, v, a.eval(x)))
		}
		return v
	case OpCompare:
		return a.compareAll(e)
	case OpAnd, OpOr:
		return a.logic(e)
	case OpCond:
		return a.choice(e)
	}
	return value{}
}

func constant(e *Expr) value {
	switch v := e.Val.(type) {
	case bool:
		return boolean(v)
	case int64:
		return num(v)
	case float64:
		return value{kind: kFloat, f: v}
	case string:
		pos := e.Pos
		return str(v, pos)
	}
	return value{kind: kNone}
}

func (a *analysis) name(e *Expr) value {
	if v, ok := a.st.vars[e.Name]; ok {
		if v.class == cMessage || v.class == cMessages {
			v.path = e.Name
		}
		return v
	}
	if v, ok := sourceOf(e.Name); ok {
		return v
	}
	return value{kind: kUnknown, path: e.Name, pos: e.Pos}
}

// unbound reports whether an expression is a name that the template does not set.
func (a *analysis) unbound(e *Expr) (string, bool) {
	if e == nil || e.Op != OpName {
		return "", false
	}
	_, bound := a.st.vars[e.Name]
	return e.Name, !bound
}

// suspect notes the use of what lies behind a name that leads to code.
func (a *analysis) suspect(base *Expr) {
	if name, ok := a.unbound(base); ok && suspectGlobal(name) {
		a.event(Event{Kind: EventGlobal, Pos: base.Pos, Name: name})
	}
}

// lookAt notes an access to an attribute or item by its name.
func (a *analysis) lookAt(e *Expr, name string) {
	for _, part := range strings.Split(name, ".") {
		reach := Attribute(part)
		if reach == ReachPrivate && e.Op == OpItem {
			continue // the key of a mapping
		}
		if reach != ReachNothing {
			a.event(Event{Kind: EventAttribute, Pos: e.Pos, Name: part, Via: exprPath(e)})
		}
	}
}

func (a *analysis) attribute(e *Expr, base value, name string) value {
	a.suspect(e.X[0])
	a.lookAt(e, name)
	return a.field(e, base, name)
}

// field returns an attribute or item of a value by its name.
func (a *analysis) field(e *Expr, base value, name string) value {
	switch base.kind {
	case kNamespace:
		if v, ok := base.ns[name]; ok {
			return v
		}
		return value{}
	case kDict:
		for i := len(*base.dict) - 1; i >= 0; i-- {
			if p := (*base.dict)[i]; p.k.kind == kStr && p.k.s == name {
				return p.v.with(base.conds)
			}
		}
	}
	switch base.class {
	case cMessage:
		if structural(name) {
			return value{conds: base.conds, path: base.path + "." + name}
		}
		if isMethod(name) {
			break
		}
		v := value{class: cContent, conds: base.conds, lits: base.lits, path: base.path + "." + name}
		role := a.st.roles[base.path]
		v.system = role == "system" || role == "developer"
		return v
	case cContent:
		if structural(name) {
			return value{conds: base.conds}
		}
		if !isMethod(name) {
			return value{class: cContent, conds: base.conds, lits: base.lits, system: base.system}
		}
	}
	if !isMethod(name) {
		return value{lits: base.texts(), conds: base.conds, deps: base.deps}
	}
	return value{kind: kMethod, s: name, x: &base, conds: base.conds}
}

func (a *analysis) item(e *Expr, base, key value) value {
	a.suspect(e.X[0])
	names := key.candidates()
	for _, k := range names {
		if k.kind == kStr {
			a.lookAt(e, k.s)
		}
	}
	if key.kind == kUnknown && len(names) == 0 {
		a.pieces(e, key)
	}
	switch key.kind {
	case kStr:
		return a.field(e, base, key.s).with(key.dep())
	case kInt:
		return a.indexed(e, base, key.i).with(key.dep())
	}
	// One of several, chosen by something that is not known.
	conds := key.dep()
	if key.class == cContent && base.kind == kDict {
		var triggers []string
		for _, p := range *base.dict {
			if p.k.kind == kStr {
				triggers = append(triggers, p.k.s)
			}
		}
		conds = a.condition(conds, e.Pos, key, triggers, false)
	}
	if len(names) > 1 {
		v := value{}
		for i, k := range names {
			var x value
			switch k.kind {
			case kStr:
				x = a.field(e, base, k.s)
			case kInt:
				x = a.indexed(e, base, k.i)
			}
			if i == 0 {
				v = x
			} else {
				v = either(v, x)
			}
		}
		return v.with(conds)
	}
	v := a.element(base).with(conds)
	v.dynamic = key.kind == kUnknown && base.kind != kDict && base.kind != kList && len(base.alts) == 0
	return v
}

// pieces notes a name that is put together from parts that are not all known, if the
// known ones have the underscores of a special name.
func (a *analysis) pieces(e *Expr, name value) {
	all := ""
	for _, l := range name.lits {
		all += l.Text
	}
	if strings.Contains(all, "__") || strings.Count(all, "_") >= 4 {
		a.event(Event{Kind: EventDynamic, Pos: e.Pos, Name: all, Via: exprPath(e)})
	}
}

// indexed returns the element of a list or string at a known place.
func (a *analysis) indexed(e *Expr, base value, i int64) value {
	switch base.kind {
	case kList:
		l := *base.list
		if i < 0 {
			i += int64(len(l))
		}
		if i >= 0 && i < int64(len(l)) {
			return l[i].with(base.conds)
		}
		return value{}
	case kStr:
		r := []rune(base.s)
		if i < 0 {
			i += int64(len(r))
		}
		if i >= 0 && i < int64(len(r)) {
			return str(string(r[i]), base.pos).with(base.conds)
		}
		return value{}
	case kDict:
		for _, p := range *base.dict {
			if p.k.kind == kInt && p.k.i == i {
				return p.v.with(base.conds)
			}
		}
	}
	v := a.element(base)
	if base.class == cMessages && base.path != "" {
		v.path = base.path + "[" + strconv.FormatInt(i, 10) + "]"
	}
	return v
}

// element returns what one element of a value may be.
func (a *analysis) element(v value) value {
	var part value
	switch v.kind {
	case kList:
		var out value
		for i, x := range *v.list {
			if i == 0 {
				out = x
			} else if i < 64 {
				out = either(out, x)
			}
		}
		return out.with(v.conds)
	case kDict:
		var out value
		for i, p := range *v.dict {
			if i == 0 {
				out = p.v
			} else if i < 64 {
				out = either(out, p.v)
			}
		}
		return out.with(v.conds)
	case kStr:
		return value{lits: v.texts(), conds: v.conds}
	}
	for i, alt := range v.candidates() {
		if alt.kind != kList && alt.kind != kDict {
			break
		}
		x := a.element(alt)
		if i == 0 {
			part = x
		} else {
			part = either(part, x)
		}
	}
	if part.kind != kUnknown || len(part.alts) > 0 {
		return either(part, value{lits: v.lits, conds: v.conds, class: v.class})
	}
	switch v.class {
	case cMessages:
		return value{class: cMessage, conds: v.conds, lits: v.lits}
	case cContent:
		return value{class: cContent, conds: v.conds, system: v.system, lits: v.lits}
	}
	return value{lits: v.lits, conds: v.conds, class: v.class}
}

func (a *analysis) slice(base value, s *Expr) value {
	var part [3]value
	knownAll := true
	for i, x := range s.X {
		if x != nil {
			part[i] = a.eval(x)
			knownAll = knownAll && part[i].kind == kInt
		} else {
			part[i] = value{kind: kNone}
		}
	}
	if knownAll || allKnown(part[:]) {
		switch base.kind {
		case kStr:
			return str(string(sliced([]rune(base.s), part)), base.pos).with(base.conds)
		case kList:
			return list(sliced(*base.list, part)).with(base.conds)
		}
	}
	base.path = ""
	if base.kind == kStr || base.kind == kList {
		return mix(base, part[0], part[1], part[2])
	}
	return base
}

func allKnown(list []value) bool {
	for _, v := range list {
		if v.kind != kInt && v.kind != kNone {
			return false
		}
	}
	return true
}

// sliced is Python's x[start:stop:step].
func sliced[T any](x []T, part [3]value) []T {
	n := int64(len(x))
	step := int64(1)
	if part[2].kind == kInt {
		step = part[2].i
	}
	if step == 0 {
		return nil
	}
	lo, hi := int64(0), n
	if step < 0 {
		lo, hi = n-1, -1
	}
	bound := func(v value, low, high int64) int64 {
		i := v.i
		if i < 0 {
			i += n
		}
		return min(max(i, low), high)
	}
	if part[0].kind == kInt {
		if step > 0 {
			lo = bound(part[0], 0, n)
		} else {
			lo = bound(part[0], -1, n-1)
		}
	}
	if part[1].kind == kInt {
		if step > 0 {
			hi = bound(part[1], 0, n)
		} else {
			hi = bound(part[1], -1, n-1)
		}
	}
	var out []T
	for i := lo; step > 0 && i < hi || step < 0 && i > hi; {
		out = append(out, x[i])
		if step > n || step < -n {
			break
		}
		i += step
	}
	return out
}

// exprPath prints an expression the way a reader would write it, at most a line.
func exprPath(e *Expr) string {
	var b strings.Builder
	writePath(&b, e, 0)
	s := b.String()
	if len(s) > 160 {
		s = s[:160] + "..."
	}
	return s
}

func writePath(b *strings.Builder, e *Expr, depth int) {
	if e == nil || depth > 40 || b.Len() > 200 {
		b.WriteString("...")
		return
	}
	switch e.Op {
	case OpName:
		b.WriteString(e.Name)
	case OpConst:
		if s, ok := e.Val.(string); ok {
			b.WriteString(strconv.Quote(s))
		} else if n, ok := e.Val.(int64); ok {
			b.WriteString(strconv.FormatInt(n, 10))
		} else {
			b.WriteString("...")
		}
	case OpAttr:
		writePath(b, e.X[0], depth+1)
		b.WriteString("." + e.Name)
	case OpItem:
		writePath(b, e.X[0], depth+1)
		b.WriteByte('[')
		writePath(b, e.X[1], depth+1)
		b.WriteByte(']')
	case OpCall:
		writePath(b, e.X[0], depth+1)
		if len(e.Args) == 0 {
			b.WriteString("()")
		} else {
			b.WriteString("(...)")
		}
	case OpFilter:
		writePath(b, e.X[0], depth+1)
		b.WriteString("|" + e.Name)
	case OpConcat, OpBinary:
		for i, x := range e.X {
			if i > 0 {
				op := e.Name
				if e.Op == OpConcat {
					op = "~"
				}
				b.WriteString(" " + op + " ")
			}
			writePath(b, x, depth+1)
		}
	default:
		b.WriteString("...")
	}
}
