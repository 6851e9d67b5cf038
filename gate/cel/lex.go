package cel

import (
	"strconv"
	"strings"
)

type kind uint8

const (
	end kind = iota
	identifier
	intNumber
	doubleNumber
	text
	symbol // an operator or a bracket; its text says which
)

// token is a word of an expression.
type token struct {
	kind kind
	pos  int
	text string // as written; of text what it means
}

// lexer cuts a text into tokens.
type lexer struct {
	src string
	at  int
}

// symbols, longest first.
var symbols = [...]string{"&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"}

func (l *lexer) next() (token, error) {
	l.skip()
	pos := l.at
	if pos == len(l.src) {
		return token{kind: end, pos: pos}, nil
	}
	c := l.src[pos]
	switch {
	case c == '"' || c == '\'':
		return l.text(false)
	case (c == 'r' || c == 'R') && pos+1 < len(l.src) && (l.src[pos+1] == '"' || l.src[pos+1] == '\''):
		l.at++
		return l.text(true)
	case (c == 'b' || c == 'B') && pos+1 < len(l.src) && (l.src[pos+1] == '"' || l.src[pos+1] == '\''):
		return token{}, failf(pos, "Syntax error: bytes are not supported; write text without the b")
	case letter(c):
		for l.at < len(l.src) && (letter(l.src[l.at]) || digit(l.src[l.at])) {
			l.at++
		}
		return token{identifier, pos, l.src[pos:l.at]}, nil
	case digit(c) || c == '.' && pos+1 < len(l.src) && digit(l.src[pos+1]):
		return l.number()
	}
	for _, s := range symbols {
		if strings.HasPrefix(l.src[pos:], s) {
			l.at += len(s)
			return token{symbol, pos, s}, nil
		}
	}
	return token{}, failf(pos, "Syntax error: %s has no meaning here", strconv.QuoteToASCII(l.src[pos:pos+1]))
}

// skip skips white space and comments.
func (l *lexer) skip() {
	for l.at < len(l.src) {
		switch c := l.src[l.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			l.at++
		case strings.HasPrefix(l.src[l.at:], "//"):
			if i := strings.IndexByte(l.src[l.at:], '\n'); i >= 0 {
				l.at += i + 1
			} else {
				l.at = len(l.src)
			}
		default:
			return
		}
	}
}

func (l *lexer) number() (token, error) {
	pos, k := l.at, intNumber
	digits := func(is func(byte) bool) int {
		n := l.at
		for l.at < len(l.src) && is(l.src[l.at]) {
			l.at++
		}
		return l.at - n
	}
	if strings.HasPrefix(l.src[pos:], "0x") {
		l.at += 2
		if digits(hex) == 0 {
			return token{}, failf(pos, "Syntax error: 0x without digits")
		}
	} else {
		digits(digit)
		if l.at+1 < len(l.src) && l.src[l.at] == '.' && digit(l.src[l.at+1]) {
			l.at++
			k = doubleNumber
			digits(digit)
		}
		if l.at < len(l.src) && (l.src[l.at] == 'e' || l.src[l.at] == 'E') {
			back := l.at
			l.at++
			if l.at < len(l.src) && (l.src[l.at] == '+' || l.src[l.at] == '-') {
				l.at++
			}
			if k = doubleNumber; digits(digit) == 0 {
				return token{}, failf(back, "Syntax error: an exponent without digits")
			}
		}
	}
	if l.at < len(l.src) && (letter(l.src[l.at]) || digit(l.src[l.at])) {
		if c := l.src[l.at]; c == 'u' || c == 'U' {
			return token{}, failf(pos, "Syntax error: unsigned numbers are not supported; write it without the %c", c)
		}
		return token{}, failf(l.at, "Syntax error: a letter right after a number")
	}
	return token{k, pos, l.src[pos:l.at]}, nil
}

func letter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }
func hex(c byte) bool    { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
