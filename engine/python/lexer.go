package python

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of CPython's tokenizer. A file beyond them is not Python.
const (
	maxParens  = 200
	maxIndents = 100
	maxFString = 150
)

// lexer cuts one logical line at a time into tokens, so that memory depends on the
// longest statement and not on the file.
type lexer struct {
	src      string
	pos      int
	toks     []token
	indents  []indent
	parens   []byte // the closing brackets that are awaited
	opened   []int32
	in       interner
	comments []int32 // offsets
	hasCR    bool
	cut      bool // a statement began inside brackets: this logical line is over
	fdepth   int
	escaped  bool // the last string has a backslash
	// Quotes of which it is known that the rest of the file has none to close.
	noTriple [2]bool
	lineErr  bool // this logical line has an error already
	report   func(offset int, message string)
}

// indent is one level of indentation, with tabs to 8 columns and with tabs to 1:
// both must agree when lines are compared.
type indent struct{ col, alt int32 }

func (l *lexer) error(offset int, message string) {
	l.lineErr = true
	l.report(offset, message)
}

func (l *lexer) emit(k tok, start, end int) {
	l.toks = append(l.toks, token{start: int32(start), end: int32(end), kind: k})
}

// Classes of bytes.
const (
	cOther uint8 = iota
	cIdent
	cDigit
	cSpace
)

var class = [256]uint8{
	' ': cSpace, '\t': cSpace, '\f': cSpace,
	'0': cDigit, '1': cDigit, '2': cDigit, '3': cDigit, '4': cDigit,
	'5': cDigit, '6': cDigit, '7': cDigit, '8': cDigit, '9': cDigit,
	'_': cIdent,
	'A': cIdent, 'B': cIdent, 'C': cIdent, 'D': cIdent, 'E': cIdent, 'F': cIdent, 'G': cIdent, 'H': cIdent, 'I': cIdent,
	'J': cIdent, 'K': cIdent, 'L': cIdent, 'M': cIdent, 'N': cIdent, 'O': cIdent, 'P': cIdent, 'Q': cIdent, 'R': cIdent,
	'S': cIdent, 'T': cIdent, 'U': cIdent, 'V': cIdent, 'W': cIdent, 'X': cIdent, 'Y': cIdent, 'Z': cIdent,
	'a': cIdent, 'b': cIdent, 'c': cIdent, 'd': cIdent, 'e': cIdent, 'f': cIdent, 'g': cIdent, 'h': cIdent, 'i': cIdent,
	'j': cIdent, 'k': cIdent, 'l': cIdent, 'm': cIdent, 'n': cIdent, 'o': cIdent, 'p': cIdent, 'q': cIdent, 'r': cIdent,
	's': cIdent, 't': cIdent, 'u': cIdent, 'v': cIdent, 'w': cIdent, 'x': cIdent, 'y': cIdent, 'z': cIdent,
}

// isIdent tells bytes inside an identifier; those above ASCII are checked later.
func isIdent(c byte) bool {
	k := class[c]
	return k == cIdent || k == cDigit || c >= utf8.RuneSelf
}

// line replaces the tokens by those of the next logical line: changes of
// indentation, the tokens and tNewline; at the end of the file tDedents and tEOF.
func (l *lexer) line() {
	l.toks = l.toks[:0]
	l.parens, l.opened = l.parens[:0], l.opened[:0]
	l.cut, l.lineErr, l.fdepth = false, false, 0
	start, ind := l.indentation()
	if l.pos >= len(l.src) {
		for ; len(l.indents) > 1; l.indents = l.indents[:len(l.indents)-1] {
			l.emit(tDedent, l.pos, l.pos)
		}
		l.emit(tEOF, l.pos, l.pos)
		return
	}
	l.dent(start, ind)
	l.run(0, false)
	l.emit(tNewline, l.pos, l.pos)
	l.newline()
}

// newline steps over the end of a line.
func (l *lexer) newline() {
	if l.cut || l.pos >= len(l.src) {
		return
	}
	switch l.src[l.pos] {
	case '\n':
		l.pos++
	case '\r':
		l.pos++
		if l.pos < len(l.src) && l.src[l.pos] == '\n' {
			l.pos++
		}
	}
}

