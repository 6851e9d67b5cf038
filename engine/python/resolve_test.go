package python

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lastExpr is the value of the last statement of a file.
func lastExpr(t *testing.T, tree *Tree) Node {
	t.Helper()
	body := tree.Body()
	for {
		n := body[len(body)-1]
		if b := tree.Block(n); b != nil {
			body = b
			continue
		}
		if v := tree.Value(n); v != 0 {
			return v
		}
		t.Fatalf("the last statement is a %s", tree.Kind(n))
	}
}

func TestQualified(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"import", "import torch\ntorch.load", "torch.load"},
		{"import as", "import torch as t\nt.load", "torch.load"},
		{"from import", "from torch import load\nload", "torch.load"},
		{"from import as", "from torch import load as L\nL", "torch.load"},
		{"dotted import", "import a.b.c\na.b.c.d", "a.b.c.d"},
		{"dotted import as", "import a.b.c as x\nx.d", "a.b.c.d"},
		{"dotted import as its first part", "import a.b as a\na.c", "a.b.c"},
		{"spread over lines", "import a\n(a\n .b  # comment\n .c)", "a.b.c"},
		{"relative", "from .x import y\ny.z", "pkg.sub.x.y.z"},
		{"relative to the parent", "from ..x import y\ny", "pkg.x.y"},
		{"relative module", "from . import x\nx.y", "pkg.sub.x.y"},
		{"too far up", "from .....x import y\ny", ".....x.y"},
		{"builtin", "eval", "builtins.eval"},
		{"own function", "def f(): pass\nf", "pkg.sub.mod.f"},
		{"own class", "class C: pass\nC.m", "pkg.sub.mod.C.m"},
		{"shadowed builtin", "def eval(): pass\neval", "pkg.sub.mod.eval"},
		{"parameter shadows import", "import a\ndef f(a):\n    a.b", ""},
		{"local shadows import", "import a\ndef f():\n    a = g()\n    a.b", ""},
		{"global statement", "def f():\n    global a\n    import a\ndef g():\n    a.b", "a.b"},
		{"import in function is local", "def f():\n    import a\na", "builtins.a"},
		{"closure", "def f():\n    import a as b\n    def g():\n        return b.c", "a.c"},
		{"class scope is not seen by methods", "import a\nclass C:\n    a = g()\n    def m(self):\n        a.b", "a.b"},
		{"class scope is seen in the class", "class C:\n    import a as b\n    b.c", "a.c"},
		{"alternatives", "try:\n    import a as x\nexcept E:\n    import b as x\nx.y", "a.y b.y"},
		{"alternative None", "try:\n    import a\nexcept E:\n    a = None\na.y", "a.y"},
		{"alias", "import a\nb = a.c\nb.d", "a.c.d"},
		{"alias of an alias", "from a import b\nc = b\nd = c\nd", "a.b"},
		{"alias chosen", "import a, b\nc = a if x else b\nc.d", "a.d b.d"},
		{"alias in a circle", "a = b\nb = a\na", ""},
		{"walrus", "import a\nif (b := a.c):\n    b.d", "a.c.d"},
		{"result of a call", "import a\nb = a.c()\nb.d", ""},
		{"getattr", "import os\ngetattr(os, 'sys' + 'tem')", "os.system"},
		{"getattr with default", "import os as o\ngetattr(o, 'path', None).join", "os.path.join"},
		{"__import__", "__import__('os').system", "os.system"},
		{"__import__ dotted", "__import__('os.path').x", "os.x"},
		{"import_module", "import importlib\nimportlib.import_module('a.b').c", "a.b.c"},
		{"import_module from", "from importlib import import_module as im\nim('a.b').c", ""},
		{"star", "from a import *\nf", "a.f builtins.f"},
		{"relative star", "from .a import *\nf", "pkg.sub.a.f builtins.f"},
		{"comprehension variable", "import a\n[a.b for a in c][0]", ""},
		{"nested function", "def f():\n    def g(): pass\n    g", "pkg.sub.mod.f.g"},
		{"deleted", "import a\ndel a\na.b", "a.b"},
		{"type parameter", "import T\ndef f[T]():\n    T", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := Parse([]byte(tt.src))
			b := Resolve(tree, ModuleInfo{Name: "pkg.sub.mod"})
			if got := strings.Join(b.Qualified(lastExpr(t, tree)), " "); got != tt.want {
				t.Errorf("Qualified = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestScopes(t *testing.T) {
	const src = `
import os
x = y = 1
def f(a, b=x, *c, d: x = 2, **e):
    global g
    g = a
    def h():
        nonlocal a
        a, z = 1, [i for i in (j := b) if i]
        return lambda k: k + z
    for m, (n, *o) in c: pass
    with d as p.q, e as r: pass
    try: pass
    except E as s: pass
    match a:
        case {'k': t, **u} | [v, *w]: pass
    import os.path as os
class C[T](B):
    x = x
    def m(self): return x, T, __class__
`
	tree := Parse([]byte(src))
	if tree.ErrorCount() > 0 {
		t.Fatal(tree.Errors())
	}
	b := Resolve(tree, ModuleInfo{})
	got := map[string]string{}
	for s := Scope(1); int(s) < len(b.scopes); s++ {
		name := tree.Name(b.ScopeNode(s))
		if name == "" {
			name = tree.Kind(b.ScopeNode(s)).String()
		}
		if b.ScopeKind(s) == TypeScope {
			name += "[]"
		}
		var names []string
		for _, x := range b.Symbols(s) {
			if len(b.Defs(x)) > 0 {
				names = append(names, b.SymbolName(x))
			}
		}
		got[name] = strings.Join(names, " ")
	}
	want := map[string]string{
		"Module": "os x y f g C",
		"f":      "a b c d e h m n o r s t u v w os",
		"h":      "j z", "ListComp": "i", "Lambda": "k", "C[]": "T", "C": "x m", "m": "self",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("scopes (-want +got):\n%s", d)
	}

	// What each use refers to: the scope that its variable is in.
	var uses []string
	tree.Walk(tree.Module(), func(n Node) bool {
		if tree.Kind(n) == KindName && tree.Context(n) == Load {
			where := "builtin"
			if s := b.Ref(n); s != 0 {
				where = tree.Name(b.ScopeNode(b.SymbolScope(s)))
			}
			uses = append(uses, tree.Name(n)+":"+where)
		}
		return true
	})
	slices.Sort(uses)
	uses = slices.Compact(uses)
	wantUses := strings.Fields("B:builtin E:builtin T:C __class__:builtin a:f b:f c:f d:f e:f i: k: p:builtin x: x:C z:h")
	if d := cmp.Diff(wantUses, uses); d != "" {
		t.Errorf("uses (-want +got):\n%s", d)
	}
	a := b.Local(b.Opened(tree.Body()[2]), "a")
	if !b.IsParam(a) || !b.IsRebound(a) || len(b.Defs(a)) != 2 {
		t.Errorf("a: param %v, rebound %v, defs %v", b.IsParam(a), b.IsRebound(a), b.Defs(a))
	}
}

func TestFold(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"'a' 'b' + 'c'", "ab" + "c"},
		{"'%s-%d%%' % ('a', 7)", "a-7%"},
		{"'%(x)s' % {'x': 'y'}", "y"},
		{"'{}{1}{k}{{'.format('a', 'b', k='c')", "abc{"},
		{"f'{1 + 2}/{\"x\"}'", "3/x"},
		{"x = 'os'\nf'{x}.system'", "os.system"},
		{"'-'.join(['a', *('b', 'c')])", "a-b-c"},
		{"'metsys'[::-1]", "system"},
		{"'abc'[1:]+'abc'[-1]", "bcc"},
		{"''.join(chr(c) for c in [1])", "?"},
		{"chr(101) + chr(0x76) + 'al'", "eval"},
		{"{'a': 'b', **{'a': 'c'}}['a']", "c"},
		{"('a', 'b')[1]", "b"},
		{"b'abc'.decode('utf8').upper()", "ABC"},
		{"str(2 ** 10 // 3 % 7 << 1)", "10"},
		{"'x' if not 0 else 'y'", "x"},
		{"'' or None or 'z'", "z"},
		{"'a' * 3", "aaa"},
		{"'a' * 10 ** 9", "?"},
		{"str(-7 // 2) + str(-7 % 3)", "-42"},
		{"x = 'a'\nx = 'b'\nx", "?"},
		{"def f(x): pass\nx = 'a'\nx + f()", "?"},
		{"a = 'x' * 60000\nb = a + a\nb", "?"},
		{"a = b + b\nb = a + a\na", "?"},
		{"__name__", "m"},
		{"'\\x41\\u00e9\\N{DIGIT ONE}'", "Aé1"},
		{"'\\N{arabic pepet}\\N{EGYPTIAN HIEROGLYPH-13460}\\N{EGYPTIAN HIEROGLYPH A001}'", "\u0897\U00013460\U00013000"}, // Unicode 16
		{"'a\\N{NO SUCH NAME}b'", "a\uFFFDb"},
	} {
		tree := Parse([]byte(tt.src))
		b := Resolve(tree, ModuleInfo{Name: "m"})
		got, ok := b.String(lastExpr(t, tree))
		if !ok {
			got = "?"
		}
		if got != tt.want {
			t.Errorf("%s = %q, want %q", tt.src, got, tt.want)
		}
	}
}

