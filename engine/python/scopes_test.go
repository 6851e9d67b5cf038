package python

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// scopeNames gives each scope as testdata/scopes.py names it: kind, name and line.
func scopeNames(b *binder, s Scope) string {
	t := b.tree
	n := b.ScopeNode(s)
	line := strconv.Itoa(t.Line(n))
	switch t.Kind(n) {
	case KindModule:
		return "module\ttop\t0"
	case KindClassDef:
		return "class\t" + t.Name(n) + "\t" + line
	case KindLambda:
		return "function\tlambda\t" + line
	case KindListComp:
		return "function\tlistcomp\t" + line
	case KindSetComp:
		return "function\tsetcomp\t" + line
	case KindDictComp:
		return "function\tdictcomp\t" + line
	case KindGeneratorExp:
		return "function\tgenexpr\t" + line
	}
	return "function\t" + t.Name(n) + "\t" + line
}

// classes says of each name that a scope uses or binds where it belongs: L, F or G.
func classes(b *binder) map[Scope]map[string]string {
	all := map[Scope]map[string]string{}
	put := func(s Scope, name string, x Symbol) {
		c := "F"
		switch {
		case x != 0 && b.symbols[x].scope == s:
			c = "L"
		case x == 0 || b.symbols[x].scope == 1:
			c = "G"
		}
		if all[s] == nil {
			all[s] = map[string]string{}
		}
		all[s][name] = c
	}
	for k := range b.index {
		put(k.scope, b.tree.names[k.name], b.lookup(k.scope, k.name))
	}
	for _, u := range b.uses {
		put(u.scope, b.tree.names[u.name], b.ref[u.node])
	}
	return all
}

// Every name of the standard library belongs to the scope that CPython's symtable
// says, for the interpreter that is there.
func TestScopesAgainstCPython(t *testing.T) {
	python := "python3"
	ask := exec.CommandContext(t.Context(), python, "-c", "import sys, os; assert sys.version_info >= (3, 8); print(sys.version_info >= (3, 12), os.path.dirname(os.__file__))")
	out, err := ask.Output()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no python3 of version 3.8 or newer")
		}
		t.Skip("no python3 of version 3.8 or newer")
	}
	// From 3.12 on, symtable has the names of comprehensions in the function around
	// them as well (PEP 709).
	inlined, library, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	var list []string
	err = filepath.WalkDir(library, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && name != library && d.Name() != "asyncio" && d.Name() != "json" && d.Name() != "unittest" && d.Name() != "email" {
			return fs.SkipDir
		}
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(name, ".py") {
			list = append(list, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/scopes.py")
	cmd.Stdin = strings.NewReader(strings.Join(list, "\n"))
	if out, err = cmd.Output(); err != nil {
		t.Fatal(err)
	}
	// Blocks of the same name in one line come in the same order.
	ours, at := map[string][]map[string]string{}, ""
	compared, differ := 0, 0
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if f[0] != at {
			at = f[0]
			ours = scopesOf(t, at)
		}
		key := strings.Join(f[1:4], "\t")
		if len(ours[key]) == 0 {
			continue // type parameters and annotations have blocks of their own in newer versions
		}
		own := ours[key][0]
		ours[key] = ours[key][1:]
		for _, x := range f[4:] {
			name, class, _ := strings.Cut(x, ":")
			got, ok := own[name]
			if !ok && (class != "L" || inlined == "True") {
				continue // passed on to a function inside
			}
			compared++
			if got != class {
				if differ++; differ < 20 {
					t.Errorf("%s: %s: %s is %q, want %q", at, key, name, got, class)
				}
			}
		}
	}
	if compared < 10000 {
		t.Errorf("only %d names compared", compared)
	}
	t.Logf("%d names of %d files compared, %d differ", compared, len(list), differ)
}

func scopesOf(t *testing.T, name string) map[string][]map[string]string {
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	b := resolve(Parse(src), ModuleInfo{})
	all := classes(b)
	m := map[string][]map[string]string{}
	for s := Scope(1); int(s) < len(b.scopes); s++ {
		if b.ScopeKind(s) == TypeScope {
			continue
		}
		key := scopeNames(b, s)
		m[key] = append(m[key], all[s])
	}
	return m
}
