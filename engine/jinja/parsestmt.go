package jinja

// statement reads the tag whose name comes next, with its body.
func (p *parser) statement(pos int) ([]*Stmt, error) {
	name := p.next().s
	s := &Stmt{Pos: pos, Name: name}
	var err error
	switch name {
	case "for":
		err = p.forTag(s)
	case "if":
		err = p.ifTag(s)
	case "set":
		err = p.setTag(s)
	case "macro":
		err = p.macroTag(s)
	case "call":
		err = p.callTag(s)
	case "filter":
		s.Kind = FilterTag
		if s.Value, err = p.filters(nil, true); err == nil {
			if err = p.tagEnd(); err == nil {
				s.Body, err = p.until("endfilter")
			}
		}
	case "with":
		err = p.withTag(s)
	case "block":
		err = p.blockTag(s)
	case "extends", "include", "import", "from":
		err = p.loadTag(s)
	case "do":
		s.Kind = Do
		if s.Value, err = p.tuple(true, false); err == nil {
			err = p.tagEnd()
		}
	case "break", "continue":
		s.Kind = LoopJump
		err = p.tagEnd()
	case "generation":
		s.Kind = Generation
		s.Body, err = p.block("endgeneration")
	case "autoescape":
		s.Kind = Scope
		if s.Value, err = p.expr(true); err == nil {
			s.Body, err = p.block("endautoescape")
		}
	default:
		p.at--
		return nil, p.fail("unknown tag " + p.cur().String())
	}
	if err != nil {
		return nil, err
	}
	return []*Stmt{s}, nil
}

// until reads a body after its tag and the end tag.
func (p *parser) until(end string) ([]*Stmt, error) {
	body, err := p.body(end)
	if err != nil {
		return nil, err
	}
	p.next()
	return body, p.tagEnd()
}

func (p *parser) forTag(s *Stmt) (err error) {
	s.Kind = For
	if s.Target, err = p.target(); err != nil {
		return err
	}
	if !p.skipName("in") {
		return p.unexpected(`"in"`)
	}
	if s.Value, err = p.tuple(false, false); err != nil {
		return err
	}
	if p.skipName("if") {
		if s.Test, err = p.expr(true); err != nil {
			return err
		}
	}
	if p.skipName("recursive") {
		s.Text = "recursive"
	}
	if err = p.tagEnd(); err != nil {
		return err
	}
	if s.Body, err = p.body("endfor", "else"); err != nil {
		return err
	}
	if p.next().s == "else" {
		if err = p.tagEnd(); err != nil {
			return err
		}
		s.Else, err = p.until("endfor")
		return err
	}
	return p.tagEnd()
}

func (p *parser) ifTag(s *Stmt) (err error) {
	s.Kind = If
	if s.Value, err = p.tuple(false, false); err != nil {
		return err
	}
	if err = p.tagEnd(); err != nil {
		return err
	}
	if s.Body, err = p.body("elif", "else", "endif"); err != nil {
		return err
	}
	t := p.next()
	switch t.s {
	case "elif":
		if err := p.enter(); err != nil {
			return err
		}
		defer p.leave()
		other := &Stmt{Pos: t.pos, Name: "elif"}
		s.Else = []*Stmt{other}
		return p.ifTag(other)
	case "else":
		if err = p.tagEnd(); err != nil {
			return err
		}
		s.Else, err = p.until("endif")
		return err
	}
	return p.tagEnd()
}

func (p *parser) setTag(s *Stmt) (err error) {
	if s.Target, err = p.target(); err != nil {
		return err
	}
	if p.skipOp("=") {
		s.Kind = Set
		if s.Value, err = p.tuple(true, false); err != nil {
			return err
		}
		return p.tagEnd()
	}
	s.Kind = SetBlock
	if p.isOp("|") {
		if s.Value, err = p.filters(nil, false); err != nil {
			return err
		}
	}
	if err = p.tagEnd(); err != nil {
		return err
	}
	s.Body, err = p.until("endset")
	return err
}

// target reads what is assigned to: a name, a namespace attribute or a tuple of
// names.
func (p *parser) target() (*Expr, error) {
	e, err := p.targetItem()
	if err != nil || !p.isOp(",") {
		return e, err
	}
	t := &Expr{Op: OpTuple, Pos: e.Pos, X: []*Expr{e}}
	for p.skipOp(",") {
		if p.cur().kind != tName && !p.isOp("(") || p.isName("in") {
			break
		}
		if e, err = p.targetItem(); err != nil {
			return nil, err
		}
		t.X = append(t.X, e)
	}
	return t, nil
}

