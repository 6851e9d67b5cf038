package jinja

// maxChain bounds ".a.b.c" and "|a|b|c": the tree grows in depth with it.
const maxChain = 500

// postfix reads attributes, subscripts and calls.
func (p *parser) postfix(e *Expr) (*Expr, error) {
	var err error
	for n := 0; err == nil; n++ {
		if n > maxChain {
			return nil, p.fail("an expression too long to be read")
		}
		switch {
		case p.isOp("."):
			e, err = p.dot(e)
		case p.isOp("["):
			e, err = p.subscript(e)
		case p.isOp("("):
			e, err = p.call(e)
		default:
			return e, nil
		}
	}
	return nil, err
}

// filterChain reads filters and tests, and calls of their results.
func (p *parser) filterChain(e *Expr) (*Expr, error) {
	var err error
	for n := 0; err == nil; n++ {
		if n > maxChain {
			return nil, p.fail("an expression too long to be read")
		}
		switch {
		case p.isOp("|"):
			e, err = p.filters(e, false)
		case p.isName("is"):
			e, err = p.test(e)
		case p.isOp("("):
			e, err = p.call(e)
		default:
			return e, nil
		}
	}
	return nil, err
}

func (p *parser) dot(e *Expr) (*Expr, error) {
	p.next()
	t := p.next()
	switch t.kind {
	case tName:
		return &Expr{Op: OpAttr, Pos: t.pos, Name: t.s, X: []*Expr{e}}, nil
	case tInt:
		return &Expr{Op: OpItem, Pos: t.pos, X: []*Expr{e, {Op: OpConst, Pos: t.pos, Val: integer(t.s)}}}, nil
	}
	p.at--
	return nil, p.unexpected("an attribute")
}

func (p *parser) subscript(e *Expr) (*Expr, error) {
	pos := p.next().pos
	var parts []*Expr
	comma := false
	for !p.skipOp("]") {
		if len(parts) > 0 {
			if err := p.needOp(","); err != nil {
				return nil, err
			}
			comma = true
			if p.skipOp("]") {
				break
			}
		}
		x, err := p.slice()
		if err != nil {
			return nil, err
		}
		parts = append(parts, x)
	}
	switch {
	case len(parts) == 1 && !comma:
		return &Expr{Op: OpItem, Pos: pos, X: []*Expr{e, parts[0]}}, nil
	}
	return &Expr{Op: OpItem, Pos: pos, X: []*Expr{e, {Op: OpTuple, Pos: pos, X: parts}}}, nil
}

// slice reads one subscript: an expression, or "start:stop:step".
func (p *parser) slice() (*Expr, error) {
	s := &Expr{Op: OpSlice, Pos: p.cur().pos, X: make([]*Expr, 3)}
	if !p.isOp(":") {
		x, err := p.expr(true)
		if err != nil || !p.isOp(":") {
			return x, err
		}
		s.X[0] = x
	}
	for i := 1; i < 3 && p.skipOp(":"); i++ {
		if p.isOp(":") || p.isOp("]") || p.isOp(",") {
			continue
		}
		x, err := p.expr(true)
		if err != nil {
			return nil, err
		}
		s.X[i] = x
	}
	return s, nil
}

func (p *parser) call(e *Expr) (*Expr, error) {
	pos := p.cur().pos
	args, err := p.args()
	return &Expr{Op: OpCall, Pos: pos, X: []*Expr{e}, Args: args}, err
}

func (p *parser) args() (list []Arg, err error) {
	if err = p.needOp("("); err != nil {
		return nil, err
	}
	for !p.skipOp(")") {
		if len(list) > 0 {
			if err = p.needOp(","); err != nil {
				return nil, err
			}
			if p.skipOp(")") {
				break
			}
		}
		var a Arg
		switch {
		case p.skipOp("*"):
			a.Stars = 1
		case p.skipOp("**"):
			a.Stars = 2
		case p.cur().kind == tName && p.peek().kind == tOp && p.peek().s == "=":
			a.Name = p.next().s
			p.next()
		}
		if a.Value, err = p.expr(true); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// filters reads one or more filters. inTag is true in "{% filter name %}", where
// the first one has no bar.
func (p *parser) filters(e *Expr, inTag bool) (*Expr, error) {
	for n := 0; inTag || p.isOp("|"); n++ {
		if n > maxChain {
			return nil, p.fail("an expression too long to be read")
		}
		if !inTag {
			p.next()
		}
		inTag = false
		pos := p.cur().pos
		name, err := p.dotted()
		if err != nil {
			return nil, err
		}
		e = &Expr{Op: OpFilter, Pos: pos, Name: name, X: []*Expr{e}}
		if p.isOp("(") {
			if e.Args, err = p.args(); err != nil {
				return nil, err
			}
		}
	}
	return e, nil
}

func (p *parser) dotted() (string, error) {
	name, err := p.needName()
	for err == nil && p.skipOp(".") {
		var more string
		more, err = p.needName()
		name += "." + more
	}
	return name, err
}

func (p *parser) test(e *Expr) (*Expr, error) {
	p.next()
	negated := p.skipName("not")
	pos := p.cur().pos
	name, err := p.dotted()
	if err != nil {
		return nil, err
	}
	t := &Expr{Op: OpTest, Pos: pos, Name: name, X: []*Expr{e}}
	c := p.cur()
	switch {
	case p.isOp("("):
		t.Args, err = p.args()
	case c.kind == tString, c.kind == tInt, c.kind == tFloat, p.isOp("["), p.isOp("{"),
		c.kind == tName && c.s != "else" && c.s != "or" && c.s != "and" && c.s != "if" && c.s != "is" && c.s != "in" && c.s != "not" && c.s != "recursive":
		var x *Expr
		if err = p.enter(); err == nil {
			x, err = p.primary()
			p.leave()
		}
		if err == nil {
			x, err = p.postfix(x)
		}
		t.Args = []Arg{{Value: x}}
	}
	if negated {
		t = &Expr{Op: OpNot, Pos: pos, X: []*Expr{t}}
	}
	return t, err
}
