package jinja

import (
	"math"
	"strconv"
	"strings"
)

// combine applies an operation to all alternatives of two values, as far as there
// are few.
func combine(op func(a, b value) value, x, y value) value {
	xs, ys := x.candidates(), y.candidates()
	if len(x.alts) == 0 && len(y.alts) == 0 || len(xs) == 0 || len(ys) == 0 {
		return op(x, y)
	}
	var out value
	first := true
	for _, a := range xs {
		for _, b := range ys {
			v := op(a, b)
			if first {
				out, first = v, false
			} else {
				out = either(out, v)
			}
		}
	}
	if x.kind == kUnknown || y.kind == kUnknown { // what else they may be
		out = either(out, op(x, y))
	}
	return out
}

// grown notes a value that has become very large, and forgets what it was.
func (a *analysis) grown(pos int, v value) value {
	if v.size >= 4<<20 && a.dead == 0 {
		a.event(Event{Kind: EventGrow, Pos: pos, Count: v.size})
	}
	return v
}

func (a *analysis) binary(e *Expr, x, y value) value {
	v := combine(func(x, y value) value { return a.arithmetic(e, x, y) }, x, y)
	return a.grown(e.Pos, v)
}

func (a *analysis) arithmetic(e *Expr, x, y value) value {
	conds := unionConds(x.dep(), y.dep())
	switch e.Name {
	case "+":
		if x.kind == kList && y.kind == kList && len(*x.list)+len(*y.list) <= maxList {
			return list(append(append([]value(nil), *x.list...), *y.list...))
		}
		if x.kind == kStr || y.kind == kStr || x.kind == kUnknown || y.kind == kUnknown {
			if x.kind == kUnknown || x.kind == kStr || y.kind == kStr {
				v := concat(x, y)
				if x.class == cMessages || y.class == cMessages {
					v.class = cMessages // lists of messages, one after the other
				}
				return v
			}
		}
	case "*":
		if v, ok := repeated(x, y); ok {
			return v.with(conds)
		}
		if v, ok := repeated(y, x); ok {
			return v.with(conds)
		}
	case "%":
		if x.kind == kStr {
			args := []value{y}
			if y.kind == kList {
				args = *y.list
			}
			if v, ok := a.percent(e.Pos, x, args, y); ok {
				return v.with(conds)
			}
		}
	}
	if v, ok := a.numbers(e, x, y); ok {
		return v.with(conds)
	}
	return mix(x, y)
}

// repeated is a text or list, several times.
func repeated(x, n value) (value, bool) {
	if n.kind != kInt && n.kind != kBool || x.kind != kStr && x.kind != kList && x.size == 0 && x.count == 0 {
		return value{}, false
	}
	times := n.i
	if n.kind == kBool && n.b {
		times = 1
	}
	times = max(0, times)
	switch {
	case x.kind == kStr && float64(len(x.s))*float64(times) <= maxStr:
		return str(strings.Repeat(x.s, int(times)), x.pos), true
	case x.kind == kList && float64(len(*x.list))*float64(times) <= maxList:
		var out []value
		for range times {
			out = append(out, *x.list...)
		}
		return list(out), true
	case x.kind == kList:
		return value{count: float64(len(*x.list)) * float64(times), lits: x.texts(), size: float64(times)}, true
	}
	return value{size: x.size * float64(times), lits: x.texts(), count: x.count * float64(times)}, true
}

func (a *analysis) numbers(e *Expr, x, y value) (value, bool) {
	if x.kind == kBool {
		x = num(int64(btoi(x.b)))
	}
	if y.kind == kBool {
		y = num(int64(btoi(y.b)))
	}
	if x.kind == kInt && y.kind == kInt {
		if v, ok := a.integers(e, x.i, y.i); ok {
			return v, true
		}
	}
	f, ok1 := x.float()
	g, ok2 := y.float()
	if !ok1 || !ok2 {
		return value{}, false
	}
	var r float64
	switch e.Name {
	case "+":
		r = f + g
	case "-":
		r = f - g
	case "*":
		r = f * g
	case "/", "//", "%":
		if g == 0 {
			return value{}, true
		}
		r = f / g
		if e.Name == "//" {
			r = math.Floor(r)
		} else if e.Name == "%" {
			r = f - g*math.Floor(f/g)
		}
	case "**":
		r = math.Pow(f, g)
		if digits := g * math.Log10(math.Abs(f)); digits > 100_000 {
			return value{size: digits}, true
		}
	}
	return value{kind: kFloat, f: r}, true
}

func (a *analysis) integers(e *Expr, x, y int64) (value, bool) {
	const most = 1 << 31
	small := x < most && x > -most && y < most && y > -most
	switch e.Name {
	case "+":
		return num(x + y), small
	case "-":
		return num(x - y), small
	case "*":
		return num(x * y), small
	case "//", "%":
		if y == 0 {
			return value{}, true
		}
		q, r := x/y, x%y
		if r != 0 && (r < 0) != (y < 0) {
			q, r = q-1, r+y
		}
		if e.Name == "//" {
			return num(q), true
		}
		return num(r), true
	case "**":
		r := math.Pow(float64(x), float64(y))
		return num(int64(r)), y >= 0 && math.Abs(r) < 1<<53
	}
	return value{}, false
}

func (v value) float() (float64, bool) {
	switch v.kind {
	case kInt:
		return float64(v.i), true
	case kFloat:
		return v.f, true
	}
	return 0, false
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// logic is "and" and "or", which return one of their operands.
func (a *analysis) logic(e *Expr) value {
	x := a.eval(e.X[0])
	if b, ok := x.truth(); ok && len(x.dep()) == 0 {
		if b == (e.Op == OpOr) {
			a.dead++
			a.eval(e.X[1])
			a.dead--
			return x
		}
		return a.eval(e.X[1])
	}
	if e.Op == OpAnd {
		st := a.st
		a.st = a.fork(st)
		a.guard(e.X[0], true)
		defer func() { a.st = st }()
	}
	y := a.eval(e.X[1])
	if x.class == cMessage || x.class == cMessages {
		x.class = cNone
	}
	v := either(x, y.with(x.dep()))
	if v.class == cContent && x.class != cContent && y.class != cContent {
		v.class = cMeasure
	}
	return v
}

// choice is "a if test else b".
func (a *analysis) choice(e *Expr) value {
	test := a.eval(e.X[0])
	other := func() value {
		if e.X[2] == nil {
			return str("", e.Pos)
		}
		return a.eval(e.X[2])
	}
	if b, ok := test.truth(); ok && len(test.dep()) == 0 {
		a.dead++
		if b {
			other()
			a.dead--
			return a.eval(e.X[1])
		}
		a.eval(e.X[1])
		a.dead--
		return other()
	}
	st := a.st
	a.st = a.fork(st)
	a.guard(e.X[0], true)
	x := a.eval(e.X[1])
	a.st = a.fork(st)
	a.guard(e.X[0], false)
	y := other()
	a.st = st
	return either(x.with(test.dep()), y.with(test.dep()))
}

// text returns the text of a known value as the template would print it.
func text(v value) (string, bool) {
	switch v.kind {
	case kStr:
		return v.s, true
	case kInt:
		return strconv.FormatInt(v.i, 10), true
	case kBool:
		if v.b {
			return "True", true
		}
		return "False", true
	case kNone:
		return "None", true
	case kFloat:
		s := strconv.FormatFloat(v.f, 'g', -1, 64)
		if !strings.ContainsAny(s, ".en") {
			s += ".0"
		}
		return s, true
	}
	return "", false
}
