package python

import (
	"math"
	"strings"
	"unicode/utf8"
)

func boolValue(b bool) Value {
	if b {
		return Value{Kind: BoolValue, Int: 1}
	}
	return Value{Kind: BoolValue}
}

func (v Value) isInt() bool { return v.Kind == IntValue || v.Kind == BoolValue }

func (v Value) isNumber() bool { return v.isInt() || v.Kind == FloatValue }

func (v Value) float() float64 {
	if v.Kind == FloatValue {
		return v.Float
	}
	return float64(v.Int)
}

func unaryValue(op Op, v Value) (Value, bool) {
	switch {
	case op == OpNot:
		return boolValue(!v.Truth()), true
	case op == OpUSub && v.isInt() && v.Int != math.MinInt64:
		return Value{Kind: IntValue, Int: -v.Int}, true
	case op == OpUAdd && v.isInt():
		return Value{Kind: IntValue, Int: v.Int}, true
	case op == OpInvert && v.isInt():
		return Value{Kind: IntValue, Int: ^v.Int}, true
	case op == OpUSub && v.Kind == FloatValue:
		return Value{Kind: FloatValue, Float: -v.Float}, true
	case op == OpUAdd && v.Kind == FloatValue:
		return v, true
	}
	return Value{}, false
}

func binaryValue(op Op, l, r Value) (Value, bool) {
	switch {
	case l.isInt() && r.isInt():
		return intOp(op, l.Int, r.Int)
	case l.isNumber() && r.isNumber():
		return floatOp(op, l.float(), r.float())
	case op == OpAdd && l.Kind == r.Kind:
		return addValues(l, r)
	case op == OpMult && r.isInt():
		return repeat(l, r.Int)
	case op == OpMult && l.isInt():
		return repeat(r, l.Int)
	case op == OpMod && l.Kind == StrValue:
		return percent(l.Str, r)
	}
	return Value{}, false
}

func intOp(op Op, l, r int64) (Value, bool) {
	v := Value{Kind: IntValue}
	switch op {
	case OpAdd:
		v.Int = l + r
		return v, (v.Int > l) == (r > 0)
	case OpSub:
		v.Int = l - r
		return v, (v.Int < l) == (r > 0)
	case OpMult:
		v.Int = l * r
		small := l > -1<<31 && l < 1<<31 && r > -1<<31 && r < 1<<31
		return v, small
	case OpDiv:
		return Value{Kind: FloatValue, Float: float64(l) / float64(r)}, r != 0
	case OpFloorDiv, OpMod:
		if r == 0 || r == -1 {
			return v, false
		}
		q, m := l/r, l%r
		if m != 0 && (m < 0) != (r < 0) {
			q, m = q-1, m+r
		}
		v.Int = q
		if op == OpMod {
			v.Int = m
		}
		return v, true
	case OpPow:
		v.Int = 1
		for ; r > 0 && r < 64; r-- {
			if v.Int > 1<<31 || v.Int < -1<<31 || l > 1<<31 || l < -1<<31 {
				return v, false
			}
			v.Int *= l
		}
		return v, r == 0
	case OpLShift:
		if r < 0 || r > 62 || l < 0 || l > math.MaxInt64>>uint(r) {
			return v, false
		}
		v.Int = l << uint(r)
		return v, true
	case OpRShift:
		if r < 0 {
			return v, false
		}
		v.Int = l >> uint(min(r, 63))
		return v, true
	case OpBitOr:
		v.Int = l | r
		return v, true
	case OpBitXor:
		v.Int = l ^ r
		return v, true
	case OpBitAnd:
		v.Int = l & r
		return v, true
	}
	return v, false
}

func floatOp(op Op, l, r float64) (Value, bool) {
	v := Value{Kind: FloatValue}
	switch op {
	case OpAdd:
		v.Float = l + r
	case OpSub:
		v.Float = l - r
	case OpMult:
		v.Float = l * r
	case OpDiv:
		v.Float = l / r
		return v, r != 0
	default:
		return v, false
	}
	return v, true
}

// addValues joins two strings or sequences of the same type.
func addValues(l, r Value) (Value, bool) {
	switch l.Kind {
	case StrValue, BytesValue:
		return Value{Kind: l.Kind, Str: l.Str + r.Str}, len(l.Str)+len(r.Str) <= maxFoldSize
	case ListValue, TupleValue:
		if len(l.Items)+len(r.Items) > maxFoldSize {
			return Value{}, false
		}
		items := append(append([]Value{}, l.Items...), r.Items...)
		return Value{Kind: l.Kind, Items: items}, true
	}
	return Value{}, false
}

func repeat(v Value, n int64) (Value, bool) {
	n = max(n, 0)
	switch v.Kind {
	case StrValue, BytesValue:
		if n > maxFoldSize || int(n)*len(v.Str) > maxFoldSize {
			return Value{}, false
		}
		return Value{Kind: v.Kind, Str: strings.Repeat(v.Str, int(n))}, true
	case ListValue, TupleValue:
		if n > maxFoldSize || int(n)*len(v.Items) > maxFoldSize {
			return Value{}, false
		}
		var items []Value
		for range n {
			items = append(items, v.Items...)
		}
		return Value{Kind: v.Kind, Items: items}, true
	}
	return Value{}, false
}