// indentation measures the next line that is neither empty nor a comment and goes
// to its first byte.
func (l *lexer) indentation() (start int, ind indent) {
	start = l.pos
	for l.pos < len(l.src) {
		switch l.src[l.pos] {
		case ' ':
			ind.col++
			ind.alt++
		case '\t':
			ind.col = (ind.col/8 + 1) * 8
			ind.alt++
		case '\f':
			ind = indent{}
		case '\\':
			// A continued line keeps the indentation that it began with.
			end := l.afterBackslash(l.pos)
			if end < 0 {
				return start, ind
			}
			l.pos = end
			first := ind
			for l.pos < len(l.src) && class[l.src[l.pos]] == cSpace {
				if first.col == 0 {
					switch l.src[l.pos] {
					case ' ':
						ind.col++
						ind.alt++
					case '\t':
						ind.col = (ind.col/8 + 1) * 8
						ind.alt++
					case '\f':
						ind = indent{}
					}
				}
				l.pos++
			}
			continue
		case '#':
			l.comment()
			continue
		case '\n', '\r':
			l.pos++
			start, ind = l.pos, indent{}
			continue
		default:
			return start, ind
		}
		l.pos++
	}
	return start, ind
}

// afterBackslash returns where the line after a continuation begins, or -1 where the
// backslash does not end its line.
func (l *lexer) afterBackslash(pos int) int {
	pos++
	if pos < len(l.src) && l.src[pos] == '\r' {
		pos++
		if pos < len(l.src) && l.src[pos] == '\n' {
			pos++
		}
		return pos
	}
	if pos < len(l.src) && l.src[pos] == '\n' {
		return pos + 1
	}
	return -1
}

// dent emits tIndent or tDedents.
func (l *lexer) dent(start int, ind indent) {
	top := l.indents[len(l.indents)-1]
	switch {
	case ind.col == top.col:
		if ind.alt != top.alt {
			l.error(l.pos, "inconsistent use of tabs and spaces in indentation")
		}
	case ind.col > top.col:
		if ind.alt <= top.alt {
			l.error(l.pos, "inconsistent use of tabs and spaces in indentation")
		}
		if len(l.indents) >= maxIndents {
			l.error(l.pos, "too many levels of indentation")
			return
		}
		l.indents = append(l.indents, ind)
		l.emit(tIndent, start, l.pos)
	default:
		for len(l.indents) > 1 && ind.col < l.indents[len(l.indents)-1].col {
			l.indents = l.indents[:len(l.indents)-1]
			l.emit(tDedent, l.pos, l.pos)
		}
		top = l.indents[len(l.indents)-1]
		if ind.col != top.col {
			l.error(l.pos, "unindent does not match any outer indentation level")
		} else if ind.alt != top.alt {
			l.error(l.pos, "inconsistent use of tabs and spaces in indentation")
		}
	}
}

// comment goes to the end of the line.
func (l *lexer) comment() {
	// What is read twice after an error has its comments once.
	if n := len(l.comments); n == 0 || int(l.comments[n-1]) < l.pos {
		l.comments = append(l.comments, int32(l.pos))
	}
	rest := l.src[l.pos:]
	end := strings.IndexByte(rest, '\n')
	if end < 0 {
		end = len(rest)
	}
	if l.hasCR {
		if cr := strings.IndexByte(rest[:end], '\r'); cr >= 0 {
			end = cr
		}
	}
	l.pos += end
}

// run emits tokens until the logical line ends. Inside a field of an f-string, it
// stops before the } or : that ends the expression; base is the depth of brackets
// there.
func (l *lexer) run(base int, field bool) {
	src := l.src
	fresh := 0 // where a line inside brackets began; 0 after its first token
	for l.pos < len(src) {
		start := l.pos
		c := src[start]
		if k := class[c]; k == cIdent || c >= utf8.RuneSelf {
			l.word()
			if l.cut {
				return
			}
			if fresh > 0 {
				last := &l.toks[len(l.toks)-1]
				if startsStatement(last.kind) {
					l.unclosed()
					l.toks = l.toks[:len(l.toks)-1]
					l.pos = fresh
					return
				}
				if last.kind != kAsync {
					fresh = 0
				}
			}
			continue
		} else if k == cSpace {
			l.pos++
			continue
		} else if k == cDigit {
			l.number()
			fresh = 0
			continue
		}
		switch c {
		case '\n', '\r':
			if len(l.parens) == 0 {
				return
			}
			l.newline()
			fresh = l.pos
			continue
		case '#':
			l.comment()
			continue
		case '\\':
			end := l.afterBackslash(l.pos)
			if end < 0 {
				l.error(l.pos, "unexpected character after line continuation character")
				l.emit(tError, l.pos, l.pos+1)
				l.pos++
				continue
			}
			l.pos = end
			if end == len(src) {
				l.error(end, "unexpected end of file after a line continuation")
			}
			continue
		case '"', '\'':
			l.str(start, 0)
			if l.cut {
				return
			}
		case '(':
			l.open(tLPar, ')')
		case '[':
			l.open(tLSqb, ']')
		case '{':
			l.open(tLBrace, '}')
		case '}':
			if field && len(l.parens) == base {
				return
			}
			l.close(tRBrace, c, base)
		case ')':
			l.close(tRPar, c, base)
		case ']':
			l.close(tRSqb, c, base)
		case ':':
			if field && len(l.parens) == base {
				return
			}
			l.operator(c)
		case '.':
			if start+1 < len(src) && class[src[start+1]] == cDigit {
				l.number()
			} else {
				l.operator(c)
			}
		default:
			l.operator(c)
		}
		fresh = 0
	}
	if len(l.parens) > 0 && !field {
		l.unclosed()
	}
}

