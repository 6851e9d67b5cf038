package sast

import (
	"regexp"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/code/sast/parity"
	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/finding"
)

// shapeRule is a rule about a piece of the tree itself, without names resolved or data
// followed.
type shapeRule struct {
	rule  finding.Rule
	text  string
	shape string
	names []string       // of modules, with everything below
	re    *regexp.Regexp // of strings
}

// shapes are what a shape rule can ask for.
var shapes = []string{
	"assert",               // an assertion
	"except-pass",          // except: pass
	"except-continue",      // except: continue
	"import",               // an import of one of the names
	"string",               // a constant string that matches, docstrings apart
	"secret-assigned",      // a name like password that is given or compared with a constant string
	"secret-passed",        // a keyword like password with a constant string
	"secret-default",       // a parameter like password with a constant default
	"sql-built",            // a string that begins like SQL and is put together
	"hidden-direction",     // characters that change the direction of the text around them
	"setting",              // one of the names that is given a value that matches
	"open-inference-route", // a route that asks a model for anyone who calls it
	"bandit",               // what Bandit reports under the rule's alias
}

func newShapeRule(r rule, out finding.Rule) (*shapeRule, error) {
	if !slices.Contains(shapes, r.Shape) {
		return nil, mistakef(r.Shape, "shape %q is none of %s", r.Shape, strings.Join(shapes, ", "))
	}
	if r.Shape == "bandit" && (len(r.Aliases) != 1 || !slices.Contains(parity.IDs(), r.Aliases[0])) {
		return nil, mistakef("aliases", "a rule of shape bandit has one id of Bandit as its alias")
	}
	s := &shapeRule{rule: out, text: r.Message, shape: r.Shape, names: r.Names}
	var err error
	if r.Matches != "" {
		if s.re, err = regexp.Compile(r.Matches); err != nil {
			return nil, mistakef("matches", "matches: %v", err)
		}
	}
	return s, err
}

// shapes looks at every node of a file.
func (r *reporter) shapes(f *source) {
	if len(r.rules.shapes) == 0 {
		return
	}
	t := f.tree
	docs := map[python.Node]bool{}
	report := func(shape string, n python.Node, holds func(*shapeRule) bool) {
		for _, s := range r.rules.shapes {
			if s.shape == shape && (holds == nil || holds(s)) {
				r.add(s.rule, finding.Finding{Message: s.text}, f, t, n, shape)
			}
		}
	}
	if i := strings.IndexAny(t.Source(), "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"); i >= 0 {
		at := t.Module()
		t.Walk(at, func(n python.Node) bool {
			if t.Start(n) <= i && i < t.End(n) {
				at = n
			}
			return true
		})
		report("hidden-direction", at, nil)
	}
	t.Walk(t.Module(), func(n python.Node) bool {
		switch t.Kind(n) {
		case python.KindAssert:
			report("assert", n, nil)
		case python.KindExceptHandler:
			if body := t.ExceptHandler(n).Body; len(body) == 1 {
				switch t.Kind(body[0]) {
				case python.KindPass:
					report("except-pass", n, nil)
				case python.KindContinue:
					report("except-continue", n, nil)
				}
			}
		case python.KindImport, python.KindImportFrom:
			report("import", n, func(s *shapeRule) bool { return slices.ContainsFunc(imported(t, n), s.imports) })
		case python.KindExpr:
			docs[t.Value(n)] = true
		case python.KindConstant:
			if s, ok := str(t, n); ok && !docs[n] {
				report("string", n, func(r *shapeRule) bool { return r.re != nil && r.re.MatchString(s) })
			}
		case python.KindJoinedStr, python.KindBinOp, python.KindCall:
			r.shapeOfExpression(t, n, report)
		case python.KindAssign:
			a := t.Assign(n)
			for _, target := range a.Targets {
				report("setting", n, func(r *shapeRule) bool { return r.setting(lastName(t, target), t.Text(a.Value)) })
			}
			if s, ok := str(t, a.Value); ok {
				for _, target := range a.Targets {
					report("secret-assigned", n, func(r *shapeRule) bool { return r.secret(lastName(t, target), s) })
				}
			}
		case python.KindCompare:
			c := t.Compare(n)
			if len(c.Comparators) == 1 && (c.Op(0) == python.OpEq || c.Op(0) == python.OpNotEq) {
				if s, ok := str(t, c.Comparators[0]); ok {
					report("secret-assigned", n, func(r *shapeRule) bool { return r.secret(lastName(t, c.Left), s) })
				}
			}
		case python.KindFunctionDef, python.KindAsyncFunctionDef:
			a := t.Arguments(t.FunctionDef(n).Args)
			for i := range len(a.PosOnly) + len(a.Args) {
				if s, ok := str(t, a.Default(i)); ok {
					name := t.Arg(a.Positional(i)).Name
					report("secret-default", a.Default(i), func(r *shapeRule) bool { return r.secret(name, s) })
				}
			}
			for i, kw := range a.KwOnly {
				if s, ok := str(t, a.KwDefaults[i]); ok {
					report("secret-default", a.KwDefaults[i], func(r *shapeRule) bool { return r.secret(t.Arg(kw).Name, s) })
				}
			}
		}
		return true
	})
}

