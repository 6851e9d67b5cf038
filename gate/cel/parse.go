package cel

import (
	"slices"
	"strconv"
)

type form uint8

const (
	constant form = iota
	variable
	field    // args[0].name
	present  // has(args[0].name)
	call     // name(args...), or args[0].name(args[1:]...) when member
	operator // name with one or two operands
	choice   // args[0] ? args[1] : args[2]
	index    // args[0][args[1]]
	listOf
	mapOf // keys and values in turn
)

// node is a part of an expression.
type node struct {
	form   form
	member bool
	pos    int
	name   string
	typ    *Type // of a constant
	value  Value // of a constant
	args   []*node
}

type parser struct {
	lex   lexer
	tok   token
	depth int
}

// reserved words are no names.
var reserved = []string{
	"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in",
	"let", "loop", "package", "namespace", "null", "return", "true", "var", "void", "while",
}

func parse(src string) (*node, error) {
	p := &parser{lex: lexer{src: src}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.tok.kind != end {
		return nil, p.unexpected("an operator or the end")
	}
	return n, nil
}

func (p *parser) advance() (err error) {
	p.tok, err = p.lex.next()
	return err
}

func (p *parser) is(symbols ...string) bool {
	return p.tok.kind == symbol && slices.Contains(symbols, p.tok.text) ||
		p.tok.kind == identifier && p.tok.text == "in" && slices.Contains(symbols, "in")
}

func (p *parser) unexpected(want string) error {
	if p.tok.kind == end {
		return failf(p.tok.pos, "Syntax error: it ends where %s has to be", want)
	}
	return failf(p.tok.pos, "Syntax error: %s where %s has to be", strconv.QuoteToASCII(p.tok.text), want)
}

func (p *parser) expect(s string) error {
	if !p.is(s) {
		return p.unexpected(s)
	}
	return p.advance()
}

func (p *parser) deeper() error {
	if p.depth++; p.depth > MaxNesting {
		return failf(p.tok.pos, "nested more than %d deep, which is the limit of recursion; make it several rules", MaxNesting)
	}
	return nil
}

// expression = or ["?" or ":" expression]
func (p *parser) expression() (*node, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	n, err := p.binary(0)
	if err != nil || !p.is("?") {
		return n, err
	}
	pos := p.tok.pos
	if err := p.advance(); err != nil {
		return nil, err
	}
	yes, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	no, err := p.expression()
	if err != nil {
		return nil, err
	}
	return &node{form: choice, pos: pos, args: []*node{n, yes, no}}, nil
}

// levels of binary operators, which bind more tightly from one to the next.
var levels = [][]string{{"||"}, {"&&"}, {"==", "!=", "<=", ">=", "<", ">", "in"}, {"+", "-"}, {"*", "/", "%"}}

func (p *parser) binary(level int) (*node, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil && p.is(levels[level]...) {
		op := p.tok
		if err = p.advance(); err != nil {
			break
		}
		var right *node
		if right, err = p.binary(level + 1); err == nil {
			left = &node{form: operator, pos: op.pos, name: op.text, args: []*node{left, right}}
		}
	}
	return left, err
}

func (p *parser) unary() (*node, error) {
	if !p.is("!", "-") {
		return p.member()
	}
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	op := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	if op.text == "-" && (p.tok.kind == intNumber || p.tok.kind == doubleNumber) {
		p.tok.text, p.tok.pos = "-"+p.tok.text, op.pos
		return p.member()
	}
	n, err := p.unary()
	if err != nil {
		return nil, err
	}
	return &node{form: operator, pos: op.pos, name: op.text, args: []*node{n}}, nil
}

// member = primary {"." name ["(" arguments ")"] | "[" expression "]"}
func (p *parser) member() (*node, error) {
	n, err := p.primary()
	for err == nil && p.is(".", "[") {
		pos := p.tok.pos
		if p.tok.text == "[" {
			var i *node
			if err = p.advance(); err == nil {
				i, err = p.expression()
			}
			if err == nil {
				err = p.expect("]")
			}
			n = &node{form: index, pos: pos, args: []*node{n, i}}
			continue
		}
		if err = p.advance(); err != nil {
			break
		}
		if p.tok.kind != identifier || slices.Contains(reserved, p.tok.text) {
			return nil, p.unexpected("a name")
		}
		name := p.tok
		if err = p.advance(); err != nil {
			break
		}
		if !p.is("(") {
			n = &node{form: field, pos: name.pos, name: name.text, args: []*node{n}}
			continue
		}
		var args []*node
		args, err = p.list("(", ")")
		n = &node{form: call, member: true, pos: name.pos, name: name.text, args: append([]*node{n}, args...)}
	}
	return n, err
}
