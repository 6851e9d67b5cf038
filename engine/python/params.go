package python

// arguments parses the parameters of a function, or of a lambda, which have no
// annotations. start is where they begin.
func (p *parser) arguments(start int32, closing tok, annotated bool) Node {
	// The stack has pairs of arg and default: positional ones, then keyword-only.
	mark := len(p.stack)
	posonly, positional := 0, -1 // pairs before the slash; pairs before the star
	var vararg, kwarg Node
	defaults := 0
	for p.t.kind != closing && !p.failed {
		at := p.t.start
		switch p.t.kind {
		case tSlash:
			if positional >= 0 || posonly > 0 || len(p.stack) == mark {
				p.warn(at, "/ must follow parameters and be ahead of *")
			}
			p.next()
			posonly = (len(p.stack) - mark) / 2
		case tStar:
			if positional >= 0 {
				p.warn(at, "* argument may appear only once")
			} else {
				positional = (len(p.stack) - mark) / 2
			}
			p.next()
			if p.t.kind == tName {
				vararg = p.arg(annotated, true)
			} else if p.t.kind == tComma && (p.peek(1) == closing || p.peek(1) == tDoubleStar) || p.t.kind == closing {
				p.warn(at, "named arguments must follow bare *")
			}
		case tDoubleStar:
			p.next()
			kwarg = p.arg(annotated, false)
			if p.t.kind == tEqual {
				p.fail("var-keyword argument cannot have default value")
			}
			p.accept(tComma)
			if p.t.kind != closing {
				p.fail("arguments cannot follow var-keyword argument")
			}
			continue
		default:
			if p.t.kind == tLPar {
				p.push(p.tupleParam())
			} else {
				p.push(p.arg(annotated, false))
			}
			var d Node
			if p.accept(tEqual) {
				d = p.expr()
			}
			p.push(d)
			if positional < 0 && d != 0 {
				defaults++
			} else if positional < 0 && defaults > 0 {
				p.warn(at, "parameter without a default follows parameter with a default")
			}
		}
		if !p.accept(tComma) {
			break
		}
	}
	if p.failed {
		p.stack = p.stack[:mark]
		return 0
	}
	pairs := p.stack[mark:]
	n := len(pairs) / 2
	if positional < 0 {
		positional = n
	}
	posonly = min(posonly, positional)
	off := int32(len(p.extra))
	p.extra = append(p.extra, Node(posonly), Node(positional-posonly), Node(n-positional), 0, vararg, kwarg)
	for i := range n {
		p.extra = append(p.extra, pairs[2*i])
	}
	for i := positional; i < n; i++ {
		p.extra = append(p.extra, pairs[2*i+1])
	}
	first := len(p.extra)
	for i := range positional {
		if d := pairs[2*i+1]; d != 0 {
			p.extra = append(p.extra, d)
		}
	}
	p.extra[off+3] = Node(len(p.extra) - first)
	p.stack = p.stack[:mark]
	a := p.add(KindArguments, start, off, 0)
	p.nodes[a].end = max(start, p.lastEnd)
	return a
}

// arg parses NAME and its annotation, which may be starred (PEP 646).
func (p *parser) arg(annotated, star bool) Node {
	start := p.t.start
	name := p.ident()
	var ann Node
	if annotated && p.accept(tColon) {
		if star {
			ann = p.starExpr()
		} else {
			ann = p.expr()
		}
	}
	return p.add(KindArg, start, name, int32(ann))
}

// tupleParam steps over def f((a, b)) of Python 2: a parameter without a name.
func (p *parser) tupleParam() Node {
	start := p.t.start
	p.warn(start, "tuple parameters are Python 2")
	depth := 0
	for !p.failed {
		switch p.t.kind {
		case tLPar:
			depth++
		case tRPar:
			depth--
		case tName, tComma:
		default:
			return p.fail("invalid syntax")
		}
		p.next()
		if depth == 0 {
			break
		}
	}
	return p.add(KindArg, start, 0, 0)
}

// typeParams pushes [T: bound = default, *Ts, **P] (PEP 695, 696), if it is there.
func (p *parser) typeParams() {
	if !p.accept(tLSqb) {
		return
	}
	if p.t.kind == tRSqb {
		p.fail("type parameter list cannot be empty")
	}
	for p.t.kind != tRSqb && !p.failed {
		start := p.t.start
		k := KindTypeVar
		if p.accept(tStar) {
			k = KindTypeVarTuple
		} else if p.accept(tDoubleStar) {
			k = KindParamSpec
		}
		name := p.ident()
		var bound, def Node
		if k == KindTypeVar && p.accept(tColon) {
			bound = p.expr()
		}
		if p.accept(tEqual) {
			if k == KindTypeVarTuple {
				def = p.starExpr()
			} else {
				def = p.expr()
			}
		}
		p.push(p.add(k, start, name, p.take(len(p.stack), bound, def)))
		if !p.accept(tComma) {
			break
		}
	}
	p.expect(tRSqb, "'[' was never closed")
}

// typeAlias parses type NAME[...] = expression.
func (p *parser) typeAlias() Node {
	start := p.t.start
	p.next()
	s := p.t.start
	sym := p.ident()
	name := p.add(KindName, s, sym, 0)
	p.nodes[name].ctx = Store
	mark := len(p.stack)
	p.typeParams()
	p.expect(tEqual, "expected '='")
	v := p.expr()
	if p.failed {
		return 0
	}
	n := Node(len(p.stack) - mark)
	return p.add(KindTypeAlias, start, p.take(mark, name, v, n), 0)
}
