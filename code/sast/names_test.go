package sast

import (
	"bufio"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/text/strictyaml"
)

// TestNamesExist compares the names of models and rules with those that were found in
// the sources of their packages: testdata/names.tsv, which bench/python/names.py
// writes. A new name needs a place there, and a model names the packages it is about.
func TestNamesExist(t *testing.T) {
	found := map[string]string{} // package by name
	f, err := os.Open("testdata/names.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if c := strings.Split(s.Text(), "\t"); len(c) == 4 && c[0] != "name" {
			if c[1] == "" || c[2] == "" || c[3] == "" {
				t.Errorf("names.tsv: %s has no package, place or reason", c[0])
			}
			found[c[0]] = c[1]
		}
	}
	docs, err := embeddedDocuments()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, d := range docs {
		var l library
		if err := strictyaml.Unmarshal(d.text, &l); err != nil {
			t.Fatal(err)
		}
		var packages []string
		for _, name := range l.names() {
			used[name] = true
			p, ok := found[name]
			if !ok {
				t.Errorf("%s: %s is in no package that was looked at: run bench/python/names.py --write", path.Base(d.name), name)
			}
			if path.Dir(d.name) == "models" && ok && !slices.Contains(packages, p) {
				packages = append(packages, p)
			}
		}
		slices.Sort(packages)
		if path.Dir(d.name) == "models" && !slices.Equal(packages, l.Packages) {
			t.Errorf("%s: its names are from [%s], its packages are [%s]", path.Base(d.name), strings.Join(packages, ", "), strings.Join(l.Packages, ", "))
		}
	}
	for name := range found {
		if !used[name] {
			t.Errorf("names.tsv: %s is in no model", name)
		}
	}
}

// names are all that a document names in libraries.
func (l *library) names() []string {
	var out []string
	add := func(names ...string) {
		for _, n := range names {
			if !strings.HasPrefix(n, "*") && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	for _, g := range slices.Concat(l.Reads, l.Sources, l.Cleaners, l.Checks) {
		add(g.Names...)
	}
	for _, s := range l.Sinks {
		add(s.Names...)
	}
	for _, p := range l.Passes {
		add(p.Names...)
	}
	for _, f := range l.Feeds {
		add(f.Names...)
	}
	for _, p := range l.Params {
		add(slices.Concat(p.Names, p.Types, p.Clean, p.Except)...)
	}
	for _, m := range []map[string]string{l.Aliases, l.Types} {
		for a, b := range m {
			add(a, b)
		}
	}
	for _, b := range l.Named {
		add(b)
	}
	for _, real := range l.StandsFor {
		add(real...)
	}
	add(slices.Concat(l.Exits, l.Undoes)...)
	for _, r := range l.Rules {
		add(r.Calls...)
	}
	return out
}

// TestLowTrustIsLessSevere holds for every rule about flows: who starts the program is
// never as bad as who reaches it from elsewhere.
func TestLowTrustIsLessSevere(t *testing.T) {
	k, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	for kind, r := range k.rules.taint {
		if r.by[remote] != 0 && r.by[local] >= r.by[remote] {
			t.Errorf("%s: data of the command line is as severe as that of a request", r.rule.ID)
		}
		if r.by[internal] > r.by[remote] || r.by[content] > r.by[remote] && r.by[remote] != 0 {
			t.Errorf("%s (%s): data of a database or document is worse than that of a request", r.rule.ID, kind)
		}
	}
}

// TestMessagesNameTheSource: a message says where data comes from and how far it is
// trusted.
func TestMessagesNameTheSource(t *testing.T) {
	for kind, want := range map[string]string{
		"http-request":  "data from an HTTP request (remote attacker) reaches os.system",
		"rpc":           "data from a remote procedure call (remote attacker) reaches os.system",
		"model-output":  "data from the answer of a language model (attacker-influenced by prompt injection) reaches os.system",
		"tool-argument": "data from arguments that a language model chose for a tool (attacker-influenced by prompt injection) reaches os.system",
		"retrieved":     "data from a retrieved document (whoever wrote it) reaches os.system",
		"database":      "data from a row of a database (another component) reaches os.system",
		"argv":          "data from the command line (local user) reaches os.system",
		"environment":   "data from an environment variable (local user) reaches os.system",
		"secret":        "a secret of the program reaches os.system",
		"predictable":   "a predictable random number reaches os.system",
	} {
		if got := sourceOf(kind).reaches("os.system"); got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	said := regexp.MustCompile(`\((remote attacker|attacker-influenced by prompt injection|whoever wrote it|another component|local user)\)`)
	for _, k := range sourceKinds {
		if k.trust != own && !said.MatchString(k.reaches("x")) {
			t.Errorf("%s: the message does not say how far it is trusted", k.id)
		}
	}
}
