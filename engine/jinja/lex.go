package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxSize is the longest template that is read, in bytes. The longest published
// chat templates have 30 KB.
const MaxSize = 4 << 20

// maxTokens bounds the memory of a token list.
const maxTokens = 1 << 20

// lexer cuts a template into tokens as jinja2.lexer does with the default
// delimiters, without line statements.
type lexer struct {
	src    string
	pos    int
	tokens []token
	strip  bool // the last tag ended in "-": white space that follows is not text
}

// lex returns the tokens of a template; the last one is tEOF.
func lex(src string) ([]token, error) {
	if len(src) > MaxSize {
		return nil, &Error{Line: 1, Msg: "the template is too long to be read"}
	}
	l := &lexer{src: src}
	for l.pos < len(src) {
		if err := l.outside(); err != nil {
			return nil, err
		}
	}
	l.emit(tEOF, "", len(src))
	return l.tokens, nil
}

func (l *lexer) emit(k tokenKind, s string, pos int) {
	l.tokens = append(l.tokens, token{k, s, pos})
}

func (l *lexer) fail(pos int, msg string) error { return errorAt(l.src, pos, msg) }

func errorAt(src string, pos int, msg string) error {
	pos = min(pos, len(src))
	return &Error{Pos: pos, Line: 1 + strings.Count(src[:pos], "\n"), Msg: msg}
}

// outside reads text up to the next tag, and the tag.
func (l *lexer) outside() error {
	start := l.pos
	i := start
	for {
		k := strings.IndexByte(l.src[i:], '{')
		if k < 0 {
			l.text(start, len(l.src), false)
			l.pos = len(l.src)
			return nil
		}
		i += k
		if i+1 < len(l.src) && strings.IndexByte("{%#", l.src[i+1]) >= 0 {
			break
		}
		i++
	}
	kind := l.src[i+1]
	l.pos = i + 2
	minus := l.pos < len(l.src) && l.src[l.pos] == '-'
	if minus || l.pos < len(l.src) && l.src[l.pos] == '+' && kind != '{' {
		l.pos++
	}
	l.text(start, i, minus)
	switch kind {
	case '#':
		return l.comment(i)
	case '%':
		if end, ok := l.rawTag(); ok {
			return l.raw(i, end)
		}
		l.emit(tTagBegin, "", i)
		return l.inside(i, "%}", tTagEnd)
	}
	l.emit(tVarBegin, "", i)
	return l.inside(i, "}}", tVarEnd)
}

// text emits what lies between two tags, less the white space that they strip.
func (l *lexer) text(from, to int, stripRight bool) {
	s := l.src[from:to]
	if stripRight {
		s = strings.TrimRightFunc(s, unicode.IsSpace)
	}
	if l.strip {
		t := strings.TrimLeftFunc(s, unicode.IsSpace)
		from += len(s) - len(t)
		s = t
	}
	l.strip = false
	if s != "" {
		l.emit(tText, s, from)
	}
}

func (l *lexer) comment(start int) error {
	k := strings.Index(l.src[l.pos:], "#}")
	if k < 0 {
		return l.fail(start, "a comment has no end")
	}
	l.strip = k > 0 && l.src[l.pos+k-1] == '-'
	l.pos += k + 2
	return nil
}

// rawTag recognises "{% raw %}" and returns where it ends.
func (l *lexer) rawTag() (end int, ok bool) {
	rest := strings.TrimLeftFunc(l.src[l.pos:], unicode.IsSpace)
	rest, ok = strings.CutPrefix(rest, "raw")
	if !ok {
		return 0, false
	}
	rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
	minus := strings.HasPrefix(rest, "-")
	rest = strings.TrimPrefix(rest, "-")
	if rest, ok = strings.CutPrefix(rest, "%}"); !ok {
		return 0, false
	}
	l.strip = minus
	return len(l.src) - len(rest), true
}

// raw emits everything up to "{% endraw %}" as text.
func (l *lexer) raw(start, from int) error {
	for i := from; ; {
		k := strings.Index(l.src[i:], "{%")
		if k < 0 && from == len(l.src) {
			l.pos = from
			return nil // as Jinja does
		}
		if k < 0 {
			return l.fail(start, "a raw block has no end")
		}
		at := i + k
		rest := l.src[at+2:]
		minus := strings.HasPrefix(rest, "-")
		rest = strings.TrimLeft(rest, "-+")
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		if rest, ok := strings.CutPrefix(rest, "endraw"); ok {
			rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
			after := strings.HasPrefix(rest, "-")
			rest = strings.TrimLeft(rest, "-+")
			if rest, ok := strings.CutPrefix(rest, "%}"); ok {
				l.text(from, at, minus)
				l.strip = after
				l.pos = len(l.src) - len(rest)
				return nil
			}
		}
		i = at + 2
	}
}

