package template

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

// Every class of attack is written in many ways, and each way once more with
// harmless words in place of the harmful: the twin must be clean, so that it is the
// meaning that is found and not the way of writing.

// class is a class of attacks.
type class struct {
	name     string
	rules    []string // any of them
	verdicts []asset.Verdict
	attack   []string
	twin     []string
}

// fill writes each form once with the words of the attack and once with harmless
// ones. The pairs are (placeholder, harmful, harmless).
func fill(forms []string, words ...[3]string) (attack, twin []string) {
	for _, f := range forms {
		a, b := f, f
		for _, w := range words {
			a, b = strings.ReplaceAll(a, w[0], w[1]), strings.ReplaceAll(b, w[0], w[2])
		}
		attack, twin = append(attack, a), append(twin, b)
	}
	return attack, twin
}

// spelled returns expressions and statements that put a name together.
func spelled(name string) (setup, expr []string) {
	add := func(s, e string) { setup, expr = append(setup, s), append(expr, e) }
	q := func(s string) string { return "'" + s + "'" }
	h := len(name) / 2
	a, b := name[:h], name[h:]
	reversed := []rune(name)
	slices.Reverse(reversed)
	var hex, uni, oct, codes, letters, chars []string
	for _, r := range name {
		hex = append(hex, fmt.Sprintf(`\x%02x`, r))
		uni = append(uni, fmt.Sprintf(`\u%04x`, r))
		oct = append(oct, fmt.Sprintf(`\%03o`, r))
		codes = append(codes, fmt.Sprint(r))
		letters = append(letters, q(string(r)))
		chars = append(chars, "%c")
	}
	add("", q(name))
	add("", q(a)+" ~ "+q(b))
	add("", q(a)+" + "+q(b))
	add("", q(a)+" "+q(b))
	add("", q(strings.Join(hex, "")))
	add("", q(strings.Join(uni, "")))
	add("", q(strings.Join(oct, "")))
	add("", q(string(reversed))+"[::-1]")
	add("", q(string(reversed))+"|reverse")
	add("", "["+strings.Join(letters, ",")+"]|join")
	add("", "''.join(["+strings.Join(letters, ",")+"])")
	add("", q(strings.ReplaceAll(name, "_", "X"))+"|replace('X','_')")
	add("", q(strings.ReplaceAll(name, "_", "X"))+".replace('X','_')")
	add("", "'%s%s'|format("+q(a)+","+q(b)+")")
	add("", "'%s%s' % ("+q(a)+","+q(b)+")")
	add("", q(strings.Join(chars, ""))+" % ("+strings.Join(codes, ",")+")")
	add("", "'{1}{0}'.format("+q(b)+","+q(a)+")")
	add("", "'{x}{y}'.format(y="+q(b)+",x="+q(a)+")")
	add("", "dict("+name+"=1)|list|first")
	add("", "dict("+name+"=1)|join")
	add("", q(strings.ToUpper(name))+"|lower")
	add("", q("abc"+name+"xyz")+"[3:-3]")
	add("", "('  "+name+"  '|trim)")
	add("", "'"+a+",,"+b+"'.split(',,')|join")
	add("{% set p = "+q(a)+" %}{% set p = p ~ "+q(b)+" %}", "p")
	add("{% set ns = namespace(p='') %}{% for c in ["+strings.Join(letters, ",")+"] %}{% set ns.p = ns.p ~ c %}{% endfor %}", "ns.p")
	add("{% set ns = namespace(p='') %}{% for c in "+q(string(reversed))+" %}{% set ns.p = c ~ ns.p %}{% endfor %}", "ns.p")
	add("{% macro m() %}"+a+"{% endmacro %}", "(m() ~ "+q(b)+")")
	add("{% macro m(x, y) %}{{ x }}{{ y }}{% endmacro %}", "m(y="+q(b)+", x="+q(a)+")")
	add("{% set p %}"+a+"{{ "+q(b)+" }}{% endset %}", "p")
	add("{% set p %}{% filter lower %}"+strings.ToUpper(name)+"{% endfilter %}{% endset %}", "p")
	add("{% if some_flag %}{% set p = 'x' %}{% else %}{% set p = "+q(name)+" %}{% endif %}", "p")
	add("{% set l = [] %}{% set _ = l.append("+q(a)+") %}{% set _ = l.append("+q(b)+") %}", "(l|join)")
	add("{% set d = {'k': ["+q("z")+", "+q(name)+"]} %}", "d.k[1]")
	add("{% set p, r = "+q(b)+", "+q(a)+" %}", "(r ~ p)")
	add("{% with p = "+q(name)+" %}{% set r = p %}{% endwith %}{% set r = "+q(name)+" %}", "r")
	return setup, expr
}

