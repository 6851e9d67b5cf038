package jinja

import "strings"

// maxDepth bounds how deep expressions and blocks nest. Published templates stay
// under 15.
const maxDepth = 150

// Parse reads a template. The error is an [*Error].
func Parse(src string) (*Template, error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{src: src, tokens: tokens}
	body, err := p.body()
	if err == nil && p.cur().kind != tEOF {
		err = p.unexpected("") // an end tag without a beginning
	}
	if err != nil {
		return nil, err
	}
	return &Template{Source: src, Body: body}, nil
}

type parser struct {
	src    string
	tokens []token
	at     int
	depth  int
}

func (p *parser) cur() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tEOF {
		p.at++
	}
	return t
}

func (p *parser) peek() token { return p.tokens[min(p.at+1, len(p.tokens)-1)] }

func (p *parser) isOp(s string) bool   { t := p.cur(); return t.kind == tOp && t.s == s }
func (p *parser) isName(s string) bool { t := p.cur(); return t.kind == tName && t.s == s }

func (p *parser) skipOp(s string) bool {
	if p.isOp(s) {
		p.next()
		return true
	}
	return false
}

func (p *parser) skipName(s string) bool {
	if p.isName(s) {
		p.next()
		return true
	}
	return false
}

func (p *parser) fail(msg string) error { return errorAt(p.src, p.cur().pos, msg) }

func (p *parser) unexpected(want string) error {
	msg := "unexpected " + p.cur().String()
	if want != "" {
		msg = "expected " + want + ", found " + p.cur().String()
	}
	return p.fail(msg)
}

func (p *parser) needOp(s string) error {
	if !p.skipOp(s) {
		return p.unexpected(`"` + s + `"`)
	}
	return nil
}

func (p *parser) needName() (string, error) {
	if p.cur().kind != tName {
		return "", p.unexpected("a name")
	}
	return p.next().s, nil
}

func (p *parser) tagEnd() error {
	if p.cur().kind != tTagEnd {
		return p.unexpected(`"%}"`)
	}
	p.next()
	return nil
}

func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return p.fail("nested too deep to be read")
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// body reads statements up to an end tag that the caller knows: the position is
// then at the name of that tag.
func (p *parser) body(ends ...string) ([]*Stmt, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	var list []*Stmt
	for {
		switch t := p.cur(); t.kind {
		case tEOF:
			if len(ends) > 0 {
				return nil, p.unexpected(`"` + strings.Join(ends, `" or "`) + `"`)
			}
			return list, nil
		case tText:
			p.next()
			list = append(list, &Stmt{Kind: Text, Pos: t.pos, Text: t.s})
		case tVarBegin:
			p.next()
			e, err := p.tuple(true, false)
			if err != nil {
				return nil, err
			}
			if p.cur().kind != tVarEnd {
				return nil, p.unexpected(`"}}"`)
			}
			p.next()
			list = append(list, &Stmt{Kind: Output, Pos: t.pos, Value: e})
		case tTagBegin:
			p.next()
			name := p.cur()
			if name.kind != tName {
				return nil, p.unexpected("the name of a tag")
			}
			for _, end := range ends {
				if name.s == end {
					return list, nil
				}
			}
			s, err := p.statement(t.pos)
			if err != nil {
				return nil, err
			}
			list = append(list, s...)
		default:
			return nil, p.unexpected("")
		}
	}
}

// block reads the rest of a tag, a body, and the end tag.
func (p *parser) block(end string) ([]*Stmt, error) {
	if err := p.tagEnd(); err != nil {
		return nil, err
	}
	return p.until(end)
}
