package cel

import (
	"math"
	"time"
)

func mismatch(n *node, x []typed) error {
	if len(x) == 1 {
		return failf(n.pos, "found no matching overload for '%s_' applied to '(%s)'", n.name, x[0].typ)
	}
	hint := ""
	if a, b := x[0].typ, x[1].typ; a == Int && b == Double || a == Double && b == Int {
		hint = "; write 1.0 for 1, or convert with double()"
	} else if a == String || b == String {
		hint = "; text is compared with text"
	}
	return failf(n.pos, "found no matching overload for '_%s_' applied to '(%s, %s)'%s", n.name, x[0].typ, x[1].typ, hint)
}

func (c *checker) operator(n *node, sc *scope) (typed, error) {
	x, err := c.all(n.args, sc)
	if err != nil {
		return typed{}, err
	}
	if len(x) == 1 {
		return unary(n, x)
	}
	switch n.name {
	case "&&", "||":
		return logic(n, x)
	case "==", "!=":
		return c.equality(n, x)
	case "in":
		return c.membership(n, x)
	case "<", "<=", ">", ">=":
		return c.order(n, x)
	}
	return arithmetic(n, x)
}

func unary(n *node, x []typed) (typed, error) {
	t, of, pos := x[0].typ, x[0].eval, n.pos
	if n.name == "!" && t != Bool || n.name == "-" && t != Int && t != Double {
		return typed{}, mismatch(n, x)
	}
	return typed{typ: t, eval: func(f *frame) (Value, error) {
		v, err := of(f)
		if err == nil {
			err = f.spend(1)
		}
		switch {
		case err != nil:
			return v, err
		case t == Bool:
			return Value{n: 1 - v.n}, nil
		case t == Double:
			return double(-v.double()), nil
		case v.n == math.MinInt64:
			return v, failf(pos, "integer overflow")
		}
		return Value{n: -v.n}, nil
	}}, nil
}

// logic is && and ||. What one side alone decides the other cannot spoil: false && x
// is false, and so is x && false, also where x has no value.
func logic(n *node, x []typed) (typed, error) {
	if x[0].typ != Bool || x[1].typ != Bool {
		return typed{}, mismatch(n, x)
	}
	l, r, decides := x[0].eval, x[1].eval, int64(0)
	if n.name == "||" {
		decides = 1
	}
	return typed{typ: Bool, eval: func(f *frame) (Value, error) {
		a, err := l(f)
		if err == nil && a.n == decides {
			return a, f.spend(1)
		}
		if f.spend(1) != nil {
			return a, errCost
		}
		b, err2 := r(f)
		if f.left < 0 {
			return b, errCost
		}
		if err2 == nil && b.n == decides {
			return b, nil
		}
		if err == nil {
			err = err2
		}
		return Value{n: 1 - decides}, err
	}}, nil
}

// arith computes, or returns what it cannot.
type arith func(f *frame, a, b Value) (Value, string, error)

func arithmetic(n *node, x []typed) (typed, error) {
	t, do := arithmeticOf(n.name, x[0].typ, x[1].typ)
	if do == nil {
		return typed{}, mismatch(n, x)
	}
	l, r, pos := x[0].eval, x[1].eval, n.pos
	return typed{typ: t, eval: func(f *frame) (Value, error) {
		a, err := l(f)
		if err != nil {
			return a, err
		}
		b, err := r(f)
		if err != nil {
			return b, err
		}
		if err := f.spend(1); err != nil {
			return a, err
		}
		v, why, err := do(f, a, b)
		if why != "" {
			err = failf(pos, "%s", why)
		}
		return v, err
	}}, nil
}

func arithmeticOf(op string, a, b *Type) (*Type, arith) {
	switch {
	case a == Int && b == Int:
		return Int, func(_ *frame, a, b Value) (Value, string, error) {
			v, why := integers(op, a.n, b.n)
			return Value{n: v}, why, nil
		}
	case a == Double && b == Double && op != "%":
		return Double, func(_ *frame, a, b Value) (Value, string, error) {
			return double(doubles(op, a.double(), b.double())), "", nil
		}
	case op == "+" && a == String && b == String:
		return String, func(f *frame, a, b Value) (Value, string, error) {
			if err := f.spend((len(a.s) + len(b.s)) / 8); err != nil {
				return a, "", err
			}
			return Value{s: a.s + b.s}, "", nil
		}
	case op == "+" && a.isList() && b.isList():
		t := join(a, b)
		if t == nil {
			return nil, nil
		}
		return t, func(f *frame, a, b Value) (Value, string, error) {
			x, y := a.list(), b.list()
			if err := f.spend(4 * (x.Len() + y.Len())); err != nil {
				return a, "", err
			}
			out := make([]Value, 0, x.Len()+y.Len())
			for _, l := range []list{x, y} {
				for i := range l.Len() {
					out = append(out, l.At(i))
				}
			}
			return listValue(out), "", nil
		}
	}
	return times(op, a, b)
}

const overflow = "integer overflow"

func integers(op string, a, b int64) (int64, string) {
	switch op {
	case "+":
		if s := a + b; (s > a) == (b > 0) {
			return s, ""
		}
	case "-":
		if d := a - b; (d < a) == (b > 0) {
			return d, ""
		}
	case "*":
		if a == 0 || b == 0 {
			return 0, ""
		}
		if p := a * b; p/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64) {
			return p, ""
		}
	case "/", "%":
		switch {
		case b == 0 && op == "/":
			return 0, "division by zero"
		case b == 0:
			return 0, "modulus by zero"
		case a == math.MinInt64 && b == -1:
			return 0, overflow
		case op == "/":
			return a / b, ""
		}
		return a % b, ""
	}
	return 0, overflow
}

func doubles(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	return a / b
}

// The first and the last second that a timestamp names, years 1 and 9999.
const firstSecond, lastSecond = -62135596800, 253402300799

func at(t time.Time) (Value, string) {
	if s := t.Unix(); s < firstSecond || s > lastSecond {
		return Value{}, "timestamp overflow: it is not between the years 1 and 9999"
	}
	return Value{r: &t}, ""
}

// times is the arithmetic of timestamps and durations.
func times(op string, a, b *Type) (*Type, arith) {
	plus := op == "+"
	if !plus && op != "-" {
		return nil, nil
	}
	switch {
	case a == Duration && b == Duration:
		return Duration, func(_ *frame, a, b Value) (Value, string, error) {
			v, why := integers(op, a.n, b.n)
			return Value{n: v}, why, nil
		}
	case a == Timestamp && b == Duration:
		return Timestamp, func(_ *frame, a, b Value) (Value, string, error) {
			d := time.Duration(b.n)
			if !plus {
				if d == math.MinInt64 {
					return a, "duration overflow", nil
				}
				d = -d
			}
			v, why := at(a.time().Add(d))
			return v, why, nil
		}
	case a == Duration && b == Timestamp && plus:
		return Timestamp, func(_ *frame, a, b Value) (Value, string, error) {
			v, why := at(b.time().Add(time.Duration(a.n)))
			return v, why, nil
		}
	case a == Timestamp && b == Timestamp && !plus:
		return Duration, func(_ *frame, a, b Value) (Value, string, error) {
			d := a.time().Sub(b.time())
			if !b.time().Add(d).Equal(a.time()) {
				return a, "duration overflow: the times are more than 292 years apart", nil
			}
			return Value{n: int64(d)}, "", nil
		}
	}
	return nil, nil
}
