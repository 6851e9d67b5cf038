package python

// piece is a part of a string constant: a whole string token, or text of an
// f-string. A constant of one whole token stores none.
type piece struct {
	start, end int32
	flag       uint8
}

// strings parses one or several adjacent string literals.
func (p *parser) strings() Node {
	start := p.t.start
	first := p.t.flag
	if p.t.kind == tString && p.peek(1) != tString && p.peek(1) != tFStart {
		p.next()
		return p.constant(start, p.lastEnd, first, nil)
	}
	var few [16]piece
	c := concat{pieces: few[:0], mark: len(p.stack), flag: first}
	formatted := false
	bytes := first&strBytes != 0
	for p.t.kind == tString || p.t.kind == tFStart {
		f := p.t.flag
		if f&strBytes != 0 != bytes {
			p.warn(start, "cannot mix bytes and nonbytes literals")
		}
		if f&strTemplate != first&strTemplate {
			p.warn(start, "cannot mix t-string literals with string or bytes literals")
		}
		if p.t.kind == tString {
			c.add(piece{p.t.start, p.t.end, f})
			p.next()
			continue
		}
		formatted = true
		p.next()
		p.fparts(&c, f)
		p.expect(tFEnd, "unterminated f-string literal")
	}
	if p.failed {
		p.stack = p.stack[:c.mark]
		return 0
	}
	if !formatted {
		return p.constant(start, p.lastEnd, first, c.pieces)
	}
	end := p.lastEnd
	p.flush(&c)
	k := KindJoinedStr
	if first&strTemplate != 0 {
		k = KindTemplateStr
	}
	n := p.addList(k, start, c.mark)
	p.nodes[n].end = end
	return n
}

// concat collects the constants and fields of adjacent literals; constants that
// touch become one.
type concat struct {
	pieces []piece
	mark   int
	flag   uint8 // of the first token since the last field
}

func (c *concat) add(x piece) {
	if len(c.pieces) == 0 {
		c.flag = x.flag
	}
	c.pieces = append(c.pieces, x)
}

// flush pushes the constant collected so far, unless it is empty.
func (p *parser) flush(c *concat) {
	for _, x := range c.pieces {
		if !emptyPiece(p.lex.src, x) {
			p.push(p.constant(c.pieces[0].start, c.pieces[len(c.pieces)-1].end, c.flag, c.pieces))
			break
		}
	}
	c.pieces = c.pieces[:0]
}

// constant makes a Constant of string pieces; none is the token that it covers.
func (p *parser) constant(start, end int32, flag uint8, pieces []piece) Node {
	k := ConstStr
	if flag&strBytes != 0 {
		k = ConstBytes
	}
	off := int32(len(p.extra))
	for _, x := range pieces {
		p.extra = append(p.extra, Node(x.start), Node(x.end), Node(x.flag))
	}
	n := p.addOp(KindConstant, uint8(k), start, off, int32(len(pieces)))
	p.nodes[n].end = end
	if flag&strU != 0 {
		p.nodes[n].flag = flagU
	}
	return n
}

// textFlag marks a piece that is text of an f-string and not a whole token.
const textFlag = strFormat

// fparts parses text and fields of an f-string or of a format specification.
func (p *parser) fparts(c *concat, flag uint8) {
	for {
		switch p.t.kind {
		case tFMiddle:
			x := piece{p.t.start, p.t.end, p.t.flag&strRaw | textFlag}
			if !emptyPiece(p.lex.src, x) {
				c.add(x)
			}
			p.next()
		case tLBrace:
			p.ffield(c, flag)
		default:
			return
		}
	}
}

// ffield parses {expression = !conversion : specification}.
func (p *parser) ffield(c *concat, flag uint8) {
	start := p.t.start
	if !p.enter() {
		p.leave()
		return
	}
	defer p.leave()
	p.next()
	v := p.yieldOrStar()
	exprEnd := p.t.start
	debug := false
	if p.t.kind == tEqual {
		p.next()
		debug = true
		c.add(piece{start + 1, p.t.start, textFlag | strText})
	}
	p.flush(c)
	var conv uint8
	if p.t.kind == tBang {
		p.next()
		if p.t.start != p.lastEnd {
			p.warn(p.t.start, "f-string: conversion type must come right after the exclamation mark")
		}
		if text := p.lex.src[p.t.start:p.t.end]; p.t.kind == tName && (text == "r" || text == "s" || text == "a") {
			conv = text[0]
		} else {
			p.fail("f-string: invalid conversion character")
		}
		p.next()
	}
	var spec Node
	if p.t.kind == tColon {
		at := p.t.start
		p.next()
		var few [4]piece
		inner := concat{pieces: few[:0], mark: len(p.stack)}
		p.fparts(&inner, flag&^strTemplate) // fields of a specification are FormattedValue
		end := p.t.start
		if p.t.kind != tRBrace {
			p.fail("f-string: expecting '}'")
			return
		}
		p.flush(&inner)
		spec = p.addList(KindJoinedStr, at, inner.mark)
		p.nodes[spec].end = end
	}
	if debug && conv == 0 && spec == 0 {
		conv = 'r'
	}
	p.expect(tRBrace, "f-string: expecting '}'")
	if p.failed {
		return
	}
	if flag&strTemplate != 0 {
		n := p.add(KindInterpolation, start, int32(v), p.take(len(p.stack), spec, Node(exprEnd)))
		p.nodes[n].op = conv
		p.push(n)
		return
	}
	p.push(p.addOp(KindFormattedValue, conv, start, int32(v), int32(spec)))
}
