package parity

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/merlon-security/merlon/engine/python"
)

// secret is a name of something that must not stand in code.
var secret = sync.OnceValue(func() *regexp.Regexp {
	const words = `(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)`
	return regexp.MustCompile(`(?i)(^` + words + `$|_` + words + `_|^` + words + `_|_` + words + `$)`)
})

// sql is a statement that reads or changes data.
var sql = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?is)(select\s.*from\s|delete\s+from\s|insert\s+into\s.*values[\s(]|update\s.*set\s)`)
})

// text looks at a constant string that is no statement of its own.
func (v *visit) text(n python.Node, s string) {
	if s == "0.0.0.0" {
		v.hit("B104", n, v.parents[n])
	}
	for _, dir := range []string{"/tmp", "/var/tmp", "/dev/shm"} {
		if strings.HasPrefix(s, dir) {
			v.hit("B108", n, v.parents[n])
			break
		}
	}
	if v.secretText(n, s) {
		v.hit("B105", n, v.parents[n])
	}
	if sql().MatchString(v.statement(n, s)) {
		v.hit("B608", n, v.parents[n])
	}
}

// secretText reports whether a string is what a name, attribute or key like password is
// given or compared with, or such a key.
func (v *visit) secretText(n python.Node, s string) bool {
	t := v.t
	named := func(n python.Node) bool {
		switch t.Kind(n) {
		case python.KindName:
			return secret().MatchString(t.Name(n))
		case python.KindAttribute:
			return secret().MatchString(t.Attribute(n).Attr)
		}
		return false
	}
	parent := v.parents[n]
	switch t.Kind(parent) {
	case python.KindAssign:
		for _, target := range t.Assign(parent).Targets {
			if named(target) {
				return true
			}
		}
	case python.KindDict:
		d := t.Dict(parent)
		for i, k := range d.Keys {
			if k == n {
				return secret().MatchString(s) && t.Kind(d.Values[i]) == python.KindConstant
			}
		}
	case python.KindSubscript:
		around := v.parents[parent]
		if t.Kind(around) != python.KindAssign || !secret().MatchString(s) {
			return false
		}
		_, ok := v.str(t.Assign(around).Value)
		return ok
	case python.KindCompare:
		c := t.Compare(parent)
		_, ok := v.str(c.Comparators[0])
		return ok && named(c.Left)
	}
	return false
}

// statement is the constant text of what a string is put together to, "" if it is not.
func (v *visit) statement(n python.Node, s string) string {
	t, parent := v.t, v.parents[n]
	switch t.Kind(parent) {
	case python.KindBinOp:
		return strings.Join(append([]string{s}, v.others(parent)...), " ")
	case python.KindAttribute:
		if a := t.Attribute(parent).Attr; a == "format" || a == "replace" {
			return s
		}
	case python.KindJoinedStr:
		var whole strings.Builder
		for _, part := range t.List(parent) {
			text, ok := v.str(part)
			if ok && whole.Len() == 0 && part != n {
				return "" // the first piece speaks for all
			}
			whole.WriteString(text)
		}
		return whole.String()
	}
	return ""
}

// others are the constant texts of an expression of operators, but for those below
// parent, in the order of the expression.
func (v *visit) others(parent python.Node) []string {
	t, root := v.t, parent
	for ; t.Kind(v.parents[root]) == python.KindBinOp && v.budget > 0; v.budget-- {
		root = v.parents[root]
	}
	var texts []string
	t.Walk(root, func(n python.Node) bool {
		v.budget--
		if n == parent || v.budget < 0 {
			return false
		}
		if s, ok := v.str(n); ok {
			texts = append(texts, s)
		}
		return t.Kind(n) == python.KindBinOp
	})
	return texts
}

// handler reports exceptions that are swallowed, if any exception is.
func (v *visit) handler(n python.Node) {
	h := v.t.ExceptHandler(n)
	if len(h.Body) != 1 || h.Type != 0 && !v.t.IsName(h.Type, "Exception") {
		return
	}
	switch v.t.Kind(h.Body[0]) {
	case python.KindPass:
		v.hit("B110", n, n)
	case python.KindContinue:
		v.hit("B112", n, n)
	}
}

// defaults looks at the defaults of a function's parameters.
func (v *visit) defaults(n python.Node) {
	a := v.t.Arguments(v.t.FunctionDef(n).Args)
	for _, d := range a.Defaults {
		name := last(v.qualified(d))
		for _, p := range weakProtocols {
			if name == p {
				v.hit("B503", n, n)
			}
		}
	}
	for i := range a.Args {
		d := a.Default(len(a.PosOnly) + i)
		if _, ok := v.str(d); ok && secret().MatchString(v.t.Arg(a.Args[i]).Name) {
			v.hit("B107", n, n)
			return
		}
	}
}

// hidden reports the first line with a character that changes the direction of text.
func (v *visit) hidden() {
	for i, c := range v.t.Source() {
		if c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069' || c == '\u200f' {
			at := line(v.t, i)
			v.hits = append(v.hits, Hit{"B613", i, i + utf8.RuneLen(c), at, at})
			return
		}
	}
}
