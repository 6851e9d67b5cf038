package python

// Limits of the parser.
const (
	// MaxErrors is how many syntax errors a tree keeps.
	MaxErrors = 100

	maxDepth = 3000 // of recursion; CPython has a similar one
	// A chain (a.b.c, a + b + c, elif) makes a deep tree without recursion. The
	// links beyond freeChain are counted for each statement of a block.
	freeChain = 64
	maxChain  = 20000
)

// parser is a recursive-descent parser. After an error, the current token becomes
// one that fits nowhere, so that every function returns to the statement.
type parser struct {
	lex     lexer
	t       token // current
	i       int   // its index in lex.toks
	line    int   // logical lines so far
	lastEnd int32 // end of the last token that was taken
	failed  bool
	// Where the statement failed, and how many bytes may still be read again.
	failedAt, again int
	quiet           bool // an attempt: errors are not recorded
	depth           int
	chain           int

	nodes  []node
	extra  []Node
	stack  []Node // children collected for nodes that are not finished
	errors []SyntaxError
	nerr   int
}

// record keeps an error.
func (p *parser) record(offset int, message string) {
	if p.quiet {
		return
	}
	p.nerr++
	if len(p.errors) < MaxErrors {
		p.errors = append(p.errors, SyntaxError{Offset: offset, Message: message})
	}
}

// warn records an error that does not stop the parser: the tree has what was meant.
func (p *parser) warn(offset int32, message string) {
	if !p.failed {
		p.record(int(offset), message)
	}
}

// fail ends the statement.
func (p *parser) fail(message string) Node {
	if !p.failed {
		p.failed = true
		if !p.lex.lineErr {
			p.record(int(p.t.start), message)
		}
		p.failedAt = int(p.t.start)
		p.t.kind = tError
	}
	return 0
}

// next takes the current token. The end of a line is taken by nextLine.
func (p *parser) next() {
	if p.failed {
		return
	}
	p.lastEnd = p.t.end
	p.i++
	p.t = p.lex.toks[p.i]
}

// nextLine goes to the first token of the next logical line.
func (p *parser) nextLine() {
	p.lex.line()
	p.line++
	p.i = 0
	p.t = p.lex.toks[0]
}

// skipDent takes a tIndent or tDedent, which have no place in the text.
func (p *parser) skipDent() {
	p.i++
	p.t = p.lex.toks[p.i]
}

// peek returns the kind of a token further on in the logical line.
func (p *parser) peek(n int) tok {
	if p.failed || p.i+n >= len(p.lex.toks) {
		return tEOF
	}
	return p.lex.toks[p.i+n].kind
}

// accept takes a token of that kind if it is the current one.
func (p *parser) accept(k tok) bool {
	if p.t.kind != k {
		return false
	}
	p.next()
	return true
}

// expect takes a token of that kind or fails.
func (p *parser) expect(k tok, message string) bool {
	if p.t.kind != k {
		p.fail(message)
		return false
	}
	p.next()
	return true
}

// ident takes a name.
func (p *parser) ident() int32 {
	s := p.t.sym
	if !p.expect(tName, "expected a name") {
		return 0
	}
	return s
}

// enter counts a level of recursion; leave must follow.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > maxDepth {
		p.fail("too deeply nested")
		return false
	}
	return true
}

func (p *parser) leave() { p.depth-- }

// link counts the links of a chain.
func (p *parser) link(n int) bool {
	if n < freeChain {
		return true
	}
	p.chain++
	if p.chain > maxChain {
		p.fail("expression is too long")
		return false
	}
	return true
}

// add makes a node that ends with the last token taken.
func (p *parser) add(k Kind, start, a, b int32) Node {
	p.nodes = append(p.nodes, node{start: start, end: p.lastEnd, a: a, b: b, kind: k})
	return Node(len(p.nodes) - 1)
}

// addOp is add with an operator.
func (p *parser) addOp(k Kind, op uint8, start, a, b int32) Node {
	p.nodes = append(p.nodes, node{start: start, end: p.lastEnd, a: a, b: b, kind: k, op: op})
	return Node(len(p.nodes) - 1)
}

func (p *parser) push(n Node) { p.stack = append(p.stack, n) }

// take moves what was pushed since mark to the extra slab, after a header.
func (p *parser) take(mark int, header ...Node) int32 {
	off := int32(len(p.extra))
	p.extra = append(p.extra, header...)
	p.extra = append(p.extra, p.stack[mark:]...)
	p.stack = p.stack[:mark]
	return off
}

// addList makes a node that has one list, of what was pushed since mark.
func (p *parser) addList(k Kind, start int32, mark int) Node {
	n := int32(len(p.stack) - mark)
	return p.add(k, start, p.take(mark), n)
}

// state is what an attempt goes back to. It does not reach over the end of a line.
type state struct {
	t                     token
	i                     int
	lastEnd               int32
	nodes, extra, stack   int
	depth, chain          int
	failed, quiet, errors bool
}

// try runs an attempt and goes back when it fails or does not want the result.
func (p *parser) try(f func() bool) bool {
	s := state{p.t, p.i, p.lastEnd, len(p.nodes), len(p.extra), len(p.stack), p.depth, p.chain, p.failed, p.quiet, false}
	p.quiet = true
	if f() && !p.failed {
		p.quiet = s.quiet
		return true
	}
	p.t, p.i, p.lastEnd, p.depth, p.chain, p.failed, p.quiet = s.t, s.i, s.lastEnd, s.depth, s.chain, s.failed, s.quiet
	p.nodes, p.extra, p.stack = p.nodes[:s.nodes], p.extra[:s.extra], p.stack[:s.stack]
	return false
}
