package python

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// prefix reads the letters before a string.
func (l *lexer) prefix(s string) (flag uint8, ok bool) {
	for i := range len(s) {
		var f uint8
		switch s[i] | 0x20 {
		case 'r':
			f = strRaw
		case 'b':
			f = strBytes
		case 'f':
			f = strFormat
		case 't':
			f = strTemplate
		case 'u':
			f = strU
		default:
			return 0, false
		}
		if flag&f != 0 {
			return 0, false
		}
		flag |= f
	}
	switch flag &^ strRaw {
	case 0, strBytes, strFormat, strTemplate, strU:
	default:
		return 0, false
	}
	if flag == strRaw|strU {
		l.error(l.pos, "the prefix ur is Python 2")
	}
	return flag, true
}

// str emits the string whose prefix begins at start: one token, or for f-strings
// and t-strings the tokens of their parts.
func (l *lexer) str(start int, flag uint8) {
	src := l.src
	i := start
	for src[i] != '"' && src[i] != '\'' {
		i++
	}
	q := src[i]
	i++
	if i+1 < len(src) && src[i] == q && src[i+1] == q {
		flag |= strTriple
		i += 2
	}
	if flag&(strFormat|strTemplate) != 0 {
		l.fstring(start, i, q, flag)
		return
	}
	l.escaped = false
	text := i
	if flag&strTriple != 0 {
		i = l.tripleEnd(i, q)
	} else {
		i = l.singleEnd(i, q)
	}
	if l.escaped && i > 0 && flag&strRaw == 0 {
		l.checkEscapes(text, i, flag&strBytes != 0)
	}
	if i < 0 {
		l.unterminated(start, flag)
		return
	}
	l.toks = append(l.toks, token{start: int32(start), end: int32(i), kind: tString, flag: flag})
	l.pos = i
}

// singleEnd returns the offset after the closing quote, or -1.
func (l *lexer) singleEnd(i int, q byte) int {
	src := l.src
	for i < len(src) {
		switch c := src[i]; c {
		case q:
			return i + 1
		case '\n', '\r':
			return -1
		case '\\':
			i++
			l.escaped = true
			if i+1 < len(src) && src[i] == '\r' && src[i+1] == '\n' {
				i++
			}
		}
		i++
	}
	return -1
}

// tripleEnd returns the offset after the closing quotes, or -1.
func (l *lexer) tripleEnd(i int, q byte) int {
	if l.noTriple[q&1] {
		return -1
	}
	src := l.src
	for i < len(src) {
		switch src[i] {
		case q:
			if i+2 < len(src) && src[i+1] == q && src[i+2] == q {
				return i + 3
			}
		case '\\':
			i++
			l.escaped = true
		}
		i++
	}
	l.noTriple[q&1] = true
	return -1
}

// unterminated reports a string without end and goes on with the next line: what
// follows may be code.
func (l *lexer) unterminated(start int, flag uint8) {
	what := "unterminated string literal"
	if flag&strTriple != 0 {
		what = "unterminated triple-quoted string literal"
	}
	l.error(start, what)
	end := strings.IndexAny(l.src[start:], "\r\n")
	if end < 0 {
		end = len(l.src) - start
	}
	l.pos = start + end
	l.emit(tError, start, l.pos)
	l.parens, l.opened = l.parens[:0], l.opened[:0]
	l.cut = true
	l.newlineAfterCut()
}

// newlineAfterCut steps over the end of the line where a cut was made.
func (l *lexer) newlineAfterCut() {
	l.cut = false
	l.newline()
	l.cut = true
}

// fstring emits an f-string or t-string whose text begins at i.
func (l *lexer) fstring(start, i int, q byte, flag uint8) {
	l.toks = append(l.toks, token{start: int32(start), end: int32(i), kind: tFStart, flag: flag})
	l.pos = i
	if flag&strTriple != 0 && l.noTriple[q&1] {
		l.unterminated(start, flag)
		return
	}
	if l.fdepth++; l.fdepth > maxFString {
		l.error(start, "too many nested f-strings")
		l.unterminated(start, flag)
		return
	}
	if !l.ftext(q, flag, false) {
		if !l.cut {
			if flag&strTriple != 0 && l.pos >= len(l.src) {
				l.noTriple[q&1] = true
			}
			l.unterminated(start, flag)
		}
		return
	}
	l.fdepth--
	n := 1
	if flag&strTriple != 0 {
		n = 3
	}
	l.emit(tFEnd, l.pos, l.pos+n)
	l.pos += n
}

