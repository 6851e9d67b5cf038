package sast

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/patch"
	"github.com/merlon-security/merlon/engine/python"
)

// changed takes the steps in the first call of a text. "" says that they cannot be taken.
func changed(t *testing.T, src string, steps ...string) string {
	t.Helper()
	tree := python.Parse([]byte(src))
	var call python.Node
	tree.Walk(tree.Module(), func(n python.Node) bool {
		if call == 0 && tree.Kind(n) == python.KindCall {
			call = n
		}
		return true
	})
	c := &changer{t: tree, call: tree.Call(call), node: call}
	for _, text := range steps {
		s, err := parseStep(text)
		if err != nil {
			t.Fatal(err)
		}
		if !c.take(s) {
			return ""
		}
	}
	out, err := patch.Apply(src, c.edits)
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	if tree := python.Parse([]byte(out)); tree.ErrorCount() > 0 {
		t.Errorf("%q became %q: %v", src, out, tree.Errors())
	}
	return out
}

func TestSteps(t *testing.T) {
	const set, drop = "set 2 k V", "drop k"
	for _, tt := range []struct{ src, step, want string }{
		// A keyword is added in the layout that is there.
		{"f()", set, "f(k=V)"},
		{"f( )", set, "f(k=V )"},
		{"f(\n)", set, "f(k=V\n)"},
		{"f(a)", set, "f(a, k=V)"},
		{"f(a,)", set, "f(a, k=V,)"},
		{"f(a, )", set, "f(a, k=V, )"},
		{"f((a))", set, "f((a), k=V)"},
		{"f(((a)), b=(1))", set, "f(((a)), b=(1), k=V)"},
		{"f(*a)", "set k V", "f(*a, k=V)"},
		{"f(lambda: (0))", set, "f(lambda: (0), k=V)"},
		{"f(lambda x, y: x)", set, "f(lambda x, y: x, k=V)"},
		{"f(a\n)", set, "f(a, k=V\n)"},
		{"f(\n    a\n)", set, "f(\n    a,\n    k=V\n)"},
		{"f(\n\ta,\n)", set, "f(\n\ta,\n\tk=V,\n)"},
		{"f(\r\n    a,\r\n)\r\n", set, "f(\r\n    a,\r\n    k=V,\r\n)\r\n"},
		{"f(\r    a,\r)\r", set, "f(\r    a,\r    k=V,\r)\r"},
		{"f(\n    a,  # why\n)", set, "f(\n    a,  # why\n    k=V,\n)"},
		{"f(\n    a  # why, (so)\n)", set, "f(\n    a,  # why, (so)\n    k=V\n)"},
		{"f(a,  # why )\n)", set, "f(a, k=V,  # why )\n)"},
		{"f(\n    a, b)", set, "f(\n    a, b, k=V)"},
		{"f(\n    (\n        a\n    )\n)", set, "f(\n    (\n        a\n    ),\n    k=V\n)"},
		{"f(')' ',')", set, "f(')' ',', k=V)"},
		{"f(x for x in y)", set, ""},
		{"f((x for x in y))", set, "f((x for x in y), k=V)"},
		{"f(a)(b)", set, "f(a)(b, k=V)"},
		{"f (a)", set, "f (a, k=V)"},
		{"f \\\n (a)", set, "f \\\n (a, k=V)"},
		{"f('ä', b)", set, "f('ä', b, k=V)"},
		// What is there is replaced, if it is a constant.
		{"f(a, k=False)", set, "f(a, k=V)"},
		{"f(k = False, a=1)", set, "f(k = V, a=1)"},
		{"f(k=(False))", set, "f(k=(V))"},
		{"f(a, b, False)", set, "f(a, b, V)"},
		{"f(a, k=V)", set, ""},
		{"f(a, k=some)", set, ""},
		{"f(a, k=not x)", set, ""},
		{"f(a, **kw)", set, ""},
		{"f(a, k=False, **kw)", set, "f(a, k=V, **kw)"},
		{"f(*a)", set, ""},
		{"f(a)", "replace k V", ""},
		{"f(k=0)", "replace k V", "f(k=V)"},
		// A keyword is left out with its comma, and its line.
		{"f(k=1)", drop, "f()"},
		{"f(k=1,)", drop, "f()"},
		{"f(a, k=1)", drop, "f(a)"},
		{"f(a, k=1,)", drop, "f(a,)"},
		{"f(a, k=1, b=2)", drop, "f(a, b=2)"},
		{"f(k=1, b=2)", drop, "f(b=2)"},
		{"f((a), k=(1))", drop, "f((a))"},
		{"f(\n    a,\n    k=1,\n    b=2,\n)", drop, "f(\n    a,\n    b=2,\n)"},
		{"f(\r\n\ta,\r\n\tk=1,\r\n)", drop, "f(\r\n\ta,\r\n)"},
		{"f(\n    a,\n    k=1\n)", drop, "f(\n    a\n)"},
		{"f(\n    a,  # why\n    k=1\n)", drop, "f(\n    a  # why\n)"},
		{"f(\n    a,\n    k=1,  # why\n)", drop, "f(\n    a,\n    # why\n)"},
		{"f(a, k=1,  # why\n  b)", drop, "f(a,   # why\n  b)"},
		{"f(a,  # why\n  k=1)", drop, "f(a  # why\n  )"},
		{"f(a, k=x)", drop, ""},
		{"f(a)", drop, ""},
		{"f(**k)", drop, ""},
		// Names.
		{"m.load(a)", "call load safe_load", "m.safe_load(a)"},
		{"m . load (a)", "call load safe_load", "m . safe_load (a)"},
		{"load(a)", "call load safe_load", ""},
		{"m.loads(a)", "call load safe_load", ""},
		{"f(a, m.Bad)", "end 1 k Good", "f(a, m.Good)"},
		{"f(a, k=m.Bad())", "end 1 k Good", "f(a, k=m.Good())"},
		{"f(a, k=Bad)", "end 1 k Good", ""},
		{"f(a)", "missing 1 k", "f(a)"},
		{"f(a, b)", "missing 1 k", ""},
		{"f(**a)", "missing 1 k", ""},
		{"f()", "alone", "f()"},
		{"f(a)", "alone", ""},
		// Modules.
		{"import random\nrandom.choice(a)", "module random secrets", "import random\nimport secrets\nsecrets.choice(a)"},
		{"import random\r\nrandom.choice(a)\r\n", "module random secrets", "import random\r\nimport secrets\r\nsecrets.choice(a)\r\n"},
		{"import random  # dice\nrandom.choice(a)", "module random secrets", "import random  # dice\nimport secrets\nsecrets.choice(a)"},
		{"import os, random\nrandom.choice(a)", "module random secrets", "import os, random\nimport secrets\nsecrets.choice(a)"},
		{"import secrets\nimport random\nrandom.choice(a)", "module random secrets", "import secrets\nimport random\nsecrets.choice(a)"},
		{"import random; x = 1\nrandom.choice(a)", "module random secrets", ""},
		{"import random as r\nr.choice(a)", "module random secrets", ""},
		{"from random import choice\nchoice(a)", "module random secrets", ""},
		{"import random\nrandom.choice(a)\nsecrets = 1", "module random secrets", ""},
		{"import random\ndef f(secrets): random.choice(a)", "module random secrets", ""},
		{"if x:\n    import random\nrandom.choice(a)", "module random secrets", ""},
		{"import random\nimport x as secrets\nrandom.choice(a)", "module random secrets", ""},
	} {
		if d := cmp.Diff(tt.want, changed(t, tt.src, tt.step)); d != "" {
			t.Errorf("%q, %s: %s", tt.src, tt.step, d)
		}
	}
}