// Doubling variables many times over ends.
func TestFoldBounded(t *testing.T) {
	var src strings.Builder
	src.WriteString("a0 = 'abcdefgh'\n")
	for i := range 60 {
		n := string(rune('a'+i%26)) + strings.Repeat("_", i/26)
		src.WriteString(n + "1 = a0 + a0\na0 = " + n + "1\n")
	}
	src.WriteString("x0 = ['a', 'b']\n")
	for i := range 50 {
		src.WriteString("x" + string(rune('A'+i)) + " = [x0, x0, x0]\n")
	}
	src.WriteString("y0 = 1\n")
	for i := 1; i < 60; i++ {
		prev, this := "y"+strings.Repeat("_", i-1)+"0", "y"+strings.Repeat("_", i)+"0"
		src.WriteString(this + " = (" + prev + ", " + prev + ")\n")
	}
	src.WriteString("y" + strings.Repeat("_", 59) + "0")
	tree := Parse([]byte(src.String()))
	b := Resolve(tree, ModuleInfo{})
	if _, ok := b.Fold(lastExpr(t, tree)); ok {
		t.Error("a value of 2^59 elements was folded")
	}
}

func TestProject(t *testing.T) {
	files := map[string]string{
		"src/pkg/__init__.py":     "from .a import f as g\nfrom .sub import *\nfrom . import a\n",
		"src/pkg/a.py":            "def f(): pass\nclass C:\n    def m(self): pass\nh = f\n",
		"src/pkg/sub/__init__.py": "from ..a import C as D\nfrom .loop import x\n",
		"src/pkg/sub/loop.py":     "from . import x\n",
		"app/main.py":             "import pkg\nfrom util import helper\npkg.g\n",
		"app/util.py":             "def helper(): pass\n",
		"other/util.py":           "def helper(): pass\n",
		"ns/tool.py":              "from ns.more import z\n",
		"ns/more.py":              "z = 1\n",
	}
	p := NewProject(slices.Sorted(maps.Keys(files)))
	for name, src := range files {
		p.Bind(name, Resolve(Parse([]byte(src)), p.Module(name)))
	}
	for file, want := range map[string]ModuleInfo{
		"src/pkg/__init__.py": {"pkg", true}, "src/pkg/sub/loop.py": {"pkg.sub.loop", false}, "app/main.py": {"main", false},
	} {
		if got := p.Module(file); got != want {
			t.Errorf("%s is %+v, want %+v", file, got, want)
		}
	}
	for _, tt := range []struct{ name, from, want string }{
		{"pkg.g", "app/main.py", "src/pkg/a.py f"},
		{"pkg.D.m", "app/main.py", "src/pkg/a.py C m"},
		{"pkg.a.h", "app/main.py", "src/pkg/a.py f"},
		{"pkg.sub.D", "app/main.py", "src/pkg/a.py C"},
		{"pkg.sub.x", "app/main.py", "src/pkg/sub/loop.py x"}, // a circle: where it was left
		{"pkg.a", "app/main.py", "src/pkg/a.py"},
		{"util.helper", "app/main.py", "app/util.py helper"},
		{"util.helper", "other/x.py", "other/util.py helper"},
		{"ns.more.z", "ns/tool.py", "ns/more.py z"},
		{"torch.load", "app/main.py", ""},
		{"pkg.missing", "app/main.py", ""},
	} {
		d, ok := p.Resolve(tt.name, tt.from)
		got := ""
		if ok {
			got = d.File
			if d.Symbol != 0 {
				got += " " + d.Bindings.SymbolName(d.Symbol)
			}
			if d.Rest != "" {
				got += " " + d.Rest
			}
		}
		if got != tt.want {
			t.Errorf("%s from %s is %q, want %q", tt.name, tt.from, got, tt.want)
		}
	}
}