// percent is the % of strings with %s, %d and %%.
func percent(format string, args Value) (Value, bool) {
	var named map[string]Value
	list := []Value{args}
	switch args.Kind {
	case TupleValue:
		list = args.Items
	case DictValue:
		named = map[string]Value{}
		for i := 0; i+1 < len(args.Items); i += 2 {
			named[args.Items[i].Str] = args.Items[i+1]
		}
	}
	var b strings.Builder
	next := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i >= len(format) {
			return Value{}, false
		}
		if format[i] == '%' {
			b.WriteByte('%')
			continue
		}
		var v Value
		if format[i] == '(' {
			end := strings.IndexByte(format[i:], ')')
			if end < 0 || i+end+1 >= len(format) {
				return Value{}, false
			}
			var ok bool
			if v, ok = named[format[i+1:i+end]]; !ok {
				return Value{}, false
			}
			i += end + 1
		} else {
			if next >= len(list) {
				return Value{}, false
			}
			v = list[next]
			next++
		}
		s, ok := v.text()
		if !ok || format[i] != 's' && !(format[i] == 'd' && v.Kind == IntValue) || b.Len()+len(s) > maxFoldSize {
			return Value{}, false
		}
		b.WriteString(s)
	}
	return Value{Kind: StrValue, Str: b.String()}, named != nil || next == len(list)
}

// Equal reports whether two values are equal as Python's == has it, for scalars.
func (v Value) Equal(w Value) bool {
	if v.isNumber() && w.isNumber() {
		if v.isInt() && w.isInt() {
			return v.Int == w.Int
		}
		return v.float() == w.float()
	}
	return v.Kind == w.Kind && v.Str == w.Str && v.Items == nil && w.Items == nil
}

// item is v[i].
func (v Value) item(i Value) (Value, bool) {
	if v.Kind == DictValue {
		for k := len(v.Items) - 2; k >= 0; k -= 2 {
			if v.Items[k].Equal(i) {
				return v.Items[k+1], true
			}
		}
		return Value{}, false
	}
	if !i.isInt() {
		return Value{}, false
	}
	n := v.length()
	at := int(i.Int)
	if at < 0 {
		at += n
	}
	if n < 0 || at < 0 || at >= n {
		return Value{}, false
	}
	switch v.Kind {
	case ListValue, TupleValue:
		return v.Items[at], true
	case BytesValue:
		return Value{Kind: IntValue, Int: int64(v.Str[at])}, true
	}
	return v.substring(at, at+1), true
}

// length is len(v), -1 where there is none.
func (v Value) length() int {
	switch v.Kind {
	case StrValue:
		return utf8.RuneCountInString(v.Str)
	case BytesValue:
		return len(v.Str)
	case ListValue, TupleValue:
		return len(v.Items)
	case DictValue:
		return len(v.Items) / 2
	}
	return -1
}

// substring is v[from:to] of a string, counted in characters.
func (v Value) substring(from, to int) Value {
	if len(v.Str) == utf8.RuneCountInString(v.Str) {
		return Value{Kind: v.Kind, Str: v.Str[from:to]}
	}
	return Value{Kind: v.Kind, Str: string([]rune(v.Str)[from:to])}
}

// slice folds v[a:b] and v[::-1].
func (f *folder) slice(v Value, s Slice, depth int) (Value, bool) {
	n := v.length()
	if n < 0 || v.Kind == DictValue {
		return v, false
	}
	bound := func(e Node, def int) (int, bool) {
		if e == 0 {
			return def, true
		}
		i, ok := f.expr(e, depth+1)
		if !ok || i.Kind != IntValue && i.Kind != NoneValue {
			return 0, false
		}
		if i.Kind == NoneValue {
			return def, true
		}
		at := i.Int
		if at < 0 {
			at += int64(n)
		}
		return int(min(max(at, 0), int64(n))), true
	}
	step := int64(1)
	if s.Step != 0 {
		i, ok := f.expr(s.Step, depth+1)
		if !ok || i.Kind != IntValue || i.Int != 1 && (i.Int != -1 || s.Lower != 0 || s.Upper != 0) {
			return v, false
		}
		step = i.Int
	}
	from, ok := bound(s.Lower, 0)
	if !ok {
		return v, false
	}
	to, ok := bound(s.Upper, n)
	if !ok {
		return v, false
	}
	to = max(to, from)
	if step < 0 {
		return v.reversed(), true
	}
	switch v.Kind {
	case StrValue:
		return v.substring(from, to), true
	case BytesValue:
		return Value{Kind: v.Kind, Str: v.Str[from:to]}, true
	}
	return Value{Kind: v.Kind, Items: v.Items[from:to:to]}, true
}

// reversed is v[::-1].
func (v Value) reversed() Value {
	w := Value{Kind: v.Kind}
	switch v.Kind {
	case StrValue:
		r := []rune(v.Str)
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		w.Str = string(r)
	case BytesValue:
		r := []byte(v.Str)
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		w.Str = string(r)
	default:
		for i := len(v.Items) - 1; i >= 0; i-- {
			w.Items = append(w.Items, v.Items[i])
		}
	}
	return w
}
