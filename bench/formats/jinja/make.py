"""Write what Jinja's own parser makes of templates, for the test of ours:
python make.py ../../../engine/jinja/testdata/parse.json
"""
import json
import sys
from importlib.metadata import version

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension


class Generation(Extension):
    """The block that chat templates mark the assistant's part with."""
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.Scope(body, lineno=line)


ENV = jinja2.Environment(extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do", Generation])

EXPRESSIONS = """
a | a.b | a.b.c | a[0] | a['b'] | a[1:2] | a[::-1] | a[:, 1] | a[1, 2] | a[1:, ::2] | a.0 | a.b() | a.b(1, x=2, *c, **d)
'x' | "a" "b" 'c' | 'it\\'s' | '\\x41\\u00e9\\n\\101' | 1 | 1.5 | 1e3 | 1_000 | 0x1f | 0o17 | 0b101 | true | False | none | None
-a | +a | --a | -a.b | -a|abs | not a | not not a | a + b - c | a * b / c // d % e | a ** b ** c | -a ** b | 2 ** -1
a ~ b ~ c | a ~ b + c | a + b ~ c | a * b ~ c | a == b | a != b < c | a in b | a not in b | not a in b | a == b == c
a and b or c | a or b and not c | a if b else c | a if b | a if b else c if d else e | (a if b else c) if d else e
a|f | a|f|g | a|f(1) | a|f(1, x=2)|g | a|f.g | a.b|f | a|f.b | (a|f).b | a|f == b | a + b|f | -a|f | not a|f
a is defined | a is not defined | a is divisibleby 3 | a is divisibleby(3) | a is eq 'x' | a is eq b.c | a is in [1, 2] | a is defined and b | a is none or b | a is defined == b
x if a is defined else y | a is string and a is not none | not a is defined | a|f is defined | a is eq {'b': 1} | a is sameas false
[] | [1] | [1, 2,] | () | (1,) | (1, 2) | 1, 2 | 1, | {} | {'a': 1} | {'a': 1, b: [2]} | {'a': {'b': {}}} | [a for] | {'a'} | {'a': }
f() | f(a) | f(a, b,) | f(*a) | f(**a) | f(a=1, b) | f(a)(b) | f(a).b | f(a)|g | ''.join(a) | 'x'.format(1) | (a, b)[0] | [1][0] | {'a': 1}['a'] | {'a': 1}.a
a b | a. | a.| a[ | a[] | (a | a) | a ++ b | a = b | a === b | a && b | a ? b : c | a; b | | 'x | 1.x | 1. | a.1.2 | @ | a | | a|1 | a is | a is 1 | a if | a not b | lambda | a.b.0.c
loop.index0 % 2 == 0 | messages[0]['role'] == 'system' | messages[-1:][0].content | ns.a ~ (b | trim) | {'role': 'user', 'content': c}|tojson(indent=4)
'%s %s'|format(a, b) | a['x' ~ y] | a[b['c']]['d'] | a|selectattr('role', 'equalto', 'user')|list | a|map(attribute='b')|join(', ') | range(10)|list | namespace(a=1, b='')
"""

TEMPLATES = [
    "text", "", "a{b}c", "{ { a } }", "{{ a }}{{ b }}", "{# c #}", "{#- c -#}", "{# open", "{{ open", "{% if a", "a {{- b -}} c", "a {%- if b -%} c {%- endif -%} d",
    "{%+ if a +%}x{% endif %}", "{% raw %}{{ a }}{% endraw %}", "{%- raw -%} {{ a }} {%- endraw -%}", "{% raw %}", "{% raw %}{% endraw", "{{ '}}' }}", "{{ {'a': {}} }}", "{{ {'a': {}}}}",
    "{% if a %}b{% endif %}", "{% if a %}b{% else %}c{% endif %}", "{% if a %}b{% elif c %}d{% elif e %}f{% else %}g{% endif %}", "{% if a %}", "{% endif %}", "{% if %}{% endif %}",
    "{% if a, b %}x{% endif %}", "{% for a in b %}c{% endfor %}", "{% for a in b %}c{% else %}d{% endfor %}", "{% for a, b in c.items() %}d{% endfor %}", "{% for (a, b) in c %}d{% endfor %}",
    "{% for a in b if a.c %}d{% endfor %}", "{% for a in b recursive %}{{ loop(a) }}{% endfor %}", "{% for a in b if c recursive %}{% endfor %}", "{% for a in 1, 2 %}{% endfor %}", "{% for a in b if c else d %}{% endfor %}",
    "{% for a.b in c %}{% endfor %}", "{% for in b %}{% endfor %}", "{% for a of b %}{% endfor %}", "{% for a in b %}{% break %}{% endfor %}", "{% for a in b %}{% continue %}{% endfor %}",
    "{% set a = 1 %}", "{% set a, b = 1, 2 %}", "{% set a.b = 1 %}", "{% set a %}b{% endset %}", "{% set a | upper %}b{% endset %}", "{% set a = b if c %}", "{% set %}", "{% set a = %}", "{% set a == b %}",
    "{% macro m(a, b=1) %}c{% endmacro %}", "{% macro m() %}{% endmacro m %}", "{% macro m %}{% endmacro %}", "{% call m(1) %}a{% endcall %}", "{% call(x) m() %}{{ x }}{% endcall %}", "{% call m %}{% endcall %}",
    "{% filter upper %}a{% endfilter %}", "{% filter upper|trim %}a{% endfilter %}", "{% filter replace('a', 'b') %}a{% endfilter %}", "{% with a = 1, b = 2 %}c{% endwith %}", "{% with %}c{% endwith %}",
    "{% block a %}b{% endblock %}", "{% block a scoped %}b{% endblock a %}", "{% extends 'a' %}", "{% include 'a' %}", "{% include 'a' ignore missing with context %}", "{% include ['a', 'b'] %}",
    "{% import 'a' as b %}", "{% from 'a' import b %}", "{% from 'a' import b as c, d with context %}", "{% import 'a' %}", "{% do a.append(1) %}", "{% generation %}a{% endgeneration %}", "{% generation %}",
    "{% autoescape true %}a{% endautoescape %}", "{% unknown %}", "{% if a %}{% for b in c %}{% if d %}e{% endif %}{% endfor %}{% endif %}", "{% if a %}{% endfor %}", "{% for a in b %}{% endif %}",
    "{%if a%}b{%endif%}", "{{a}}", "{{-a-}}", "{%-if a-%}b{%-endif-%}", "{% if a ; %}{% endif %}", "{% set a = [\n 1,\n 2\n] %}", "{% if a -%}\n b\n{%- endif %}",
]


def expr(n):
    c = type(n).__name__
    if n is None:
        return "-"
    f = {
        "Name": lambda: n.name, "Const": lambda: json.dumps(n.value, ensure_ascii=True), "TemplateData": lambda: json.dumps(n.data),
        "List": lambda: call("list", *n.items), "Tuple": lambda: call("list", *n.items),
        "Dict": lambda: "(dict" + "".join(f" {expr(p.key)} {expr(p.value)}" for p in n.items) + ")",
        "Getattr": lambda: f"(. {expr(n.node)} {n.attr})", "Getitem": lambda: f"([] {expr(n.node)} {expr(n.arg)})",
        "Slice": lambda: f"(slice {expr(n.start)} {expr(n.stop)} {expr(n.step)})",
        "Call": lambda: f"(call {expr(n.node)}{args(n)})",
        "Filter": lambda: f"(| {expr(n.node)} {n.name}{args(n)})", "Test": lambda: f"(is {expr(n.node)} {n.name}{args(n)})",
        "Not": lambda: f"(not {expr(n.node)})", "Neg": lambda: f"(- {expr(n.node)})", "Pos": lambda: f"(+ {expr(n.node)})",
        "Concat": lambda: call("~", *n.nodes), "And": lambda: call("and", n.left, n.right), "Or": lambda: call("or", n.left, n.right),
        "CondExpr": lambda: f"(if {expr(n.test)} {expr(n.expr1)} {expr(n.expr2)})",
        "Compare": lambda: "(cmp " + expr(n.expr) + "".join(f" {OPS[o.op]} {expr(o.expr)}" for o in n.ops) + ")",
        "NSRef": lambda: f"(. {n.name} {n.attr})",
    }
    ops = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}
    if c in ops:
        return call(ops[c], n.left, n.right)
    return f[c]()


