package sast

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/text/strictyaml"
)

//go:embed models/*.yaml rules/*.yaml
var embedded embed.FS

// library is a file of models: what is known of one library.
type library struct {
	Library  string            `yaml:"library"`
	Package  string            `yaml:"package"`  // on PyPI, with the version its names were checked against: "flask==3.1.3"
	Aliases  map[string]string `yaml:"aliases"`  // other names: re-exports
	Types    map[string]string `yaml:"types"`    // class of what a call returns ("sqlite3.connect()") or an attribute holds
	Named    map[string]string `yaml:"named"`    // class of parameters by their name
	Reads    []group           `yaml:"reads"`    // attributes that are sources
	Sources  []group           `yaml:"sources"`  // calls whose result is a source
	Sinks    []sink            `yaml:"sinks"`    // arguments that data must not reach
	Cleaners []group           `yaml:"cleaners"` // calls whose result is clean for some kinds
	Checks   []group           `yaml:"checks"`   // calls that are true for clean data only
	Passes   []pass            `yaml:"passes"`   // calls whose result carries only some arguments
	Params   []params          `yaml:"params"`   // decorators and base classes that make parameters sources
	Feeds    []feed            `yaml:"feeds"`    // calls that call a function with data
	Exits    []string          `yaml:"exits"`    // calls that do not return
}

// group is several names with the same meaning. A name that begins with a dot is a
// method of a receiver that is not known.
type group struct {
	Names []string `yaml:"names"`
	Kind  string   `yaml:"kind"`  // source kind
	Kinds []string `yaml:"kinds"` // sink kinds; [all]
}

type sink struct {
	Names []string `yaml:"names"`
	Kind  string   `yaml:"kind"` // sink kind
	Args  []string `yaml:"args"` // "0", "0 cmd", "cmd", "0[0]", "*", "self"
	When  []string `yaml:"when"` // "shell is True", "shell not True", "host", "local", "built", "parts", "begins REGEX"
	Sure  bool     `yaml:"sure"` // of a method of a receiver that is not known: no doubt is left
}

type pass struct {
	Names []string `yaml:"names"`
	Args  []string `yaml:"args"` // [] is none
}

type params struct {
	Names   []string `yaml:"names"` // decorators, or base class and method
	Kind    string   `yaml:"kind"`
	Skip    int      `yaml:"skip"`
	Types   []string `yaml:"types"`
	Clean   []string `yaml:"clean"`
	Except  []string `yaml:"except"`
	Returns string   `yaml:"returns"` // sink kind that a returned string reaches
}

type feed struct {
	Names []string `yaml:"names"`
	Args  []string `yaml:"args"`
	Kind  string   `yaml:"kind"`
}

// knowledge is everything that was loaded.
type knowledge struct {
	spec  *pyflow.Spec
	rules *ruleSet
}

// builtIn is what merlon knows by itself, parsed on first use.
var builtIn = sync.OnceValues(func() (*knowledge, error) { return load(embedded) })

// load reads models/*.yaml and rules/*.yaml of several trees; later ones add to
// earlier ones.
func load(trees ...fs.FS) (*knowledge, error) {
	k := &knowledge{rules: newRuleSet(), spec: &pyflow.Spec{
		Kinds: sinkKinds(), Calls: map[string]*pyflow.Call{}, Methods: map[string]*pyflow.Call{}, Reads: map[string]string{}, Types: map[string]string{},
		Aliases: map[string]string{}, Params: map[string]*pyflow.Params{}, Named: map[string]string{}, Exits: map[string]bool{},
	}}
	for _, tree := range trees {
		for _, dir := range []string{"models", "rules"} {
			files, err := fs.Glob(tree, dir+"/*.yaml")
			if err != nil {
				return nil, err
			}
			slices.Sort(files)
			for _, name := range files {
				b, err := fs.ReadFile(tree, name)
				if err != nil {
					return nil, err
				}
				if dir == "models" {
					err = k.addLibrary(b)
				} else {
					err = k.rules.add(b)
				}
				if err != nil {
					return nil, fmt.Errorf("%s: %w", path.Base(name), err)
				}
			}
		}
	}
	return k, nil
}

