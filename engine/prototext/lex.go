package prototext

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

type tokenKind uint8

const (
	end tokenKind = iota
	word
	number
	text
	sign
)

type token struct {
	kind tokenKind
	text string // of a text: its quote; [lexer.literal] reads the rest
}

type lexer struct {
	r    *bufio.Reader
	line int
	most int // bytes of all that is written
	buf  []byte
}

const maxWord = 1024 // bytes of a name or number

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// next returns the token that follows; at the end of the text one of kind end.
func (l *lexer) next() (token, error) {
	for {
		c, err := l.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return token{}, nil
		case err != nil:
			return token{}, err
		case c == '\n':
			l.line++
		case c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f':
		case c == '#':
			if err := l.comment(); err != nil {
				return token{}, err
			}
		case letter(c):
			return l.run(word, c, func(c byte) bool { return letter(c) || digit(c) })
		case digit(c) || c == '.':
			prev := c
			return l.run(number, c, func(c byte) bool {
				ok := letter(c) || digit(c) || c == '.' || (c == '-' || c == '+') && (prev == 'e' || prev == 'E')
				prev = c
				return ok
			})
		case c == '"' || c == '\'':
			return token{text, string(c)}, nil
		case c > ' ' && c < 0x7f:
			return token{sign, string(c)}, nil
		default:
			return token{}, fmt.Errorf("byte %#02x is not expected in a text", c)
		}
	}
}

// comment skips the rest of the line.
func (l *lexer) comment() error {
	for {
		c, err := l.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if c == '\n' {
			l.line++
			return nil
		}
	}
}

// run reads a name or number.
func (l *lexer) run(kind tokenKind, first byte, more func(byte) bool) (token, error) {
	l.buf = append(l.buf[:0], first)
	for {
		c, err := l.r.ReadByte()
		if err != nil && !errors.Is(err, io.EOF) {
			return token{}, err
		}
		if err != nil {
			break
		}
		if !more(c) {
			if err := l.r.UnreadByte(); err != nil {
				return token{}, err
			}
			break
		}
		if l.buf = append(l.buf, c); len(l.buf) > maxWord {
			return token{}, fmt.Errorf("a name or number of more than %d bytes %w", maxWord, ErrLimit)
		}
	}
	return token{kind, string(l.buf)}, nil
}

// literal appends the text up to the quote to out.
func (l *lexer) literal(out []byte, quote byte) ([]byte, error) {
	for {
		c, err := l.r.ReadByte()
		if err == nil && c == '\\' {
			if c, err = l.r.ReadByte(); err == nil {
				out, err = l.escape(out, c)
			}
			if err == nil {
				continue
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return out, io.ErrUnexpectedEOF
		case err != nil:
			return out, err
		case c == quote:
			return out, nil
		case c == '\n' || c == 0:
			return out, errors.New("a text that does not end on its line")
		}
		if out = append(out, c); len(out) > l.most {
			return out, fmt.Errorf("a message of more than %d bytes %w", l.most, ErrLimit)
		}
	}
}

var simple = map[byte]byte{'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\', '\'': '\'', '"': '"', '?': '?'}

// escape reads what follows a backslash and appends what it means.
func (l *lexer) escape(out []byte, c byte) ([]byte, error) {
	if b, ok := simple[c]; ok {
		return append(out, b), nil
	}
	switch {
	case c >= '0' && c <= '7':
		if err := l.r.UnreadByte(); err != nil {
			return out, err
		}
		v, _, err := l.digits(8, 3)
		return append(out, byte(v)), err
	case c == 'x' || c == 'X':
		v, n, err := l.digits(16, 2)
		if err == nil && n == 0 {
			err = errors.New(`\x without digits`)
		}
		return append(out, byte(v)), err
	case c == 'u' || c == 'U':
		want := 4
		if c == 'U' {
			want = 8
		}
		v, n, err := l.digits(16, want)
		if err == nil && (n < want || !utf8.ValidRune(rune(v))) {
			err = fmt.Errorf(`\%c without a character`, c)
		}
		return utf8.AppendRune(out, rune(v)), err
	}
	return out, fmt.Errorf(`unknown escape \%c`, c)
}

// digits reads at most n digits.
func (l *lexer) digits(base uint32, n int) (v uint32, got int, err error) {
	for got < n {
		c, err := l.r.ReadByte()
		if err != nil {
			return v, got, err
		}
		d := uint32(99)
		switch {
		case digit(c):
			d = uint32(c - '0')
		case c >= 'a' && c <= 'f':
			d = uint32(c-'a') + 10
		case c >= 'A' && c <= 'F':
			d = uint32(c-'A') + 10
		}
		if d >= base {
			return v, got, l.r.UnreadByte()
		}
		v = v*base + d
		got++
	}
	return v, got, nil
}
