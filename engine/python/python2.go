package python

// startsPython2 reports whether the current print or exec is a statement: what
// follows begins an expression and cannot continue one.
func (p *parser) startsPython2() bool {
	switch p.peek(1) {
	case tName, tNumber, tString, tFStart, tBackquote, tLBrace, kNone, kTrue, kFalse, kLambda:
		return true
	case kNot:
		return p.peek(2) != kIn
	}
	return false
}

// python2 parses print a, b and exec code in globals, locals as calls.
func (p *parser) python2() Node {
	start := p.t.start
	exec := p.t.sym == symExec
	if exec {
		p.warn(start, "Missing parentheses in call to 'exec'")
	} else {
		p.warn(start, "Missing parentheses in call to 'print'")
	}
	sym := p.t.sym
	p.next()
	fn := p.add(KindName, start, sym, 0)
	mark := len(p.stack)
	for p.t.kind != tNewline && p.t.kind != tSemi {
		if exec {
			p.push(p.binary(0))
		} else {
			p.push(p.expr())
		}
		if !p.accept(tComma) && !(exec && p.accept(kIn)) {
			break
		}
	}
	return p.add(KindExpr, start, int32(p.callPython2(start, fn, mark)), 0)
}

// callPython2 makes a call of fn with what was pushed since mark.
func (p *parser) callPython2(start int32, fn Node, mark int) Node {
	n := len(p.stack) - mark
	call := p.add(KindCall, start, int32(fn), p.take(mark, Node(n), 0))
	p.nodes[call].flag = flagPython2
	return call
}

// raisePython2 parses the rest of raise E, value, traceback as raise E(value).
func (p *parser) raisePython2(exc Node) Node {
	start := p.nodes[exc].start
	p.warn(start, "raise with a comma is Python 2")
	mark := len(p.stack)
	for p.accept(tComma) {
		p.push(p.expr())
	}
	p.stack = p.stack[:min(len(p.stack), mark+1)]
	return p.callPython2(start, exc, mark)
}

// backquotes parses `x` as repr(x).
func (p *parser) backquotes() Node {
	start := p.t.start
	p.warn(start, "backquotes are Python 2: use repr()")
	p.next()
	fn := p.add(KindName, start, symRepr, 0)
	mark := len(p.stack)
	p.push(p.starExprs())
	p.expect(tBackquote, "expected '`'")
	return p.callPython2(start, fn, mark)
}
