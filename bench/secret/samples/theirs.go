//go:build linux

package main

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/merlon-security/merlon/bench/secret/formats"
)

// fromRules makes samples of what the rules of a gitleaks.toml describe: of the group
// that is the value, under a name of the keyword.
func (c *corpus) fromRules(file string) error {
	var doc struct {
		Rules []struct {
			ID          string
			Regex       string
			SecretGroup int
			Keywords    []string
		}
	}
	if _, err := toml.DecodeFile(file, &doc); err != nil {
		return err
	}
	for _, rule := range doc.Rules {
		re, err := syntax.Parse(rule.Regex, syntax.Perl)
		if rule.Regex == "" || err != nil {
			continue
		}
		value := group(re, max(1, rule.SecretGroup))
		name := "TOKEN"
		if value == nil {
			value = re // all of it is the value
		} else if len(rule.Keywords) > 0 && strings.Contains(rule.Regex, "[\\w.-]{0,50}?") {
			name = strings.ToUpper(strings.Map(func(c rune) rune {
				if c == '-' || c == '.' || c == ' ' {
					return '_'
				}
				return c
			}, strings.Trim(rule.Keywords[0], "-_."))) + "_API_TOKEN"
		}
		for _, ctx := range formats.Contexts() {
			if err := c.add(rule.ID, ctx, func(r *rand.Rand) (string, string) { return name, strings.TrimSpace(generate(value, r)) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// group returns the n-th group of an expression.
func group(re *syntax.Regexp, n int) *syntax.Regexp {
	if re.Op == syntax.OpCapture && re.Cap == n {
		return re.Sub[0]
	}
	for _, sub := range re.Sub {
		if g := group(sub, n); g != nil {
			return g
		}
	}
	return nil
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// generate makes a string that an expression matches. Where either case is matched,
// chance chooses.
func generate(re *syntax.Regexp, r *rand.Rand) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return letters[r.IntN(len(letters)):][:1]
	case syntax.OpCharClass:
		var set []rune
		for i := 0; i < len(re.Rune); i += 2 {
			for c := re.Rune[i]; c <= min(re.Rune[i+1], 0x7e); c++ {
				if c > ' ' {
					set = append(set, c)
				}
			}
		}
		if len(set) == 0 {
			return " "
		}
		return string(set[r.IntN(len(set))])
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(generate(sub, r))
		}
		return b.String()
	case syntax.OpAlternate:
		return generate(re.Sub[r.IntN(len(re.Sub))], r)
	case syntax.OpCapture:
		return generate(re.Sub[0], r)
	case syntax.OpQuest:
		if r.IntN(2) == 0 {
			return generate(re.Sub[0], r)
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		low, high := re.Min, re.Max
		if re.Op != syntax.OpRepeat {
			low, high = 1, 12
		}
		if high < 0 {
			high = low + 12
		}
		var b strings.Builder
		for range low + r.IntN(high-low+1) {
			b.WriteString(generate(re.Sub[0], r))
		}
		return b.String()
	}
	return ""
}
