package policy

import (
	"bufio"
	_ "embed" // the tables
	"fmt"
	"strings"
	"sync"
)

//go:embed allow.tsv
var allowTSV string

//go:embed deny.tsv
var denyTSV string

//go:embed alias.tsv
var aliasTSV string

//go:embed py2.tsv
var py2TSV string

// table is everything parsed. Keys join module and name with a NUL.
type table struct {
	allow   map[string]*Allow
	deny    map[string]*Deny  // exact names; "NAME.*" under module NUL NAME.*
	stars   map[string]*Deny  // modules
	alias   map[string]target // attributes of modules that are other modules or other modules' names
	py2     map[string]target
	modules map[string]bool // modules with a name in allow or deny
	errs    []error
}

type target struct{ module, name string }

var tables = sync.OnceValue(func() *table {
	t := &table{
		allow: make(map[string]*Allow, 8192), deny: make(map[string]*Deny, 4096), stars: make(map[string]*Deny, 2048),
		alias: map[string]target{}, py2: map[string]target{}, modules: map[string]bool{},
	}
	t.errs = append(t.errs, each(allowTSV, 4, t.addAllow), each(denyTSV, 4, t.addDeny), each(aliasTSV, 3, t.addAlias), each(py2TSV, 4, t.addPy2))
	return t
})

func key(module, name string) string { return module + "\x00" + name }

// each calls add with the fields of every line that is no comment.
func each(tsv string, fields int, add func(f []string) error) error {
	lines := bufio.NewScanner(strings.NewReader(tsv))
	var first error
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		err := fmt.Errorf("want at least %d fields", fields)
		if len(f) >= fields {
			err = add(f)
		}
		if err != nil && first == nil {
			first = fmt.Errorf("line %d %q: %w", n, line, err)
		}
	}
	return first
}

func (t *table) addAllow(f []string) error {
	a := &Allow{Module: f[0], Name: f[1]}
	var unknown error
	for _, u := range strings.Split(f[2], ",") {
		if tag, ok := strings.CutPrefix(u, "is:"); ok {
			a.tags = append(a.tags, tag)
			continue
		}
		bit := Use(0)
		for i, name := range useNames {
			if u == name {
				bit = 1 << i
			}
		}
		if bit == 0 && u != "" {
			unknown = fmt.Errorf("unknown use %q", u)
		}
		a.Uses |= bit
	}
	for _, s := range strings.Split(f[3], ",") {
		if state, ok := strings.CutPrefix(s, "s:"); ok {
			a.state = state
		} else {
			a.shape = s
		}
	}
	t.allow[key(a.Module, a.Name)] = a
	t.modules[a.Module] = true
	return unknown
}

func (t *table) addDeny(f []string) error {
	d := &Deny{Module: f[0], Name: f[1], Effect: Effect(f[2]), Note: f[3]}
	if d.Name == "*" {
		d.Name = ""
		t.stars[d.Module] = d
	} else {
		t.deny[key(d.Module, d.Name)] = d
	}
	t.modules[d.Module] = true
	if phrases[d.Effect] == "" {
		return fmt.Errorf("unknown effect %q", d.Effect)
	}
	return nil
}

func (t *table) addAlias(f []string) error {
	to := target{module: f[2]}
	if len(f) > 3 {
		to.name = f[3]
	}
	t.alias[key(f[0], f[1])] = to
	return nil
}

func (t *table) addPy2(f []string) error {
	t.py2[key(f[0], f[1])] = target{f[2], f[3]}
	return nil
}

// modern maps a Python 2 name to Python 3's, as the Unpickler does for protocols below 3.
func (t *table) modern(module, name string) (string, string) {
	if to, ok := t.py2[key(module, name)]; ok {
		return to.module, to.name
	}
	if to, ok := t.py2[key(module, "*")]; ok {
		return to.module, name
	}
	return module, name
}
