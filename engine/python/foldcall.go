package python

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// call folds methods of constants and a few builtins that only convert.
func (f *folder) call(n Node, depth int) (Value, bool) {
	b, t := f.b, f.b.tree
	c := t.Call(n)
	switch t.Kind(c.Func) {
	case KindAttribute:
		a := t.Attribute(c.Func)
		if !foldedMethods[a.Attr] {
			return Value{}, false
		}
		self, ok := f.expr(a.Value, depth+1)
		if !ok || self.Kind != StrValue && self.Kind != BytesValue {
			return Value{}, false
		}
		args, named, ok := f.args(c, depth)
		if !ok {
			return Value{}, false
		}
		return method(self, a.Attr, args, named)
	case KindName:
		if b.ref[c.Func] != 0 || len(c.Keywords) > 0 {
			return Value{}, false
		}
		name := t.Name(c.Func)
		if !foldedBuiltins[name] {
			return Value{}, false
		}
		args, _, ok := f.args(c, depth)
		if !ok || len(args) != 1 {
			return Value{}, false
		}
		return builtin(name, args[0])
	}
	return Value{}, false
}

var foldedMethods = map[string]bool{
	"format": true, "join": true, "replace": true, "lower": true, "upper": true, "strip": true,
	"lstrip": true, "rstrip": true, "encode": true, "decode": true, "removeprefix": true, "removesuffix": true,
}

var foldedBuiltins = map[string]bool{
	"str": true, "int": true, "chr": true, "ord": true, "len": true, "tuple": true, "list": true, "bool": true,
}

// args folds all arguments of a call.
func (f *folder) args(c Call, depth int) (args []Value, named map[string]Value, ok bool) {
	t := f.b.tree
	for _, a := range c.Args {
		starred := t.Kind(a) == KindStarred
		if starred {
			a = t.Value(a)
		}
		v, ok := f.expr(a, depth+1)
		if !ok || starred && v.Kind != TupleValue && v.Kind != ListValue {
			return nil, nil, false
		}
		if starred {
			args = append(args, v.Items...)
			f.budget -= len(v.Items)
		} else {
			args = append(args, v)
		}
	}
	for _, k := range c.Keywords {
		w := t.Keyword(k)
		v, ok := f.expr(w.Value, depth+1)
		if !ok || w.Name == "" {
			return nil, nil, false
		}
		if named == nil {
			named = map[string]Value{}
		}
		named[w.Name] = v
	}
	return args, named, true
}

// method is self.name(args) of a string.
func method(self Value, name string, args []Value, named map[string]Value) (Value, bool) {
	if name == "format" {
		return formatValue(self, args, named)
	}
	if named != nil {
		return Value{}, false
	}
	s := self.Str
	text := func(s string) (Value, bool) { return Value{Kind: self.Kind, Str: s}, len(s) <= maxFoldSize }
	same := func(i int) bool { return i < len(args) && args[i].Kind == self.Kind }
	switch {
	case name == "join" && len(args) == 1:
		return joinValues(self, args[0])
	case name == "replace" && len(args) == 2 && same(0) && same(1):
		if strings.Count(s, args[0].Str)*len(args[1].Str) > maxFoldSize {
			return Value{}, false
		}
		return text(strings.ReplaceAll(s, args[0].Str, args[1].Str))
	case name == "removeprefix" && len(args) == 1 && same(0):
		return text(strings.TrimPrefix(s, args[0].Str))
	case name == "removesuffix" && len(args) == 1 && same(0):
		return text(strings.TrimSuffix(s, args[0].Str))
	case name == "lower" && len(args) == 0:
		return text(strings.ToLower(s))
	case name == "upper" && len(args) == 0:
		return text(strings.ToUpper(s))
	case strings.HasSuffix(name, "strip") && (len(args) == 0 || len(args) == 1 && same(0)):
		set := " \t\n\r\f\v"
		if len(args) == 1 {
			set = args[0].Str
		}
		if name != "rstrip" {
			s = strings.TrimLeft(s, set)
		}
		if name != "lstrip" {
			s = strings.TrimRight(s, set)
		}
		return text(s)
	case name == "encode" && self.Kind == StrValue && utf8Codec(args):
		return Value{Kind: BytesValue, Str: s}, true
	case name == "decode" && self.Kind == BytesValue && utf8Codec(args) && utf8.ValidString(s):
		return Value{Kind: StrValue, Str: s}, true
	}
	return Value{}, false
}

