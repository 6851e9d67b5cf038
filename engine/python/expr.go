package python

// yieldOrStar parses what may stand on the right of an assignment.
func (p *parser) yieldOrStar() Node {
	if p.t.kind == kYield {
		return p.yield()
	}
	return p.starExprs()
}

func (p *parser) yield() Node {
	start := p.t.start
	p.next()
	if p.accept(kFrom) {
		v := p.expr()
		return p.add(KindYieldFrom, start, int32(v), 0)
	}
	var v Node
	if p.startsExpr() {
		v = p.starExprs()
	}
	return p.add(KindYield, start, int32(v), 0)
}

// startsExpr reports whether the current token can begin an expression.
func (p *parser) startsExpr() bool {
	switch k := p.t.kind; k {
	case tNewline, tEOF, tRPar, tRSqb, tRBrace, tComma, tColon, tSemi, tEqual, tBang, tError, tColonEqual, kFor, kIn, kAs,
		kAsync, kIf, kElse, kFrom:
		return false
	default:
		return k < tPlusEqual || k > tDoubleSlashEqual
	}
}

// starExprs parses a, *b, c: one expression or a tuple without parentheses.
func (p *parser) starExprs() Node {
	start := p.t.start
	n := p.starExpr()
	if p.t.kind != tComma {
		return n
	}
	mark := len(p.stack)
	p.push(n)
	for p.accept(tComma) && p.startsExpr() {
		p.push(p.starExpr())
	}
	return p.addList(KindTuple, start, mark)
}

func (p *parser) starExpr() Node {
	if p.t.kind == tStar {
		return p.starred()
	}
	return p.expr()
}

// starred parses *bitwise_or.
func (p *parser) starred() Node {
	start := p.t.start
	p.next()
	v := p.binary(0)
	return p.add(KindStarred, start, int32(v), 0)
}

// starNamed parses an element of a list, set or tuple.
func (p *parser) starNamed() Node {
	if p.t.kind == tStar {
		return p.starred()
	}
	return p.namedExpr()
}

// namedExpr parses NAME := expression, or an expression.
func (p *parser) namedExpr() Node {
	if p.t.kind == tName && p.peek(1) == tColonEqual {
		start := p.t.start
		sym := p.t.sym
		p.next()
		target := p.add(KindName, start, sym, 0)
		p.nodes[target].ctx = Store
		p.next()
		v := p.expr()
		return p.add(KindNamedExpr, start, int32(target), int32(v))
	}
	return p.expr()
}

// expr parses an expression: a lambda or a conditional.
func (p *parser) expr() Node {
	if !p.enter() {
		p.leave()
		return 0
	}
	var n Node
	if p.t.kind == kLambda {
		n = p.lambda()
	} else {
		start := p.t.start
		n = p.disjunction()
		if p.t.kind == kIf {
			p.next()
			test := p.disjunction()
			p.expect(kElse, "expected 'else' after 'if' expression")
			orelse := p.expr()
			n = p.add(KindIfExp, start, p.take(len(p.stack), test, n, orelse), 0)
		}
	}
	p.leave()
	return n
}

func (p *parser) lambda() Node {
	start := p.t.start
	p.next()
	args := p.arguments(p.t.start, tColon, false)
	p.expect(tColon, "expected ':'")
	body := p.expr()
	return p.add(KindLambda, start, int32(args), int32(body))
}

func (p *parser) disjunction() Node {
	start := p.t.start
	n := p.conjunction()
	if p.t.kind != kOr {
		return n
	}
	mark := len(p.stack)
	p.push(n)
	for p.accept(kOr) {
		p.push(p.conjunction())
	}
	n = p.addList(KindBoolOp, start, mark)
	p.nodes[n].op = uint8(OpOr)
	return n
}

func (p *parser) conjunction() Node {
	start := p.t.start
	n := p.inversion()
	if p.t.kind != kAnd {
		return n
	}
	mark := len(p.stack)
	p.push(n)
	for p.accept(kAnd) {
		p.push(p.inversion())
	}
	n = p.addList(KindBoolOp, start, mark)
	p.nodes[n].op = uint8(OpAnd)
	return n
}

