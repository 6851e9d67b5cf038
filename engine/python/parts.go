package python

import (
	"strconv"
	"strings"
)

// maxParts bounds the parts of one string.
const maxParts = 1000

// Part is a part of a string that a program puts together: constant text, or the
// expression that stands there.
type Part struct {
	Text string
	Expr Node // 0 for text
}

// Parts takes an expression that builds a string apart: +, %, str.format, join of a
// literal list, and f-strings, with constants folded. "SELECT " + x becomes the text
// "SELECT " and x. An expression of another kind is one part.
func (b *Bindings) Parts(n Node) []Part {
	p := partition{b: b}
	p.expr(n, 0)
	return p.parts
}

type partition struct {
	b     *Bindings
	parts []Part
}

func (p *partition) text(s string) {
	if s == "" {
		return
	}
	if n := len(p.parts); n > 0 && p.parts[n-1].Expr == 0 {
		p.parts[n-1].Text += s
		return
	}
	if len(p.parts) < maxParts {
		p.parts = append(p.parts, Part{Text: s})
	}
}

func (p *partition) node(n Node) {
	if len(p.parts) < maxParts {
		p.parts = append(p.parts, Part{Expr: n})
	}
}

func (p *partition) expr(n Node, depth int) {
	if n == 0 {
		return
	}
	if depth > maxFoldDepth || len(p.parts) >= maxParts {
		p.node(n)
		return
	}
	if s, ok := p.b.String(n); ok {
		p.text(s)
		return
	}
	t := p.b.tree
	switch t.Kind(n) {
	case KindJoinedStr:
		for _, e := range t.List(n) {
			if s, ok := t.String(e); ok {
				p.text(s)
				continue
			}
			if f := t.FormattedValue(e); f.FormatSpec == 0 && f.Conversion == 0 {
				p.expr(f.Value, depth+1)
			} else {
				p.node(f.Value)
			}
		}
		return
	case KindBinOp:
		switch e := t.BinOp(n); e.Op {
		case OpAdd:
			p.expr(e.Left, depth+1)
			p.expr(e.Right, depth+1)
			return
		case OpMod:
			if s, ok := p.b.String(e.Left); ok && p.percent(s, e.Right, depth) {
				return
			}
		}
	case KindCall:
		if p.call(t.Call(n), depth) {
			return
		}
	}
	p.node(n)
}

// percent takes format % args apart.
func (p *partition) percent(format string, args Node, depth int) bool {
	t := p.b.tree
	list := []Node{args}
	named := map[string]Node{}
	switch t.Kind(args) {
	case KindTuple:
		list = t.List(args)
	case KindDict:
		d := t.Dict(args)
		for i, k := range d.Keys {
			if s, ok := p.b.String(k); k != 0 && ok {
				named[s] = d.Values[i]
			}
		}
	}
	next := 0
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 || i+1 == len(format) {
			p.text(format)
			return true
		}
		p.text(format[:i])
		format = format[i+1:]
		if format[0] == '%' {
			p.text("%")
			format = format[1:]
			continue
		}
		var arg Node
		if format[0] == '(' {
			end := strings.IndexByte(format, ')')
			if end < 0 {
				return true
			}
			if arg = named[format[1:end]]; arg == 0 {
				arg = args
			}
			format = format[end+1:]
		} else if next < len(list) {
			arg = list[next]
			next++
		}
		format = strings.TrimLeft(format, "-+ #0123456789.*hlL")
		if format == "" {
			return true
		}
		if format[0] == 's' {
			p.expr(arg, depth+1)
		} else if arg != 0 {
			p.node(arg)
		}
		format = format[1:]
	}
}

// call takes "...".format(...) and "...".join([...]) apart.
func (p *partition) call(c Call, depth int) bool {
	t := p.b.tree
	if t.Kind(c.Func) != KindAttribute {
		return false
	}
	a := t.Attribute(c.Func)
	s, ok := p.b.String(a.Value)
	switch {
	case !ok:
		return false
	case a.Attr == "format":
		p.format(s, c, depth)
		return true
	case a.Attr == "join" && len(c.Args) == 1 && (t.Kind(c.Args[0]) == KindList || t.Kind(c.Args[0]) == KindTuple):
		for i, e := range t.List(c.Args[0]) {
			if i > 0 {
				p.text(s)
			}
			p.expr(e, depth+1)
		}
		return true
	}
	return false
}

// format takes the fields of str.format apart.
func (p *partition) format(s string, c Call, depth int) {
	t := p.b.tree
	next := 0
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			p.text(s)
			return
		}
		p.text(s[:i])
		brace := s[i]
		s = s[i+1:]
		if s != "" && s[0] == brace {
			p.text(string(brace))
			s = s[1:]
			continue
		}
		end := strings.IndexByte(s, '}')
		if brace == '}' || end < 0 {
			p.text(s)
			return
		}
		field := s[:end]
		s = s[end+1:]
		name := field
		if i := strings.IndexAny(field, ".[!:"); i >= 0 {
			name = field[:i]
		}
		if name == "" {
			name = strconv.Itoa(next)
			next++
		}
		var arg Node
		if k, err := strconv.Atoi(name); err == nil && k >= 0 && k < len(c.Args) {
			arg = c.Args[k]
		}
		for _, k := range c.Keywords {
			if t.Name(k) == name {
				arg = t.Keyword(k).Value
			}
		}
		switch {
		case arg == 0:
			// *args or **kwargs: one of them is meant.
			for _, a := range c.Args {
				if t.Kind(a) == KindStarred {
					arg = a
				}
			}
			for _, k := range c.Keywords {
				if t.Name(k) == "" {
					arg = t.Keyword(k).Value
				}
			}
			if arg != 0 {
				p.node(arg)
			}
		case field == name || field == "":
			p.expr(arg, depth+1)
		default:
			p.node(arg)
		}
	}
}
