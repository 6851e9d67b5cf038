package python

// atom parses a name, a constant, or something in brackets.
func (p *parser) atom() Node {
	start := p.t.start
	switch p.t.kind {
	case tName:
		sym := p.t.sym
		p.next()
		return p.add(KindName, start, sym, 0)
	case tString, tFStart:
		return p.strings()
	case tNumber:
		k := p.t.flag
		p.next()
		return p.addOp(KindConstant, k, start, 0, 0)
	case kNone:
		p.next()
		return p.addOp(KindConstant, uint8(ConstNone), start, 0, 0)
	case kTrue:
		p.next()
		return p.addOp(KindConstant, uint8(ConstTrue), start, 0, 0)
	case kFalse:
		p.next()
		return p.addOp(KindConstant, uint8(ConstFalse), start, 0, 0)
	case tEllipsis:
		p.next()
		return p.addOp(KindConstant, uint8(ConstEllipsis), start, 0, 0)
	case tLPar:
		return p.paren()
	case tLSqb:
		return p.listDisplay()
	case tLBrace:
		return p.braces()
	case tBackquote:
		return p.backquotes()
	}
	return p.fail("invalid syntax")
}

// paren parses a tuple, a group or a generator.
func (p *parser) paren() Node {
	start := p.t.start
	p.next()
	mark := len(p.stack)
	if p.accept(tRPar) {
		return p.addList(KindTuple, start, mark)
	}
	if p.t.kind == kYield {
		n := p.yield()
		p.expect(tRPar, "expected ')'")
		return n
	}
	n := p.starNamed()
	switch p.t.kind {
	case kFor, kAsync:
		return p.comp(KindGeneratorExp, start, n, 0, tRPar)
	case tComma:
		p.push(n)
		for p.accept(tComma) && p.t.kind != tRPar {
			p.push(p.starNamed())
		}
		p.expect(tRPar, "'(' was never closed")
		return p.addList(KindTuple, start, mark)
	}
	p.expect(tRPar, "'(' was never closed")
	if p.nodes[n].kind == KindStarred && p.nodes[n].start > start && p.lex.src[p.nodes[n].start] == '*' {
		p.warn(p.nodes[n].start, "cannot use starred expression here")
	}
	return n
}

func (p *parser) listDisplay() Node {
	start := p.t.start
	p.next()
	mark := len(p.stack)
	if p.t.kind != tRSqb {
		n := p.starNamed()
		if p.t.kind == kFor || p.t.kind == kAsync {
			return p.comp(KindListComp, start, n, 0, tRSqb)
		}
		p.push(n)
		for p.accept(tComma) && p.t.kind != tRSqb {
			p.push(p.starNamed())
		}
	}
	p.expect(tRSqb, "'[' was never closed")
	return p.addList(KindList, start, mark)
}

// braces parses a set, a dictionary, or a comprehension of one.
func (p *parser) braces() Node {
	start := p.t.start
	p.next()
	mark := len(p.stack)
	if p.accept(tRBrace) {
		return p.add(KindDict, start, p.take(mark), 0)
	}
	if p.t.kind == tDoubleStar {
		return p.dict(start, mark)
	}
	first := p.starNamed()
	if p.t.kind == tColon {
		p.next()
		v := p.expr()
		if p.t.kind == kFor || p.t.kind == kAsync {
			return p.comp(KindDictComp, start, first, v, tRBrace)
		}
		p.push(first)
		p.push(v)
		if p.t.kind != tRBrace {
			p.expect(tComma, "'{' was never closed")
		}
		return p.dict(start, mark)
	}
	if p.t.kind == kFor || p.t.kind == kAsync {
		return p.comp(KindSetComp, start, first, 0, tRBrace)
	}
	p.push(first)
	for p.accept(tComma) && p.t.kind != tRBrace {
		p.push(p.starNamed())
	}
	p.expect(tRBrace, "'{' was never closed")
	return p.addList(KindSet, start, mark)
}

// dict parses the entries of a dictionary that are left. Keys and values alternate
// on the stack and are sorted apart.
func (p *parser) dict(start int32, mark int) Node {
	for p.t.kind != tRBrace && !p.failed {
		if p.accept(tDoubleStar) {
			p.push(0)
			p.push(p.binary(0))
		} else {
			p.push(p.expr())
			p.expect(tColon, "':' expected after dictionary key")
			p.push(p.expr())
		}
		if !p.accept(tComma) {
			break
		}
	}
	p.expect(tRBrace, "'{' was never closed")
	pairs := p.stack[mark:]
	off := int32(len(p.extra))
	for i := 0; i < len(pairs); i += 2 {
		p.extra = append(p.extra, pairs[i])
	}
	for i := 1; i < len(pairs); i += 2 {
		p.extra = append(p.extra, pairs[i])
	}
	n := int32(len(pairs) / 2)
	p.stack = p.stack[:mark]
	return p.add(KindDict, start, off, n)
}

