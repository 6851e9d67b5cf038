package python

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Inputs made to break a parser end in bounded time with a tree.
func TestHostile(t *testing.T) {
	const n = 10000
	lines := func(s string) string { return strings.Repeat(s, n) }
	deep := func(f string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i))
			b.WriteString(f)
		}
		return b.String()
	}
	for _, tt := range []struct {
		name, src string
		errors    bool
	}{
		{"parentheses", "x = " + lines("(") + lines(")"), true},
		{"brackets", "x = " + lines("["), true},
		{"braces", lines("{"), true},
		{"mixed brackets", lines("([{"), true},
		{"closing", lines(")]}"), true},
		{"indentation", deep("if x:\n"), true},
		{"not", lines("not ") + "x", true},
		{"minus", lines("-") + "x", true},
		{"power", lines("x**") + "x", true},
		{"lambda", lines("lambda:") + "x", true},
		{"conditional", lines("x if y else ") + "x", true},
		{"await", lines("await ") + "x", true},
		{"sum", "x = " + lines("1+") + "1", false},
		{"attributes", "x" + lines(".a"), false},
		{"calls", "x" + lines("()"), false},
		{"calls on lines", "(x" + lines("\n.a()") + ")", false},
		{"too long a sum", "x = " + strings.Repeat("1+", 60000) + "1", true},
		{"elif", "if x: pass\n" + lines("elif x: pass\n"), false},
		{"comparison", lines("x<") + "x", false},
		{"assignment", lines("x=") + "x", false},
		{"strings", "x = " + lines("'a' "), false},
		{"f-strings", "x = " + lines("f'{a}' "), false},
		{"f-strings nested", lines("f'{") + "x" + lines("}'"), true},
		{"specifications nested", "f'" + lines("{x:") + "x" + lines("}") + "'", true},
		{"f-strings open", lines("f'{\n"), true},
		{"f-strings open in brackets", lines("f'''{(\n"), true},
		{"triple quotes", "'''" + lines("\"\"\"\n"), true},
		{"brackets on lines", lines("(\n"), true},
		{"errors in brackets on lines", lines("(a b\n"), true},
		{"errors before a statement", lines("(a b\ndef\n"), true},
		{"one line", lines("x=1;"), false},
		{"continuation", "x = " + lines("\\\n") + "1", false},
		{"continuation at the start", lines(" \\\n") + "x", true},
		{"decorators", lines("@a\n") + "def f(): pass", false},
		{"patterns", "match x:\n    case " + lines("("), true},
		{"or-patterns", "match x:\n    case 1" + lines("|1") + ": pass\n", false},
		{"parameters", "def f(" + lines("a,") + "): pass", false},
		{"with", "with " + lines("a as b, ") + "c: pass", false},
		{"with in parentheses", "with (" + lines("a as b, ") + "c): pass", false},
		{"templates", lines("{{ a }}\n{% if b %}\n"), true},
		{"NUL", strings.Repeat("\x00", n), true},
		{"NUL between", lines("x\x00"), true},
		{"not UTF-8", lines("\xff\xfe x\n"), true},
		{"UTF-16", "\xff\xfe" + lines("x\x00"), true},
		{"binary", strings.Repeat("\x7fELF\x02\x01\x01\x00\x80\xff\"'", n), true},
		{"form feeds", lines("\f"), false},
		{"carriage returns", lines("\r"), false},
		{"carriage returns in a string", "'''" + lines("\r\\\r\n") + "'''", false},
		{"backslash at the end", "x\\", true},
		{"f-string at the end", "f'{", true},
		{"prefix at the end", "f", false},
		{"number at the end", "0x", true},
		{"except", "try: x\n" + lines("except a: b\n"), false},
		{"Python 2", lines("print 'a'\n"), true},
		{"global", "global x" + lines(",x"), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := Parse([]byte(tt.src))
			check(t, tree)
			if got := tree.ErrorCount() > 0; got != tt.errors {
				t.Errorf("errors = %v, want %v: %v", got, tt.errors, tree.Errors())
			}
			if len(tree.Errors()) > MaxErrors {
				t.Errorf("%d errors kept", len(tree.Errors()))
			}
		})
	}
}

// check holds a tree to what every tree promises.
func check(t *testing.T, tree *Tree) {
	t.Helper()
	seen := 0
	tree.Walk(tree.Module(), func(n Node) bool {
		seen++
		if s, e := tree.Start(n), tree.End(n); s < 0 || s > e || e > len(tree.src) {
			t.Fatalf("%s at %d to %d of %d bytes", tree.Kind(n), s, e, len(tree.src))
		}
		if seen > tree.Len() {
			t.Fatal("more nodes below the module than there are: not a tree")
		}
		tree.String(n)
		return true
	})
	for _, e := range tree.errors {
		if e.Offset < 0 || e.Offset > len(tree.src) || e.Line < 1 || e.Message == "" {
			t.Fatalf("error %+v", e)
		}
	}
	b := Resolve(tree, ModuleInfo{Name: "a.b"})
	tree.Walk(tree.Module(), func(n Node) bool {
		if k := tree.Kind(n); k == KindCall || k == KindAttribute || k == KindName {
			b.Qualified(n)
		}
		return true
	})
	for _, n := range tree.Body() {
		if v := tree.Value(n); v != 0 {
			b.Fold(v)
		}
	}
}

// Doubling a file does not change what a byte costs in memory, and everything of a
// file of 50 MB is there.
func TestLarge(t *testing.T) {
	var b bytes.Buffer
	statements := 0
	for b.Len() < 50<<20 {
		fmt.Fprintf(&b, "def generated_%d(self, value=%d):\n    return {'key': [value, self.data[%d]], 'text': f'{value!r} of %d'}\n\n\n", statements, statements, statements, statements)
		statements++
	}
	tree := Parse(b.Bytes())
	if tree.ErrorCount() > 0 || len(tree.Body()) != statements {
		t.Fatalf("%d errors, %d of %d functions", tree.ErrorCount(), len(tree.Body()), statements)
	}
	if per := float64(tree.Memory()) / float64(b.Len()); per > 8 {
		t.Errorf("%.1f bytes are kept for each byte of the file", per)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"x = f'{a!r:>{b}}' 'c'\n", "match x:\n    case {'a': [b, *c]} if d: pass\n", "def f[T: int = str](a, /, *b: *c, **d) -> e: pass\n",
		"try:\n  a\nexcept* b as c: d\nfinally: e\n", "with (a as b, c): d\n", "print 'x' % y, `z`\n", "type X[*T] = [y for y in z]\n",
		"@a\nasync def f():\n\treturn await x\n", "import a.b as c, d\nfrom .. import *\nl = c.e(*f, **g)\n", "{{ x }}\n(\ndef f(:\n  '''", "t'{a = }{b:{c}}'\n",
		"class A(B, c=d):\n  x: int = 1\n  global y\n  y += lambda a, *, b=1: (yield)\n", "# coding: gbk\n'\xd6\xd0'\r\rx\\\r\n= 1\x00",
		"'%s %d' % ('a', 1) + 'b'.join(['c', 'd'])[::-1] * 3\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		tree := Parse(src)
		check(t, tree)
		again := Parse(src)
		if again.Len() != tree.Len() || again.ErrorCount() != tree.ErrorCount() {
			t.Fatalf("parsed twice: %d and %d nodes, %d and %d errors", tree.Len(), again.Len(), tree.ErrorCount(), again.ErrorCount())
		}
		for i := range tree.nodes {
			if tree.nodes[i] != again.nodes[i] {
				t.Fatalf("node %d differs when parsed twice", i)
			}
		}
	})
}