// FuzzSteps: whatever a call looks like, what a step makes of it is Python, and asking for
// the same again changes nothing.
func FuzzSteps(f *testing.F) {
	for _, s := range []string{"f(a, k=1)", "f(\n a, # x\n k=(1),\n)", "f(*a, **k)", "f(x for x in y)", "f(lambda: 0,)", "f (k = ')')", "f(f'{a}', k=1)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		tree := python.Parse([]byte(src))
		if tree.ErrorCount() > 0 || tree.Source() != src || len(src) > 1000 || strings.Contains(src, "\x00") {
			return
		}
		tree.Walk(tree.Module(), func(n python.Node) bool {
			if tree.Kind(n) != python.KindCall || tree.IsPython2(n) {
				return true
			}
			for _, text := range []string{"set 0 k True", "drop k"} {
				s, err := parseStep(text)
				if err != nil {
					t.Fatal(err)
				}
				c := &changer{t: tree, call: tree.Call(n), node: n}
				if !c.take(s) {
					continue
				}
				out, err := patch.Apply(src, c.edits)
				if err != nil {
					t.Fatalf("%q: %v", src, err)
				}
				again := python.Parse([]byte(out))
				if again.ErrorCount() > 0 {
					t.Fatalf("%s: %q became %q: %v", text, src, out, again.Errors())
				}
			}
			return true
		})
	})
}
