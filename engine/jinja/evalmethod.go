package jinja

import (
	"slices"
	"strings"
)

// isMethod tells the names of methods that texts, lists and mappings have.
func isMethod(name string) bool {
	switch name {
	case "lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "swapcase", "casefold", "split", "rsplit", "splitlines", "partition", "rpartition",
		"replace", "startswith", "endswith", "find", "rfind", "index", "rindex", "count", "join", "format", "format_map", "zfill", "center", "ljust", "rjust",
		"removeprefix", "removesuffix", "isdigit", "isalpha", "isupper", "islower", "isspace", "isalnum", "isnumeric", "istitle", "encode", "decode", "translate", "expandtabs",
		"get", "items", "keys", "values", "pop", "update", "append", "extend", "insert", "copy", "clear", "remove", "reverse", "sort", "setdefault", "next", "reset":
		return true
	}
	return false
}

// otherMethod tells methods of texts, lists, mappings and loops that are not
// followed, and are harmless.
func otherMethod(name string) bool {
	switch name {
	case "isascii", "isdecimal", "isidentifier", "isprintable", "fromkeys", "popitem", "maketrans", "cycle", "changed", "current", "bit_length", "strftime", "isoformat", "date", "year", "today", "now":
		return true
	}
	return false
}

// method is a call of a bound method.
func (a *analysis) method(e *Expr, m value, args []argument) value {
	x := *m.x
	all := values(args)
	switch m.s {
	case "cycler", "joiner", "next": // cycler(...).next(), joiner(...)()
		return x.with(m.conds)
	case "format", "format_map":
		return a.strFormat(e, x, args)
	case "replace":
		return a.replace(e, x, args)
	case "startswith", "endswith", "find", "rfind", "index", "rindex", "count", "removeprefix", "removesuffix", "partition", "rpartition", "split", "rsplit", "strip", "lstrip", "rstrip":
		if v, ok := fold(x, m.s, all); ok {
			return v.with(x.conds)
		}
		return a.searched(e, x, m.s, all)
	case "isdigit", "isalpha", "isupper", "islower", "isspace", "isalnum", "isnumeric", "istitle":
		if x.isContent() {
			return value{class: cMeasure, conds: a.condition(x.conds, e.Pos, x, nil, true)}
		}
		return value{conds: x.conds}
	case "get", "pop", "setdefault":
		return a.get(e, x, all)
	case "items", "keys", "values":
		return a.entries(x, m.s)
	case "append", "extend", "insert", "update":
		a.added(e, x, all)
		return a.append(x, m.s, all)
	case "encode", "decode", "copy":
		return x
	case "lower", "upper", "title", "capitalize", "swapcase", "casefold", "splitlines", "join", "zfill", "center", "ljust", "rjust", "translate", "expandtabs":
		return a.applyFilter(e, x, methodFilter(m.s), args)
	}
	if x.class == cMessages || x.class == cMessage {
		return mix(append(all, x)...)
	}
	return mix(append(all, x)...).with(m.conds)
}

// methodFilter maps a method to the name under which it is folded.
func methodFilter(name string) string {
	switch name {
	case "join": // the receiver is the separator
		return "str.join"
	}
	return name
}

// searched is a method that looks for a text in another.
func (a *analysis) searched(e *Expr, x value, name string, args []value) value {
	strips := strings.HasSuffix(name, "strip")
	var words []string
	for _, v := range args {
		words = append(words, wordsOf(v)...)
	}
	v := mix(append([]value{x}, args...)...)
	v.lits = x.texts() // what is looked for is not put out
	v.class = x.class
	if !x.isContent() {
		// A text of the template that is looked into for what a message says.
		for _, y := range args {
			if y.isContent() {
				v.conds = a.condition(v.conds, e.Pos, y, wordsOf(x), false)
				v.class = cMeasure
			}
		}
		return v
	}
	if !strips {
		v.conds = a.condition(v.conds, e.Pos, x, words, false)
	}
	switch name {
	case "startswith", "endswith", "find", "rfind", "index", "rindex", "count":
		v.class, v.lits = cMeasure, nil
	}
	return v
}

// get is "x.get(key, default)".
func (a *analysis) get(e *Expr, x value, args []value) value {
	if len(args) == 0 {
		return a.element(x)
	}
	v := a.item(&Expr{Op: OpItem, Pos: e.Pos, X: []*Expr{e.X[0], {Op: OpConst, Pos: e.Pos, Val: args[0].s}}}, x, args[0])
	if v.kind == kMethod {
		v = value{conds: v.conds}
	}
	if len(args) > 1 {
		d := args[1]
		if x.kind == kDict && args[0].kind == kUnknown {
			d = d.with(v.conds)
		}
		return either(v, d)
	}
	return v
}

// entries is "x.items()" and its like.
func (a *analysis) entries(x value, name string) value {
	if x.kind == kDict {
		var out []value
		for _, p := range *x.dict {
			switch name {
			case "items":
				out = append(out, list([]value{p.k, p.v}))
			case "keys":
				out = append(out, p.k)
			default:
				out = append(out, p.v)
			}
		}
		return list(out).with(x.conds)
	}
	if x.class == cMessage && name != "keys" {
		return value{class: cContent, conds: x.conds}
	}
	return value{conds: x.conds, class: x.class}
}

// added notes that something is put into the messages themselves, by a renderer that
// allows it.
func (a *analysis) added(e *Expr, x value, args []value) {
	f := e.X[0]
	if x.kind != kUnknown || f.Op != OpAttr || f.X[0].Op != OpName {
		return
	}
	x.lits = append(slices.Clip(x.lits), gather(args, a.pc)...)
	x.lits = x.lits[:min(len(x.lits), maxLits)]
	a.st.vars[f.X[0].Name] = x
}

// append changes a list in place. Whether it really happens may depend on where we
// are: the element carries the conditions.
func (a *analysis) append(x value, name string, args []value) value {
	if x.kind != kList || len(args) == 0 || len(*x.list) >= maxList {
		return value{kind: kNone}
	}
	v := args[len(args)-1].with(a.pc)
	switch {
	case name == "extend" && v.kind == kList:
		*x.list = append(*x.list, *v.list...)
	case name == "insert" && args[0].kind == kInt && args[0].i == 0:
		*x.list = append([]value{v}, *x.list...)
	default:
		*x.list = append(*x.list, v)
	}
	return value{kind: kNone}
}