// unclosed gives up the brackets that are open.
func (l *lexer) unclosed() {
	if len(l.opened) > 0 {
		at := int(l.opened[len(l.opened)-1])
		l.error(at, "'"+l.src[at:at+1]+"' was never closed")
	}
	l.parens, l.opened = l.parens[:0], l.opened[:0]
	l.cut = true
}

func (l *lexer) open(k tok, closing byte) {
	l.emit(k, l.pos, l.pos+1)
	if len(l.parens) >= maxParens {
		l.error(l.pos, "too many nested parentheses")
		l.toks[len(l.toks)-1].kind = tError
		l.pos++
		return
	}
	l.parens = append(l.parens, closing)
	l.opened = append(l.opened, int32(l.pos))
	l.pos++
}

// close emits a closing bracket. One that closes nothing is an error and, where it
// fits a bracket further out, closes the ones between.
func (l *lexer) close(k tok, c byte, base int) {
	n := len(l.parens)
	switch {
	case n > base && l.parens[n-1] == c:
		n--
	case n == base:
		l.error(l.pos, "unmatched '"+string(rune(c))+"'")
		k = tError
	default:
		l.error(l.pos, "closing '"+string(rune(c))+"' does not match the opening bracket")
		k = tError
		for i := n - 1; i >= base; i-- {
			if l.parens[i] == c {
				n = i
				break
			}
		}
	}
	l.parens, l.opened = l.parens[:n], l.opened[:n]
	l.emit(k, l.pos, l.pos+1)
	l.pos++
}

// word emits a name, a keyword, or a string with a prefix.
func (l *lexer) word() {
	src, start := l.src, l.pos
	h := uint32(hashSeed)
	i := start
	ascii := true
	for i < len(src) {
		c := src[i]
		if k := class[c]; k != cIdent && k != cDigit {
			if c < utf8.RuneSelf {
				break
			}
			ascii = false
		}
		h = (h ^ uint32(c)) * hashPrime
		i++
	}
	if i < len(src) && (src[i] == '"' || src[i] == '\'') && i-start <= 2 {
		if flag, ok := l.prefix(src[start:i]); ok {
			l.str(start, flag)
			return
		}
	}
	if !ascii {
		l.unicodeWord(start, i)
		return
	}
	l.pos = i
	n := l.in.intern(src[start:i], h)
	k := tName
	if n <= int32(len(keywords)) {
		k = kFalse + tok(n-1)
	}
	l.toks = append(l.toks, token{start: int32(start), end: int32(i), sym: n, kind: k})
}

// unicodeWord emits an identifier with characters above ASCII (PEP 3131), or the
// characters before the first that belongs in none.
func (l *lexer) unicodeWord(start, end int) {
	s := l.src[start:end]
	n := norm.NFKC.String(s)
	for i, r := range n {
		if r == '_' || unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start) {
			continue
		}
		if i > 0 && unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue) {
			continue
		}
		l.badRune(start, end)
		return
	}
	l.pos = end
	l.toks = append(l.toks, token{start: int32(start), end: int32(end), sym: l.in.intern(n, hashString(n)), kind: tName})
}

// badRune reports the first character that no identifier has and emits an error
// token for all of it: typographic quotes, non-breaking spaces, invalid UTF-8.
func (l *lexer) badRune(start, end int) {
	at, msg := start, "invalid character"
	for i, r := range l.src[start:end] {
		if r >= utf8.RuneSelf && !unicode.In(r, unicode.L, unicode.Nl, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc) {
			at = start + i
			if r != utf8.RuneError {
				msg = "invalid character '" + string(r) + "'"
				if !unicode.IsPrint(r) {
					msg = "invalid non-printable character"
				}
			}
			break
		}
	}
	l.error(at, msg)
	l.emit(tError, start, end)
	l.pos = end
}