// middle emits literal text of an f-string, if there is any.
func (l *lexer) middle(start, end int, flag uint8) {
	if end > start {
		if flag&strRaw == 0 && strings.IndexByte(l.src[start:end], '\\') >= 0 {
			l.checkEscapes(start, end, false)
		}
		l.toks = append(l.toks, token{start: int32(start), end: int32(end), kind: tFMiddle, flag: flag})
	}
}

// ftext emits text and fields up to the closing quotes, or in a format
// specification up to its }. It reports whether it came to them.
func (l *lexer) ftext(q byte, flag uint8, spec bool) bool {
	src := l.src
	start := l.pos
	for l.pos < len(src) {
		i := l.pos
		switch c := src[i]; c {
		case q:
			if flag&strTriple == 0 || i+2 < len(src) && src[i+1] == q && src[i+2] == q {
				l.middle(start, i, flag)
				return !spec
			}
		case '\n', '\r':
			if flag&strTriple == 0 {
				return false
			}
		case '\\':
			if i+1 >= len(src) {
				return false
			}
			switch next := src[i+1]; {
			case next == '{' || next == '}':
			case next == '\r' && i+2 < len(src) && src[i+2] == '\n':
				l.pos += 2
			case next == 'N' && flag&strRaw == 0 && i+2 < len(src) && src[i+2] == '{':
				l.pos += 2
				for l.pos+1 < len(src) && src[l.pos] != '}' && src[l.pos] != q && src[l.pos+1] != '\n' {
					l.pos++
				}
				if l.pos < len(src) && src[l.pos] != '}' {
					l.pos--
				}
			default:
				l.pos++
			}
		case '{':
			if !spec && i+1 < len(src) && src[i+1] == '{' {
				l.pos += 2
				continue
			}
			l.middle(start, i, flag)
			if !l.field(q, flag) {
				return false
			}
			start = l.pos
			continue
		case '}':
			if spec {
				l.middle(start, i, flag)
				return true
			}
			if i+1 < len(src) && src[i+1] == '}' {
				l.pos++
				break
			}
			l.middle(start, i, flag)
			l.error(i, "f-string: single '}' is not allowed")
			l.emit(tError, i, i+1)
			start = i + 1
		}
		l.pos++
	}
	return false
}

// field emits {expression = ! : }.
func (l *lexer) field(q byte, flag uint8) bool {
	l.open(tLBrace, '}')
	depth := len(l.parens)
	if depth == 0 || l.toks[len(l.toks)-1].kind == tError {
		return false
	}
	l.run(depth, true)
	if l.cut {
		return false
	}
	if l.pos >= len(l.src) {
		l.unclosed()
		return false
	}
	if l.src[l.pos] == ':' {
		l.emit(tColon, l.pos, l.pos+1)
		l.pos++
		if l.fdepth++; l.fdepth > maxFString {
			l.error(l.pos, "too many nested format specifications")
			return false
		}
		if !l.ftext(q, flag, true) {
			return false
		}
		l.fdepth--
	}
	l.parens, l.opened = l.parens[:depth-1], l.opened[:depth-1]
	l.emit(tRBrace, l.pos, l.pos+1)
	l.pos++
	return true
}

// checkEscapes reports escape sequences that CPython rejects. The string keeps them.
func (l *lexer) checkEscapes(i, end int, bytes bool) {
	for i < end-1 {
		n := strings.IndexByte(l.src[i:end-1], '\\')
		if n < 0 {
			return
		}
		i += n
		digits := 0
		switch c := l.src[i+1]; {
		case c == 'x':
			digits = 2
		case c == 'u' && !bytes:
			digits = 4
		case c == 'U' && !bytes:
			digits = 8
		case c == 'N' && !bytes:
			if name := l.src[i+2 : end]; len(name) < 2 || name[0] != '{' || strings.IndexByte(name, '}') < 2 {
				l.report(i, "malformed \\N character escape")
			}
		}
		h := i + 2
		for h < end && h < i+2+digits && isHex(l.src[h]) {
			h++
		}
		if h < i+2+digits {
			l.report(i, "truncated \\"+l.src[i+1:i+2]+" escape")
		} else if digits == 8 {
			if v, _ := strconv.ParseUint(l.src[i+2:h], 16, 32); v > utf8.MaxRune {
				l.report(i, "illegal Unicode character")
			}
		}
		i += 2
	}
}
