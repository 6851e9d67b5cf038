package parity

import "github.com/merlon-security/merlon/engine/python"

// value is what can be said of an argument from its text alone. An attribute stands for
// its last name and a name for itself, so that ssl.PROTOCOL_TLSv1 and an imported
// PROTOCOL_TLSv1 are equal.
type value struct {
	kind valueKind
	s    string
	n    int64
	list []python.Node
}

type valueKind uint8

const (
	unknown valueKind = iota // also: not given
	word                     // a string, a name, an attribute, True, False or None
	number
	list
	other
)

func (v *visit) value(n python.Node) value {
	t := v.t
	switch t.Kind(n) {
	case python.KindAttribute:
		return value{kind: word, s: t.Attribute(n).Attr}
	case python.KindName:
		return value{kind: word, s: t.Name(n)}
	case python.KindList:
		return value{kind: list, list: t.List(n)}
	case python.KindTuple, python.KindSet, python.KindDict:
		return value{kind: other}
	case python.KindConstant:
		switch t.Const(n) {
		case python.ConstStr:
			s, _ := t.String(n)
			return value{kind: word, s: s}
		case python.ConstTrue, python.ConstFalse, python.ConstNone:
			return value{kind: word, s: t.Text(n)}
		case python.ConstInt:
			if i, ok := t.Int(n); ok {
				return value{kind: number, n: i}
			}
		}
		return value{kind: other}
	}
	return value{}
}

// site is a call that is looked at.
type site struct {
	*visit
	node     python.Node
	name     string // qualified
	args     []python.Node
	keywords []python.Node
}

// keyword returns the value node of a keyword, 0 if it is not there.
func (s *site) keyword(name string) python.Node {
	for _, k := range s.keywords {
		if kw := s.t.Keyword(k); kw.Name == name {
			return kw.Value
		}
	}
	return 0
}

// named is the value of a keyword.
func (s *site) named(name string) value {
	n := s.keyword(name)
	if n == 0 {
		return value{}
	}
	return s.value(n)
}

// at is the value of a positional argument.
func (s *site) at(i int) value {
	if i >= len(s.args) {
		return value{}
	}
	return s.value(s.args[i])
}

// is reports whether a keyword has one of the values.
func (s *site) is(name string, words ...string) bool {
	v := s.named(name)
	for _, w := range words {
		if v.kind == word && v.s == w {
			return true
		}
	}
	return false
}

// or returns the keyword, or the node of the call itself: where it is reported.
func (s *site) or(name string) python.Node {
	if n := s.keyword(name); n != 0 {
		return n
	}
	return s.node
}
