package python

// compound parses a statement with a block, decorators apart.
func (p *parser) compound() Node {
	start := p.t.start
	switch p.t.kind {
	case kDef:
		return p.function(start, KindFunctionDef, 0, 0)
	case kClass:
		return p.class(start, 0, 0)
	case kIf:
		return p.ifStmt()
	case kFor:
		return p.forStmt(start, KindFor)
	case kWhile:
		return p.while()
	case kTry:
		return p.tryStmt()
	case kWith:
		return p.with(start, KindWith)
	}
	p.next() // async
	switch p.t.kind {
	case kDef:
		return p.function(start, KindAsyncFunctionDef, 0, 0)
	case kFor:
		return p.forStmt(start, KindAsyncFor)
	case kWith:
		return p.with(start, KindAsyncWith)
	}
	return p.fail("invalid syntax")
}

// decorated parses decorators and the function or class below them. Their list
// stays on the stack until then.
func (p *parser) decorated() Node {
	mark := len(p.stack)
	for p.accept(tAt) {
		p.push(p.namedExpr())
		if p.t.kind != tNewline {
			return p.fail("invalid syntax")
		}
		p.nextLine()
	}
	n := len(p.stack) - mark
	off := p.take(mark)
	start := p.t.start
	switch p.t.kind {
	case kDef:
		return p.function(start, KindFunctionDef, off, n)
	case kClass:
		return p.class(start, off, n)
	case kAsync:
		p.next()
		if p.t.kind == kDef {
			return p.function(start, KindAsyncFunctionDef, off, n)
		}
	}
	return p.fail("expected a function or class after decorators")
}

// function parses from def on; the decorators are n nodes of the extra slab.
func (p *parser) function(start int32, k Kind, decorators int32, n int) Node {
	p.next()
	name := p.ident()
	tmark := len(p.stack)
	p.typeParams()
	ntp := len(p.stack) - tmark
	open := p.t.start
	p.expect(tLPar, "expected '('")
	args := p.arguments(open+1, tRPar, true)
	p.expect(tRPar, "expected ')'")
	var returns Node
	if p.accept(tArrow) {
		returns = p.expr()
	}
	mark := len(p.stack)
	nbody := p.block()
	if p.failed {
		return 0
	}
	off := int32(len(p.extra))
	p.extra = append(p.extra, args, returns, Node(nbody), Node(n), Node(ntp))
	p.finish(mark, tmark, decorators, n)
	return p.add(k, start, name, off)
}

// finish copies body, decorators and type parameters to the extra slab: the stack
// has the type parameters from tmark on and the body from mark on.
func (p *parser) finish(mark, tmark int, decorators int32, n int) {
	p.extra = append(p.extra, p.stack[mark:]...)
	p.extra = append(p.extra, p.extra[decorators:int(decorators)+n]...)
	p.extra = append(p.extra, p.stack[tmark:mark]...)
	p.stack = p.stack[:tmark]
}

func (p *parser) class(start int32, decorators int32, n int) Node {
	p.next()
	name := p.ident()
	tmark := len(p.stack)
	p.typeParams()
	ntp := len(p.stack) - tmark
	var bases, keywords []Node
	if p.t.kind == tLPar {
		p.next()
		off, na, nk := p.callArgs(0)
		p.expect(tRPar, "expected ')'")
		bases = p.extra[off+2 : int(off)+2+na]
		keywords = p.extra[int(off)+2+na : int(off)+2+na+nk]
	}
	mark := len(p.stack)
	nbody := p.block()
	if p.failed {
		return 0
	}
	off := int32(len(p.extra))
	p.extra = append(p.extra, Node(len(bases)), Node(len(keywords)), Node(nbody), Node(n), Node(ntp))
	p.extra = append(p.extra, bases...)
	p.extra = append(p.extra, keywords...)
	p.finish(mark, tmark, decorators, n)
	return p.add(KindClassDef, start, name, off)
}

// branch is one if or elif whose body is on the stack.
type branch struct {
	start       int32
	test        Node
	mark, nbody int
}

// ifStmt parses a chain of if and elif without recursion and builds it from its end.
func (p *parser) ifStmt() Node {
	var few [8]branch
	chain := few[:0]
	for {
		start := p.t.start
		p.next()
		test := p.namedExpr()
		mark := len(p.stack)
		chain = append(chain, branch{start, test, mark, p.block()})
		if p.failed || !p.link(len(chain)) {
			return 0
		}
		if p.t.kind != kElif {
			break
		}
	}
	norelse := p.orelse()
	if p.failed {
		return 0
	}
	for i := len(chain) - 1; ; i-- {
		b := &chain[i]
		off := p.take(b.mark, Node(b.nbody), Node(norelse))
		n := p.add(KindIf, b.start, int32(b.test), off)
		if i == 0 {
			return n
		}
		p.push(n)
		norelse = 1
	}
}

