package jinja

import (
	"strings"
)

// filter is "x|name(args)".
func (a *analysis) filter(e *Expr, x value) value {
	args := a.args(e.Args)
	return a.applyFilter(e, x, e.Name, args)
}

// filtered applies the filters of a block to its body.
func (a *analysis) filtered(e *Expr, body value) value {
	if e.X[0] == nil {
		return a.filter(e, body)
	}
	return a.filter(e, a.filtered(e.X[0], body))
}

func (a *analysis) applyFilter(e *Expr, x value, name string, args []argument) value {
	if !knownFilter(name) {
		a.event(Event{Kind: EventCall, Pos: e.Pos, Name: "|" + name})
	}
	first, hasFirst := pick(args, 0, "attribute")
	switch name {
	case "attr":
		return a.attrFilter(e, x, args)
	case "map":
		return a.mapFilter(e, x, args)
	case "selectattr", "rejectattr":
		return a.selectAttr(e, x, args)
	case "select", "reject":
		return a.selectFilter(e, x, args)
	case "groupby", "sort", "sum", "unique", "min", "max", "dictsort":
		if v, ok := named(args, "attribute"); ok {
			first, hasFirst = v, true
		} else if name != "groupby" {
			hasFirst = false
		}
		if hasFirst {
			a.attributes(e, first)
		}
	case "format":
		if v, ok := a.percent(e.Pos, x, values(args), value{}); ok {
			return v
		}
		a.formatFrom(e, x)
		return mix(append([]value{x}, values(args)...)...)
	case "length", "count", "wordcount":
		switch x.kind {
		case kStr:
			return num(int64(len([]rune(x.s)))).with(x.conds)
		case kList:
			return num(int64(len(*x.list))).with(x.conds)
		}
		if x.class == cMessages {
			return value{class: cTurns, conds: x.conds}
		}
		return value{class: measure(x), conds: x.conds}
	case "default", "d":
		if x.kind == kUnknown && hasFirst && x.class == cNone {
			return either(x, first)
		}
		return x
	case "random":
		chance := value{class: cTime}
		return a.element(x).with(a.condition(nil, e.Pos, chance, nil, true))
	case "center", "indent", "wordwrap", "ljust", "rjust", "zfill", "expandtabs":
		if n, ok := pick(args, 0, "width"); ok && n.kind == kInt && n.i > 0 {
			x.size += float64(n.i)
			if n.i > maxStr {
				v := mix(x)
				v.size = float64(n.i)
				return a.grown(e.Pos, v)
			}
		}
		return x
	case "replace":
		return a.replace(e, x, args)
	case "translate":
		a.translated(e, x, values(args))
	case "batch", "slice": // lists of so many parts, or parts filled up to so many
		n, ok := pick(args, 0, map[string]string{"batch": "linecount", "slice": "slices"}[name])
		if _, fills := pick(args, 1, "fill_with"); ok && n.kind == kInt && (fills || name == "slice") {
			a.grown(e.Pos, value{size: float64(n.i)})
		}
	}
	if x.count > 0 && (name == "list" || name == "reverse" || name == "sort" || name == "unique") {
		return x
	}
	switch x.class {
	case cMessages:
		switch name {
		case "first", "last":
			v := a.element(x)
			v.path = x.path + "|" + name
			return v
		case "list", "reverse", "sort", "unique", "batch", "slice":
			return x
		}
	case cMessage:
		if name == "items" || name == "list" || name == "dictsort" {
			return value{class: cContent, conds: x.conds}
		}
	}
	if v, ok := fold(x, name, values(args)); ok {
		return v.with(x.conds)
	}
	return mix(append([]value{x}, values(args)...)...)
}

func named(args []argument, name string) (value, bool) {
	for _, x := range args {
		if x.name == name {
			return x.v, true
		}
	}
	return value{}, false
}

// attributes notes the attribute names that an argument may hold, dotted ones
// included.
func (a *analysis) attributes(e *Expr, v value) {
	for _, c := range v.candidates() {
		switch c.kind {
		case kStr:
			a.lookAt(e, c.s)
		case kList:
			for _, x := range *c.list {
				a.attributes(e, x)
			}
		}
	}
	if v.kind == kUnknown && len(v.alts) == 0 {
		a.pieces(e, v)
	}
}

// attrFilter is "x|attr(name)", which reads an attribute and never an item: a
// template that works with data has no use for it.
func (a *analysis) attrFilter(e *Expr, x value, args []argument) value {
	a.suspect(e.X[0])
	name, _ := pick(args, 0, "name")
	a.attributes(e, name)
	switch {
	case name.kind == kStr && strings.HasPrefix(name.s, "format"):
		a.event(Event{Kind: EventFormat, Pos: e.Pos, Name: "attr", Via: exprPath(e)})
	case name.kind == kUnknown && len(name.alts) == 0:
		from := "a value that is not known"
		if name.isContent() {
			from = "what a message says"
		}
		a.event(Event{Kind: EventDynamic, Pos: e.Pos, Name: from, Via: exprPath(e)})
	}
	if name.kind == kStr {
		return a.field(e, x, name.s).with(name.conds)
	}
	return mix(x, name)
}

