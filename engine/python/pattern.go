package python

// isMatch reports whether the current name match begins a match statement: its line
// ends with a colon. No other statement that begins with a name does.
func (p *parser) isMatch() bool {
	n := len(p.lex.toks)
	if n-p.i < 4 || p.lex.toks[n-2].kind != tColon {
		return false
	}
	switch p.lex.toks[p.i+1].kind {
	case tEqual, tDot, tColon, tComma, tRPar:
		return false
	}
	return true
}

// match parses a match statement (PEP 634).
func (p *parser) match() Node {
	start := p.t.start
	p.next()
	s := p.t.start
	subject := p.starNamed()
	if p.t.kind == tComma || p.nodes[subject].kind == KindStarred {
		mark := len(p.stack)
		p.push(subject)
		for p.accept(tComma) && p.t.kind != tColon {
			p.push(p.starNamed())
		}
		subject = p.addList(KindTuple, s, mark)
	}
	p.expect(tColon, "expected ':'")
	if p.failed {
		return 0
	}
	if p.t.kind != tNewline {
		return p.fail("invalid syntax")
	}
	p.nextLine()
	if p.t.kind != tIndent {
		return p.fail("expected an indented block after 'match' statement")
	}
	p.skipDent()
	mark := len(p.stack)
	for p.t.kind != tDedent && p.t.kind != tEOF {
		p.caseClause()
	}
	if p.t.kind == tDedent {
		p.skipDent()
	}
	n := Node(len(p.stack) - mark)
	if n == 0 {
		p.fail("expected 'case'")
	}
	return p.add(KindMatch, start, int32(subject), p.take(mark, n))
}

// caseClause pushes one case; a broken one is left out with its block.
func (p *parser) caseClause() {
	start, line, mark := p.t.start, p.line, len(p.stack)
	p.chain = 0
	if p.t.kind == tIndent || p.t.kind != tName || p.t.sym != symCase {
		// Something else between the cases: parsed and dropped.
		if p.t.kind != tIndent {
			p.record(int(start), "expected 'case'")
		}
		p.statement()
		p.stack = p.stack[:mark]
		return
	}
	p.next()
	pat := p.patterns()
	var guard Node
	if p.accept(kIf) {
		guard = p.namedExpr()
	}
	body := len(p.stack)
	n := p.block()
	if p.failed {
		p.recover(start, mark, line)
		p.stack = p.stack[:mark]
		return
	}
	p.push(p.add(KindMatchCase, start, int32(pat), p.take(body, guard, Node(n))))
}

// patterns parses the pattern of a case: an open sequence or a single one.
func (p *parser) patterns() Node {
	start := p.t.start
	n := p.starPattern()
	if p.t.kind != tComma {
		if p.nodes[n].kind == KindMatchStar {
			return p.fail("a starred pattern needs a sequence")
		}
		return n
	}
	mark := len(p.stack)
	p.push(n)
	for p.accept(tComma) && p.t.kind != tColon && p.t.kind != kIf {
		p.push(p.starPattern())
	}
	return p.addList(KindMatchSequence, start, mark)
}

func (p *parser) starPattern() Node {
	if p.t.kind != tStar {
		return p.asPattern()
	}
	start := p.t.start
	p.next()
	return p.add(KindMatchStar, start, 0, p.capture())
}

// capture takes a name; the wildcard is none.
func (p *parser) capture() int32 {
	s := p.ident()
	if s == symUnderscore {
		return 0
	}
	return s
}

// asPattern parses a | b as NAME.
func (p *parser) asPattern() Node {
	if !p.enter() {
		p.leave()
		return 0
	}
	start := p.t.start
	n := p.closedPattern()
	if p.t.kind == tVBar {
		mark := len(p.stack)
		p.push(n)
		for p.accept(tVBar) {
			p.push(p.closedPattern())
		}
		n = p.addList(KindMatchOr, start, mark)
	}
	if p.accept(kAs) {
		if p.t.sym == symUnderscore && p.t.kind == tName {
			p.warn(p.t.start, "cannot use '_' as a target")
		}
		s := p.ident()
		n = p.add(KindMatchAs, start, int32(n), s)
	}
	p.leave()
	return n
}

func (p *parser) closedPattern() Node {
	start := p.t.start
	switch p.t.kind {
	case tNumber, tMinus:
		v := p.numberPattern()
		return p.add(KindMatchValue, start, int32(v), 0)
	case tString, tFStart:
		v := p.strings()
		if k := p.nodes[v].kind; k == KindJoinedStr || k == KindTemplateStr {
			p.warn(start, "patterns may only match literals and attribute lookups")
		}
		return p.add(KindMatchValue, start, int32(v), 0)
	case kNone, kTrue, kFalse:
		c := ConstNone
		if p.t.kind == kTrue {
			c = ConstTrue
		} else if p.t.kind == kFalse {
			c = ConstFalse
		}
		p.next()
		return p.addOp(KindMatchSingleton, uint8(c), start, 0, 0)
	case tLPar:
		return p.groupPattern()
	case tLSqb:
		p.next()
		mark := len(p.stack)
		for p.t.kind != tRSqb && !p.failed {
			p.push(p.starPattern())
			if !p.accept(tComma) {
				break
			}
		}
		p.expect(tRSqb, "'[' was never closed")
		return p.addList(KindMatchSequence, start, mark)
	case tLBrace:
		return p.mappingPattern()
	case tName:
		return p.namePattern()
	}
	return p.fail("invalid pattern")
}