func codeClass() class {
	c := class{name: "code", rules: []string{ruleCode}, verdicts: []asset.Verdict{asset.Malicious}}
	setups, exprs := spelled("__globals__")
	harmless, twins := spelled("content")
	for i := range exprs {
		for _, use := range []string{"{{ BASE[NAME] }}", "{{ BASE|attr(NAME) }}"} {
			c.attack = append(c.attack, setups[i]+strings.NewReplacer("BASE", "cycler", "NAME", exprs[i]).Replace(use))
			c.twin = append(c.twin, harmless[i]+strings.NewReplacer("BASE", "messages[0]", "NAME", twins[i]).Replace(use))
		}
	}
	a, b := fill([]string{
		"{{ messages[0].NAME }}",
		"{{ messages|map(attribute='NAME')|list }}",
		"{{ messages|map(attribute='0.NAME')|list }}",
		"{{ messages|selectattr('NAME')|list }}",
		"{{ messages|sort(attribute='NAME')|length }}",
		"{{ messages|groupby('NAME')|length }}",
		"{{ messages|map('attr', 'NAME')|list }}",
		"{{ '{0.NAME}'.format(messages) }}",
		"{{ '{a[0].NAME}'.format(a=messages) }}",
		"{% set f = '{0.NA' ~ 'ME}' %}{{ f.format(messages) }}",
		"{% for m in messages %}{{ m.get('NAME') }}{{ m['NAME'] }}{% endfor %}",
		"{% set x = messages[0] %}{% set y = x.NAME %}{{ y }}",
		"{% macro m(x) %}{{ x.NAME }}{% endmacro %}{{ m(messages[0]) }}",
		"{% macro never() %}{{ messages[0].NAME }}{% endmacro %}",
		"{% if false %}{{ messages[0].NAME }}{% endif %}",
		"{% for i in [] %}{{ i }}{% else %}{{ messages[0].NAME }}{% endfor %}",
		"{{ messages[0].NAME if some_flag }}",
		"{{ '' if true else messages[0].NAME }}",
		"{% macro m() %}{{ caller(messages[0].NAME) }}{% endmacro %}{% call(x) m() %}{{ x }}{% endcall %}",
		"{% set x %}{{ messages[0].NAME }}{% endset %}",
		"{% filter upper %}{{ messages[0].NAME }}{% endfilter %}",
		"{% raw %}{{{% endraw %}{{ messages[0].NAME }}",
	}, [3]string{"NAME", "__subclasses__", "content"}, [3]string{"NA' ~ 'ME", "__subc' ~ 'lasses__", "con' ~ 'tent"})
	c.attack, c.twin = append(c.attack, a...), append(c.twin, b...)
	return c
}

func globalsClass() class {
	c := class{name: "globals", rules: []string{rulePrivate, ruleCode}, verdicts: []asset.Verdict{asset.Unverified, asset.Malicious}}
	for _, name := range []string{"lipsum", "self", "request", "config", "url_for", "get_flashed_messages", "os", "sys", "subprocess", "builtins", "importlib", "eval", "exec", "open", "getattr"} {
		for _, use := range []string{"{{ %s.x }}", "{{ %s('x') }}", "{%% set y = %s['x'] %%}", "{{ %s|attr('x') }}"} {
			c.attack = append(c.attack, fmt.Sprintf(use, name))
			c.twin = append(c.twin, "{% macro "+name+"(a) %}{% endmacro %}"+fmt.Sprintf(use, name), "The word "+name+" in a text, {{ '"+name+"' }} in a string.")
		}
	}
	c.attack = append(c.attack, "{{ cycler('a')._x }}", "{{ namespace()._Namespace__attrs }}", "{{ messages|attr(messages[0].content) }}", "{{ messages[0].content.format(messages) }}",
		"{{ messages[0].content|format(messages) }}", "{% set f = ''.format %}{{ f(messages) }}", "{{ ''|attr('format') }}", "{{ ['a']|map(messages[0].content)|list }}", "{{ messages.__class__ }}",
		"{{ x[y][z](1) }}", "{{ x.y.popen('z') }}", "{% set f = x[y] %}{{ f('z') }}", "{{ x[y]('a').read() }}", "{{ cycler['_' ~ a ~ '_in' ~ 'it_' ~ b ~ '_'] }}", "{{ x[('__init__'|tojson)[1:-1]] }}",
		"{{ x[('__init__abc')|truncate(8, true, '')] }}")
	c.twin = append(c.twin, "{{ cycler('a').next() }}", "{% set n = namespace(x=1) %}{{ n.x }}", "{{ '{} says'.format(messages[0].role) }}", "{{ '%s'|format(messages[0].content) }}", "{{ joiner(', ')() }}",
		"{% for k in args %}{{ args[k].strip() }}{% endfor %}", "{{ tools[i].items()|list }}", "{{ messages[i].content.split()[j].upper() }}", "{{ message['tool_' ~ x] }}", "{{ loop.cycle('a', 'b') if loop }}",
		"{{ x[('content'|tojson)[1:-1]] }}")
	return c
}

