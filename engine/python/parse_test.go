package python

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A broken statement costs itself and nothing else.
func TestBrokenStatements(t *testing.T) {
	for _, tt := range []struct {
		name, src string
		want      []string // kinds and names of the module's statements
		errors    []string
	}{
		{"clean", "x = 1\ndef f(): pass\n", []string{"Assign", "FunctionDef f"}, nil},
		{"statement", "x = = 1\ny = 2\n", []string{"Bad", "Assign"}, []string{"1:4 invalid syntax"}},
		{"header keeps its block", "def f(:\n    a()\n    b()\ndef g(): pass\n", []string{"Bad(Expr Expr)", "FunctionDef g"}, []string{"1:5 '(' was never closed"}},
		{"unclosed bracket", "x = foo(1,\ndef g():\n    pass\ny = 1\n", []string{"Bad", "FunctionDef g", "Assign"}, []string{"1:7 '(' was never closed"}},
		{"unclosed f-string", "x = f\"{a\ndef g():\n    pass\n", []string{"Bad", "FunctionDef g"}, []string{"1:6 '{' was never closed"}},
		{"unterminated string", "x = 'abc\ny = 1\n", []string{"Bad", "Assign"}, []string{"1:4 unterminated string literal"}},
		{"unterminated docstring", "def f():\n    '''doc\n    return 1\ny = 1\n", []string{"FunctionDef f", "Assign"}, []string{"2:4 unterminated triple-quoted string literal"}},
		{"unexpected indent", "x = 1\n    y = 2\nz = 3\n", []string{"Assign", "Bad(Assign)", "Assign"}, []string{"2:4 unexpected indent"}},
		{"missing block", "if x:\ny = 1\n", []string{"If", "Assign"}, []string{"1:5 expected an indented block"}},
		{"try alone", "try:\n    a()\nb = 1\n", []string{"Bad(Expr)", "Assign"}, []string{"3:0 expected 'except' or 'finally' block"}},
		{"orphan else", "else:\n    a()\nb = 1\n", []string{"Bad(Expr)", "Assign"}, []string{"1:0 invalid syntax"}},
		{"template", "x = {{ cookiecutter.name }}\n{% if a %}\ny = 1\n", []string{"Assign", "Bad", "Assign"}, []string{"2:1 invalid syntax"}},
		{"NUL", "x = 1\n\x00\x00\ny = 1\n", []string{"Assign", "Bad", "Assign"}, []string{"2:0 source code cannot contain null bytes"}},
		{"Python 2", "print 'a', b\nexec code in ns\nraise E, 'x'\ntry:\n  f()\nexcept E, e:\n  x = `y`\n", []string{"Expr", "Expr", "Raise", "Try"},
			[]string{"1:0 Missing parentheses in call to 'print'", "2:0 Missing parentheses in call to 'exec'", "3:6 raise with a comma is Python 2", "7:6 backquotes are Python 2: use repr()"}},
		{"Python 2 parameters", "def f(a, (b, c)=d, e=1): pass\nx = 0777 + 1L\n", []string{"FunctionDef f", "Assign"},
			[]string{"1:9 tuple parameters are Python 2", "2:4 leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers", "2:11 the suffix L is Python 2"}},
		{"decorator without function", "@a\nx = 1\ny = 2\n", []string{"Bad", "Assign", "Assign"}, []string{"2:0 expected a function or class after decorators"}},
		{"case without match", "match x:\n    case 1: a()\n    b()\n    case 2: c()\ny = 1\n", []string{"Match", "Assign"}, []string{"3:4 expected 'case'"}},
		{"bad dedent", "if a:\n        b()\n    c()\nd = 1\n", []string{"If", "Expr", "Assign"}, []string{"3:4 unindent does not match any outer indentation level"}},
		{"merge conflict", "x = 1\n<<<<<<< HEAD\ny = 1\n=======\ny = 2\n>>>>>>> b\n", []string{"Assign", "Bad", "Assign", "Bad", "Assign", "Bad"}, []string{"2:0 invalid syntax", "4:0 invalid syntax", "6:0 invalid syntax"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := Parse([]byte(tt.src))
			var got, errs []string
			for _, n := range tree.Body() {
				s := strings.TrimSpace(tree.Kind(n).String() + " " + tree.Name(n))
				if l := tree.List(n); tree.Kind(n) == KindBad && len(l) > 0 {
					var in []string
					for _, n := range l {
						in = append(in, tree.Kind(n).String())
					}
					s += "(" + strings.Join(in, " ") + ")"
				}
				got = append(got, s)
			}
			for _, e := range tree.Errors() {
				errs = append(errs, e.String())
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("statements (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.errors, errs); d != "" {
				t.Errorf("errors (-want +got):\n%s", d)
			}
		})
	}
}