// numberPattern parses a signed number or a complex one: -1 + 2j.
func (p *parser) numberPattern() Node {
	start := p.t.start
	n := p.signedNumber()
	if p.t.kind != tPlus && p.t.kind != tMinus {
		return n
	}
	op := OpAdd
	if p.t.kind == tMinus {
		op = OpSub
	}
	p.next()
	s, k := p.t.start, p.t.flag
	p.expect(tNumber, "expected an imaginary number")
	right := p.addOp(KindConstant, k, s, 0, 0)
	return p.addOp(KindBinOp, uint8(op), start, int32(n), int32(right))
}

func (p *parser) signedNumber() Node {
	start := p.t.start
	minus := p.accept(tMinus)
	s, k := p.t.start, p.t.flag
	p.expect(tNumber, "expected a number")
	n := p.addOp(KindConstant, k, s, 0, 0)
	if minus {
		n = p.addOp(KindUnaryOp, uint8(OpUSub), start, int32(n), 0)
	}
	return n
}

// groupPattern parses (p), () or (p, q).
func (p *parser) groupPattern() Node {
	start := p.t.start
	p.next()
	mark := len(p.stack)
	if p.accept(tRPar) {
		return p.addList(KindMatchSequence, start, mark)
	}
	n := p.starPattern()
	if p.t.kind != tComma && p.nodes[n].kind != KindMatchStar {
		p.expect(tRPar, "'(' was never closed")
		return n
	}
	p.push(n)
	if p.t.kind != tComma {
		p.fail("a starred pattern needs a sequence")
	}
	for p.accept(tComma) && p.t.kind != tRPar {
		p.push(p.starPattern())
	}
	p.expect(tRPar, "'(' was never closed")
	return p.addList(KindMatchSequence, start, mark)
}

// mappingPattern parses {key: pattern, **rest}. Keys and patterns alternate on the
// stack and are sorted apart.
func (p *parser) mappingPattern() Node {
	start := p.t.start
	p.next()
	mark := len(p.stack)
	var rest int32
	for p.t.kind != tRBrace && !p.failed {
		if p.accept(tDoubleStar) {
			rest = p.ident()
		} else {
			p.push(p.mappingKey())
			p.expect(tColon, "expected ':'")
			p.push(p.asPattern())
		}
		if !p.accept(tComma) {
			break
		}
	}
	p.expect(tRBrace, "'{' was never closed")
	pairs := p.stack[mark:]
	off := int32(len(p.extra))
	p.extra = append(p.extra, Node(len(pairs)/2))
	for i := 0; i < len(pairs); i += 2 {
		p.extra = append(p.extra, pairs[i])
	}
	for i := 1; i < len(pairs); i += 2 {
		p.extra = append(p.extra, pairs[i])
	}
	p.stack = p.stack[:mark]
	return p.add(KindMatchMapping, start, rest, off)
}

func (p *parser) mappingKey() Node {
	switch p.t.kind {
	case tNumber, tMinus:
		return p.numberPattern()
	case tString, tFStart:
		return p.strings()
	case kNone, kTrue, kFalse:
		return p.atom()
	case tName:
		return p.dottedValue()
	}
	return p.fail("invalid key of a mapping pattern")
}

// dottedValue parses a.b.c.
func (p *parser) dottedValue() Node {
	start, s := p.t.start, p.t.sym
	p.next()
	n := p.add(KindName, start, s, 0)
	for links := 0; p.accept(tDot) && p.link(links); links++ {
		s := p.ident()
		n = p.add(KindAttribute, start, int32(n), s)
	}
	return n
}

// namePattern parses a capture, a wildcard, a dotted value or a class pattern.
func (p *parser) namePattern() Node {
	start, s := p.t.start, p.t.sym
	if k := p.peek(1); k != tDot && k != tLPar {
		p.next()
		if s == symUnderscore {
			s = 0
		}
		return p.add(KindMatchAs, start, 0, s)
	}
	v := p.dottedValue()
	if p.t.kind == tLPar {
		return p.classPattern(start, v)
	}
	return p.add(KindMatchValue, start, int32(v), 0)
}

// classPattern parses the arguments of Class(pattern, name=pattern).
func (p *parser) classPattern(start int32, class Node) Node {
	p.next()
	mark := len(p.stack)
	var few [8]Node
	named := few[:0] // names and patterns in turn
	for p.t.kind != tRPar && !p.failed {
		if p.t.kind == tName && p.peek(1) == tEqual {
			s := p.t.sym
			p.next()
			p.next()
			named = append(named, Node(s), p.asPattern())
		} else {
			if len(named) > 0 {
				p.warn(p.t.start, "positional patterns follow keyword patterns")
			}
			p.push(p.asPattern())
		}
		if !p.accept(tComma) {
			break
		}
	}
	p.expect(tRPar, "'(' was never closed")
	n := Node(len(p.stack) - mark)
	for i := 0; i < len(named); i += 2 {
		p.push(named[i])
	}
	for i := 1; i < len(named); i += 2 {
		p.push(named[i])
	}
	return p.add(KindMatchClass, start, int32(class), p.take(mark, n, Node(len(named)/2)))
}
