package sast

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/pyflow"
)

// addLibrary adds what one document says of a library. What is there already stays.
func (k *Knowledge) addLibrary(l *library) error {
	for from, to := range l.Aliases {
		k.spec.Aliases[from] = to
	}
	for name, class := range l.Types {
		k.spec.Types[name] = class
	}
	for name, class := range l.Named {
		k.spec.Named[name] = class
	}
	for _, name := range l.Undoes {
		k.call(name).Undo = true
	}
	for _, name := range l.Exits {
		k.spec.Exits[name] = true
	}
	for _, g := range l.Reads {
		if err := checkGroup(g.Names, "reads", g.Kind); err != nil {
			return err
		}
		for _, name := range g.Names {
			k.spec.Reads[name] = g.Kind
		}
	}
	for _, g := range l.Sources {
		if err := checkGroup(g.Names, "sources", g.Kind); err != nil {
			return err
		}
		for _, name := range g.Names {
			k.call(name).Source = g.Kind
			if k.call(name).Pass == nil {
				k.call(name).Pass = pyflow.NoPass
			}
		}
	}
	if err := k.addCleaners(l); err != nil {
		return err
	}
	for _, p := range l.Passes {
		if err := checkNames(p.Names, "passes"); err != nil {
			return err
		}
		args, err := arguments(p.Args)
		if err != nil {
			return err
		}
		for _, name := range p.Names {
			k.call(name).Pass = append(pyflow.NoPass, args...)
		}
	}
	for _, f := range l.Feeds {
		if err := checkGroup(f.Names, "feeds", f.Kind); err != nil {
			return err
		}
		args, err := arguments(f.Args)
		if err != nil {
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

func (k *Knowledge) addCleaners(l *library) error {
	for _, g := range l.Cleaners {
		m, err := k.rules.mask(g.Kinds)
		if err == nil {
			err = checkNames(g.Names, "cleaners")
		}
		if err != nil {
			return err
		}
		for _, name := range g.Names {
			k.call(name).Clean |= m
		}
	}
	for _, g := range l.Checks {
		m, err := k.rules.mask(g.Kinds)
		if err == nil {
			err = checkNames(g.Names, "checks")
		}
		if err != nil {
			return err
		}
		for _, name := range g.Names {
			k.call(name).Check |= m
		}
	}
	return nil
}

func (k *Knowledge) addSink(s sink) error {
	kind, err := k.rules.sinkKind(s.Kind)
	if err != nil {
		return err
	}
	if err := checkNames(s.Names, "sinks"); err != nil {
		return err
	}
	if len(s.Args) == 0 {
		return mistakef(s.Names[0], "a sink has no args; say which argument data must not reach, such as args: [0 path]")
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

func (k *Knowledge) addParams(p params) error {
	if err := checkNames(p.Names, "params"); err != nil {
		return err
	}
	out := &pyflow.Params{Kind: p.Kind, Skip: p.Skip, Types: p.Types, Clean: p.Clean, Except: p.Except}
	if p.Kind != "" {
		if err := checkSource(p.Kind); err != nil {
			return err
		}
	}
	if p.Returns != "" {
		kind, err := k.rules.sinkKind(p.Returns)
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

func checkGroup(names []string, key, kind string) error {
	if err := checkNames(names, key); err != nil {
		return err
	}
	return checkSource(kind)
}

// checkNames refuses what cannot be the name of anything in Python.
func checkNames(names []string, key string) error {
	if len(names) == 0 {
		return mistakef(key+":", "an entry of %s has no names; list what it is about, such as names: [package.function]", key)
	}
	for _, n := range names {
		if n == "" || strings.ContainsFunc(n, func(r rune) bool { return r <= ' ' || strings.ContainsRune("\"'`,;:<>{}", r) }) {
			return mistakef(n, "%q is no name; write package.module.Class.method, .method for a receiver that is not known, or function().method for what a call returns", n)
		}
	}
	if slices.Contains(names, "*") {
		return mistakef("*", "* is a name in call rules only")
	}
	return nil
}
