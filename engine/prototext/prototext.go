package prototext

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrLimit is returned for a message that exceeds the [Limits].
var ErrLimit = errors.New("exceeds the limits")

// Error says where a text cannot be read.
type Error struct {
	Line int // from 1
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Limits bounds what is read. The zero value of a field stands for its default.
type Limits struct {
	Depth  int // messages in messages. Optional, default 100 as in the official parsers
	Binary int // bytes of the binary form. Optional, default 32 MiB
}

// Binary reads a message of the schema in text form, of about size bytes, and returns
// its binary form; with an error, that of what comes before it. It needs memory for the
// binary form only.
func Binary(ctx context.Context, r io.Reader, size int64, s *Schema, root string, lim Limits) ([]byte, error) {
	if lim.Depth <= 0 {
		lim.Depth = 100
	}
	if lim.Binary <= 0 {
		lim.Binary = 32 << 20
	}
	m := s.messages[root]
	if m == nil {
		return nil, fmt.Errorf("schema: no message %q", root)
	}
	p := &parser{ctx: ctx, schema: s, lim: lim, lex: lexer{r: bufio.NewReaderSize(r, 32<<10), line: 1, most: lim.Binary}}
	p.out = make([]byte, 0, min(max(size, 64), int64(lim.Binary)))
	err := p.next()
	if err == nil {
		err = p.message(m, 0)
	}
	if err != nil {
		return p.out, &Error{p.lex.line, err}
	}
	return p.out, nil
}

type parser struct {
	ctx    context.Context
	schema *Schema
	lim    Limits
	lex    lexer
	tok    token
	out    []byte
	depth  int
	fields int
}

func (p *parser) next() (err error) {
	p.tok, err = p.lex.next()
	return err
}

// sign reports whether the token is a sign, and takes it.
func (p *parser) sign(c byte) (bool, error) {
	if p.tok.kind != sign || p.tok.text[0] != c {
		return false, nil
	}
	return true, p.next()
}

func (p *parser) unexpected() error {
	if p.tok.kind == end {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%.40q is not expected here", p.tok.text)
}

// message reads fields up to the sign that closes the message; 0: the end.
func (p *parser) message(m *message, closing byte) error {
	if p.depth++; p.depth > p.lim.Depth {
		return fmt.Errorf("nesting of more than %d messages %w", p.lim.Depth, ErrLimit)
	}
	defer func() { p.depth-- }()
	for {
		if closing == 0 && p.tok.kind == end {
			return nil
		}
		if closing != 0 {
			if ok, err := p.sign(closing); ok || err != nil {
				return err
			}
		}
		if p.fields++; p.fields&0xfff == 0 && p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		if p.tok.kind != word {
			return p.unexpected() // also extensions and expanded Any: [type.googleapis.com/...]
		}
		name := p.tok.text
		f, known := m.fields[name]
		if !known {
			return fmt.Errorf("message %s has no field %.60q", m.name, name)
		}
		if err := p.next(); err != nil {
			return err
		}
		if err := p.field(f); err != nil {
			return err
		}
		for _, c := range []byte{',', ';'} {
			if ok, err := p.sign(c); err != nil {
				return err
			} else if ok {
				break
			}
		}
	}
}

func (p *parser) field(f field) error {
	colon, err := p.sign(':')
	if err != nil {
		return err
	}
	if !colon && f.kind != "message" {
		return p.unexpected()
	}
	if list, err := p.sign('['); err != nil {
		return err
	} else if !list {
		return p.value(f)
	}
	if !f.repeated {
		return fmt.Errorf("a list for a field that is not repeated")
	}
	if done, err := p.sign(']'); done || err != nil {
		return err
	}
	for {
		if err := p.value(f); err != nil {
			return err
		}
		if done, err := p.sign(']'); done || err != nil {
			return err
		}
		if comma, err := p.sign(','); err != nil {
			return err
		} else if !comma {
			return p.unexpected()
		}
	}
}

func (p *parser) value(f field) (err error) {
	typ := wire[f.kind]
	start := len(p.out)
	p.out = protowire.AppendTag(p.out, f.num, typ)
	switch f.kind {
	case "message":
		err = p.nested(f)
	case "text":
		if err = p.text(); err != nil {
			p.out = p.out[:start]
		}
	default:
		var v uint64
		if v, err = p.number(f); err != nil {
			p.out = p.out[:start]
			return err
		}
		switch typ {
		case protowire.Fixed32Type:
			p.out = protowire.AppendFixed32(p.out, uint32(v))
		case protowire.Fixed64Type:
			p.out = protowire.AppendFixed64(p.out, v)
		default:
			p.out = protowire.AppendVarint(p.out, v)
		}
	}
	if err == nil && len(p.out) > p.lim.Binary {
		err = fmt.Errorf("a message of more than %d bytes %w", p.lim.Binary, ErrLimit)
	}
	return err
}

func (p *parser) nested(f field) error {
	closing := byte('}')
	open, err := p.sign('{')
	if !open && err == nil {
		closing = '>'
		open, err = p.sign('<')
	}
	if err == nil && !open {
		err = p.unexpected()
	}
	start := len(p.out)
	if err == nil {
		err = p.message(p.schema.messages[f.typ], closing)
	}
	p.prefix(start) // after an error too: what comes before it counts
	return err
}

// prefix puts the length of what was written since start before it: it is known only
// now.
func (p *parser) prefix(start int) {
	n := len(p.out) - start
	p.out = protowire.AppendVarint(p.out, uint64(n))
	width := len(p.out) - start - n
	var length [10]byte
	copy(length[:], p.out[start+n:])
	copy(p.out[start+width:], p.out[start:start+n])
	copy(p.out[start:], length[:width])
}

// text appends one or more string literals, which follow each other.
func (p *parser) text() error {
	if p.tok.kind != text {
		return p.unexpected()
	}
	start := len(p.out)
	for p.tok.kind == text {
		var err error
		if p.out, err = p.lex.literal(p.out, p.tok.text[0]); err != nil {
			return err
		}
		if err := p.next(); err != nil {
			return err
		}
	}
	p.prefix(start)
	return nil
}

// number reads the value of a field that is no text, in the bits of its encoding.
func (p *parser) number(f field) (v uint64, err error) {
	negative, err := p.sign('-')
	if err != nil {
		return 0, err
	}
	t := p.tok
	if t.kind != word && t.kind != number {
		return 0, p.unexpected()
	}
	switch f.kind {
	case "bool":
		v, err = truth(t.text, negative)
	case "enum":
		if n, ok := p.schema.enums[f.typ][t.text]; ok && !negative {
			v = uint64(n)
		} else {
			v, err = integer(t.text, negative, false)
		}
	case "f32", "f64":
		v, err = float(t.text, negative, f.kind)
	case "int":
		v, err = integer(t.text, negative, false)
	case "sint":
		v, err = integer(t.text, negative, false)
		v = protowire.EncodeZigZag(int64(v))
	case "uint":
		if err = errValue; !negative {
			v, err = integer(t.text, false, true)
		}
	default: // fixed numbers may be signed or not
		v, err = integer(t.text, negative, !negative)
	}
	if err != nil {
		return 0, fmt.Errorf("%.40q is no %s: %w", t.text, f.kind, err)
	}
	return v, p.next()
}

var errValue = errors.New("bad value")

func truth(s string, negative bool) (uint64, error) {
	switch {
	case negative:
	case s == "true" || s == "True" || s == "t" || s == "1":
		return 1, nil
	case s == "false" || s == "False" || s == "f" || s == "0":
		return 0, nil
	}
	return 0, errValue
}

func integer(s string, negative, unsigned bool) (uint64, error) {
	if strings.ContainsAny(s, "_") || len(s) > 1 && s[0] == '0' && (s[1] == 'b' || s[1] == 'B' || s[1] == 'o' || s[1] == 'O') {
		return 0, errValue // forms of Go that the text format does not have
	}
	if unsigned {
		return strconv.ParseUint(s, 0, 64)
	}
	if negative {
		s = "-" + s
	}
	v, err := strconv.ParseInt(s, 0, 64)
	return uint64(v), err
}

func float(s string, negative bool, kind string) (uint64, error) {
	low := strings.ToLower(s)
	var v float64
	switch {
	case low == "inf" || low == "infinity":
		v = math.Inf(1)
	case low == "nan":
		v = math.NaN()
	case s[0] >= 'A' || strings.ContainsAny(low, "xp_"):
		return 0, errValue
	default:
		var err error
		if v, err = strconv.ParseFloat(strings.TrimSuffix(low, "f"), 64); err != nil && !errors.Is(err, strconv.ErrRange) {
			return 0, errValue
		}
	}
	if negative {
		v = -v
	}
	if kind == "f32" {
		return uint64(math.Float32bits(float32(v))), nil
	}
	return math.Float64bits(v), nil
}