func (k *knowledge) addLibrary(b []byte) error {
	var l library
	if err := strictyaml.Unmarshal(b, &l); err != nil {
		return err
	}
	for from, to := range l.Aliases {
		k.spec.Aliases[from] = to
	}
	for name, class := range l.Types {
		k.spec.Types[name] = class
	}
	for name, class := range l.Named {
		k.spec.Named[name] = class
	}
	for _, name := range l.Exits {
		k.spec.Exits[name] = true
	}
	for _, g := range l.Reads {
		if err := checkSource(g.Kind); err != nil {
			return err
		}
		for _, name := range g.Names {
			k.spec.Reads[name] = g.Kind
		}
	}
	for _, g := range l.Sources {
		if err := checkSource(g.Kind); err != nil {
			return err
		}
		for _, name := range g.Names {
			k.call(name).Source = g.Kind
			if k.call(name).Pass == nil {
				k.call(name).Pass = pyflow.NoPass
			}
		}
	}
	for _, g := range l.Cleaners {
		m, err := mask(g.Kinds)
		if err != nil {
			return err
		}
		for _, name := range g.Names {
			k.call(name).Clean |= m
		}
	}
	for _, g := range l.Checks {
		m, err := mask(g.Kinds)
		if err != nil {
			return err
		}
		for _, name := range g.Names {
			k.call(name).Check |= m
		}
	}
	for _, p := range l.Passes {
		args, err := arguments(p.Args)
		if err != nil {
			return err
		}
		for _, name := range p.Names {
			k.call(name).Pass = append(pyflow.NoPass, args...)
		}
	}
	for _, f := range l.Feeds {
		args, err := arguments(f.Args)
		if err != nil {
			return err
		}
		if err := checkSource(f.Kind); err != nil {
			return err
		}
		for _, name := range f.Names {
			for _, a := range args {
				k.call(name).Feeds = append(k.call(name).Feeds, pyflow.Feed{Arg: a, Kind: f.Kind})
			}
		}
	}
	for _, s := range l.Sinks {
		if err := k.addSink(s); err != nil {
			return err
		}
	}
	for _, p := range l.Params {
		if err := k.addParams(p); err != nil {
			return err
		}
	}
	return nil
}

func (k *knowledge) addSink(s sink) error {
	kind, err := sinkKind(s.Kind)
	if err != nil {
		return err
	}
	args, err := arguments(s.Args)
	if err != nil {
		return err
	}
	var when []pyflow.Condition
	for _, text := range s.When {
		c, err := condition(text)
		if err != nil {
			return err
		}
		when = append(when, c)
	}
	for _, name := range s.Names {
		c := k.call(name)
		for _, a := range args {
			c.Sinks = append(c.Sinks, pyflow.Sink{Kind: kind, Arg: a, Rule: s.Kind, When: when, Sure: s.Sure})
		}
	}
	return nil
}

func (k *knowledge) addParams(p params) error {
	out := &pyflow.Params{Kind: p.Kind, Skip: p.Skip, Types: p.Types, Clean: p.Clean, Except: p.Except}
	if p.Kind != "" {
		if err := checkSource(p.Kind); err != nil {
			return err
		}
	}
	if p.Returns != "" {
		kind, err := sinkKind(p.Returns)
		if err != nil {
			return err
		}
		out.Return = []pyflow.Sink{{Kind: kind, Rule: p.Returns, When: []pyflow.Condition{{Built: true}}}}
	}
	for _, name := range p.Names {
		k.spec.Params[name] = out
	}
	return nil
}

// call finds or makes the entry of a name.
func (k *knowledge) call(name string) *pyflow.Call {
	m := k.spec.Calls
	if strings.HasPrefix(name, ".") {
		m = k.spec.Methods
	}
	if m[name] == nil {
		m[name] = &pyflow.Call{Weak: strings.HasPrefix(name, ".")}
	}
	return m[name]
}

// arguments reads selectors such as "0 cmd", "cmd", "0[0]", "*", "self".
func arguments(texts []string) ([]pyflow.Arg, error) {
	var out []pyflow.Arg
	for _, text := range texts {
		a := pyflow.Arg{Pos: -1}
		for _, word := range strings.Fields(text) {
			word, key, _ := strings.Cut(word, "[")
			if key != "" {
				a.Key = "[" + key
			}
			switch n, err := strconv.Atoi(word); {
			case err == nil:
				a.Pos = n
			case word == "*":
				a.All = true
			case word == "self":
				a.Self = true
			default:
				a.Name = word
			}
		}
		out = append(out, a)
	}
	return out, nil
}

// condition reads "shell is True", "shell not True", "begins REGEX", "host", "local",
// "built" or "parts".
func condition(text string) (pyflow.Condition, error) {
	switch text {
	case "host":
		return pyflow.Condition{Host: true}, nil
	case "local":
		return pyflow.Condition{Local: true}, nil
	case "built":
		return pyflow.Condition{Built: true}, nil
	case "parts":
		return pyflow.Condition{Parts: true}, nil
	}
	if expr, ok := strings.CutPrefix(text, "begins "); ok {
		re, err := regexp.Compile(expr)
		return pyflow.Condition{Begin: re}, err
	}
	for _, word := range []string{" is ", " not "} {
		arg, value, ok := strings.Cut(text, word)
		if !ok {
			continue
		}
		a, err := arguments([]string{arg})
		if err != nil {
			return pyflow.Condition{}, err
		}
		if word == " is " {
			return pyflow.Condition{Arg: a[0], Is: value}, nil
		}
		return pyflow.Condition{Arg: a[0], Not: value}, nil
	}
	return pyflow.Condition{}, fmt.Errorf("condition %q is none of: ARG is VALUE, ARG not VALUE, begins REGEX, host, local, built, parts", text)
}
