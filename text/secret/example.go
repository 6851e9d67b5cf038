package secret

import (
	"math/rand/v2"
	"regexp/syntax"
)

// Example makes a value of the type that passes its check. It comes from a
// generator with the given seed, and opens nothing.
func (t *Type) Example(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, uint64(len(t.ID))))
	re, err := syntax.Parse(t.Pattern, syntax.Perl)
	if err != nil {
		return "" // the table is tested
	}
	v := generate(re, r)
	if t.Fix != nil {
		v = t.Fix(v)
	}
	return v
}

// generate makes a random string that a pattern matches.
func generate(re *syntax.Regexp, r *rand.Rand) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		n := 0
		for i := 0; i < len(re.Rune); i += 2 {
			n += int(re.Rune[i+1]-re.Rune[i]) + 1
		}
		k := r.IntN(n)
		for i := 0; i < len(re.Rune); i += 2 {
			if w := int(re.Rune[i+1]-re.Rune[i]) + 1; k < w {
				return string(re.Rune[i] + rune(k))
			} else {
				k -= w
			}
		}
	case syntax.OpConcat:
		s := ""
		for _, sub := range re.Sub {
			s += generate(sub, r)
		}
		return s
	case syntax.OpAlternate:
		return generate(re.Sub[r.IntN(len(re.Sub))], r)
	case syntax.OpCapture:
		return generate(re.Sub[0], r)
	case syntax.OpQuest:
		if r.IntN(2) == 0 {
			return generate(re.Sub[0], r)
		}
	case syntax.OpRepeat:
		n := re.Min
		if re.Max > n {
			n += r.IntN(re.Max - n + 1)
		} else if re.Max < 0 {
			n += r.IntN(40)
		}
		s := ""
		for range n {
			s += generate(re.Sub[0], r)
		}
		return s
	case syntax.OpStar, syntax.OpPlus:
		s := generate(re.Sub[0], r)
		for r.IntN(4) > 0 {
			s += generate(re.Sub[0], r)
		}
		return s
	}
	return ""
}
