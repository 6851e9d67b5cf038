package jinja

import (
	"slices"
	"strings"
)

// measure is the class of a number or truth made from a value.
func measure(v value) class {
	if v.isContent() {
		return cMeasure
	}
	if v.class == cTime || v.class == cTurns {
		return v.class
	}
	return cNone
}

// condition adds a condition on x, which is compared with the triggers, to conds.
// A comparison with nothing, which only asks whether there is any content, is none.
func (a *analysis) condition(conds []*Cond, pos int, x value, triggers []string, numbers bool) []*Cond {
	var kept []string
	for _, t := range triggers {
		if strings.TrimSpace(t) != "" && len(kept) < 64 {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 && !numbers {
		return conds
	}
	kind := CondContent
	switch {
	case x.class == cTime:
		kind = CondTime
	case x.class == cTurns:
		kind = CondTurns
	case x.system:
		kind = CondSystem
	}
	key := condKey{pos, kind}
	c := a.conds[key]
	if c == nil {
		c = &Cond{Kind: kind, Pos: pos}
		a.conds[key] = c
	}
	for _, t := range kept {
		if len(c.Triggers) < 64 && !slices.Contains(c.Triggers, t) {
			c.Triggers = append(c.Triggers, t)
		}
	}
	c.Numbers = c.Numbers || numbers
	return unionConds(conds, []*Cond{c})
}

// condKey makes the same condition, met again, the same.
type condKey struct {
	pos  int
	kind CondKind
}

// wordsOf lists the texts that a value may be compared by: itself, its elements,
// its keys, its alternatives.
func wordsOf(v value) []string {
	var out []string
	switch v.kind {
	case kStr:
		return []string{v.s}
	case kList:
		for _, x := range *v.list {
			out = append(out, wordsOf(x)...)
		}
	case kDict:
		for _, p := range *v.dict {
			out = append(out, wordsOf(p.k)...)
		}
	case kUnknown:
		for _, x := range v.alts {
			out = append(out, wordsOf(x)...)
		}
		for _, l := range v.lits {
			out = append(out, l.Text)
		}
	}
	return out
}

func (a *analysis) compareAll(e *Expr) value {
	left := a.eval(e.X[0])
	result := boolean(true)
	for i, op := range e.Names {
		right := a.eval(e.X[i+1])
		v := a.compared(e.Pos, op, left, right)
		x, okX := result.truth()
		y, okY := v.truth()
		conds := unionConds(result.conds, v.conds)
		if okX && okY {
			result = boolean(x && y).with(conds)
		} else {
			result = value{class: max(result.class, v.class), conds: conds}
		}
		left = right
	}
	return result
}

func (a *analysis) compared(pos int, op string, x, y value) value {
	conds := unionConds(unionConds(x.dep(), y.dep()), unionConds(x.cut, y.cut))
	for _, side := range [][2]value{{x, y}, {y, x}} {
		what, with := side[0], side[1]
		if !what.isContent() && what.class != cTime && what.class != cTurns {
			continue
		}
		_, number := with.float()
		if n, _ := with.float(); number && what.class == cTurns && n < 3 {
			number = false // the first turns are special in many formats
		}
		if n, _ := with.float(); number && what.class == cMeasure && n >= -1 && n <= 1 {
			number = false // is there any
		}
		conds = a.condition(conds, pos, what, wordsOf(with), number)
	}
	if b, ok := known(op, x, y); ok {
		return boolean(b).with(conds)
	}
	class := measure(x)
	if class == cNone {
		class = measure(y)
	}
	return value{class: class, conds: conds}
}

// known compares two known values.
func known(op string, x, y value) (result, ok bool) {
	if f, isNum := x.float(); isNum {
		if g, isNum := y.float(); isNum {
			switch op {
			case "==":
				return f == g, true
			case "!=":
				return f != g, true
			case "<":
				return f < g, true
			case "<=":
				return f <= g, true
			case ">":
				return f > g, true
			case ">=":
				return f >= g, true
			}
		}
	}
	switch op {
	case "in", "not in":
		in := false
		switch {
		case x.kind == kStr && y.kind == kStr:
			in = strings.Contains(y.s, x.s)
		case x.known() && y.kind == kList:
			for _, v := range *y.list {
				eq, ok := known("==", x, v)
				if !ok {
					return false, false
				}
				in = in || eq
			}
		case x.kind == kStr && y.kind == kDict:
			for _, p := range *y.dict {
				if p.k.kind != kStr {
					return false, false
				}
				in = in || p.k.s == x.s
			}
		default:
			return false, false
		}
		return in == (op == "in"), true
	case "==", "!=":
		if !x.known() || !y.known() || x.kind == kList || x.kind == kDict || y.kind == kList || y.kind == kDict {
			return false, false
		}
		same := x.kind == y.kind && x.s == y.s && x.i == y.i && x.b == y.b && x.f == y.f
		return same == (op == "=="), true
	}
	if x.kind == kStr && y.kind == kStr {
		switch op {
		case "<":
			return x.s < y.s, true
		case "<=":
			return x.s <= y.s, true
		case ">":
			return x.s > y.s, true
		case ">=":
			return x.s >= y.s, true
		}
	}
	return false, false
}

// test is "x is name(args)".
func (a *analysis) test(e *Expr) value {
	x := a.eval(e.X[0])
	args := a.args(e.Args)
	conds := x.dep()
	switch e.Name {
	case "defined":
		if name, ok := a.unbound(e.X[0]); ok && name == "loop" {
			return boolean(false)
		}
		return value{}
	case "undefined", "string", "mapping", "iterable", "sequence", "number", "integer", "float", "boolean", "true", "false", "callable", "escaped", "filter", "test":
		return value{conds: conds}
	case "none":
		if x.kind != kUnknown {
			return boolean(x.kind == kNone)
		}
		return value{conds: conds}
	case "odd", "even", "divisibleby":
		if x.kind == kInt && e.Name != "divisibleby" {
			return boolean((x.i%2 != 0) == (e.Name == "odd"))
		}
		if x.isContent() {
			conds = a.condition(conds, e.Pos, x, nil, true)
		}
		return value{conds: conds}
	}
	ops := map[string]string{"eq": "==", "equalto": "==", "==": "==", "ne": "!=", "!=": "!=", "in": "in", "sameas": "==",
		"lt": "<", "lessthan": "<", "gt": ">", "greaterthan": ">", "le": "<=", "ge": ">="}
	if op, ok := ops[e.Name]; ok && len(args) == 1 {
		return a.compared(e.Pos, op, x, args[0].v)
	}
	// Of an unknown kind: "match", "search", "startingwith" in some environments.
	var words []string
	for _, arg := range args {
		words = append(words, wordsOf(arg.v)...)
	}
	if x.isContent() {
		conds = a.condition(conds, e.Pos, x, words, len(args) == 0)
	}
	return value{class: measure(x), conds: conds}
}
