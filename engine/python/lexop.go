package python

import "strings"

// operator emits an operator or delimiter other than brackets.
func (l *lexer) operator(c byte) {
	start := l.pos
	var next, third byte
	if start+1 < len(l.src) {
		next = l.src[start+1]
	}
	if start+2 < len(l.src) {
		third = l.src[start+2]
	}
	k, n := tError, 1
	// either is one, or with = after it the other.
	either := func(plain, assign tok) {
		k = plain
		if next == '=' {
			k, n = assign, 2
		}
	}
	// double is as either, and the doubled character has both forms as well.
	double := func(plain, assign, twice, twiceAssign tok) {
		either(plain, assign)
		if next == c {
			k, n = twice, 2
			if third == '=' {
				k, n = twiceAssign, 3
			}
		}
	}
	switch c {
	case ',':
		k = tComma
	case ';':
		k = tSemi
	case '~':
		k = tTilde
	case '`':
		k = tBackquote
	case ':':
		either(tColon, tColonEqual)
	case '=':
		either(tEqual, tEqEqual)
	case '.':
		k = tDot
		if next == '.' && third == '.' {
			k, n = tEllipsis, 3
		}
	case '!':
		either(tBang, tNotEqual)
	case '+':
		either(tPlus, tPlusEqual)
	case '-':
		either(tMinus, tMinusEqual)
		if next == '>' {
			k, n = tArrow, 2
		}
	case '@':
		either(tAt, tAtEqual)
	case '%':
		either(tPercent, tPercentEqual)
	case '&':
		either(tAmper, tAmperEqual)
	case '|':
		either(tVBar, tVBarEqual)
	case '^':
		either(tCircumflex, tCircumflexEqual)
	case '*':
		double(tStar, tStarEqual, tDoubleStar, tDoubleStarEqual)
	case '/':
		double(tSlash, tSlashEqual, tDoubleSlash, tDoubleSlashEqual)
	case '<':
		double(tLess, tLessEqual, tLeftShift, tLeftShiftEqual)
		if next == '>' {
			k, n = tNotEqual, 2
			l.error(start, "<> is Python 2: use !=")
		}
	case '>':
		double(tGreater, tGreaterEqual, tRightShift, tRightShiftEqual)
	case 0:
		l.error(start, "source code cannot contain null bytes")
		for start+n < len(l.src) && l.src[start+n] == 0 {
			n++
		}
	default:
		l.error(start, "invalid character")
	}
	l.emit(k, start, start+n)
	l.pos = start + n
}

// number emits an integer, a floating-point or an imaginary number.
func (l *lexer) number() {
	src, start := l.src, l.pos
	kind := ConstInt
	i := start
	at := func(i int) byte {
		if i < len(src) {
			return src[i]
		}
		return 0
	}
	digits := func(ok func(byte) bool) {
		for {
			for ok(at(i)) {
				i++
			}
			if at(i) != '_' || !ok(at(i+1)) {
				return
			}
			i++
		}
	}
	var base func(byte) bool
	if at(i) == '0' {
		switch at(i+1) | 0x20 {
		case 'x':
			base = isHex
		case 'o':
			base = func(c byte) bool { return c >= '0' && c <= '7' }
		case 'b':
			base = func(c byte) bool { return c == '0' || c == '1' }
		}
	}
	if base != nil {
		i += 2
		if at(i) == '_' {
			i++
		}
		first := i
		digits(base)
		if i == first {
			l.error(start, "invalid number")
		}
	} else {
		digits(isDigit)
		octal := i-start > 1 && src[start] == '0' && strings.Trim(src[start:i], "0_") != ""
		if at(i) == '.' {
			kind = ConstFloat
			i++
			if isDigit(at(i)) {
				digits(isDigit)
			}
		}
		if at(i)|0x20 == 'e' {
			if isDigit(at(i+1)) || (at(i+1) == '+' || at(i+1) == '-') && isDigit(at(i+2)) {
				kind = ConstFloat
				i += 2
				digits(isDigit)
			}
		}
		if at(i)|0x20 == 'j' {
			kind = ConstImag
			i++
		}
		if octal && kind == ConstInt {
			l.error(start, "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers")
		}
	}
	end := i
	if c := at(i); isIdent(c) {
		switch {
		case followsNumber(src[i:]):
		case kind == ConstInt && (c == 'L' || c == 'l') && !isIdent(at(i+1)):
			l.error(start, "the suffix L is Python 2")
			i++
		default:
			l.error(start, "invalid number")
			for isIdent(at(i)) {
				i++
			}
			end = i
		}
	}
	l.toks = append(l.toks, token{start: int32(start), end: int32(end), kind: tNumber, flag: uint8(kind)})
	l.pos = i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// followsNumber tells the keywords that CPython lets follow a number without space.
func followsNumber(s string) bool {
	for _, k := range [...]string{"and", "else", "for", "if", "in", "is", "not", "or"} {
		if strings.HasPrefix(s, k) {
			return true
		}
	}
	return false
}
