package sast

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/pyflow"
)

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

// condition reads "shell is True", "shell not True", "0[0] matches REGEX", "begins REGEX", "host", "local",
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
		if err != nil {
			return pyflow.Condition{}, mistakef(text, "condition %q: %v", text, err)
		}
		return pyflow.Condition{Begin: re}, nil
	}
	for _, word := range []string{" matches ", " lacks "} {
		arg, expr, ok := strings.Cut(text, word)
		if !ok {
			continue
		}
		a, err := arguments([]string{arg})
		if err != nil {
			return pyflow.Condition{}, err
		}
		re, err := regexp.Compile(strings.TrimSpace(expr))
		if err != nil {
			return pyflow.Condition{}, mistakef(text, "condition %q: %v", text, err)
		}
		if word == " lacks " {
			return pyflow.Condition{Arg: a[0], Lack: re}, nil
		}
		return pyflow.Condition{Arg: a[0], Match: re}, nil
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
	return pyflow.Condition{}, mistakef(text, "condition %q is none of: ARG is VALUE, ARG not VALUE, ARG matches REGEX, ARG lacks REGEX, begins REGEX, host, local, built, parts", text)
}
