package pyflow

import (
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// folded is a number, a string or a truth value that is known.
type folded struct {
	kind byte // 'n', 's' or 'b'
	n    float64
	s    string
	b    bool
}

// folding bounds the expressions whose value is worked out.
const folding = 12

// fold works out an expression of constants and of the function's own variables that
// hold one here. Variables of modules are not constants: others may set them.
func (x *frame) fold(n python.Node, depth int) (folded, bool) {
	t := x.mod.tree
	if n == 0 || depth > folding {
		return folded{}, false
	}
	switch t.Kind(n) {
	case python.KindConstant:
		return literalConstant(t.Const(n), t.Text(n), func() (string, bool) { return t.String(n) })
	case python.KindName:
		if x.fn == nil {
			return folded{}, false
		}
		if v, e := x.env.look(t.Name(n)); v != nil && e == x.env && v.lit.set {
			return literalConstant(v.lit.kind, v.lit.s, func() (string, bool) { return v.lit.s, true })
		}
	case python.KindUnaryOp:
		v, ok := x.fold(t.Value(n), depth+1)
		switch {
		case ok && t.Op(n) == python.OpNot:
			return folded{kind: 'b', b: !v.truth()}, true
		case ok && v.kind == 'n' && t.Op(n) == python.OpUSub:
			return folded{kind: 'n', n: -v.n}, true
		}
	case python.KindBinOp:
		b := t.BinOp(n)
		l, ok := x.fold(b.Left, depth+1)
		if !ok {
			return l, false
		}
		r, ok := x.fold(b.Right, depth+1)
		if !ok || l.kind != r.kind {
			return r, false
		}
		return l.operate(b.Op, r)
	case python.KindCompare:
		c := t.Compare(n)
		if len(c.Comparators) != 1 {
			return folded{}, false
		}
		l, ok := x.fold(c.Left, depth+1)
		if !ok {
			return l, false
		}
		r, ok := x.fold(c.Comparators[0], depth+1)
		if !ok {
			return r, false
		}
		return l.compare(c.Op(0), r)
	case python.KindSubscript:
		s := t.Subscript(n)
		v, ok := x.fold(s.Value, depth+1)
		i, known := x.fold(s.Index, depth+1)
		if ok && known && v.kind == 's' && i.kind == 'n' {
			if c, ok := character(v.s, int(i.n)); ok {
				return folded{kind: 's', s: c}, true
			}
		}
	}
	return folded{}, false
}

func literalConstant(kind python.Const, text string, str func() (string, bool)) (folded, bool) {
	switch kind {
	case python.ConstStr:
		s, ok := str()
		return folded{kind: 's', s: s}, ok
	case python.ConstInt, python.ConstFloat:
		n, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
		return folded{kind: 'n', n: n}, err == nil
	case python.ConstTrue, python.ConstFalse:
		return folded{kind: 'b', b: kind == python.ConstTrue}, true
	}
	return folded{}, false
}

func (c folded) truth() bool {
	switch c.kind {
	case 'n':
		return c.n != 0
	case 's':
		return c.s != ""
	}
	return c.b
}

func (c folded) operate(op python.Op, r folded) (folded, bool) {
	if c.kind == 's' && op == python.OpAdd && len(c.s)+len(r.s) < 1<<10 {
		return folded{kind: 's', s: c.s + r.s}, true
	}
	if c.kind != 'n' {
		return c, false
	}
	switch op {
	case python.OpAdd:
		c.n += r.n
	case python.OpSub:
		c.n -= r.n
	case python.OpMult:
		c.n *= r.n
	case python.OpDiv:
		if r.n == 0 {
			return c, false
		}
		c.n /= r.n
	default:
		return c, false
	}
	return c, true
}

func (c folded) compare(op python.Op, r folded) (folded, bool) {
	out := folded{kind: 'b'}
	switch {
	case op == python.OpIn && c.kind == 's' && r.kind == 's':
		out.b = strings.Contains(r.s, c.s)
	case op == python.OpNotIn && c.kind == 's' && r.kind == 's':
		out.b = !strings.Contains(r.s, c.s)
	case c.kind != r.kind:
		return out, false
	case op == python.OpEq:
		out.b = c == r
	case op == python.OpNotEq:
		out.b = c != r
	case c.kind != 'n':
		return out, false
	case op == python.OpLt:
		out.b = c.n < r.n
	case op == python.OpLtE:
		out.b = c.n <= r.n
	case op == python.OpGt:
		out.b = c.n > r.n
	case op == python.OpGtE:
		out.b = c.n >= r.n
	default:
		return out, false
	}
	return out, true
}

// character is one character of a string, counted as Python does.
func character(s string, i int) (string, bool) {
	if len(s) > 1<<10 {
		return "", false
	}
	r := []rune(s)
	if i < 0 {
		i += len(r)
	}
	if i < 0 || i >= len(r) {
		return "", false
	}
	return string(r[i]), true
}

// always tells the answer of a test that is always the same. Inside loops nothing is
// certain: another turn may have another answer.
func (x *frame) always(n python.Node) (truth, known bool) {
	if truth, known = x.truth(n); known || x.inner != nil || x.fn == nil {
		return truth, known
	}
	c, ok := x.fold(n, 0)
	return c.truth(), ok && x.mod.tree.Kind(n) != python.KindName
}

// fits reports whether a constant matches a pattern of constants.
func (x *frame) fits(p python.Node, c folded) (match, known bool) {
	t := x.mod.tree
	switch t.Kind(p) {
	case python.KindMatchValue:
		v, ok := x.fold(t.Value(p), 0)
		return v == c, ok
	case python.KindMatchOr:
		for _, q := range t.List(p) {
			m, ok := x.fits(q, c)
			if !ok || m {
				return m, ok
			}
		}
		return false, true
	case python.KindMatchAs:
		if m := t.MatchAs(p); m.Pattern == 0 {
			return true, true
		}
	}
	return false, false
}