OPS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">=", "in": "in", "notin": "not-in"}


def call(name, *xs):
    return "(" + name + "".join(" " + expr(x) for x in xs) + ")"


def args(n):
    out = [expr(a) for a in n.args or []] + [f"{k.key}={expr(k.value)}" for k in n.kwargs or []]
    if n.dyn_args:
        out.append("*" + expr(n.dyn_args))
    if n.dyn_kwargs:
        out.append("**" + expr(n.dyn_kwargs))
    return "".join(" " + a for a in out)


def accepted(src):
    try:
        return ENV.parse(src)
    except jinja2.TemplateSyntaxError:
        return None


cases = []
for line in EXPRESSIONS.strip().splitlines():
    for e in line.split(" | "):
        src = "{{ " + e.strip() + " }}"
        tree = accepted(src)
        dump = ""
        if tree is not None:
            out = tree.body[0]
            dump = expr(out.nodes[0]) if out.nodes else ""
        cases.append({"src": src, "ok": tree is not None, "dump": dump})
for src in TEMPLATES:
    cases.append({"src": src, "ok": accepted(src) is not None, "dump": ""})
if __name__ == "__main__":
    with open(sys.argv[1], "w") as f:
        json.dump({"library": "jinja2 " + version("jinja2"), "cases": cases}, f, indent=0)
        f.write("\n")
    print(len(cases))
