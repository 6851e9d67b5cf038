package python

import "strings"

// statement pushes the statements of one logical line, or one compound statement.
// What does not parse becomes a Bad.
func (p *parser) statement() {
	start := p.t.start
	mark, line := len(p.stack), p.line
	p.chain = 0
	if p.t.kind == tIndent {
		p.record(int(p.t.end), "unexpected indent")
		start = p.t.end
		p.lastEnd = start
		p.indented()
		p.push(p.addList(KindBad, start, mark))
		return
	}
	var n Node
	if p.enter() {
		switch p.t.kind {
		case tAt:
			n = p.decorated()
		case kDef, kAsync, kClass, kIf, kFor, kWhile, kTry, kWith:
			n = p.compound()
		case tName:
			if p.t.sym == symMatch && p.isMatch() {
				n = p.match()
				break
			}
			p.simpleStmts()
		default:
			p.simpleStmts()
		}
	}
	p.leave()
	if n != 0 && !p.failed {
		p.push(n)
	}
	if p.failed {
		p.recover(start, mark, line)
	}
}

// recover drops the rest of a logical line after an error. The block that follows a
// broken header is kept inside a Bad. line is the one where the statement began: an
// error at the beginning of a later line does not drop that.
func (p *parser) recover(start int32, mark, line int) {
	p.failed = false
	// Expressions that were pushed by an unfinished construct are not statements.
	keep := p.stack[:mark]
	for _, n := range p.stack[mark:] {
		if p.nodes[n].kind.IsStmt() {
			keep = append(keep, n)
		}
	}
	p.stack = keep
	if p.line != line && p.atLineStart() {
		p.t = p.lex.toks[p.i]
		p.push(p.addList(KindBad, start, mark))
		return
	}
	if last := len(p.lex.toks) - 1; last > 0 {
		p.lastEnd = max(start, p.lex.toks[last-1].end)
	}
	p.rewind()
	p.nextLine()
	if p.t.kind == tIndent {
		p.indented()
	}
	p.push(p.addList(KindBad, start, mark))
}

// rewind goes back to the end of the line with the error, where a bracket that was
// never closed made the logical line longer than it was meant to be.
func (p *parser) rewind() {
	l := &p.lex
	if !l.cut || p.failedAt >= l.pos {
		return
	}
	end := strings.IndexAny(l.src[p.failedAt:l.pos], "\r\n")
	if end < 0 {
		return
	}
	end += p.failedAt
	if n := l.pos - end; n <= p.again {
		p.again -= n
		l.pos = end
		p.lastEnd = min(p.lastEnd, int32(end))
	}
}

// atLineStart reports whether no token of the logical line has been taken.
func (p *parser) atLineStart() bool {
	for _, t := range p.lex.toks[:p.i] {
		if t.kind != tIndent && t.kind != tDedent {
			return false
		}
	}
	return true
}

// indented pushes the statements of an indented block, from its tIndent on.
func (p *parser) indented() {
	p.skipDent()
	for p.t.kind != tDedent && p.t.kind != tEOF {
		p.statement()
	}
	if p.t.kind == tDedent {
		p.skipDent()
	}
}

// block pushes the statements after a colon and returns how many they are.
func (p *parser) block() int {
	mark := len(p.stack)
	if !p.expect(tColon, "expected ':'") {
		return 0
	}
	if p.t.kind != tNewline {
		p.simpleStmts()
		return len(p.stack) - mark
	}
	end := p.lastEnd
	p.nextLine()
	if p.t.kind != tIndent {
		// The header stands alone: it is kept with an empty body.
		p.record(int(end), "expected an indented block")
		return 0
	}
	p.indented()
	return len(p.stack) - mark
}

// simpleStmts pushes small statements up to the end of the line.
func (p *parser) simpleStmts() {
	for {
		n := p.simpleStmt()
		if p.failed {
			return
		}
		p.push(n)
		if p.t.kind == tNewline {
			p.nextLine()
			return
		}
		if !p.expect(tSemi, "invalid syntax") {
			return
		}
		if p.t.kind == tNewline {
			p.nextLine()
			return
		}
	}
}

func (p *parser) simpleStmt() Node {
	start := p.t.start
	switch p.t.kind {
	case kReturn:
		p.next()
		var v Node
		if p.t.kind != tNewline && p.t.kind != tSemi {
			v = p.starExprs()
		}
		return p.add(KindReturn, start, int32(v), 0)
	case kImport:
		return p.importStmt()
	case kFrom:
		return p.importFrom()
	case kPass:
		p.next()
		return p.add(KindPass, start, 0, 0)
	case kBreak:
		p.next()
		return p.add(KindBreak, start, 0, 0)
	case kContinue:
		p.next()
		return p.add(KindContinue, start, 0, 0)
	case kRaise:
		return p.raise()
	case kAssert:
		p.next()
		test := p.expr()
		var msg Node
		if p.accept(tComma) {
			msg = p.expr()
		}
		return p.add(KindAssert, start, int32(test), int32(msg))
	case kDel:
		return p.del()
	case kGlobal, kNonlocal:
		k := KindGlobal
		if p.t.kind == kNonlocal {
			k = KindNonlocal
		}
		p.next()
		mark := len(p.stack)
		p.push(Node(p.ident()))
		for p.accept(tComma) {
			p.push(Node(p.ident()))
		}
		return p.addList(k, start, mark)
	case tName:
		switch p.t.sym {
		case symType:
			if p.peek(1) == tName && (p.peek(2) == tEqual || p.peek(2) == tLSqb) {
				return p.typeAlias()
			}
		case symPrint, symExec:
			if p.startsPython2() {
				return p.python2()
			}
		}
	}
	return p.exprStmt()
}

