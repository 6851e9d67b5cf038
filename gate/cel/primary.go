package cel

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

func (p *parser) primary() (*node, error) {
	tok := p.tok
	switch {
	case tok.kind == text:
		return &node{pos: tok.pos, typ: String, value: Value{s: tok.text}}, p.advance()
	case tok.kind == intNumber:
		v, err := strconv.ParseInt(strings.Replace(tok.text, "0x", "", 1), base(tok.text), 64)
		if err != nil {
			return nil, failf(tok.pos, "Syntax error: %s is no number of 64 bits", tok.text)
		}
		return &node{pos: tok.pos, typ: Int, value: Value{n: v}}, p.advance()
	case tok.kind == doubleNumber:
		v, err := strconv.ParseFloat(tok.text, 64)
		if err != nil {
			return nil, failf(tok.pos, "Syntax error: %s is no number of 64 bits", tok.text)
		}
		return &node{pos: tok.pos, typ: Double, value: double(v)}, p.advance()
	case tok.kind == identifier:
		return p.name()
	case p.is("("):
		if err := p.advance(); err != nil {
			return nil, err
		}
		n, err := p.expression()
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	case p.is("["):
		args, err := p.list("[", "]")
		return &node{form: listOf, pos: tok.pos, args: args}, err
	case p.is("{"):
		args, err := p.list("{", "}")
		return &node{form: mapOf, pos: tok.pos, args: args}, err
	}
	return nil, p.unexpected("a value")
}

func base(number string) int {
	if strings.Contains(number, "0x") {
		return 16
	}
	return 10
}

// name reads a variable, a constant with a name, or a call.
func (p *parser) name() (*node, error) {
	tok := p.tok
	switch {
	case tok.text == "true" || tok.text == "false":
		return &node{pos: tok.pos, typ: Bool, value: truth(tok.text == "true")}, p.advance()
	case tok.text == "null":
		return nil, failf(tok.pos, "Syntax error: there is no null; no field is ever null, has(x.field) says whether one is empty")
	case slices.Contains(reserved, tok.text):
		return nil, p.unexpected("a value")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.is("(") {
		return &node{form: variable, pos: tok.pos, name: tok.text}, nil
	}
	args, err := p.list("(", ")")
	if err != nil {
		return nil, err
	}
	if tok.text == "has" {
		if len(args) != 1 || args[0].form != field {
			return nil, failf(tok.pos, "has() takes one field, as in has(asset.format)")
		}
		return &node{form: present, pos: tok.pos, name: args[0].name, args: args[0].args}, nil
	}
	return &node{form: call, pos: tok.pos, name: tok.text, args: args}, nil
}

// list reads what is between brackets, separated by commas; of a map keys and values
// in turn. A list or a map may end with a comma.
func (p *parser) list(opening, closing string) ([]*node, error) {
	if err := p.expect(opening); err != nil {
		return nil, err
	}
	var out []*node
	for !p.is(closing) {
		n, err := p.expression()
		if err != nil {
			return nil, err
		}
		out = append(out, n)
		if opening == "{" {
			if err := p.expect(":"); err != nil {
				return nil, err
			}
			if n, err = p.expression(); err != nil {
				return nil, err
			}
			out = append(out, n)
		}
		if p.is(closing) {
			break
		}
		if !p.is(",") {
			return nil, p.unexpected(closing)
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.is(closing) && opening == "(" {
			return nil, p.unexpected("a value")
		}
	}
	return out, p.advance()
}

func truth(b bool) Value {
	if b {
		return Value{n: 1}
	}
	return Value{}
}

func double(f float64) Value { return Value{n: int64(math.Float64bits(f))} }
