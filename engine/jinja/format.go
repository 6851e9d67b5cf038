package jinja

import (
	"strconv"
	"strings"
)

// maxWidth is a width in a format beyond which the result is a bomb.
const maxWidth = 1 << 20

// percent is "format % args", for the conversions that make text: %s %r %d %i %c %x
// %o %u and %%, by position or by name.
func (a *analysis) percent(pos int, format value, args []value, mapping value) (value, bool) {
	if format.kind != kStr {
		return value{}, false
	}
	out := str("", format.pos)
	rest := format.s
	next := 0
	for {
		before, after, found := strings.Cut(rest, "%")
		out = concat(out, str(before, format.pos))
		if !found {
			return out.with(format.conds), true
		}
		name := ""
		if strings.HasPrefix(after, "(") {
			var ok bool
			if name, after, ok = strings.Cut(after[1:], ")"); !ok {
				return value{}, false
			}
		}
		spec := len(after) - len(strings.TrimLeft(after, "#0- +.123456789"))
		a.width(pos, after[:spec])
		after = after[spec:]
		if after == "" {
			return value{}, false
		}
		verb := after[0]
		rest = after[1:]
		if verb == '%' {
			out = concat(out, str("%", format.pos))
			continue
		}
		var v value
		switch {
		case name != "":
			v = a.field(&Expr{Op: OpName, Pos: pos, Name: name}, mapping, name)
		case next < len(args):
			v = args[next]
			next++
		}
		switch verb {
		case 'c':
			if v.kind == kInt && v.i > 0 && v.i < 0x110000 {
				v = str(string(rune(v.i)), v.pos)
			}
		case 'x', 'o', 'X':
			if v.kind == kInt {
				v = str(strconv.FormatInt(v.i, map[byte]int{'x': 16, 'X': 16, 'o': 8}[verb]), v.pos)
			}
		}
		out = concat(out, v)
	}
}

// width notes a field width that makes the result very long.
func (a *analysis) width(pos int, spec string) {
	for _, digits := range strings.FieldsFunc(spec, func(r rune) bool { return r < '0' || r > '9' }) {
		if n, err := strconv.ParseFloat(digits, 64); err == nil && n >= maxWidth {
			a.event(Event{Kind: EventGrow, Pos: pos, Count: n})
		}
	}
}

// formatFrom notes a format that somebody else writes.
func (a *analysis) formatFrom(e *Expr, x value) {
	if x.kind == kUnknown && x.class == cContent {
		a.event(Event{Kind: EventFormat, Pos: e.Pos, Name: "content", Via: exprPath(e)})
	}
}

// strFormat is "x.format(args)": its fields can walk attributes.
func (a *analysis) strFormat(e *Expr, x value, args []argument) value {
	a.formatFrom(e, x)
	formats := x.candidates()
	for _, l := range x.lits {
		if len(x.alts) == 0 {
			formats = append(formats, str(l.Text, l.Pos))
		}
	}
	var result value
	for i, f := range formats {
		if f.kind != kStr {
			continue
		}
		v := a.oneFormat(e, f, args)
		if i == 0 {
			result = v
		} else {
			result = either(result, v)
		}
	}
	if len(formats) == 0 || x.kind == kUnknown {
		return mix(append([]value{x, result}, values(args)...)...)
	}
	return result.with(x.conds)
}

func (a *analysis) oneFormat(e *Expr, f value, args []argument) value {
	out := str("", f.pos)
	rest := f.s
	auto := 0
	for {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			return concat(out, str(rest, f.pos))
		}
		out = concat(out, str(rest[:i], f.pos))
		c := rest[i]
		rest = rest[i+1:]
		if strings.HasPrefix(rest, string(c)) {
			out = concat(out, str(string(c), f.pos))
			rest = rest[1:]
			continue
		}
		if c == '}' {
			continue
		}
		field, after, _ := strings.Cut(rest, "}")
		rest = after
		field, spec, _ := strings.Cut(field, ":")
		a.width(e.Pos, spec)
		field, _, _ = strings.Cut(field, "!")
		parts := strings.FieldsFunc(field, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
		var v value
		switch {
		case len(parts) == 0 || field[0] == '.' || field[0] == '[':
			v, _ = pick(args, auto, "")
			auto++
		default:
			if n, err := strconv.Atoi(parts[0]); err == nil {
				v, _ = pick(args, n, "")
			} else {
				v, _ = named(args, parts[0])
			}
			parts = parts[1:]
		}
		for _, p := range parts {
			a.lookAt(e, p)
			v = a.field(e, v, p)
		}
		if strings.HasSuffix(spec, "c") && v.kind == kInt && v.i > 0 && v.i < 0x110000 {
			v = str(string(rune(v.i)), v.pos)
		}
		out = concat(out, v)
	}
}

// reference notes that str.format is passed on instead of called: the sandbox before
// 3.1.5 watches only calls.
func (a *analysis) reference(e *Expr, v value) {
	if v.kind == kMethod && strings.HasPrefix(v.s, "format") {
		a.event(Event{Kind: EventFormat, Pos: e.Pos, Name: "reference", Via: exprPath(e)})
	}
}
