package pyflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/engine/python"
)

func analyse(files map[string]string, order []string) (flows []string, work int) {
	c := &collector{}
	a := New(testSpec(), c)
	for _, name := range order {
		a.Add(name, python.Parse([]byte(files[name])), name)
	}
	a.Run()
	return c.flows, a.total
}

// TestOrder: neither the order in which files are added nor another run changes what
// is reported, or in which order.
func TestOrder(t *testing.T) {
	all := map[string]string{}
	for name, text := range programs(t) {
		for file, src := range split(text) {
			all[name+"/"+file] = src
		}
	}
	var names []string
	for n := range all {
		names = append(names, n)
	}
	slices.Sort(names)
	want, _ := analyse(all, names)
	if len(want) < 20 {
		t.Fatalf("only %d flows", len(want))
	}
	for shift := range 8 {
		order := slices.Clone(names)
		for i := range order { // a different permutation each time
			j := (i*7 + shift*13 + 5) % len(order)
			order[i], order[j] = order[j], order[i]
		}
		got, _ := analyse(all, order)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("another order, other flows:\n%s", d)
		}
	}
}

// TestWorkIsLinear: programs that are built to make analyses explode cost at most
// twice as much when they are twice as long.
func TestWorkIsLinear(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(n int) string
	}{
		{"chain of calls", func(n int) string {
			var b strings.Builder
			b.WriteString("import os\ndef f0(x): os.system(x)\n")
			for i := 1; i < n; i++ {
				fmt.Fprintf(&b, "def f%d(x):\n  f%d(x)\n  f%d(x + 'a')\n", i, i-1, i-1)
			}
			return b.String()
		}},
		{"everybody calls everybody", func(n int) string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, "def f%d(x, y):\n", i)
				for j := range 8 {
					fmt.Fprintf(&b, "  y = f%d(y, x)\n", (i*j+j*j+1)%n)
				}
				b.WriteString("  return [x, y]\n")
			}
			return b.String()
		}},
		{"class that grows", func(n int) string {
			var b strings.Builder
			b.WriteString("class C:\n  def __init__(self, a): self.a = a\n")
			for i := range n {
				fmt.Fprintf(&b, "  def m%d(self, x):\n    self.f%d = C(self.f%d)\n    return self.m%d(self)\n", i, i, (i*3)%n, (i+1)%n)
			}
			return b.String()
		}},
		{"callbacks of callbacks", func(n int) string {
			var b strings.Builder
			b.WriteString("def c0(f): return f(f)\n")
			for i := 1; i < n; i++ {
				fmt.Fprintf(&b, "def c%d(f):\n  f(c%d)\n  return c%d(lambda g: f(g(f)))\n", i, i-1, i-1)
			}
			return b.String()
		}},
		{"branches", func(n int) string {
			var b strings.Builder
			b.WriteString("def f(x, a):\n")
			for i := range n {
				fmt.Fprintf(&b, "  if a[%d]:\n    v%d = x\n  else:\n    v%d = [v%d, x]\n", i, i, i, max(i-1, 0))
			}
			return b.String()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cost := func(n int) int {
				_, work := analyse(map[string]string{"a.py": tt.make(n)}, []string{"a.py"})
				return work
			}
			small, large := cost(200), cost(400)
			t.Logf("%d, then %d", small, large)
			if large > 2*small+2*small/4+1000 {
				t.Errorf("twice the program costs %d after %d", large, small)
			}
		})
	}
}

// FuzzRun: no program, however broken, makes the analysis panic or run away.
func FuzzRun(f *testing.F) {
	for _, text := range programs(f) {
		f.Add([]byte(text))
	}
	f.Add([]byte("class A(A): pass\nA().x.y()\nfrom . import *\nfrom .. import a\nimport a.b as c\n"))
	f.Add([]byte("def f(*a, **k): return f(*a, **k)\nf(*f(**f))\n"))
	f.Add([]byte("x = [x for x in x]\nwhile x:\n try:\n  break\n finally:\n  continue\nmatch x:\n case {'a': [y, *z], **w} if w: pass\n"))
	f.Add([]byte("class B:\n @property\n def p(self): return self.p\n def __call__(self): return self()\nB()().p\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<14 {
			return
		}
		a := New(testSpec(), &collector{})
		for name, text := range split(string(src)) {
			a.Add(name, python.Parse([]byte(text)), name)
		}
		a.Run()
		if most := 1_000_000; a.total > most {
			t.Errorf("%d steps for %d bytes", a.total, len(src))
		}
	})
}

// TestTwice: a program and a copy of it under another name cost at most what two of it
// cost.
func TestTwice(t *testing.T) {
	once, twice := map[string]string{}, map[string]string{}
	for name, text := range programs(t) {
		for file, src := range split(text) {
			path := strings.ReplaceAll(name, " ", "_") + "/" + file
			once["one/"+path], twice["one/"+path], twice["two/"+path] = src, src, src
		}
	}
	_, a := analyse(once, slices.Sorted(maps.Keys(once)))
	_, b := analyse(twice, slices.Sorted(maps.Keys(twice)))
	t.Logf("%d, then %d", a, b)
	if b > 2*a+a/50 { // the copies see a little of each other: modules of one name
		t.Errorf("twice the program costs %d after %d", b, a)
	}
}
