package jinja

import (
	"encoding/json"
	"html"
	"math"
	"slices"
	"strings"
	"unicode"
)

// fold applies a filter or method that only computes to known values. It fails for
// values or names that it does not know.
func fold(x value, name string, args []value) (value, bool) {
	for _, v := range args {
		if !v.known() {
			return value{}, false
		}
	}
	switch name {
	case "list":
		return foldList(x)
	case "join":
		return foldJoin(x, args, false)
	case "str.join":
		if len(args) != 1 {
			return value{}, false
		}
		return foldJoin(args[0], []value{x}, true)
	case "first", "last", "reverse":
		return foldOrder(x, name)
	case "string", "safe", "escape", "e", "forceescape", "striptags":
		s, ok := text(x)
		if !ok {
			return value{}, false
		}
		if name == "escape" || name == "e" || name == "forceescape" {
			s = html.EscapeString(s)
		}
		return str(s, x.pos), true
	case "int", "float", "abs", "round":
		return foldNumber(x, name)
	case "items":
		if x.kind == kDict {
			var out []value
			for _, p := range *x.dict {
				out = append(out, list([]value{p.k, p.v}))
			}
			return list(out), true
		}
		return value{}, false
	case "sort", "unique":
		return foldSort(x, name, args)
	}
	if x.kind != kStr {
		return value{}, false
	}
	return foldString(x, name, args)
}

func foldList(x value) (value, bool) {
	switch x.kind {
	case kList:
		return list(slices.Clone(*x.list)), true
	case kStr:
		var out []value
		for _, r := range x.s {
			if len(out) == maxList {
				return value{}, false
			}
			out = append(out, str(string(r), x.pos))
		}
		return list(out), true
	case kDict:
		var out []value
		for _, p := range *x.dict {
			out = append(out, p.k)
		}
		return list(out), true
	}
	return value{}, false
}

func foldJoin(x value, args []value, method bool) (value, bool) {
	l, ok := foldList(x)
	if !ok || len(args) > 1 && !method {
		return value{}, false
	}
	sep := ""
	if len(args) > 0 {
		if sep, ok = text(args[0]); !ok {
			return value{}, false
		}
	}
	out := str("", x.pos)
	for i, v := range *l.list {
		if i > 0 && sep != "" {
			out = concat(out, str(sep, args[0].pos))
		}
		if v.kind == kList || v.kind == kDict {
			return value{}, false
		}
		out = concat(out, v)
	}
	return out, true
}

func foldOrder(x value, name string) (value, bool) {
	l, ok := foldList(x)
	if !ok {
		return value{}, false
	}
	items := *l.list
	switch {
	case name == "reverse":
		items = slices.Clone(items)
		slices.Reverse(items)
		if x.kind == kStr {
			return foldJoin(list(items), nil, false)
		}
		return list(items), true
	case len(items) == 0:
		return value{}, false
	case name == "first":
		return items[0], true
	}
	return items[len(items)-1], true
}

func foldNumber(x value, name string) (value, bool) {
	if x.kind == kStr && name == "int" {
		n := 0.0
		for _, c := range strings.TrimSpace(x.s) {
			if c < '0' || c > '9' || n > 1e15 {
				return num(0), true
			}
			n = n*10 + float64(c-'0')
		}
		return num(int64(n)), true
	}
	if x.kind == kBool {
		return num(int64(btoi(x.b))), true
	}
	f, ok := x.float()
	if !ok {
		return value{}, false
	}
	switch name {
	case "int":
		if math.Abs(f) < 1<<53 {
			return num(int64(f)), true
		}
	case "float":
		return value{kind: kFloat, f: f}, true
	case "abs":
		if x.kind == kInt {
			return num(max(x.i, -x.i)), true
		}
		return value{kind: kFloat, f: math.Abs(f)}, true
	case "round":
		return value{kind: kFloat, f: math.Round(f)}, true
	}
	return value{}, false
}