// mapFilter is "x|map('filter', args)" or "x|map(attribute='name')".
func (a *analysis) mapFilter(e *Expr, x value, args []argument) value {
	if attr, ok := named(args, "attribute"); ok {
		a.attributes(e, attr)
		if attr.kind != kStr {
			return mix(x, attr)
		}
		if x.kind == kList {
			var out []value
			for _, item := range *x.list {
				out = append(out, a.field(e, item, attr.s))
			}
			return list(out).with(x.conds)
		}
		return a.field(e, a.element(x), attr.s).with(x.conds)
	}
	name, ok := pick(args, 0, "")
	if !ok || name.kind != kStr {
		if ok {
			a.event(Event{Kind: EventDynamic, Pos: e.Pos, Name: "the name of a filter", Via: exprPath(e)})
		}
		return mix(append([]value{x}, values(args)...)...)
	}
	rest := args[1:]
	if x.kind == kList {
		var out []value
		for _, item := range *x.list {
			if !a.step() {
				break
			}
			out = append(out, a.applyFilter(e, item, name.s, rest))
		}
		return list(out).with(x.conds)
	}
	if x.kind == kStr {
		var out []value
		for _, r := range x.s {
			if !a.step() {
				break
			}
			out = append(out, a.applyFilter(e, str(string(r), x.pos), name.s, rest))
		}
		return list(out).with(x.conds)
	}
	return a.applyFilter(e, a.element(x), name.s, rest)
}

// selectAttr keeps the elements whose attribute passes a test.
func (a *analysis) selectAttr(e *Expr, x value, args []argument) value {
	attr, _ := pick(args, 0, "")
	a.attributes(e, attr)
	if attr.kind != kStr {
		return mix(append([]value{x}, values(args)...)...)
	}
	field := a.field(e, a.element(x), attr.s)
	conds := x.conds
	if field.isContent() && len(args) > 1 {
		var words []string
		for _, arg := range args[1:] {
			words = append(words, wordsOf(arg.v)...)
		}
		if len(args) > 2 { // the first word is the name of the test
			words = words[min(1, len(words)):]
			conds = a.condition(conds, e.Pos, field, words, false)
		}
	}
	return x.with(conds)
}

// selectFilter keeps the elements that pass a test.
func (a *analysis) selectFilter(e *Expr, x value, args []argument) value {
	if !x.isContent() || len(args) < 2 {
		return x
	}
	var words []string
	for _, arg := range args[1:] {
		words = append(words, wordsOf(arg.v)...)
	}
	return x.with(a.condition(nil, e.Pos, x, words, false))
}

// bytesOf is how long a text is at most, as far as that is known.
func bytesOf(v value) float64 { return max(v.size, float64(len(v.s))) }

// translated is "x.translate({105: new})", which puts texts in place of letters.
func (a *analysis) translated(e *Expr, x value, args []value) {
	if !x.isContent() {
		return
	}
	for _, arg := range args {
		if arg.kind != kDict {
			continue
		}
		for _, p := range *arg.dict {
			if p.v.kind == kStr && len(p.v.s) > 1 {
				a.event(Event{Kind: EventReplace, Pos: e.Pos, Name: "letters", Via: p.v.s})
			}
		}
	}
}

// replace is "x|replace(old, new)" and "x.replace(old, new)".
func (a *analysis) replace(e *Expr, x value, args []argument) value {
	old, _ := pick(args, 0, "s")
	repl, _ := pick(args, 1, "new")
	if v, ok := fold(x, "replace", values(args)); ok {
		return v.with(x.conds)
	}
	if !x.isContent() || repl.isContent() {
		v := mix(x, old, repl)
		// What is looked for is not put out, but what is left depends on it.
		v.lits = append(x.with(old.dep()).texts(), repl.with(old.dep()).texts()...)
		if n := bytesOf(x) / max(1, bytesOf(old)) * bytesOf(repl); n > v.size {
			v.size = n
		}
		return a.grown(e.Pos, v)
	}
	words := wordsOf(old)
	for _, from := range words {
		for _, to := range wordsOf(repl) {
			a.event(Event{Kind: EventReplace, Pos: e.Pos, Name: from, Via: to})
		}
		if repl.kind == kStr && repl.s == "" {
			a.event(Event{Kind: EventReplace, Pos: e.Pos, Name: from})
		}
	}
	v := x
	found := a.condition(nil, e.Pos, x, words, false)
	v.cut = unionConds(v.cut, found)
	v.lits = append(append([]Emitted(nil), x.lits...), repl.with(found).texts()...)
	v.lits = v.lits[:min(len(v.lits), maxLits)]
	return v.with(repl.conds)
}