func explodeClass() class {
	c := class{name: "explode", rules: []string{ruleExplode, ruleComplex}, verdicts: []asset.Verdict{asset.Unverified, asset.Malicious}}
	c.attack, c.twin = fill([]string{
		"{% for i in range(BIG) %}x{% endfor %}",
		"{% for i in range(0, BIG) %}x{% endfor %}",
		"{% for i in range(BIG, 0, -1) %}x{% endfor %}",
		"{% set n = BIG %}{% for i in range(n) %}x{% endfor %}",
		"{% set n = MID * MID %}{% for i in range(n) %}x{% endfor %}",
		"{% for i in range(MID) %}{% for j in range(MID) %}x{% endfor %}{% endfor %}",
		"{% for m in messages %}{% for i in range(MID) %}{% for j in range(MID) %}x{% endfor %}{% endfor %}{% endfor %}",
		"{% for i in [1] * BIG %}x{% endfor %}",
		"{% for i in range(MID)|list %}{% for j in range(MID)|list %}x{% endfor %}{% endfor %}",
		"{% macro m() %}{% for j in range(MID) %}x{% endfor %}{% endmacro %}{% for i in range(MID) %}{{ m() }}{% endfor %}",
		"{% if messages %}{% for i in range(BIG) %}x{% endfor %}{% endif %}",
		"{{ 'x' * BIG }}",
		"{{ BIG * 'x' }}",
		"{% set s = 'x' * MID %}{{ s * MID }}",
		"{{ 'x'|center(BIG) }}",
		"{{ '%BIGd'|format(1) }}",
		"{{ '{:>BIG}'.format('x') }}",
		"{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(LOG) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
		"{% set ns = namespace(s='xxxxxxxx') %}{% for i in range(LOG) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}",
		"{% set ns = namespace(l=[1, 2]) %}{% for i in range(LOG) %}{% set ns.l = ns.l * 2 %}{% endfor %}{% for x in ns.l %}x{% endfor %}",
		"{{ 9 ** BIG }}",
		"{% macro m(n) %}{% if n > 0 %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(LOG) }}",
		"{% for i in ('x' * BIG) %}{{ i }}{% endfor %}",
		"{% for i in range(MID) if range(MID)|list %}{% for j in range(MID) %}{% endfor %}{% endfor %}",
	}, [3]string{"BIG", "3000000000", "30"}, [3]string{"MID", "99999", "9"}, [3]string{"LOG", "60", "3"})
	return c
}

func loadClass() class {
	c := class{name: "load", rules: []string{ruleLoad}, verdicts: []asset.Verdict{asset.Unverified}}
	for _, what := range []string{"'x.html'", "'/etc/x'", "name", "['a', 'b']", "'a' ~ 'b'"} {
		for _, tag := range []string{"{% extends WHAT %}", "{% include WHAT %}", "{% import WHAT as x %}", "{% from WHAT import x %}", "{%- include WHAT ignore missing -%}"} {
			tag = strings.ReplaceAll(tag, "WHAT", what)
			c.attack = append(c.attack, tag)
			c.twin = append(c.twin, "{% raw %}"+tag+"{% endraw %}", "{# "+tag+" #}")
		}
	}
	return c
}

func TestVariantsAndTwins(t *testing.T) {
	for _, c := range []class{codeClass(), globalsClass(), explodeClass(), loadClass(), poisonClass(), dependsClass(), rewriteClass(), hiddenClass()} {
		t.Run(c.name, func(t *testing.T) {
			if len(c.attack) < 20 || len(c.twin) < 20 && c.name != "globals" {
				t.Errorf("%d variants and %d twins, want 20", len(c.attack), len(c.twin))
			}
			for _, src := range c.attack {
				r := artifacttest.Scan(t, New(), "chat_template.jinja", []byte(src))
				if !slices.ContainsFunc(r.Rules(), func(id string) bool { return slices.Contains(c.rules, id) }) || !slices.Contains(c.verdicts, r.Verdict) {
					t.Errorf("missed: %s\n  %s %v %v %v", src, r.Verdict, r.Rules(), r.Messages(), r.Errors)
				}
			}
			for _, src := range c.twin {
				r := artifacttest.Scan(t, New(), "chat_template.jinja", []byte(src))
				if r.Verdict != asset.OK || len(r.Findings) > 0 {
					t.Errorf("false alarm: %s\n  %s %v %v", src, r.Verdict, r.Messages(), r.Errors)
				}
			}
			t.Logf("%d variants, %d twins", len(c.attack), len(c.twin))
		})
	}
}
