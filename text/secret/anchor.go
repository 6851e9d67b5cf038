package secret

import (
	"fmt"
	"math"
	"regexp/syntax"
	"strings"
)

// shape is what can be said about a pattern without running it.
type shape struct {
	anchors []string // every match contains one of these
	offset  int      // of the anchor in the match, bytes; -1: it varies
	fold    bool     // the anchors match in either case
	longest int      // of a match, bytes
	bits    float64  // of chance in the shortest match
	dash    bool     // '-' can continue a value
	base64  bool     // '+', '/' and '=' can
	symbols bool     // '(' can: chance makes what looks like a template
}

const (
	maxAnchors  = 32
	maxValue    = 8192 // longest value looked at, bytes
	shortAnchor = 3    // shorter ones would be hit all the time
)

// analyse parses a pattern and finds the literals by which it is looked for.
func analyse(pattern string) (shape, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return shape{}, fmt.Errorf("pattern: %w", err)
	}
	s := shape{offset: -1, longest: min(maxWidth(re), maxValue), bits: bits(re)}
	walkClasses(re, func(lo, hi rune) {
		s.dash = s.dash || lo <= '-' && '-' <= hi
		s.symbols = s.symbols || lo <= '(' && '(' <= hi
		s.base64 = s.base64 || lo <= '+' && '+' <= hi || lo <= '/' && '/' <= hi && hi < 'a'
	})
	best := 0
	try := func(run []string, offset int, fold bool) {
		shortest := math.MaxInt
		for _, a := range run {
			shortest = min(shortest, len(a))
		}
		worth := 2 * shortest
		if offset < 0 {
			worth--
		}
		if len(run) > 0 && shortest >= shortAnchor && worth > best {
			best, s.anchors, s.offset, s.fold = worth, run, offset, fold
		}
	}
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	run, start, width, fold := []string{""}, 0, 0, false
	for _, p := range parts {
		set, folded := exact(p)
		joined := cross(run, set)
		if set == nil || joined == nil {
			try(run, start, fold)
			run, fold = []string{""}, false
			if set != nil {
				joined = set
			}
		}
		w := fixedWidth(p)
		switch {
		case joined != nil:
			if len(run[0]) == 0 {
				start = width
			}
			run, fold = joined, fold || folded
		default:
			run = []string{""}
		}
		if w < 0 || width < 0 {
			width = -1
		} else {
			width += w
		}
	}
	try(run, start, fold)
	return s, nil
}

// cross is every string of a followed by every one of b; nil: too many.
func cross(a, b []string) []string {
	if b == nil || len(a)*len(b) > maxAnchors {
		return nil
	}
	var out []string
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

// exact lists what a node matches when that is a small set of strings, or nil.
func exact(re *syntax.Regexp) (set []string, fold bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}, re.Flags&syntax.FoldCase != 0
	case syntax.OpCapture:
		return exact(re.Sub[0])
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for c := re.Rune[i]; c <= re.Rune[i+1]; c++ {
				if set = append(set, string(c)); len(set) > 8 {
					return nil, false
				}
			}
		}
		return set, false
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			s, f := exact(sub)
			if s == nil || len(set)+len(s) > maxAnchors {
				return nil, false
			}
			set, fold = append(set, s...), fold || f
		}
		return set, fold
	case syntax.OpConcat:
		set = []string{""}
		for _, sub := range re.Sub {
			s, f := exact(sub)
			if s == nil {
				return nil, false
			}
			if set = cross(set, s); set == nil {
				return nil, false
			}
			fold = fold || f
		}
		return set, fold
	case syntax.OpEmptyMatch:
		return []string{""}, false
	}
	return nil, false
}

func fixedWidth(re *syntax.Regexp) int {
	lo, hi := widths(re)
	if lo != hi {
		return -1
	}
	return lo
}

func maxWidth(re *syntax.Regexp) int { _, hi := widths(re); return hi }

// widths returns the bytes of the shortest and of the longest match.
func widths(re *syntax.Regexp) (lo, hi int) {
	switch re.Op {
	case syntax.OpLiteral:
		n := len(string(re.Rune))
		return n, n
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1, 1
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			l, h := widths(sub)
			lo, hi = lo+l, hi+h
		}
	case syntax.OpAlternate:
		lo = math.MaxInt
		for _, sub := range re.Sub {
			l, h := widths(sub)
			lo, hi = min(lo, l), max(hi, h)
		}
	case syntax.OpCapture:
		return widths(re.Sub[0])
	case syntax.OpQuest:
		_, hi = widths(re.Sub[0])
	case syntax.OpStar:
		return 0, maxValue
	case syntax.OpRepeat:
		lo, hi = widths(re.Sub[0])
		if re.Max < 0 {
			return lo * re.Min, maxValue
		}
		return lo * re.Min, min(hi*re.Max, maxValue)
	case syntax.OpPlus:
		lo, _ = widths(re.Sub[0])
		return lo, maxValue
	}
	return lo, min(hi, maxValue)
}

// bits estimates the logarithm of how many strings of the shortest length match.
func bits(re *syntax.Regexp) float64 {
	sum := 0.0
	switch re.Op {
	case syntax.OpCharClass:
		n := 0
		for i := 0; i < len(re.Rune); i += 2 {
			n += int(min(re.Rune[i+1], 0x7e) - min(re.Rune[i], 0x7e) + 1)
		}
		return math.Log2(float64(max(n, 1)))
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			sum += bits(sub)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return bits(re.Sub[0])
	case syntax.OpRepeat:
		return float64(re.Min) * bits(re.Sub[0])
	case syntax.OpAlternate:
		sum = math.Inf(1)
		for _, sub := range re.Sub {
			sum = min(sum, bits(sub))
		}
	}
	return sum
}

func walkClasses(re *syntax.Regexp, visit func(lo, hi rune)) {
	if re.Op == syntax.OpCharClass && len(re.Rune) > 2 {
		for i := 0; i < len(re.Rune); i += 2 {
			visit(re.Rune[i], re.Rune[i+1])
		}
	}
	for _, sub := range re.Sub {
		walkClasses(sub, visit)
	}
}

// words splits a list as the tables write it.
func words(list string) []string { return strings.Fields(list) }