func (p *parser) targetItem() (*Expr, error) {
	pos := p.cur().pos
	if p.skipOp("(") {
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		e, err := p.target()
		if err == nil {
			err = p.needOp(")")
		}
		return e, err
	}
	name, err := p.needName()
	if err != nil {
		return nil, err
	}
	e := &Expr{Op: OpName, Pos: pos, Name: name}
	if p.skipOp(".") {
		attr, err := p.needName()
		return &Expr{Op: OpAttr, Pos: pos, Name: attr, X: []*Expr{e}}, err
	}
	return e, nil
}

func (p *parser) macroTag(s *Stmt) (err error) {
	s.Kind = Macro
	if s.Name, err = p.needName(); err != nil {
		return err
	}
	if s.Params, err = p.params(); err != nil {
		return err
	}
	if err = p.tagEnd(); err != nil {
		return err
	}
	s.Body, err = p.until("endmacro")
	return err
}

// params reads "(a, b=1)".
func (p *parser) params() (list []Arg, err error) {
	if err = p.needOp("("); err != nil {
		return nil, err
	}
	for !p.isOp(")") {
		if len(list) > 0 {
			if err = p.needOp(","); err != nil {
				return nil, err
			}
			if p.isOp(")") {
				break
			}
		}
		var a Arg
		if a.Name, err = p.needName(); err != nil {
			return nil, err
		}
		if p.skipOp("=") {
			if a.Value, err = p.expr(true); err != nil {
				return nil, err
			}
		}
		list = append(list, a)
	}
	p.next()
	return list, nil
}

func (p *parser) callTag(s *Stmt) (err error) {
	s.Kind = CallBlock
	if p.isOp("(") {
		if s.Params, err = p.params(); err != nil {
			return err
		}
	}
	if s.Value, err = p.expr(true); err != nil {
		return err
	}
	if s.Value.Op != OpCall {
		return errorAt(p.src, s.Value.Pos, "a call block needs a call")
	}
	if err = p.tagEnd(); err != nil {
		return err
	}
	s.Body, err = p.until("endcall")
	return err
}

func (p *parser) withTag(s *Stmt) (err error) {
	s.Kind = With
	for p.cur().kind != tTagEnd {
		if len(s.Params) > 0 {
			if err = p.needOp(","); err != nil {
				return err
			}
		}
		var a Arg
		if a.Name, err = p.needName(); err != nil {
			return err
		}
		if err = p.needOp("="); err != nil {
			return err
		}
		if a.Value, err = p.expr(true); err != nil {
			return err
		}
		s.Params = append(s.Params, a)
	}
	if err = p.tagEnd(); err != nil {
		return err
	}
	s.Body, err = p.until("endwith")
	return err
}

func (p *parser) blockTag(s *Stmt) (err error) {
	s.Kind = Block
	if s.Name, err = p.needName(); err != nil {
		return err
	}
	for p.skipName("scoped") || p.skipName("required") {
	}
	if err = p.tagEnd(); err != nil {
		return err
	}
	if s.Body, err = p.body("endblock"); err != nil {
		return err
	}
	p.next()
	if p.cur().kind == tName {
		p.next()
	}
	return p.tagEnd()
}

// loadTag reads the tags that bring in another template.
func (p *parser) loadTag(s *Stmt) (err error) {
	s.Kind = Load
	if s.Value, err = p.expr(true); err != nil {
		return err
	}
	context := func() {
		if (p.isName("with") || p.isName("without")) && p.peek().kind == tName && p.peek().s == "context" {
			p.next()
			p.next()
		}
	}
	bind := func() error {
		name, err := p.needName()
		if err == nil {
			s.Params = append(s.Params, Arg{Name: name})
		}
		return err
	}
	switch s.Name {
	case "include":
		if p.isName("ignore") && p.peek().s == "missing" {
			p.next()
			p.next()
		}
		context()
	case "import":
		if !p.skipName("as") {
			return p.unexpected(`"as"`)
		}
		if err = bind(); err != nil {
			return err
		}
		context()
	case "from":
		if !p.skipName("import") {
			return p.unexpected(`"import"`)
		}
		for p.cur().kind == tName {
			context()
			if p.cur().kind != tName {
				break
			}
			if err = bind(); err != nil {
				return err
			}
			if p.skipName("as") {
				s.Params = s.Params[:len(s.Params)-1]
				if err = bind(); err != nil {
					return err
				}
			}
			context()
			if !p.skipOp(",") {
				break
			}
		}
	}
	return p.tagEnd()
}
