package python

import (
	"strings"
	"unicode/utf8"
)

// String returns the value of a string or bytes Constant, its literals joined and
// escapes resolved. Text is UTF-8; a lone surrogate takes the three bytes that UTF-8
// would give it. ok is false for other nodes.
func (t *Tree) String(n Node) (value string, ok bool) {
	v := &t.nodes[n]
	if v.kind != KindConstant || Const(v.op) != ConstStr && Const(v.op) != ConstBytes {
		return "", false
	}
	if v.b == 0 {
		x := piece{start: v.start, end: v.end}
		x.flag = prefixFlags(t.src[x.start:x.end])
		return decodePiece(t.src, x), true
	}
	var b strings.Builder
	l := t.list(v.a, 3*v.b)
	for i := 0; i < len(l); i += 3 {
		b.WriteString(decodePiece(t.src, piece{int32(l[i]), int32(l[i+1]), uint8(l[i+2])}))
	}
	return b.String(), true
}

// IsUnicodePrefixed reports whether a string Constant begins with the prefix u.
func (t *Tree) IsUnicodePrefixed(n Node) bool { return t.nodes[n].flag&flagU != 0 }

// InterpolationText returns the source text of an Interpolation's expression, as
// Interpolation.expression has it at run time but for spaces at its end.
func (t *Tree) InterpolationText(n Node) string {
	v := t.at(n, KindInterpolation)
	return withoutComments(newlines(t.src[v.start+1 : t.extra[v.b+1]]))
}

// withoutComments removes comments from the text of an expression, as CPython does
// for f"{x = }" and t-strings.
func withoutComments(s string) string {
	if strings.IndexByte(s, '#') < 0 {
		return s
	}
	var b strings.Builder
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			b.WriteByte(c)
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && c == '#':
			if i += strings.IndexByte(s[i:]+"\n", '\n'); i == len(s) {
				return b.String()
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// prefixFlags reads the prefix of a string token.
func prefixFlags(s string) uint8 {
	var flag uint8
	for i := range len(s) {
		switch s[i] | 0x20 {
		case 'r':
			flag |= strRaw
		case 'b':
			flag |= strBytes
		case 'u':
			flag |= strU
		default:
			return flag
		}
	}
	return flag
}

// inside returns the text between the quotes of a string token.
func inside(s string) string {
	i := 0
	for i < len(s) && s[i] != '"' && s[i] != '\'' {
		i++
	}
	s = s[i:]
	if len(s) >= 6 && s[1] == s[0] && s[2] == s[0] {
		return s[3 : len(s)-3]
	}
	return s[1 : len(s)-1]
}

// decodePiece returns the value of a piece.
func decodePiece(src string, x piece) string {
	s := src[x.start:x.end]
	if x.flag&strText != 0 {
		return withoutComments(newlines(s))
	}
	text := x.flag&textFlag != 0
	if !text {
		s = inside(s)
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = newlines(s)
	}
	braces := text && strings.ContainsAny(s, "{}")
	if !braces && (x.flag&strRaw != 0 || strings.IndexByte(s, '\\') < 0) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\\' && x.flag&strRaw == 0:
			i = escape(&b, s, i, x.flag&strBytes != 0)
			continue
		case braces && (c == '{' || c == '}') && i+1 < len(s) && s[i+1] == c:
			i++
		}
		b.WriteByte(c)
		i++
	}
	return b.String()
}

// newlines turns \r\n and \r into \n, as CPython does before it reads tokens.
func newlines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// emptyPiece reports whether a piece has the value "": only continued lines.
func emptyPiece(src string, x piece) bool {
	if x.end-x.start > 2 && src[x.start] != '\\' && x.flag&textFlag != 0 {
		return false
	}
	return decodePiece(src, x) == ""
}

// escape writes the value of the escape sequence at s[i], a backslash, and returns
// the offset after it. An unknown one stands for itself.
func escape(b *strings.Builder, s string, i int, bytes bool) int {
	if i+1 >= len(s) {
		b.WriteByte('\\')
		return i + 1
	}
	c := s[i+1]
	if k := strings.IndexByte("\n\\'\"abfnrtv", c); k >= 0 {
		if c != '\n' {
			b.WriteByte("\n\\'\"\a\b\f\n\r\t\v"[k])
		}
		return i + 2
	}
	switch {
	case c >= '0' && c <= '7':
		v, end := 0, i+1
		for end < len(s) && end < i+4 && s[end] >= '0' && s[end] <= '7' {
			v = v*8 + int(s[end]-'0')
			end++
		}
		if bytes {
			b.WriteByte(byte(v))
		} else {
			writeRune(b, rune(v))
		}
		return end
	case c == 'x':
		return hexEscape(b, s, i, 2, bytes)
	case c == 'u' && !bytes:
		return hexEscape(b, s, i, 4, false)
	case c == 'U' && !bytes:
		return hexEscape(b, s, i, 8, false)
	case c == 'N' && !bytes && i+2 < len(s) && s[i+2] == '{':
		if n := strings.IndexByte(s[i:], '}'); n > 0 {
			if r, ok := runeByName(s[i+3 : i+n]); ok {
				b.WriteRune(r)
			} else {
				b.WriteRune(utf8.RuneError)
			}
			return i + n + 1
		}
	}
	b.WriteByte('\\')
	return i + 1
}

// hexEscape writes \x.., \u.... or \U.......; one that is broken stands for itself.
func hexEscape(b *strings.Builder, s string, i, digits int, bytes bool) int {
	v, end := uint32(0), i+2
	for ; end < len(s) && end < i+2+digits && isHex(s[end]); end++ {
		d := s[end] | 0x20
		if d >= 'a' {
			d -= 'a' - 10
		} else {
			d = s[end] - '0'
		}
		v = v<<4 | uint32(d)
	}
	if end < i+2+digits || v > utf8.MaxRune {
		b.WriteByte('\\')
		return i + 1
	}
	if bytes {
		b.WriteByte(byte(v))
	} else {
		writeRune(b, rune(v))
	}
	return end
}

// writeRune is WriteRune that keeps surrogates.
func writeRune(b *strings.Builder, r rune) {
	if r >= 0xd800 && r < 0xe000 {
		b.WriteByte(0xe0 | byte(r>>12))
		b.WriteByte(0x80 | byte(r>>6)&0x3f)
		b.WriteByte(0x80 | byte(r)&0x3f)
		return
	}
	b.WriteRune(r)
}