// exprStmt parses an expression, an assignment or an annotation.
func (p *parser) exprStmt() Node {
	start := p.t.start
	first := p.yieldOrStar()
	switch k := p.t.kind; {
	case k == tEqual:
		mark := len(p.stack)
		value := first
		for p.accept(tEqual) {
			p.setContext(value, Store)
			p.push(value)
			value = p.yieldOrStar()
		}
		n := len(p.stack) - mark
		return p.add(KindAssign, start, int32(value), p.take(mark, Node(n)))
	case k == tColon:
		return p.annotated(start, first)
	case k >= tPlusEqual && k <= tDoubleSlashEqual:
		switch p.nodes[first].kind {
		case KindName, KindAttribute, KindSubscript:
			p.setContext(first, Store)
		default:
			p.warn(start, "illegal expression for augmented assignment")
		}
		p.next()
		v := p.yieldOrStar()
		return p.addOp(KindAugAssign, uint8(OpAdd)+uint8(k-tPlusEqual), start, int32(first), int32(v))
	}
	return p.add(KindExpr, start, int32(first), 0)
}

func (p *parser) annotated(start int32, target Node) Node {
	switch p.nodes[target].kind {
	case KindName, KindAttribute, KindSubscript:
		p.setContext(target, Store)
	default:
		return p.fail("illegal target for annotation")
	}
	p.next()
	ann := p.expr()
	var value Node
	if p.accept(tEqual) {
		value = p.yieldOrStar()
	}
	n := p.add(KindAnnAssign, start, p.take(len(p.stack), target, ann, value), 0)
	if p.nodes[target].kind == KindName && p.nodes[target].start == start {
		p.nodes[n].flag = flagSimple
	}
	return n
}

// setContext makes an expression a target.
func (p *parser) setContext(n Node, ctx Context) {
	v := &p.nodes[n]
	switch v.kind {
	case KindName, KindAttribute, KindSubscript:
		v.ctx = ctx
	case KindStarred:
		if ctx == Del {
			p.warn(v.start, "cannot delete starred")
		}
		v.ctx = ctx
		p.setContext(Node(v.a), ctx)
	case KindTuple, KindList:
		v.ctx = ctx
		for _, e := range p.extra[v.a : v.a+v.b] {
			p.setContext(e, ctx)
		}
	default:
		what := "cannot assign to this expression"
		if ctx == Del {
			what = "cannot delete this expression"
		}
		p.warn(v.start, what)
	}
}

func (p *parser) del() Node {
	start := p.t.start
	p.next()
	mark := len(p.stack)
	for {
		e := p.binary(0)
		p.setContext(e, Del)
		p.push(e)
		if !p.accept(tComma) || p.t.kind == tNewline || p.t.kind == tSemi {
			return p.addList(KindDelete, start, mark)
		}
	}
}

func (p *parser) raise() Node {
	start := p.t.start
	p.next()
	if p.t.kind == tNewline || p.t.kind == tSemi {
		return p.add(KindRaise, start, 0, 0)
	}
	exc := p.expr()
	var cause Node
	if p.accept(kFrom) {
		cause = p.expr()
	} else if p.t.kind == tComma {
		exc = p.raisePython2(exc)
	}
	return p.add(KindRaise, start, int32(exc), int32(cause))
}

// importStmt parses import a.b as c, d.
func (p *parser) importStmt() Node {
	start := p.t.start
	p.next()
	mark := len(p.stack)
	for {
		s := p.t.start
		name := p.dottedName()
		p.push(p.add(KindAlias, s, name, p.asName()))
		if !p.accept(tComma) {
			return p.addList(KindImport, start, mark)
		}
	}
}

// asName takes as NAME, if it is there.
func (p *parser) asName() int32 {
	if p.accept(kAs) {
		return p.ident()
	}
	return 0
}

// dottedName takes a.b.c.
func (p *parser) dottedName() int32 {
	start := p.t.start
	first := p.ident()
	if p.t.kind != tDot {
		return first
	}
	name := p.lex.in.names[first]
	n := 1
	plain := int(p.lastEnd-start) == len(name)
	for p.accept(tDot) {
		s := p.ident()
		if p.failed {
			return 0
		}
		if n++; n > freeChain {
			p.fail("name is too long")
			return 0
		}
		name += "." + p.lex.in.names[s]
		plain = plain && int(p.lastEnd-start) == len(name)
	}
	if plain {
		name = p.lex.src[start:p.lastEnd] // share the memory of the text
	}
	return p.lex.in.intern(name, hashString(name))
}

// importFrom parses from ..a import b as c, *.
func (p *parser) importFrom() Node {
	start := p.t.start
	p.next()
	level := 0
	for {
		if p.accept(tDot) {
			level++
		} else if p.accept(tEllipsis) {
			level += 3
		} else {
			break
		}
	}
	var module int32
	if level == 0 || p.t.kind != kImport {
		module = p.dottedName()
	}
	p.expect(kImport, "expected 'import'")
	mark := len(p.stack)
	if p.t.kind == tStar {
		s := p.t.start
		p.next()
		p.push(p.add(KindAlias, s, symStar, 0))
		return p.add(KindImportFrom, start, module, p.take(mark, Node(level), 1))
	}
	paren := p.accept(tLPar)
	for {
		s := p.t.start
		name := p.ident()
		as := p.asName()
		p.push(p.add(KindAlias, s, name, as))
		if !p.accept(tComma) {
			break
		}
		if paren && p.t.kind == tRPar {
			break
		}
		if p.t.kind == tNewline {
			p.fail("trailing comma not allowed without surrounding parentheses")
		}
	}
	if paren {
		p.expect(tRPar, "expected ')'")
	}
	n := len(p.stack) - mark
	return p.add(KindImportFrom, start, module, p.take(mark, Node(level), Node(n)))
}
