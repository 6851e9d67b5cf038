package sast

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text/strictyaml"
)

//go:embed models/*.yaml rules/*.yaml
var embedded embed.FS

// library is a file of models and rules: what is known of one library.
type library struct {
	Library  string            `yaml:"library"`
	Packages []string          `yaml:"packages"` // on PyPI, with the versions its names were checked against: "flask==3.1.3"
	Aliases  map[string]string `yaml:"aliases"`  // other names: re-exports
	// StandsFor lists what a class without a package of its own stands for: a connection
	// of any database driver. Each of its names exists in one of them.
	StandsFor map[string][]string `yaml:"stands_for"`
	Types     map[string]string   `yaml:"types"`    // class of what a call returns ("sqlite3.connect()") or an attribute holds
	Named     map[string]string   `yaml:"named"`    // class of parameters by their name
	Reads     []group             `yaml:"reads"`    // attributes that are sources
	Sources   []group             `yaml:"sources"`  // calls whose result is a source
	Sinks     []sink              `yaml:"sinks"`    // arguments that data must not reach
	Cleaners  []group             `yaml:"cleaners"` // calls whose result is clean for some kinds
	Checks    []group             `yaml:"checks"`   // calls that are true for clean data only
	Passes    []pass              `yaml:"passes"`   // calls whose result carries only some arguments
	Params    []params            `yaml:"params"`   // decorators and base classes that make parameters sources
	Feeds     []feed              `yaml:"feeds"`    // calls that call a function with data
	Undoes    []string            `yaml:"undoes"`   // calls that decode: what cleaned the data before does not count
	Exits     []string            `yaml:"exits"`    // calls that do not return
	Rules     []rule              `yaml:"rules"`    // what a finding says and how bad it is
	Fixes     []fixes             `yaml:"fixes"`    // how findings are mended
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
	When  []string `yaml:"when"` // "shell is True", "shell not True", "0[0] matches REGEX", "host", "local", "built", "parts", "begins REGEX"
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

// Knowledge is everything that is known of libraries, and the rules. It is read only.
type Knowledge struct {
	spec   *pyflow.Spec
	rules  *ruleSet
	digest string // of what is not built in; "" nothing
}

// Rules lists the rules.
func (k *Knowledge) Rules() []finding.Rule { return slices.Clone(k.rules.all) }

// builtIn is what merlon knows by itself, parsed on first use.
var builtIn = sync.OnceValues(func() (*Knowledge, error) {
	docs, err := embeddedDocuments()
	if err != nil {
		return nil, err
	}
	return load(docs)
})

// document is a file of models or rules.
type document struct {
	name string
	text []byte
}

func embeddedDocuments() ([]document, error) {
	var docs []document
	for _, pattern := range []string{"models/*.yaml", "rules/*.yaml"} {
		files, err := fs.Glob(embedded, pattern)
		if err != nil {
			return nil, err
		}
		slices.Sort(files)
		for _, name := range files {
			b, err := embedded.ReadFile(name)
			if err != nil {
				return nil, err
			}
			docs = append(docs, document{name, b})
		}
	}
	return docs, nil
}

// load reads documents; later ones add to earlier ones. Rules come first, because they
// say what kinds of sinks there are.
func load(docs []document) (*Knowledge, error) {
	k := &Knowledge{rules: newRuleSet(), spec: &pyflow.Spec{
		Calls: map[string]*pyflow.Call{}, Methods: map[string]*pyflow.Call{}, Reads: map[string]string{}, Types: map[string]string{},
		Aliases: map[string]string{}, Params: map[string]*pyflow.Params{}, Named: map[string]string{}, Exits: map[string]bool{},
	}}
	libraries := make([]library, len(docs))
	for i, d := range docs {
		l := &libraries[i]
		if err := strictyaml.Unmarshal(d.text, l); err != nil {
			return nil, d.mistake(err)
		}
		for _, r := range l.Rules {
			if err := k.rules.addRule(r); err != nil {
				return nil, d.mistake(inRule(err, r.ID))
			}
		}
	}
	for i, d := range docs {
		if err := k.addLibrary(&libraries[i]); err != nil {
			return nil, d.mistake(err)
		}
		for _, f := range libraries[i].Fixes {
			if err := k.addFixes(f); err != nil {
				return nil, d.mistake(err)
			}
		}
	}
	k.spec.Kinds = k.rules.kinds
	return k, nil
}

// call finds or makes the entry of a name.
func (k *Knowledge) call(name string) *pyflow.Call {
	m := k.spec.Calls
	if strings.HasPrefix(name, ".") {
		m = k.spec.Methods
	}
	if m[name] == nil {
		m[name] = &pyflow.Call{Weak: strings.HasPrefix(name, ".")}
	}
	return m[name]
}