// inside reads the tokens of a tag up to its end. The end counts only outside of
// brackets: "{{ {'a': {}} }}".
func (l *lexer) inside(start int, end string, kind tokenKind) error {
	var open []byte
	for {
		l.spaces()
		if l.pos >= len(l.src) {
			return l.fail(start, "a tag has no end")
		}
		if len(l.tokens) > maxTokens {
			return l.fail(l.pos, "the template has too many parts to be read")
		}
		rest := l.src[l.pos:]
		if len(open) == 0 {
			if strings.HasPrefix(rest, end) {
				l.emit(kind, "", l.pos)
				l.pos += len(end)
				return nil
			}
			if (rest[0] == '-' || rest[0] == '+' && kind == tTagEnd) && strings.HasPrefix(rest[1:], end) {
				l.strip = rest[0] == '-'
				l.emit(kind, "", l.pos)
				l.pos += 1 + len(end)
				return nil
			}
		}
		if err := l.token(&open); err != nil {
			return err
		}
	}
}

func (l *lexer) spaces() {
	for l.pos < len(l.src) {
		r, n := utf8.DecodeRuneInString(l.src[l.pos:])
		if !unicode.IsSpace(r) {
			return
		}
		l.pos += n
	}
}

// operators, longest first.
var operators = []string{"//", "**", "==", "!=", ">=", "<=",
	"+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"}

func (l *lexer) token(open *[]byte) error {
	c := l.src[l.pos]
	start := l.pos
	switch {
	case c == '"' || c == '\'':
		return l.str(c)
	case c >= '0' && c <= '9':
		return l.number()
	}
	if r, _ := utf8.DecodeRuneInString(l.src[l.pos:]); r == '_' || unicode.IsLetter(r) {
		for l.pos < len(l.src) {
			r, n := utf8.DecodeRuneInString(l.src[l.pos:])
			if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) {
				break
			}
			l.pos += n
		}
		l.emit(tName, l.src[start:l.pos], start)
		return nil
	}
	for _, op := range operators {
		if !strings.HasPrefix(l.src[l.pos:], op) {
			continue
		}
		switch op {
		case "(", "[", "{":
			*open = append(*open, op[0])
		case ")", "]", "}":
			want := map[string]byte{")": '(', "]": '[', "}": '{'}[op]
			if n := len(*open); n == 0 || (*open)[n-1] != want {
				return l.fail(l.pos, "a bracket is closed that was not opened")
			}
			*open = (*open)[:len(*open)-1]
		}
		l.pos += len(op)
		l.emit(tOp, op, start)
		return nil
	}
	return l.fail(l.pos, "a character that means nothing here")
}

func (l *lexer) str(quote byte) error {
	start := l.pos
	for i := start + 1; i < len(l.src); i++ {
		switch l.src[i] {
		case '\\':
			i++
		case quote:
			l.emit(tString, unescape(l.src[start+1:i]), start)
			l.pos = i + 1
			return nil
		}
	}
	return l.fail(start, "a string has no end")
}

// number reads an integer in any base, or a float. As in Jinja, "1.x" is the
// integer 1 and an attribute.
func (l *lexer) number() error {
	start := l.pos
	rest := l.src[start:]
	digits := func(set string) {
		for l.pos < len(l.src) && (strings.IndexByte(set, l.src[l.pos]) >= 0 || l.src[l.pos] == '_' && l.pos+1 < len(l.src) && strings.IndexByte(set, l.src[l.pos+1]) >= 0) {
			l.pos++
		}
	}
	const decimal = "0123456789"
	if len(rest) > 2 && rest[0] == '0' {
		if set, ok := map[byte]string{'x': decimal + "abcdefABCDEF", 'o': "01234567", 'b': "01"}[rest[1]|0x20]; ok {
			l.pos += 2
			digits(set)
			l.emit(tInt, l.src[start:l.pos], start)
			return nil
		}
	}
	digits(decimal)
	kind := tInt
	isDigit := func(i int) bool { return i < len(l.src) && l.src[i] >= '0' && l.src[i] <= '9' }
	if start > 0 && l.src[start-1] == '.' {
		l.emit(tInt, l.src[start:l.pos], start) // "a.1.2" are two subscripts
		return nil
	}
	if l.pos < len(l.src) && l.src[l.pos] == '.' && isDigit(l.pos+1) {
		kind = tFloat
		l.pos++
		digits(decimal)
	}
	if l.pos < len(l.src) && l.src[l.pos]|0x20 == 'e' {
		i := l.pos + 1
		if i < len(l.src) && (l.src[i] == '+' || l.src[i] == '-') {
			i++
		}
		if isDigit(i) {
			kind = tFloat
			l.pos = i
			digits(decimal)
		}
	}
	l.emit(kind, l.src[start:l.pos], start)
	return nil
}
