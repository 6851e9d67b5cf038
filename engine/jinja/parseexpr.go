package jinja

import (
	"math/big"
	"strconv"
	"strings"
)

// expr reads one expression; cond allows "a if b else c". The grammar and its
// precedences are those of jinja2.parser.
func (p *parser) expr(cond bool) (*Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	e, err := p.or()
	if err != nil || !cond {
		return e, err
	}
	for p.skipName("if") {
		test, err := p.or()
		if err != nil {
			return nil, err
		}
		c := &Expr{Op: OpCond, Pos: e.Pos, X: []*Expr{test, e, nil}}
		if p.skipName("else") {
			if c.X[2], err = p.expr(true); err != nil {
				return nil, err
			}
		}
		e = c
	}
	return e, nil
}

// binary reads a left-associative chain of sub-expressions.
func (p *parser) binary(sub func() (*Expr, error), op func() (Op, string, bool)) (*Expr, error) {
	left, err := sub()
	for n := 0; err == nil; n++ {
		kind, name, ok := op()
		if !ok {
			return left, nil
		}
		if n > 10_000 {
			return nil, p.fail("an expression too long to be read")
		}
		var right *Expr
		if right, err = sub(); err == nil {
			left = &Expr{Op: kind, Pos: left.Pos, Name: name, X: []*Expr{left, right}}
		}
	}
	return nil, err
}

func (p *parser) or() (*Expr, error) {
	return p.binary(p.and, func() (Op, string, bool) { return OpOr, "or", p.skipName("or") })
}

func (p *parser) and() (*Expr, error) {
	return p.binary(p.not, func() (Op, string, bool) { return OpAnd, "and", p.skipName("and") })
}

func (p *parser) not() (*Expr, error) {
	pos := p.cur().pos
	if !p.skipName("not") {
		return p.compare()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	e, err := p.not()
	return &Expr{Op: OpNot, Pos: pos, X: []*Expr{e}}, err
}

func (p *parser) compare() (*Expr, error) {
	first, err := p.sum()
	if err != nil {
		return nil, err
	}
	e := &Expr{Op: OpCompare, Pos: first.Pos, X: []*Expr{first}}
	for {
		t := p.cur()
		name := t.s
		switch {
		case t.kind == tOp && (name == "==" || name == "!=" || name == "<" || name == "<=" || name == ">" || name == ">="):
			p.next()
		case p.skipName("in"):
		case p.isName("not") && p.peek().kind == tName && p.peek().s == "in":
			p.next()
			p.next()
			name = "not in"
		default:
			if len(e.X) == 1 {
				return first, nil
			}
			return e, nil
		}
		right, err := p.sum()
		if err != nil {
			return nil, err
		}
		e.X, e.Names = append(e.X, right), append(e.Names, name)
	}
}

func (p *parser) opIn(names ...string) (Op, string, bool) {
	if t := p.cur(); t.kind == tOp {
		for _, n := range names {
			if t.s == n {
				p.next()
				return OpBinary, n, true
			}
		}
	}
	return 0, "", false
}

func (p *parser) sum() (*Expr, error) {
	return p.binary(p.concat, func() (Op, string, bool) { return p.opIn("+", "-") })
}

func (p *parser) concat() (*Expr, error) {
	first, err := p.product()
	if err != nil || !p.isOp("~") {
		return first, err
	}
	e := &Expr{Op: OpConcat, Pos: first.Pos, X: []*Expr{first}}
	for p.skipOp("~") {
		x, err := p.product()
		if err != nil {
			return nil, err
		}
		e.X = append(e.X, x)
	}
	return e, nil
}

func (p *parser) product() (*Expr, error) {
	return p.binary(p.power, func() (Op, string, bool) { return p.opIn("*", "/", "//", "%") })
}

func (p *parser) power() (*Expr, error) {
	return p.binary(func() (*Expr, error) { return p.unary(true) }, func() (Op, string, bool) { return p.opIn("**") })
}

func (p *parser) unary(filters bool) (*Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	pos := p.cur().pos
	var e *Expr
	var err error
	if p.isOp("-") || p.isOp("+") {
		op := p.next().s
		if e, err = p.unary(false); err == nil {
			e = &Expr{Op: OpUnary, Pos: pos, Name: op, X: []*Expr{e}}
		}
	} else {
		e, err = p.primary()
	}
	if err == nil {
		e, err = p.postfix(e)
	}
	if err == nil && filters {
		e, err = p.filterChain(e)
	}
	return e, err
}

func (p *parser) primary() (*Expr, error) {
	t := p.cur()
	e := &Expr{Op: OpConst, Pos: t.pos}
	switch t.kind {
	case tName:
		p.next()
		switch t.s {
		case "true", "True":
			e.Val = true
		case "false", "False":
			e.Val = false
		case "none", "None":
		default:
			e.Op, e.Name = OpName, t.s
		}
		return e, nil
	case tString:
		var b strings.Builder
		for p.cur().kind == tString {
			b.WriteString(p.next().s)
		}
		e.Val = b.String()
		return e, nil
	case tInt:
		p.next()
		e.Val = integer(t.s)
		return e, nil
	case tFloat:
		p.next()
		f, _ := strconv.ParseFloat(strings.ReplaceAll(t.s, "_", ""), 64)
		e.Val = f
		return e, nil
	}
	switch {
	case p.skipOp("("):
		if p.skipOp(")") {
			e.Op = OpTuple
			return e, nil
		}
		x, err := p.tuple(true, true)
		if err == nil {
			err = p.needOp(")")
		}
		return x, err
	case p.skipOp("["):
		e.Op = OpList
		return e, p.items(e, "]", func() error { return p.add(e) })
	case p.skipOp("{"):
		e.Op = OpDict
		return e, p.items(e, "}", func() error {
			if err := p.add(e); err != nil {
				return err
			}
			if err := p.needOp(":"); err != nil {
				return err
			}
			return p.add(e)
		})
	}
	return nil, p.unexpected("an expression")
}

// integer reads a literal of any base; one beyond 64 bits becomes a float.
func integer(s string) any {
	n, ok := new(big.Int).SetString(strings.ReplaceAll(s, "_", ""), 0)
	if !ok { // "007": Python refuses it, Jinja's lexer does not produce it
		n, ok = new(big.Int).SetString(strings.TrimLeft(s, "0_"), 10)
	}
	if !ok {
		return int64(0)
	}
	if n.IsInt64() {
		return n.Int64()
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return f
}

func (p *parser) add(e *Expr) error {
	x, err := p.expr(true)
	if err == nil {
		e.X = append(e.X, x)
	}
	return err
}

// items reads elements separated by commas up to a closing bracket.
func (p *parser) items(e *Expr, end string, item func() error) error {
	for n := 0; !p.skipOp(end); n++ {
		if n > 0 {
			if err := p.needOp(","); err != nil {
				return err
			}
			if p.skipOp(end) {
				return nil
			}
		}
		if err := item(); err != nil {
			return err
		}
	}
	return nil
}

// tuple reads expressions separated by commas; one without a comma is no tuple.
func (p *parser) tuple(cond, parens bool) (*Expr, error) {
	first, err := p.expr(cond)
	if err != nil || !p.isOp(",") {
		return first, err
	}
	e := &Expr{Op: OpTuple, Pos: first.Pos, X: []*Expr{first}}
	for p.skipOp(",") {
		if t := p.cur(); t.kind == tVarEnd || t.kind == tTagEnd || p.isOp(")") || !parens && p.isName("if") {
			break
		}
		x, err := p.expr(cond)
		if err != nil {
			return nil, err
		}
		e.X = append(e.X, x)
	}
	return e, nil
}
