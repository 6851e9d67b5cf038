package sast

import (
	"regexp/syntax"
)

// catastrophic reports whether an expression can take exponential time in a matcher
// that tries every way, as Python's re does: a repetition without end whose body is
// itself such a repetition, with nothing that must stand between two rounds, or a choice
// of equal beginnings; and something after it that can fail. Expressions that Go's
// parser does not know (lookarounds, back references) are not looked at.
func catastrophic(expr string) bool {
	if len(expr) > 2000 {
		return false
	}
	re, err := syntax.Parse(expr, syntax.Perl|syntax.DotNL)
	if err != nil {
		return false
	}
	return ambiguous(re, false)
}

// ambiguous looks at an expression; after says that something follows it that can fail.
func ambiguous(re *syntax.Regexp, after bool) bool {
	switch re.Op {
	case syntax.OpConcat:
		for i, sub := range re.Sub {
			rest := after
			for _, s := range re.Sub[i+1:] {
				rest = rest || !nullable(s) || s.Op == syntax.OpEndText || s.Op == syntax.OpEndLine
			}
			if ambiguous(sub, rest) {
				return true
			}
		}
		return false
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		body := strip(re.Sub[0])
		if endless(re) && after && (repeats(body) || overlaps(body)) {
			return true
		}
		return ambiguous(re.Sub[0], after || !nullable(re.Sub[0]))
	}
	for _, sub := range re.Sub {
		if ambiguous(sub, after) {
			return true
		}
	}
	return false
}

// endless reports whether a repetition has no bound that helps.
func endless(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus:
		return true
	case syntax.OpRepeat:
		return re.Max < 0 || re.Max > 25
	}
	return false
}

func strip(re *syntax.Regexp) *syntax.Regexp {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	return re
}

// repeats reports whether one round of a body can be split into several: it is an
// endless repetition, with nothing else that must be there.
func repeats(body *syntax.Regexp) bool {
	body = strip(body)
	switch body.Op {
	case syntax.OpConcat:
		found := 0
		for _, s := range body.Sub {
			switch s = strip(s); {
			case endless(s) && (s.Op != syntax.OpStar || len(body.Sub) == 1):
				found++
			case !nullable(s):
				return false
			}
		}
		return found == 1
	case syntax.OpAlternate:
		for _, s := range body.Sub {
			if repeats(s) {
				return true
			}
		}
		return false
	}
	return endless(body) && !nullable(strip(body.Sub[0]))
}

// overlaps reports whether two branches of a choice can be the same text.
func overlaps(body *syntax.Regexp) bool {
	if body.Op != syntax.OpAlternate {
		return false
	}
	for i, a := range body.Sub {
		for _, b := range body.Sub[i+1:] {
			if single(a) && single(b) && meet(runes(a), runes(b)) {
				return true
			}
		}
	}
	return false
}

func single(re *syntax.Regexp) bool {
	re = strip(re)
	return re.Op == syntax.OpCharClass || re.Op == syntax.OpLiteral && len(re.Rune) == 1 || re.Op == syntax.OpAnyChar || re.Op == syntax.OpAnyCharNotNL
}

// runes are pairs of first and last characters.
func runes(re *syntax.Regexp) []rune {
	switch re = strip(re); re.Op {
	case syntax.OpCharClass:
		return re.Rune
	case syntax.OpLiteral:
		return []rune{re.Rune[0], re.Rune[0]}
	}
	return []rune{0, 0x10FFFF}
}

func meet(a, b []rune) bool {
	for i := 0; i+1 < len(a); i += 2 {
		for j := 0; j+1 < len(b); j += 2 {
			if a[i] <= b[j+1] && b[j] <= a[i+1] {
				return true
			}
		}
	}
	return false
}

// nullable reports whether an expression matches nothing, too.
func nullable(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpStar, syntax.OpQuest, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	case syntax.OpRepeat:
		return re.Min == 0 || nullable(re.Sub[0])
	case syntax.OpPlus, syntax.OpCapture:
		return nullable(re.Sub[0])
	case syntax.OpConcat:
		for _, s := range re.Sub {
			if !nullable(s) {
				return false
			}
		}
		return true
	case syntax.OpAlternate:
		for _, s := range re.Sub {
			if nullable(s) {
				return true
			}
		}
	}
	return false
}