// comp parses the for parts of a comprehension up to its bracket.
func (p *parser) comp(k Kind, start int32, elt, value Node, closing tok) Node {
	if e := p.nodes[elt].kind; e == KindStarred {
		p.warn(p.nodes[elt].start, "iterable unpacking cannot be used in comprehension")
	}
	mark := len(p.stack)
	for p.t.kind == kFor || p.t.kind == kAsync {
		p.push(p.comprehension())
	}
	p.expect(closing, "invalid syntax")
	n := Node(len(p.stack) - mark)
	return p.add(k, start, int32(elt), p.take(mark, value, n))
}

func (p *parser) comprehension() Node {
	start := p.t.start
	var flag uint8
	if p.accept(kAsync) {
		flag = flagAsync
	}
	p.expect(kFor, "expected 'for'")
	target := p.targets()
	p.expect(kIn, "expected 'in'")
	iter := p.disjunction()
	mark := len(p.stack)
	for p.accept(kIf) {
		p.push(p.disjunction())
	}
	n := Node(len(p.stack) - mark)
	c := p.add(KindComprehension, start, p.take(mark, target, iter, n), 0)
	p.nodes[c].flag = flag
	return c
}

// callArgs parses arguments up to the closing parenthesis and returns the record of
// a call and its counts. open is where the parenthesis is: a generator that is the
// only argument begins there; 0 where none may stand.
func (p *parser) callArgs(open int32) (off int32, nargs, nkw int) {
	mark := len(p.stack)
	unpacked := false
	for p.t.kind != tRPar && !p.failed {
		start := p.t.start
		switch {
		case p.t.kind == tDoubleStar:
			p.next()
			v := p.expr()
			p.push(p.add(KindKeyword, start, 0, int32(v)))
			unpacked = true
		case p.t.kind == tStar:
			p.next()
			v := p.expr()
			p.push(p.add(KindStarred, start, int32(v), 0))
			if unpacked {
				p.warn(start, "iterable argument unpacking follows keyword argument unpacking")
			}
			nargs++
		case p.t.kind == tName && p.peek(1) == tEqual:
			s := p.t.sym
			p.next()
			p.next()
			v := p.expr()
			p.push(p.add(KindKeyword, start, s, int32(v)))
			nkw++
		default:
			v := p.namedExpr()
			if p.t.kind == kFor || p.t.kind == kAsync {
				v = p.argGenerator(open, start, v, len(p.stack) == mark)
				p.push(v)
				nargs++
				if p.t.kind == tRPar {
					return p.splitArgs(mark)
				}
				continue
			}
			if nkw > 0 || unpacked {
				p.warn(start, "positional argument follows keyword argument")
			}
			p.push(v)
			nargs++
		}
		if !p.accept(tComma) {
			break
		}
	}
	return p.splitArgs(mark)
}

// argGenerator parses f(x for x in y): the generator has the parentheses of the call.
func (p *parser) argGenerator(open, start int32, elt Node, first bool) Node {
	mark := len(p.stack)
	for p.t.kind == kFor || p.t.kind == kAsync {
		p.push(p.comprehension())
	}
	n := Node(len(p.stack) - mark)
	off := p.take(mark, 0, n)
	if first && open > 0 && p.t.kind == tRPar {
		end := p.t.end
		g := p.add(KindGeneratorExp, open, int32(elt), off)
		p.nodes[g].end = end
		return g
	}
	g := p.add(KindGeneratorExp, start, int32(elt), off)
	p.warn(start, "Generator expression must be parenthesized")
	p.accept(tComma)
	return g
}

// splitArgs writes the record of a call: arguments, then keywords.
func (p *parser) splitArgs(mark int) (off int32, nargs, nkw int) {
	off = int32(len(p.extra))
	p.extra = append(p.extra, 0, 0)
	for _, n := range p.stack[mark:] {
		if p.nodes[n].kind != KindKeyword {
			p.extra = append(p.extra, n)
			nargs++
		}
	}
	for _, n := range p.stack[mark:] {
		if p.nodes[n].kind == KindKeyword {
			p.extra = append(p.extra, n)
			nkw++
		}
	}
	p.extra[off], p.extra[off+1] = Node(nargs), Node(nkw)
	p.stack = p.stack[:mark]
	return off, nargs, nkw
}

// slices parses what stands in the brackets of a subscript.
func (p *parser) slices() Node {
	start := p.t.start
	n := p.slice()
	if p.t.kind != tComma {
		if p.nodes[n].kind == KindStarred {
			mark := len(p.stack)
			p.push(n)
			return p.addList(KindTuple, start, mark)
		}
		return n
	}
	mark := len(p.stack)
	p.push(n)
	for p.accept(tComma) && p.t.kind != tRSqb {
		p.push(p.slice())
	}
	return p.addList(KindTuple, start, mark)
}

func (p *parser) slice() Node {
	if p.t.kind == tStar {
		return p.starred()
	}
	start := p.t.start
	var lower, upper, step Node
	if p.t.kind != tColon {
		lower = p.namedExpr()
		if p.t.kind != tColon {
			return lower
		}
	}
	p.next()
	if p.t.kind != tColon && p.t.kind != tComma && p.t.kind != tRSqb {
		upper = p.expr()
	}
	if p.accept(tColon) && p.t.kind != tComma && p.t.kind != tRSqb {
		step = p.expr()
	}
	return p.add(KindSlice, start, p.take(len(p.stack), lower, upper, step), 0)
}
