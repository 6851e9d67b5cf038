package python

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPositions(t *testing.T) {
	tree := Parse([]byte("\xef\xbb\xbfa = 1\r\nü = 'é'; b\rc"))
	var got []string
	for _, n := range tree.Body() {
		line, col := tree.Position(tree.Start(n))
		got = append(got, fmt.Sprintf("%d:%d %s", line, col, tree.Text(n)))
	}
	if d := cmp.Diff([]string{"1:0 a = 1", "2:0 ü = 'é'", "2:11 b", "3:0 c"}, got); d != "" {
		t.Errorf("statements (-want +got):\n%s", d)
	}
	if got := tree.LineText(2); got != "ü = 'é'; b" {
		t.Errorf("line 2 is %q", got)
	}
}

func TestComments(t *testing.T) {
	tree := Parse([]byte("# a\nx = '# no' # b\ny = (1, # c\n  2)\n\n  # d\nf'{x # e\n}'\nz # f"))
	var got []string
	for offset, text := range tree.Comments() {
		line, _ := tree.Position(offset)
		got = append(got, fmt.Sprint(line, " ", text))
		if tree.Comment(line) != text {
			t.Errorf("line %d has the comment %q, want %q", line, tree.Comment(line), text)
		}
	}
	if d := cmp.Diff([]string{"1 # a", "2 # b", "3 # c", "6 # d", "7 # e", "9 # f"}, got); d != "" {
		t.Errorf("comments (-want +got):\n%s", d)
	}
	if c := tree.Comment(4); c != "" {
		t.Errorf("line 4 has the comment %q", c)
	}
}

// A comment that is read again after an unclosed bracket is there once.
func TestCommentsAfterError(t *testing.T) {
	tree := Parse([]byte("def f(: # a\n    x = 1 # b\n    y = 2 # c\ndef g(): pass # d\n"))
	n := 0
	for range tree.Comments() {
		n++
	}
	if n != 4 || tree.Comment(2) != "# b" {
		t.Errorf("%d comments, that of line 2 is %q", n, tree.Comment(2))
	}
}

func TestParents(t *testing.T) {
	tree := Parse([]byte("def f(a=b):\n    return [c for d in e]\n"))
	parents := tree.Parents()
	var path []string
	tree.Walk(tree.Module(), func(n Node) bool {
		if tree.IsName(n, "e") {
			for ; n != 0; n = parents[n] {
				path = append(path, tree.Kind(n).String())
			}
		}
		return n != 0
	})
	if got, want := strings.Join(path, " "), "Name comprehension ListComp Return FunctionDef Module"; got != want {
		t.Errorf("path up from e is %s, want %s", got, want)
	}
}

func TestParts(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"'select ' + x + ' from t'", "'select ' x ' from t'"},
		{"f'a{x}b{y!r}{\"c\"}'", "'a' x 'b' y 'c'"},
		{"'%s and %d, %(n)s%%' % (x, y)", "'' x ' and ' y ', ' (x, y) '%'"},
		{"'%(a)s' % {'a': x + 'y'}", "x 'y'"},
		{"'{} {b} {0.c} {{'.format(x, b=y)", "x ' ' y ' ' x ' {'"},
		{"'{}{}'.format(*x)", "x x"},
		{"', '.join(['a', x])", "'a, ' x"},
		{"q = 'select '\nq + f(x)", "'select ' f(x)"},
		{"f(x)", "f(x)"},
	} {
		tree := Parse([]byte(tt.src))
		b := Resolve(tree, ModuleInfo{})
		var got []string
		for _, p := range b.Parts(lastExpr(t, tree)) {
			switch {
			case p.Expr == 0:
				got = append(got, "'"+p.Text+"'")
			case tree.Kind(p.Expr) == KindStarred:
				got = append(got, tree.Text(tree.Value(p.Expr)))
			default:
				got = append(got, tree.Text(p.Expr))
			}
		}
		if s := strings.Join(got, " "); s != strings.TrimPrefix(tt.want, "'' ") {
			t.Errorf("%s = %s, want %s", tt.src, s, tt.want)
		}
	}
}