func foldSort(x value, name string, args []value) (value, bool) {
	l, ok := foldList(x)
	if !ok || len(args) > 1 {
		return value{}, false
	}
	items := *l.list
	for _, v := range items {
		if v.kind != kStr {
			return value{}, false
		}
	}
	if name == "sort" {
		slices.SortStableFunc(items, func(a, b value) int { return strings.Compare(strings.ToLower(a.s), strings.ToLower(b.s)) })
		if len(args) == 1 && args[0].b {
			slices.Reverse(items)
		}
		return list(items), true
	}
	var out []value
	for _, v := range items {
		if !slices.ContainsFunc(out, func(w value) bool { return strings.EqualFold(v.s, w.s) }) {
			out = append(out, v)
		}
	}
	return list(out), true
}

func foldString(x value, name string, args []value) (value, bool) {
	arg := func(i int) string {
		if i < len(args) {
			return args[i].s
		}
		return ""
	}
	out := func(s string) (value, bool) {
		if len(s) > maxStr {
			return value{size: float64(len(s)), lits: x.texts()}, true
		}
		return str(s, x.pos), true
	}
	cut := unicode.IsSpace
	if set := arg(0); set != "" {
		cut = func(r rune) bool { return strings.ContainsRune(set, r) }
	}
	switch name {
	case "lower", "casefold":
		return out(strings.ToLower(x.s))
	case "upper":
		return out(strings.ToUpper(x.s))
	case "capitalize":
		r := []rune(strings.ToLower(x.s))
		if len(r) > 0 {
			r[0] = unicode.ToUpper(r[0])
		}
		return out(string(r))
	case "title":
		begin := true
		return out(strings.Map(func(r rune) rune {
			was := begin
			begin = !unicode.IsLetter(r)
			if was {
				return unicode.ToUpper(r)
			}
			return unicode.ToLower(r)
		}, x.s))
	case "swapcase":
		return out(strings.Map(func(r rune) rune {
			if unicode.IsUpper(r) {
				return unicode.ToLower(r)
			}
			return unicode.ToUpper(r)
		}, x.s))
	case "trim", "strip":
		return out(strings.TrimFunc(x.s, cut))
	case "lstrip":
		return out(strings.TrimLeftFunc(x.s, cut))
	case "rstrip":
		return out(strings.TrimRightFunc(x.s, cut))
	case "removeprefix":
		return out(strings.TrimPrefix(x.s, arg(0)))
	case "removesuffix":
		return out(strings.TrimSuffix(x.s, arg(0)))
	case "replace":
		n := -1
		if len(args) > 2 && args[2].kind == kInt {
			n = int(args[2].i)
		}
		if len(args) < 2 || strings.Count(x.s, arg(0))*len(arg(1)) > maxStr {
			return value{}, false
		}
		return out(strings.Replace(x.s, arg(0), arg(1), n))
	case "split", "rsplit":
		var parts []string
		if len(args) == 0 || args[0].kind == kNone {
			parts = strings.Fields(x.s)
		} else if arg(0) == "" || len(args) > 1 && args[1].kind != kInt {
			return value{}, false
		} else if len(args) > 1 && name == "split" && args[1].i >= 0 {
			parts = strings.SplitN(x.s, arg(0), int(min(args[1].i, maxList))+1)
		} else {
			parts = strings.Split(x.s, arg(0))
		}
		return strs(parts, x.pos)
	case "splitlines":
		return strs(strings.Split(x.s, "\n"), x.pos)
	case "partition":
		before, after, found := strings.Cut(x.s, arg(0))
		sep := ""
		if found {
			sep = arg(0)
		}
		return strs([]string{before, sep, after}, x.pos)
	case "startswith":
		return boolean(strings.HasPrefix(x.s, arg(0))), len(args) == 1
	case "endswith":
		return boolean(strings.HasSuffix(x.s, arg(0))), len(args) == 1
	case "find", "index":
		return num(int64(strings.Index(x.s, arg(0)))), len(args) == 1
	case "count":
		return num(int64(strings.Count(x.s, arg(0)))), len(args) == 1
	case "tojson":
		b, err := json.Marshal(x.s)
		return str(string(b), x.pos), err == nil && len(args) == 0
	case "indent", "wordwrap", "expandtabs":
		return out(x.s) // white space is not looked at
	}
	return value{}, false
}

func strs(parts []string, pos int) (value, bool) {
	if len(parts) > maxList {
		return value{}, false
	}
	var out []value
	for _, s := range parts {
		out = append(out, str(s, pos))
	}
	return list(out), true
}