func (p *parser) inversion() Node {
	if p.t.kind != kNot {
		return p.comparison()
	}
	start := p.t.start
	p.next()
	if !p.enter() {
		p.leave()
		return 0
	}
	v := p.inversion()
	p.leave()
	return p.addOp(KindUnaryOp, uint8(OpNot), start, int32(v), 0)
}

// compareOp takes a comparison operator.
func (p *parser) compareOp() Op {
	op := OpNone
	switch p.t.kind {
	case tEqEqual:
		op = OpEq
	case tNotEqual:
		op = OpNotEq
	case tLess:
		op = OpLt
	case tLessEqual:
		op = OpLtE
	case tGreater:
		op = OpGt
	case tGreaterEqual:
		op = OpGtE
	case kIn:
		op = OpIn
	case kIs:
		p.next()
		if p.accept(kNot) {
			return OpIsNot
		}
		return OpIs
	case kNot:
		if p.peek(1) != kIn {
			return OpNone
		}
		p.next()
		op = OpNotIn
	default:
		return OpNone
	}
	p.next()
	return op
}

func (p *parser) comparison() Node {
	start := p.t.start
	left := p.binary(0)
	op := p.compareOp()
	if op == OpNone {
		return left
	}
	// Operators and operands alternate on the stack, then they are sorted apart.
	mark := len(p.stack)
	for op != OpNone {
		p.push(Node(op))
		p.push(p.binary(0))
		op = p.compareOp()
	}
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
	return p.add(KindCompare, start, int32(left), off)
}

// binding has the strength and operator of binary operators, from tPlus on.
var binding = [...]struct {
	prec int
	op   Op
}{
	{5, OpAdd}, {5, OpSub}, {6, OpMult}, {6, OpMatMult}, {6, OpDiv}, {6, OpMod}, {0, OpPow},
	{4, OpLShift}, {4, OpRShift}, {1, OpBitOr}, {2, OpBitXor}, {3, OpBitAnd}, {6, OpFloorDiv},
}

// binary parses arithmetic and bit operators that bind stronger than prec.
func (p *parser) binary(prec int) Node {
	start := p.t.start
	left := p.unary()
	for links := 0; p.t.kind >= tPlus && p.t.kind <= tDoubleSlash; links++ {
		b := binding[p.t.kind-tPlus]
		if b.prec <= prec || !p.link(links) {
			break
		}
		p.next()
		right := p.binary(b.prec)
		left = p.addOp(KindBinOp, uint8(b.op), start, int32(left), int32(right))
	}
	return left
}

// unary parses signs, then a power with what it is raised to.
func (p *parser) unary() Node {
	start := p.t.start
	op := OpNone
	switch p.t.kind {
	case tPlus:
		op = OpUAdd
	case tMinus:
		op = OpUSub
	case tTilde:
		op = OpInvert
	}
	if op != OpNone {
		p.next()
		if !p.enter() {
			p.leave()
			return 0
		}
		v := p.unary()
		p.leave()
		return p.addOp(KindUnaryOp, uint8(op), start, int32(v), 0)
	}
	n := p.awaitPrimary()
	if p.t.kind == tDoubleStar {
		p.next()
		if !p.enter() {
			p.leave()
			return 0
		}
		right := p.unary()
		p.leave()
		n = p.addOp(KindBinOp, uint8(OpPow), start, int32(n), int32(right))
	}
	return n
}

func (p *parser) awaitPrimary() Node {
	if p.t.kind != kAwait {
		return p.primary()
	}
	start := p.t.start
	p.next()
	v := p.primary()
	return p.add(KindAwait, start, int32(v), 0)
}

// primary parses an atom with its attributes, calls and subscripts.
func (p *parser) primary() Node {
	start := p.t.start
	n := p.atom()
	for links := 0; ; links++ {
		switch p.t.kind {
		case tDot:
			p.next()
			s := p.ident()
			n = p.add(KindAttribute, start, int32(n), s)
		case tLPar:
			open := p.t.start
			p.next()
			off, _, _ := p.callArgs(open)
			p.expect(tRPar, "expected ')'")
			n = p.add(KindCall, start, int32(n), off)
		case tLSqb:
			p.next()
			index := p.slices()
			p.expect(tRSqb, "expected ']'")
			n = p.add(KindSubscript, start, int32(n), int32(index))
		default:
			return n
		}
		if p.failed || !p.link(links) {
			return 0
		}
	}
}
