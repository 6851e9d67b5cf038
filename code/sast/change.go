package sast

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/patch"
	"github.com/merlon-security/merlon/engine/pyflow"
	"github.com/merlon-security/merlon/engine/python"
)

// changer makes the edits of one call.
type changer struct {
	t     *python.Tree
	node  python.Node
	call  python.Call
	edits []patch.Edit
	did   []string // in words
}

// take makes the edits of a step, and says whether it can be taken.
func (c *changer) take(s step) bool {
	switch s.verb {
	case "alone":
		return len(c.call.Args)+len(c.call.Keywords) == 0
	case "missing":
		value, hidden := c.argument(s.arg)
		return value == 0 && !hidden
	case "set", "replace":
		return c.set(s)
	case "drop":
		return c.drop(s.arg.Name)
	case "end":
		return c.end(s)
	case "call":
		return c.rename(s.words[0], s.words[1])
	case "module":
		return c.module(s.words[0], s.words[1])
	}
	return false
}

func (c *changer) replace(from, to int, text string) {
	c.edits = append(c.edits, patch.Edit{Start: from, End: to, New: text})
}

func (c *changer) replaceNode(n python.Node, text string) {
	c.replace(c.t.Start(n), c.t.End(n), text)
}

// argument finds an argument that is written in the call. hidden says that * or ** may
// hold it.
func (c *changer) argument(a pyflow.Arg) (value python.Node, hidden bool) {
	for _, k := range c.call.Keywords {
		switch kw := c.t.Keyword(k); {
		case kw.Name == "":
			hidden = true
		case kw.Name == a.Name:
			return kw.Value, false
		}
	}
	for i, n := range c.call.Args {
		if c.t.Kind(n) == python.KindStarred {
			return 0, hidden || a.Pos >= i
		}
		if i == a.Pos {
			return n, false
		}
	}
	return 0, hidden
}

func (c *changer) set(s step) bool {
	value, hidden := c.argument(s.arg)
	said := s.arg.Name + "=" + s.words[0]
	switch {
	case value != 0:
		if c.t.Kind(value) != python.KindConstant || c.t.Text(value) == s.words[0] {
			return false
		}
		c.did = append(c.did, said+" instead of "+c.t.Text(value))
		c.replaceNode(value, s.words[0])
		return true
	case hidden || s.verb == "replace":
		return false
	}
	c.did = append(c.did, "add "+said)
	return c.add(said)
}

// end changes the last word of an argument that is a dotted name, or a call of one.
func (c *changer) end(s step) bool {
	value, _ := c.argument(s.arg)
	if value == 0 {
		return false
	}
	if c.t.Kind(value) == python.KindCall {
		value = c.t.Call(value).Func
	}
	word := s.words[0]
	return c.lastWord(value, func(old string) (string, bool) { return word, old != word })
}

// rename changes the function that is called.
func (c *changer) rename(from, to string) bool {
	return c.lastWord(c.call.Func, func(old string) (string, bool) { return to, old == from })
}

func (c *changer) lastWord(n python.Node, change func(string) (string, bool)) bool {
	if c.t.Kind(n) != python.KindAttribute {
		return false
	}
	old := c.t.Attribute(n).Attr
	to, ok := change(old)
	if !ok || !strings.HasSuffix(c.t.Text(n), old) {
		return false
	}
	c.replace(c.t.End(n)-len(old), c.t.End(n), to)
	c.did = append(c.did, to+" instead of "+old)
	return true
}

// module calls the function of another module that has one of the same name.
func (c *changer) module(from, to string) bool {
	t := c.t
	if t.Kind(c.call.Func) != python.KindAttribute {
		return false
	}
	name := t.Attribute(c.call.Func).Value
	if !t.IsName(name, from) {
		return false
	}
	if !c.imported(from, to) {
		return false
	}
	c.replaceNode(name, to)
	c.did = append(c.did, to+" instead of "+from)
	return true
}

// imported makes sure that a module has its own name in the file: it is imported at the
// top, or can be after the other one. It cannot if the name means something else anywhere.
func (c *changer) imported(from, to string) bool {
	t := c.t
	imports := func(n python.Node, module string) bool {
		return t.Kind(n) == python.KindImport && slices.ContainsFunc(t.List(n), func(a python.Node) bool { return t.Alias(a) == python.Alias{Name: module} })
	}
	var after python.Node
	there := false
	for _, n := range t.Body() {
		there = there || imports(n, to)
		if imports(n, from) {
			after = n
		}
	}
	if !there && (after == 0 || t.Start(after) > t.Start(c.node)) {
		return false
	}
	for _, word := range identifiers(t, to) {
		if !there || !word {
			return false
		}
	}
	if there {
		return true
	}
	src := t.Source()
	line, col := t.Position(t.Start(after))
	eol := t.End(after)
	if col != 0 || t.Comment(line) == "" && strings.TrimRight(t.LineText(line), " \t") != t.Text(after) {
		return false
	}
	for eol < len(src) && src[eol] != '\n' && src[eol] != '\r' {
		eol++
	}
	c.replace(eol, eol, newline(src)+"import "+to)
	return true
}

// identifiers tells of each place in which a name is bound or read whether an import of
// the module alone explains it.
func identifiers(t *python.Tree, name string) []bool {
	var out []bool
	t.Walk(t.Module(), func(n python.Node) bool {
		switch t.Kind(n) {
		case python.KindName:
			if t.Name(n) == name {
				out = append(out, t.Context(n) == python.Load)
			}
		case python.KindArg:
			if t.Arg(n).Name == name {
				out = append(out, false)
			}
		case python.KindAlias:
			if a := t.Alias(n); a.AsName == name || a.AsName == "" && a.Name == name {
				out = append(out, a == python.Alias{Name: name})
			}
		case python.KindFunctionDef, python.KindAsyncFunctionDef:
			if t.FunctionDef(n).Name == name {
				out = append(out, false)
			}
		case python.KindClassDef:
			if t.ClassDef(n).Name == name {
				out = append(out, false)
			}
		case python.KindExceptHandler:
			if t.ExceptHandler(n).Name == name {
				out = append(out, false)
			}
		}
		return true
	})
	return out
}

// newline is how the lines of a text end.
func newline(src string) string {
	switch i := strings.IndexAny(src, "\r\n"); {
	case i < 0 || src[i] == '\n':
		return "\n"
	case strings.HasPrefix(src[i:], "\r\n"):
		return "\r\n"
	}
	return "\r"
}
