package numpy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// literal is a value of the header: string, int64, bool, nil, list or tuple of
// literals, or dict. Only what numpy writes is read; NumPy itself parses the header
// as a Python literal (ast.literal_eval), and old versions evaluated it.
type literal any

type (
	tuple []literal
	list  []literal
	dict  map[string]literal
)

// maxDepth is deeper than any dtype nests.
const maxDepth = 32

var errLiteral = errors.New("not the literal that numpy writes")

// parseLiteral reads one literal and nothing after it but space.
func parseLiteral(s string) (literal, error) {
	p := &parser{s: s}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.pos != len(p.s) {
		return nil, p.fail("more after the header")
	}
	return v, nil
}

type parser struct {
	s   string
	pos int
}

func (p *parser) fail(what string) error {
	return fmt.Errorf("byte %d: %s: %w", p.pos, what, errLiteral)
}

func (p *parser) space() {
	for p.pos < len(p.s) && strings.IndexByte(" \t\r\n\f", p.s[p.pos]) >= 0 {
		p.pos++
	}
}

// peek returns the next byte after space, 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.pos == len(p.s) {
		return 0
	}
	return p.s[p.pos]
}

func (p *parser) value(depth int) (literal, error) {
	if depth > maxDepth {
		return nil, p.fail("nested too deep")
	}
	switch c := p.peek(); {
	case c == '\'' || c == '"':
		return p.str()
	case c == '(' || c == '[':
		p.pos++
		return p.sequence(c, depth)
	case c == '{':
		p.pos++
		return p.dict(depth)
	case c >= '0' && c <= '9':
		return p.number()
	}
	for word, v := range map[string]literal{"True": true, "False": false, "None": nil} {
		if strings.HasPrefix(p.s[p.pos:], word) {
			p.pos += len(word)
			return v, nil
		}
	}
	return nil, p.fail("unexpected text")
}

func (p *parser) number() (literal, error) {
	start := p.pos
	for p.pos < len(p.s) && p.s[p.pos] >= '0' && p.s[p.pos] <= '9' {
		p.pos++
	}
	n, err := strconv.ParseInt(p.s[start:p.pos], 10, 64)
	if err != nil {
		return nil, p.fail("number out of range")
	}
	if p.pos < len(p.s) && p.s[p.pos] == 'L' { // a long of Python 2
		p.pos++
	}
	return n, nil
}

// str reads a string without prefix. Escapes are those that repr writes.
func (p *parser) str() (literal, error) {
	quote := p.s[p.pos]
	p.pos++
	var b strings.Builder
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		p.pos++
		switch {
		case c == quote:
			return b.String(), nil
		case c == '\n':
			return nil, p.fail("line break in a string")
		case c != '\\':
			b.WriteByte(c)
		default:
			if err := p.escape(&b); err != nil {
				return nil, err
			}
		}
	}
	return nil, p.fail("string without an end")
}

func (p *parser) escape(b *strings.Builder) error {
	if p.pos == len(p.s) {
		return p.fail("string without an end")
	}
	c := p.s[p.pos]
	p.pos++
	if i := strings.IndexByte(`\'"nrt`, c); i >= 0 {
		b.WriteByte("\\'\"\n\r\t"[i])
		return nil
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits == 0 || p.pos+digits > len(p.s) {
		return p.fail("unknown escape")
	}
	n, err := strconv.ParseUint(p.s[p.pos:p.pos+digits], 16, 32)
	if err != nil || n > utf8.MaxRune {
		return p.fail("unknown escape")
	}
	p.pos += digits
	b.WriteRune(rune(n))
	return nil
}

// sequence reads a tuple or a list after its bracket. One item in parentheses is a
// tuple only with a comma behind it.
func (p *parser) sequence(open byte, depth int) (literal, error) {
	closing := byte(')')
	if open == '[' {
		closing = ']'
	}
	var items []literal
	comma := false
	for {
		if p.peek() == closing {
			p.pos++
			break
		}
		if len(items) > 0 && !comma {
			return nil, p.fail("missing comma")
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		if comma = p.peek() == ','; comma {
			p.pos++
		}
	}
	switch {
	case open == '[':
		return list(items), nil
	case len(items) == 1 && !comma:
		return items[0], nil
	}
	return tuple(items), nil
}

func (p *parser) dict(depth int) (literal, error) {
	d := dict{}
	comma := true
	for {
		if p.peek() == '}' {
			p.pos++
			return d, nil
		}
		if !comma {
			return nil, p.fail("missing comma")
		}
		k, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		key, ok := k.(string)
		if _, again := d[key]; !ok || again {
			return nil, p.fail("key that is no string, or is there twice")
		}
		if p.peek() != ':' {
			return nil, p.fail("missing colon")
		}
		p.pos++
		if d[key], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		if comma = p.peek() == ','; comma {
			p.pos++
		}
	}
}