// orelse pushes the block of an else, if there is one.
func (p *parser) orelse() int {
	if p.accept(kElse) {
		return p.block()
	}
	return 0
}

func (p *parser) while() Node {
	start := p.t.start
	p.next()
	test := p.namedExpr()
	mark := len(p.stack)
	nbody := p.block()
	norelse := p.orelse()
	if p.failed {
		return 0
	}
	return p.add(KindWhile, start, int32(test), p.take(mark, Node(nbody), Node(norelse)))
}

func (p *parser) forStmt(start int32, k Kind) Node {
	p.next()
	target := p.targets()
	p.expect(kIn, "invalid syntax")
	iter := p.starExprs()
	mark := len(p.stack)
	nbody := p.block()
	norelse := p.orelse()
	if p.failed {
		return 0
	}
	return p.add(k, start, p.take(mark, target, iter, Node(nbody), Node(norelse)), 0)
}

// targets parses the target list of a for: a, *b.
func (p *parser) targets() Node {
	start := p.t.start
	n := p.target()
	if p.t.kind != tComma {
		return n
	}
	mark := len(p.stack)
	p.push(n)
	for p.accept(tComma) && p.t.kind != kIn && p.t.kind != tEqual {
		p.push(p.target())
	}
	n = p.addList(KindTuple, start, mark)
	p.nodes[n].ctx = Store
	return n
}

func (p *parser) target() Node {
	start := p.t.start
	var n Node
	if p.accept(tStar) {
		n = p.add(KindStarred, start, int32(p.binary(0)), 0)
		p.nodes[n].end = p.lastEnd
	} else {
		n = p.binary(0)
	}
	p.setContext(n, Store)
	return n
}

// with parses from with on. Items may stand in parentheses, which can also be those
// of the first expression: what comes first in CPython's grammar is tried first.
func (p *parser) with(start int32, k Kind) Node {
	p.next()
	mark := len(p.stack)
	if p.t.kind != tLPar || !p.try(p.withParen) {
		for {
			p.withItem()
			if !p.accept(tComma) {
				break
			}
		}
	}
	n := len(p.stack) - mark
	nbody := p.block()
	if p.failed {
		return 0
	}
	return p.add(k, start, p.take(mark, Node(n), Node(nbody)), 0)
}

func (p *parser) withParen() bool {
	p.next()
	for {
		p.withItem()
		if !p.accept(tComma) || p.t.kind == tRPar {
			break
		}
	}
	return p.accept(tRPar) && p.t.kind == tColon
}

func (p *parser) withItem() {
	start := p.t.start
	e := p.expr()
	var vars Node
	if p.accept(kAs) {
		vars = p.target()
	}
	p.push(p.add(KindWithItem, start, int32(e), int32(vars)))
}

func (p *parser) tryStmt() Node {
	start := p.t.start
	p.next()
	mark := len(p.stack)
	nbody := p.block()
	nh, k := 0, KindTry
	for p.t.kind == kExcept {
		star := p.peek(1) == tStar
		if nh > 0 && star != (k == KindTryStar) {
			p.warn(p.t.start, "cannot have both 'except' and 'except*' on the same 'try'")
		}
		if star {
			k = KindTryStar
		}
		p.push(p.handler())
		nh++
	}
	norelse := 0
	if nh > 0 {
		norelse = p.orelse()
	}
	nfinal := 0
	if p.accept(kFinally) {
		nfinal = p.block()
	} else if nh == 0 {
		p.fail("expected 'except' or 'finally' block")
	}
	if p.failed {
		return 0
	}
	return p.add(k, start, p.take(mark, Node(nbody), Node(nh), Node(norelse), Node(nfinal)), 0)
}

// handler parses an except clause. Types without parentheses are PEP 758 in 3.14;
// in Python 2 the second is the name.
func (p *parser) handler() Node {
	start := p.t.start
	p.next()
	star := p.accept(tStar)
	var typ Node
	var name int32
	if p.t.kind != tColon || star {
		s := p.t.start
		typ = p.expr()
		if p.t.kind == tComma {
			mark := len(p.stack)
			p.push(typ)
			for p.accept(tComma) && p.t.kind != tColon {
				p.push(p.expr())
			}
			typ = p.addList(KindTuple, s, mark)
			if p.t.kind == kAs {
				p.warn(s, "multiple exception types must be parenthesized when using 'as'")
			}
		}
		name = p.asName()
	}
	mark := len(p.stack)
	n := p.block()
	return p.add(KindExceptHandler, start, name, p.take(mark, typ, Node(n)))
}
