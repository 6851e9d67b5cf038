package cel

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// text reads a text in quotes, single or triple, and what its escapes mean.
func (l *lexer) text(raw bool) (token, error) {
	pos := l.at
	quote := l.src[pos : pos+1]
	if strings.HasPrefix(l.src[pos:], strings.Repeat(quote, 3)) {
		quote = l.src[pos : pos+3]
	}
	l.at += len(quote)
	var b strings.Builder
	for {
		switch {
		case l.at == len(l.src) || len(quote) == 1 && (l.src[l.at] == '\n' || l.src[l.at] == '\r'):
			return token{}, failf(pos, "Syntax error: the text that begins here has no end; close it with %s", quote)
		case strings.HasPrefix(l.src[l.at:], quote):
			l.at += len(quote)
			return token{kind: text, pos: pos, text: b.String()}, nil
		case l.src[l.at] == '\\' && !raw:
			if err := l.escape(&b); err != nil {
				return token{}, err
			}
		default:
			r, n := utf8.DecodeRuneInString(l.src[l.at:])
			if r == utf8.RuneError && n == 1 {
				return token{}, failf(l.at, "Syntax error: the text is not UTF-8")
			}
			b.WriteString(l.src[l.at : l.at+n])
			l.at += n
		}
	}
}

var escapes = map[byte]byte{
	'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
	'\\': '\\', '\'': '\'', '"': '"', '`': '`', '?': '?',
}

func (l *lexer) escape(b *strings.Builder) error {
	pos := l.at
	rest := l.src[pos+1:]
	if rest == "" {
		return failf(pos, "Syntax error: nothing follows the \\")
	}
	c := rest[0]
	if e, ok := escapes[c]; ok {
		b.WriteByte(e)
		l.at += 2
		return nil
	}
	base, from, n := 16, 1, 0
	switch {
	case c == 'x' || c == 'X':
		n = 2
	case c == 'u':
		n = 4
	case c == 'U':
		n = 8
	case c >= '0' && c <= '3':
		base, from, n = 8, 0, 3
	default:
		return failf(pos, "Syntax error: \\%s is no escape; write \\\\ for a backslash, or r'...' for text without escapes", strconv.QuoteToASCII(rest[:1]))
	}
	if len(rest) < from+n {
		return failf(pos, "Syntax error: the escape needs %d digits", n)
	}
	v, err := strconv.ParseUint(rest[from:from+n], base, 32)
	if err != nil || !utf8.ValidRune(rune(v)) {
		return failf(pos, "Syntax error: the escape needs %d digits that name a character", n)
	}
	b.WriteRune(rune(v))
	l.at += 1 + from + n
	return nil
}