// utf8Codec reports whether the arguments of encode or decode mean UTF-8.
func utf8Codec(args []Value) bool {
	if len(args) == 0 {
		return true
	}
	name := normalizeCodec(args[0].Str)
	return args[0].Kind == StrValue && (name == "utf-8" || name == "utf8")
}

func joinValues(sep, list Value) (Value, bool) {
	var b strings.Builder
	if list.Kind == StrValue && sep.Kind == StrValue {
		for _, r := range list.Str {
			list.Items = append(list.Items, Value{Kind: StrValue, Str: string(r)})
		}
	} else if list.Kind != ListValue && list.Kind != TupleValue {
		return Value{}, false
	}
	for i, v := range list.Items {
		if v.Kind != sep.Kind || b.Len()+len(v.Str)+len(sep.Str) > maxFoldSize {
			return Value{}, false
		}
		if i > 0 {
			b.WriteString(sep.Str)
		}
		b.WriteString(v.Str)
	}
	return Value{Kind: sep.Kind, Str: b.String()}, true
}

// formatValue is str.format with fields that have no attributes, conversions or
// specifications.
func formatValue(format Value, args []Value, named map[string]Value) (Value, bool) {
	if format.Kind != StrValue {
		return Value{}, false
	}
	var b strings.Builder
	s, next := format.Str, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '{' && c != '}' {
			b.WriteByte(c)
			continue
		}
		if i+1 < len(s) && s[i+1] == c {
			b.WriteByte(c)
			i++
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if c == '}' || end < 0 {
			return Value{}, false
		}
		field := s[i+1 : i+end]
		i += end
		v, ok := named[field]
		if field == "" {
			field = strconv.Itoa(next)
			next++
		}
		if k, err := strconv.Atoi(field); !ok && err == nil && k >= 0 && k < len(args) {
			v, ok = args[k], true
		}
		if !ok {
			return Value{}, false
		}
		text, ok := v.text()
		if !ok || b.Len()+len(text) > maxFoldSize {
			return Value{}, false
		}
		b.WriteString(text)
	}
	return Value{Kind: StrValue, Str: b.String()}, true
}

func builtin(name string, v Value) (Value, bool) {
	switch name {
	case "str":
		s, ok := v.text()
		return Value{Kind: StrValue, Str: s}, ok
	case "bool":
		return boolValue(v.Truth()), true
	case "int":
		switch v.Kind {
		case IntValue, BoolValue:
			return Value{Kind: IntValue, Int: v.Int}, true
		case StrValue:
			i, err := strconv.ParseInt(strings.TrimSpace(v.Str), 10, 64)
			return Value{Kind: IntValue, Int: i}, err == nil
		}
	case "chr":
		if v.isInt() && v.Int >= 0 && v.Int <= utf8.MaxRune && (v.Int < 0xd800 || v.Int >= 0xe000) {
			return Value{Kind: StrValue, Str: string(rune(v.Int))}, true
		}
	case "ord":
		if r, n := utf8.DecodeRuneInString(v.Str); v.Kind == StrValue && n == len(v.Str) && n > 0 && r != utf8.RuneError {
			return Value{Kind: IntValue, Int: int64(r)}, true
		}
	case "len":
		n := v.length()
		return Value{Kind: IntValue, Int: int64(n)}, n >= 0
	case "tuple", "list":
		if v.Kind == TupleValue || v.Kind == ListValue {
			v.Kind = ListValue
			if name == "tuple" {
				v.Kind = TupleValue
			}
			return v, true
		}
	}
	return Value{}, false
}
