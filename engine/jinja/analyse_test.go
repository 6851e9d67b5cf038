package jinja

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func analyse(t *testing.T, src string) *Report {
	t.Helper()
	tree, err := Parse(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return Analyse(tree)
}

// says joins what a template puts out whatever happens.
func says(r *Report) string {
	var b strings.Builder
	for _, t := range r.Texts {
		b.WriteString(t.Text)
		b.WriteByte('|')
	}
	return strings.TrimSuffix(b.String(), "|")
}

// What a template makes from constants is the same here as in Jinja (the results
// are those of Jinja 3.1.6).
func TestConstantsAreFolded(t *testing.T) {
	for src, want := range map[string]string{
		"'a' ~ 1 ~ true ~ none":                    "a1TrueNone",
		"'abc'[::-1]":                              "cba",
		"'abcdef'[1:-1:2]":                         "bd",
		"'abcdef'[-2:]":                            "ef",
		"[1,2,3][::-1]|join('-')":                  "3-2-1",
		"'%s-%d'|format('a', 7)":                   "a-7",
		"'%c%c' % (72, 105)":                       "Hi",
		"'%(a)s%%' % {'a': 'x'}":                   "x%",
		"'{} {}'.format(1, 2)":                     "1 2",
		"'{1}{0}{{}}'.format('a', 'b')":            "ba{}",
		"'{x[0]}'.format(x=['q'])":                 "q",
		"'a,b'.split(',')|last":                    "b",
		"('hello World'|title).swapcase()":         "hELLO wORLD",
		"'hELLO'|capitalize":                       "Hello",
		"'x' * 3":                                  "xxx",
		"7 // 2 ~ -7 // 2 ~ -7 % 3":                "3-42",
		"2 ** 10":                                  "1024",
		"[1, 2] + [3]|list":                        "",
		"'a' if 1 < 2 < 3 else 'b'":                "a",
		"'a' if 'x' in 'xyz' and not false else 1": "a",
		"{'a': {'b': 'c'}}.a['b']":                 "c",
		"{'a': 1, 'b': 2}|join":                    "ab",
		"dict(a='x')['a']":                         "x",
		"[['a', 'b'], ['c']]|map('first')|join":    "ac",
		"['b', 'A', 'c']|sort|join":                "Abc",
		"'  x '|trim ~ 'y'":                        "xy",
		"'aXb'|replace('X', '')|upper":             "AB",
		"'ab'|list|reverse|join('.')":              "b.a",
		"(1, 2, 3)|length":                         "3",
		"'a' 'b' ~ \"c\"":                          "abc",
		"'\\x41\\u0042\\103'":                      "ABC",
		"range(3)|join":                            "012",
		"range(5, 0, -2)|join":                     "531",
		"'5'|int + 1":                              "6",
		"[0, 1, 2][1:]|first":                      "1",
		"'abc'|first ~ 'abc'[-1]":                  "ac",
		"joiner('x')()|replace('x', '')":           "",
		"'{:c}'.format(65)":                        "A",
	} {
		if got := says(analyse(t, "{{ "+src+" }}")); got != want && want != "" {
			t.Errorf("%s: %q, want %q", src, got, want)
		}
	}
}

func TestStatementsAreFollowed(t *testing.T) {
	for src, want := range map[string]string{
		"{% set a = 'x' %}{% for i in range(3) %}{{ a ~ i }}{% endfor %}":                              "x0|x1|x2",
		"{% for a, b in [('x', 'y')] %}{{ b ~ a }}{% endfor %}":                                        "yx",
		"{% for k, v in {'a': 'b'}.items() %}{{ k ~ v }}{% endfor %}":                                  "ab",
		"{% for i in [1, 2, 3] if i != 2 %}{{ i }}{% else %}none{% endfor %}":                          "1|3",
		"{% for i in [] %}x{% else %}none{% endfor %}":                                                 "none",
		"{% for i in [1, 2, 3] %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}":             "1",
		"{% for i in [1, 2, 3] %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}":          "1|3",
		"{% for c in 'ab' %}{{ loop.index ~ c ~ loop.last }}{% endfor %}":                              "1aFalse|2bTrue",
		"{% set n = namespace(s='') %}{% for c in 'ab' %}{% set n.s = c ~ n.s %}{% endfor %}{{ n.s }}": "ba",
		"{% macro m(a, b='y') %}{{ a ~ b }}{% endmacro %}{{ m('x') ~ m(b='q', a='p') }}":               "xypq",
		"{% macro m() %}[{{ caller('x') }}]{% endmacro %}{% call(v) m() %}{{ v }}y{% endcall %}":       "[xy]",
		"{% set a %}x{{ 'y' }}{% endset %}{{ a|upper }}":                                               "XY",
		"{% set a | upper %}x{% endset %}{{ a }}":                                                      "X",
		"{% filter upper|replace('A', 'B') %}xa{% endfilter %}":                                        "XB",
		"{% with a = 'x' %}{{ a }}{% endwith %}":                                                       "x",
		"{% if false %}a{% elif true %}b{% else %}c{% endif %}":                                        "b",
		"{% set l = [] %}{% set _ = l.append('x') %}{% do l.append('y') %}{{ l|join }}":                "xy",
		"a{% raw %}{{ b }}{% endraw %}c{# d #}":                                                        "a|{{ b }}|c",
		"a {{- 'b' -}} c":                                                                              "a|b|c",
		"{% block x %}a{% endblock %}{% generation %}b{% endgeneration %}":                             "a|b",
	} {
		if got := says(analyse(t, src)); got != want {
			t.Errorf("%s: %q, want %q", src, got, want)
		}
	}
}

func TestConditionsTravelWithTexts(t *testing.T) {
	r := analyse(t, "{% for m in messages %}{% set x = 'p' %}{% if 'w' in m.content %}{% set x = 'q' %}{% endif %}{{ 'always' ~ x }}{% endfor %}{% if flag %}f{% endif %}")
	got := map[string][]string{}
	for _, e := range r.Texts {
		for _, c := range e.Conds {
			got[e.Text] = append(got[e.Text], c.Triggers...)
		}
		if len(e.Conds) == 0 {
			got[e.Text] = nil
		}
	}
	if _, ok := got["f"]; !ok || got["f"] != nil {
		t.Error("a flag of the caller counts as a condition on content")
	}
	if diff := cmp.Diff([]string{"w"}, got["q"]); diff != "" {
		t.Error(diff)
	}
	if got["always"] != nil {
		t.Errorf("a text beside one that depends on content depends on it too: %v", got["always"])
	}
}

func TestTheSystemMessageIsTold(t *testing.T) {
	r := analyse(t, "{% if messages[0].role == 'system' %}{% if 'w' in messages[0].content %}a{% endif %}{% endif %}{% if 'w' in messages[1].content %}b{% endif %}")
	kinds := map[string]CondKind{}
	for _, e := range r.Texts {
		kinds[e.Text] = e.Conds[0].Kind
	}
	if diff := cmp.Diff(map[string]CondKind{"a": CondSystem, "b": CondContent}, kinds); diff != "" {
		t.Error(diff)
	}
}

// However much a template computes, the walk ends, with little memory, and says
// that it is not complete.
func TestTheWalkIsBounded(t *testing.T) {
	nested := func(n int, tag, body string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, tag, i)
		}
		return b.String() + body + strings.Repeat("{% endfor %}", n)
	}
	var vars strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&vars, "{%% set v%d = 'x' %%}", i)
	}
	for name, src := range map[string]string{
		"unknown loops":  nested(60, "{%% for a%d in messages %%}", "{{ x }}"),
		"known loops":    nested(8, "{%% for a%d in range(100) %%}", "{{ x }}"),
		"long strings":   "{% set s = 'x' * 16000 %}{% for i in range(2000) %}{% for j in range(2000) %}{% set t = s ~ j %}{% endfor %}{% endfor %}",
		"long lists":     "{% set l = [1] * 4000 %}{% for i in range(2000) %}{% for j in range(2000) %}{% set m = l + [j] %}{% endfor %}{% endfor %}",
		"many texts":     "{% set s = 'x' * 16000 %}{% for i in range(2000) %}{% for j in range(2000) %}{{ s ~ i ~ j }}{% endfor %}{% endfor %}",
		"many branches":  vars.String() + strings.Repeat("{% if f %}{% set v1 = 'y' %}{% endif %}", 20_000),
		"macros":         "{% macro m(n) %}{% for i in messages %}{{ m(n ~ 'x') }}{{ m(n ~ 'y') }}{% endfor %}{% endmacro %}{{ m('a') }}",
		"map over a map": "{% for i in range(2000) %}{% for j in range(2000) %}{% set x = 'abc'|list|map('upper')|map('lower')|join %}{% endfor %}{% endfor %}",
	} {
		t.Run(name, func(t *testing.T) {
			if r := analyse(t, src); !r.Incomplete {
				t.Error("walked to the end")
			}
		})
	}
}
