package pickle

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Render writes v as a Python expression of about limit bytes, for people: strings are quoted, cut and escaped, deep and long structures are
// abbreviated by "...".
func (m *Machine) Render(v Value, limit int) string {
	p := printer{m: m, limit: limit}
	p.value(v, 0)
	return p.b.String()
}

// RenderCall writes a call like Render; what is called comes first.
func (m *Machine) RenderCall(c Call, limit int) string {
	p := printer{m: m, limit: limit}
	p.call(c, 0)
	return p.b.String()
}

// RenderText quotes and cuts a string like Render does.
func RenderText(s string, limit int) string {
	cut := len(s) > limit
	if cut {
		s = s[:limit]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
	}
	q := strconv.Quote(s)
	if cut {
		q += "..."
	}
	return q
}

const (
	renderDepth = 6
	renderItems = 8
	renderText  = 120
)

type printer struct {
	m     *Machine
	b     strings.Builder
	limit int
}

func (p *printer) full() bool { return p.b.Len() >= p.limit }

func (p *printer) value(v Value, depth int) {
	if depth > renderDepth || p.full() {
		p.b.WriteString("...")
		return
	}
	switch v.Kind() {
	case KindNone:
		p.b.WriteString("None")
	case KindBool, KindInt:
		n, _ := v.Int()
		if v.Kind() == KindBool {
			p.b.WriteString([...]string{"False", "True"}[n&1])
			return
		}
		p.b.WriteString(strconv.FormatInt(n, 10))
	case KindStr, KindBytes, KindByteArray:
		p.text(v)
	case KindGlobal:
		id, _ := v.Global()
		p.name(p.m.GlobalName(id).String())
	case KindObject:
		if c, _, ok := p.m.CallOf(v); ok {
			p.call(c, depth)
			return
		}
		if id, ok := v.ResultOf(); ok {
			p.name(p.m.GlobalName(id).String())
		}
		p.b.WriteString("(...)")
	case KindPersistent:
		p.b.WriteString("persistent_load(")
		if id, ok := p.m.PersistentID(v); ok {
			p.value(id, depth+1)
		}
		p.b.WriteString(")")
	case KindExtension:
		p.b.WriteString("extension(" + strconv.FormatUint(v.payload(), 10) + ")")
	case KindEmptyTuple, KindTuple, KindRefTuple:
		p.items(v, "(", ")", depth)
	case KindList:
		p.items(v, "[", "]", depth)
	case KindSet, KindFrozenSet:
		p.items(v, v.Kind().String()+"([", "])", depth)
	case KindDict:
		p.dict(v, depth)
	case KindBigInt, KindFloat:
		p.b.WriteString(v.Kind().String() + "(...)")
	default:
		p.b.WriteString("<" + v.Kind().String() + ">")
	}
}

// name writes an identifier of the stream, escaped if it is not one.
func (p *printer) name(s string) {
	s = strings.TrimPrefix(s, "builtins.")
	for _, r := range s {
		if r < ' ' || r > '~' {
			p.b.WriteString(RenderText(s, renderText))
			return
		}
	}
	if len(s) > renderText {
		s = s[:renderText] + "..."
	}
	p.b.WriteString(s)
}

func (p *printer) text(v Value) {
	limit := min(renderText, max(8, p.limit-p.b.Len()))
	if s, ok := p.m.Text(v, limit); ok {
		p.prefix(v)
		p.b.WriteString(RenderText(s, limit))
		return
	}
	b, n, ok := p.m.Raw(v, limit)
	if !ok {
		p.b.WriteString("<" + v.Kind().String() + ">")
		return
	}
	p.prefix(v)
	p.b.WriteString(RenderText(string(b), limit))
	if n > int64(len(b)) {
		p.b.WriteString("...")
	}
}

func (p *printer) prefix(v Value) {
	if v.Kind() == KindBytes {
		p.b.WriteByte('b')
	}
}

func (p *printer) items(v Value, open, shut string, depth int) {
	p.b.WriteString(open)
	items, more := p.m.Items(v)
	n := min(len(items), renderItems)
	for i, item := range items[:n] {
		if i > 0 {
			p.b.WriteString(", ")
		}
		if p.full() {
			more = true
			break
		}
		p.value(item, depth+1)
	}
	if more || n < len(items) {
		p.b.WriteString(", ...")
	} else if n == 1 && shut == ")" && depth >= 0 {
		p.b.WriteByte(',')
	}
	p.b.WriteString(shut)
}

func (p *printer) dict(v Value, depth int) {
	p.b.WriteByte('{')
	items, more := p.m.Items(v)
	n := min(len(items)&^1, 2*renderItems)
	for i := 0; i < n; i += 2 {
		if i > 0 {
			p.b.WriteString(", ")
		}
		if p.full() {
			more = true
			break
		}
		p.value(items[i], depth+1)
		p.b.WriteString(": ")
		p.value(items[i+1], depth+1)
	}
	if more || n < len(items) {
		p.b.WriteString(", ...")
	}
	p.b.WriteByte('}')
}

func (p *printer) call(c Call, depth int) {
	p.value(c.Callable, depth+1)
	p.b.WriteByte('(')
	if !isTuple(c.Args) {
		p.b.WriteByte('*')
		p.value(c.Args, depth+1)
		p.b.WriteByte(')')
		return
	}
	args, more := p.m.Items(c.Args)
	n := min(len(args), renderItems)
	for i, item := range args[:n] {
		if i > 0 {
			p.b.WriteString(", ")
		}
		if p.full() {
			more = true
			break
		}
		p.value(item, depth+1)
	}
	if more || n < len(args) {
		p.b.WriteString(", ...")
	}
	if c.Kwargs.Kind() != KindNone && c.Kwargs != 0 {
		if n > 0 {
			p.b.WriteString(", ")
		}
		p.b.WriteString("**")
		p.value(c.Kwargs, depth+1)
	}
	p.b.WriteByte(')')
}
