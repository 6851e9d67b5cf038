package strictjson

import (
	"bytes"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Text reads a string.
func (p *Parser) Text() (string, error) {
	if k := p.Kind(); k != String {
		return "", p.fail("expected a string, found " + k.String())
	}
	b, err := p.text()
	if err == nil && len(b) > maxText {
		return "", p.fail("string too long to keep")
	}
	return string(b), err
}

// Bytes reads a string. Without escapes in it the result is a part of the document.
func (p *Parser) Bytes() ([]byte, error) {
	if k := p.Kind(); k != String {
		return nil, p.fail("expected a string, found " + k.String())
	}
	return p.text()
}

// maxText is the longest string that is copied, in bytes. Longer ones can only be
// skipped.
const maxText = 16 << 20

// Bool reads true or false.
func (p *Parser) Bool() (bool, error) {
	if k := p.Kind(); k != Bool {
		return false, p.fail("expected a boolean, found " + k.String())
	}
	if p.doc[p.pos] == 't' {
		return true, p.word("true")
	}
	return false, p.word("false")
}

// Uint reads a whole number from 0 to 2^64-1, written without fraction or exponent.
func (p *Parser) Uint() (uint64, error) {
	at := p.Offset()
	text, err := p.number()
	if err != nil {
		return 0, err
	}
	n := uint64(0)
	for _, c := range text {
		hi, lo := bits.Mul64(n, 10)
		next := lo + uint64(c-'0')
		if c < '0' || c > '9' || hi != 0 || next < lo {
			return 0, &Error{Offset: at, Msg: "expected a whole number from 0 to 2^64-1, found " + clip(string(text))}
		}
		n = next
	}
	return n, nil
}

// Number reads a number and returns it as it is written.
func (p *Parser) Number() (string, error) {
	b, err := p.number()
	return string(b), err
}

func (p *Parser) number() ([]byte, error) {
	if k := p.Kind(); k != Number {
		return nil, p.fail("expected a number, found " + k.String())
	}
	start := p.pos
	if p.opts.Python {
		for _, w := range []string{"NaN", "Infinity", "-Infinity"} {
			if bytes.HasPrefix(p.doc[p.pos:], []byte(w)) {
				p.pos += len(w)
				return p.doc[start:p.pos], nil
			}
		}
	}
	p.accept('-')
	if !p.accept('0') && p.digits() == 0 {
		return nil, p.fail("malformed number")
	}
	if p.accept('.') && p.digits() == 0 {
		return nil, p.fail("malformed number")
	}
	if p.accept('e') || p.accept('E') {
		if !p.accept('+') {
			p.accept('-')
		}
		if p.digits() == 0 {
			return nil, p.fail("malformed number")
		}
	}
	return p.doc[start:p.pos], nil
}

func (p *Parser) digits() int {
	start := p.pos
	for p.pos < len(p.doc) && p.doc[p.pos] >= '0' && p.doc[p.pos] <= '9' {
		p.pos++
	}
	return p.pos - start
}

func (p *Parser) word(w string) error {
	if !bytes.HasPrefix(p.doc[p.pos:], []byte(w)) {
		return p.fail("expected a value")
	}
	p.pos += len(w)
	return nil
}

// text decodes the string at pos. The result is a part of the document where the
// string has no escapes, and a copy otherwise.
func (p *Parser) text() ([]byte, error) {
	p.pos++ // the quote
	start := p.pos
	for p.pos < len(p.doc) {
		switch c := p.doc[p.pos]; {
		case c == '"':
			p.pos++
			return p.doc[start : p.pos-1], nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return nil, p.fail("control character in a string")
		case c < utf8.RuneSelf:
			p.pos++
		default:
			if err := p.rune(); err != nil {
				return nil, err
			}
		}
	}
	return nil, p.fail("string without an end")
}

// skipText checks a string without decoding it.
func (p *Parser) skipText() error {
	p.pos++ // the quote
	for p.pos < len(p.doc) {
		switch c := p.doc[p.pos]; {
		case c == '"':
			p.pos++
			return nil
		case c == '\\':
			p.pos++
			if _, err := p.escape(); err != nil {
				return err
			}
		case c < ' ':
			return p.fail("control character in a string")
		case c < utf8.RuneSelf:
			p.pos++
		default:
			if err := p.rune(); err != nil {
				return err
			}
		}
	}
	return p.fail("string without an end")
}

func (p *Parser) rune() error {
	r, n := utf8.DecodeRune(p.doc[p.pos:])
	if r == utf8.RuneError && n <= 1 {
		return p.fail("bytes that are not UTF-8")
	}
	p.pos += n
	return nil
}

// escaped goes on from the first backslash of a string.
func (p *Parser) escaped(start int) ([]byte, error) {
	out := append([]byte(nil), p.doc[start:p.pos]...)
	for p.pos < len(p.doc) {
		switch c := p.doc[p.pos]; {
		case c == '"':
			p.pos++
			return out, nil
		case c == '\\':
			p.pos++
			r, err := p.escape()
			if err != nil {
				return nil, err
			}
			if out = utf8.AppendRune(out, r); len(out) > maxText {
				return nil, p.fail("string too long to keep")
			}
		case c < ' ':
			return nil, p.fail("control character in a string")
		default:
			at := p.pos
			if err := p.rune(); err != nil {
				return nil, err
			}
			out = append(out, p.doc[at:p.pos]...)
		}
	}
	return nil, p.fail("string without an end")
}

func (p *Parser) escape() (rune, error) {
	if p.pos >= len(p.doc) {
		return 0, p.fail("string without an end")
	}
	c := p.doc[p.pos]
	p.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, err := p.hex()
		if err != nil || !utf16.IsSurrogate(r) {
			return r, err
		}
		if bytes.HasPrefix(p.doc[p.pos:], []byte(`\u`)) {
			back := p.pos
			p.pos += 2
			low, err := p.hex()
			if err != nil {
				return 0, err
			}
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, nil
			}
			p.pos = back
		}
		if !p.opts.Python {
			return 0, p.fail("unpaired surrogate in a string")
		}
		return utf8.RuneError, nil
	}
	p.pos--
	return 0, p.fail("unknown escape in a string")
}

func (p *Parser) hex() (rune, error) {
	if p.pos+4 > len(p.doc) {
		return 0, p.fail("string without an end")
	}
	n := rune(0)
	for _, c := range p.doc[p.pos : p.pos+4] {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			n = n<<4 | rune(c-'A'+10)
		default:
			return 0, p.fail(`malformed \u escape`)
		}
	}
	p.pos += 4
	return n, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
