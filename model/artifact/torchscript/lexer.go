package torchscript

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tokenKind is the kind of a [token].
type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokName
	tokNumber
	tokString
	tokOp
)

// token is one word of TorchScript source. The grammar is that of
// torch/csrc/jit/frontend/lexer.h: Python's, reduced.
type token struct {
	kind tokenKind
	text string // of a string: its decoded value
	line int
}

// lexer splits TorchScript source. Neighbouring string literals are one string, as
// the parser of PyTorch joins them.
type lexer struct {
	src  []byte
	pos  int
	line int
}

// maxLiteral bounds a string literal that is kept; a longer one is cut, never
// refused.
const maxLiteral = 4 << 10

var errSource = errors.New("source that no TorchScript reader accepts")

func (l *lexer) next() (token, error) {
	l.skipSpace()
	if l.pos >= len(l.src) {
		return token{kind: tokEnd, line: l.line}, nil
	}
	c := l.src[l.pos]
	switch {
	case isNameStart(c):
		start, line := l.pos, l.line
		for l.pos < len(l.src) && isNamePart(l.src[l.pos]) {
			l.pos++
		}
		return token{tokName, string(l.src[start:l.pos]), line}, nil
	case c >= '0' && c <= '9', c == '.' && l.pos+1 < len(l.src) && isDigit(l.src[l.pos+1]):
		return l.number(), nil
	case c == '"' || c == '\'':
		return l.strings()
	case c < 0x80:
		l.pos++
		return token{tokOp, string(c), l.line}, nil
	}
	// Names are ASCII in TorchScript; elsewhere such bytes occur in comments only.
	return token{}, fmt.Errorf("line %d: byte %#x outside of strings and comments: %w", l.line, c, errSource)
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.src) {
		switch c := l.src[l.pos]; {
		case c == '\n':
			l.line++
			l.pos++
		case c == ' ', c == '\t', c == '\r', c == '\f', c == '\\':
			l.pos++
		case c == '#':
			n := bytes.IndexByte(l.src[l.pos:], '\n')
			if n < 0 {
				n = len(l.src) - l.pos
			}
			l.pos += n
		default:
			return
		}
	}
}

// number takes what strtod and the lexer's digits take together; its value does
// not matter here.
func (l *lexer) number() token {
	start := l.pos
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		if isNamePart(c) || c == '.' ||
			(c == '-' || c == '+') && (l.src[l.pos-1] == 'e' || l.src[l.pos-1] == 'E') {
			l.pos++
			continue
		}
		break
	}
	return token{tokNumber, string(l.src[start:l.pos]), l.line}
}

func (l *lexer) strings() (token, error) {
	t := token{kind: tokString, line: l.line}
	var b strings.Builder
	for {
		if err := l.oneString(&b); err != nil {
			return t, err
		}
		// What follows on the same statement belongs to it.
		save, line := l.pos, l.line
		l.skipSpace()
		if l.pos >= len(l.src) || l.src[l.pos] != '"' && l.src[l.pos] != '\'' {
			l.pos, l.line = save, line
			t.text = b.String()
			return t, nil
		}
	}
}

func (l *lexer) oneString(b *strings.Builder) error {
	quote := l.src[l.pos]
	width := 1
	if bytes.HasPrefix(l.src[l.pos:], []byte{quote, quote, quote}) {
		width = 3
	}
	end := bytes.Repeat([]byte{quote}, width)
	line := l.line
	l.pos += width
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case bytes.HasPrefix(l.src[l.pos:], end):
			l.pos += width
			return nil
		case c == '\\' && l.pos+1 < len(l.src):
			l.escape(b)
			continue
		case c == '\n':
			if width == 1 {
				return fmt.Errorf("line %d: string without an end: %w", line, errSource)
			}
			l.line++
		}
		if b.Len() < maxLiteral {
			b.WriteByte(c)
		}
		l.pos++
	}
	return fmt.Errorf("line %d: string without an end: %w", line, errSource)
}

// escape decodes one escape sequence (torch/csrc/jit/frontend/parse_string_literal.h).
func (l *lexer) escape(b *strings.Builder) {
	c := l.src[l.pos+1]
	l.pos += 2
	put := func(s string) {
		if b.Len() < maxLiteral {
			b.WriteString(s)
		}
	}
	switch c {
	case 'n':
		put("\n")
	case 't':
		put("\t")
	case 'r':
		put("\r")
	case '\n':
		l.line++
	case 'x':
		if l.pos+2 <= len(l.src) {
			if v, err := strconv.ParseUint(string(l.src[l.pos:l.pos+2]), 16, 8); err == nil {
				put(string([]byte{byte(v)}))
				l.pos += 2
				return
			}
		}
		put("\\x")
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v, n := int(c-'0'), 1
		for n < 3 && l.pos < len(l.src) && l.src[l.pos] >= '0' && l.src[l.pos] <= '7' {
			v = v*8 + int(l.src[l.pos]-'0')
			l.pos++
			n++
		}
		put(string([]byte{byte(v)}))
	case '\\', '\'', '"':
		put(string([]byte{c}))
	default:
		if c < utf8.RuneSelf {
			put(string([]byte{'\\', c}))
		}
	}
}

func isDigit(c byte) bool     { return c >= '0' && c <= '9' }
func isNameStart(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isNamePart(c byte) bool  { return isNameStart(c) || isDigit(c) }