// sqlStart is how a statement begins that reads or changes data.
var sqlStart = pattern(`(?is)^\s*(select\s.*\bfrom\s|insert\s+into\s|delete\s+from\s|update\s.*\bset\s|with\s.*\bas\s)`)

// shapeOfExpression looks at strings that are put together and at keywords of calls.
func (r *reporter) shapeOfExpression(t *python.Tree, n python.Node, report func(string, python.Node, func(*shapeRule) bool)) {
	sql := func(start python.Node, whole string) {
		if sqlStart().MatchString(whole) {
			report("sql-built", start, nil)
		}
	}
	switch t.Kind(n) {
	case python.KindJoinedStr:
		whole, open := "", false
		for _, part := range t.List(n) {
			if s, ok := str(t, part); ok {
				whole += s
			} else {
				whole, open = whole+" ", true
			}
		}
		if open {
			sql(n, whole)
		}
	case python.KindBinOp:
		b := t.BinOp(n)
		if s, ok := str(t, b.Left); ok && (b.Op == python.OpMod || b.Op == python.OpAdd) {
			if _, constant := str(t, b.Right); !constant || b.Op == python.OpMod {
				sql(n, s)
			}
		}
	case python.KindCall:
		c := t.Call(n)
		if t.Kind(c.Func) == python.KindAttribute {
			if a := t.Attribute(c.Func); a.Attr == "format" {
				if s, ok := str(t, a.Value); ok {
					sql(n, s)
				}
			}
		}
		for _, k := range c.Keywords {
			kw := t.Keyword(k)
			report("setting", kw.Value, func(r *shapeRule) bool { return r.setting(kw.Name, t.Text(kw.Value)) })
			if s, ok := str(t, kw.Value); ok {
				report("secret-passed", kw.Value, func(r *shapeRule) bool { return r.secret(kw.Name, s) })
			}
		}
	}
}

// setting reports whether a name is one of the rule's and its value matches.
func (s *shapeRule) setting(name, value string) bool {
	return slices.Contains(s.names, name) && s.re != nil && s.re.MatchString(value)
}

// secretName is a name of something that must not stand in code.
var secretName = pattern(`(?i)(^|_)(pass(wo?r?d|phrase|wd)?|pwd|tokens?|secrets?|api_?key)(_|$)`)

// secret reports whether a name and its text look like a credential. A rule with an
// expression asks for it, too.
func (s *shapeRule) secret(name, value string) bool {
	return name != "" && secretName().MatchString(name) && (s.re == nil || s.re.MatchString(value) && !placeholder(value))
}

// placeholder reports whether a text is no credential but a word, a name or an example.
func placeholder(s string) bool {
	lower := strings.ToLower(s)
	for _, w := range []string{"example", "your", "change", "dummy", "test", "fake", "xxx", "...", "<", "{", "$", "%", "://", "placeholder", "redacted", "not-", "none", "sample", "insert"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return !strings.ContainsAny(s, "0123456789") || !strings.ContainsAny(lower, "abcdefghijklmnopqrstuvwxyz")
}

func (s *shapeRule) imports(name string) bool {
	return slices.ContainsFunc(s.names, func(m string) bool { return name == m || strings.HasPrefix(name, m+".") })
}

// imported is the dotted names that an import brings in.
func imported(t *python.Tree, n python.Node) []string {
	var out []string
	if t.Kind(n) == python.KindImport {
		for _, a := range t.List(n) {
			out = append(out, t.Alias(a).Name)
		}
		return out
	}
	d := t.ImportFrom(n)
	if d.Level > 0 {
		return nil
	}
	for _, a := range d.Names {
		out = append(out, d.Module+"."+t.Alias(a).Name)
	}
	return out
}

// str is the text of a constant string.
func str(t *python.Tree, n python.Node) (string, bool) {
	if n == 0 || t.Kind(n) != python.KindConstant || t.Const(n) != python.ConstStr {
		return "", false
	}
	return t.String(n)
}

// lastName is the name, attribute or constant key at the end of an expression.
func lastName(t *python.Tree, n python.Node) string {
	switch t.Kind(n) {
	case python.KindName:
		return t.Name(n)
	case python.KindAttribute:
		return t.Attribute(n).Attr
	case python.KindSubscript:
		s, _ := str(t, t.Subscript(n).Index)
		return s
	}
	return ""
}
