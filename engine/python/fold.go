package python

import (
	"math/big"
	"strconv"
	"strings"
)

// Bounds of constant folding.
const (
	maxFoldDepth = 64
	maxFoldSize  = 1 << 16 // bytes of a string, or elements of a collection
)

// ValueKind is the type of a folded value.
type ValueKind uint8

// The types of folded values.
const (
	NoneValue ValueKind = iota
	BoolValue
	IntValue
	FloatValue
	StrValue
	BytesValue
	TupleValue
	ListValue
	SetValue
	DictValue // Items has keys and values in turn
	EllipsisValue
)

// Value is the value of a constant expression.
type Value struct {
	Kind  ValueKind
	Str   string // of StrValue and BytesValue
	Int   int64  // of IntValue, and 0 or 1 of BoolValue
	Float float64
	Items []Value
}

// Truth returns what bool(v) is.
func (v Value) Truth() bool {
	switch v.Kind {
	case NoneValue:
		return false
	case BoolValue, IntValue:
		return v.Int != 0
	case FloatValue:
		return v.Float != 0
	case StrValue, BytesValue:
		return v.Str != ""
	case EllipsisValue:
		return true
	}
	return len(v.Items) > 0
}

// Fold returns the value of an expression that is constant: literals, operators on
// them, f-strings, formatting, some methods of strings, and variables that are bound
// once, to a constant. ok is false for everything else, and for what would be large.
// Integers are those of 64 bits.
func (b *Bindings) Fold(n Node) (v Value, ok bool) {
	f := folder{b: b, budget: maxFoldSize}
	return f.expr(n, 0)
}

// String returns the value of an expression that is a constant string.
func (b *Bindings) String(n Node) (string, bool) {
	if s, ok := b.tree.String(n); ok && b.tree.Const(n) == ConstStr {
		return s, true
	}
	v, ok := b.Fold(n)
	return v.Str, ok && v.Kind == StrValue
}

type folder struct {
	b      *Bindings
	budget int // nodes that may still be looked at
}

func (f *folder) expr(n Node, depth int) (Value, bool) {
	if f.budget--; n == 0 || depth > maxFoldDepth || f.budget < 0 {
		return Value{}, false
	}
	v, ok := f.fold(n, depth)
	// Long values use up the budget too: what doubles a string twenty times stops.
	f.budget -= len(v.Str)/64 + len(v.Items)/8
	return v, ok
}

func (f *folder) fold(n Node, depth int) (Value, bool) {
	t := f.b.tree
	switch t.Kind(n) {
	case KindConstant:
		return t.constant(n)
	case KindName:
		return f.name(n, depth)
	case KindNamedExpr:
		return f.expr(t.NamedExpr(n).Value, depth+1)
	case KindTuple, KindList, KindSet:
		return f.collection(n, depth)
	case KindDict:
		return f.dict(n, depth)
	case KindUnaryOp:
		v, ok := f.expr(t.Value(n), depth+1)
		if !ok {
			return v, false
		}
		return unaryValue(t.Op(n), v)
	case KindBinOp:
		e := t.BinOp(n)
		l, ok := f.expr(e.Left, depth+1)
		if !ok {
			return l, false
		}
		r, ok := f.expr(e.Right, depth+1)
		if !ok {
			return r, false
		}
		return binaryValue(e.Op, l, r)
	case KindBoolOp:
		var v Value
		for _, e := range t.List(n) {
			var ok bool
			if v, ok = f.expr(e, depth+1); !ok {
				return v, false
			}
			if v.Truth() == (t.Op(n) == OpOr) {
				break
			}
		}
		return v, true
	case KindIfExp:
		e := t.IfExp(n)
		c, ok := f.expr(e.Test, depth+1)
		if !ok {
			return c, false
		}
		if c.Truth() {
			return f.expr(e.Body, depth+1)
		}
		return f.expr(e.Orelse, depth+1)
	case KindJoinedStr:
		return f.joined(n, depth)
	case KindSubscript:
		return f.subscript(n, depth)
	case KindCall:
		return f.call(n, depth)
	}
	return Value{}, false
}

// constant returns the value of a Constant.
func (t *Tree) constant(n Node) (Value, bool) {
	switch t.Const(n) {
	case ConstNone:
		return Value{}, true
	case ConstTrue:
		return Value{Kind: BoolValue, Int: 1}, true
	case ConstFalse:
		return Value{Kind: BoolValue}, true
	case ConstEllipsis:
		return Value{Kind: EllipsisValue}, true
	case ConstStr:
		s, _ := t.String(n)
		return Value{Kind: StrValue, Str: s}, true
	case ConstBytes:
		s, _ := t.String(n)
		return Value{Kind: BytesValue, Str: s}, true
	case ConstInt:
		i, ok := t.Int(n)
		return Value{Kind: IntValue, Int: i}, ok
	case ConstFloat:
		v, _ := strconv.ParseFloat(strings.ReplaceAll(t.Text(n), "_", ""), 64)
		return Value{Kind: FloatValue, Float: v}, true
	}
	return Value{}, false
}

// Int returns the value of an integer Constant; ok is false for other nodes and for
// integers of more than 64 bits.
func (t *Tree) Int(n Node) (v int64, ok bool) {
	x := t.BigInt(n)
	if x == nil || !x.IsInt64() {
		return 0, false
	}
	return x.Int64(), true
}

// BigInt returns the value of an integer Constant, nil for other nodes.
func (t *Tree) BigInt(n Node) *big.Int {
	if t.Kind(n) != KindConstant || t.Const(n) != ConstInt {
		return nil
	}
	s := strings.ToLower(strings.TrimRight(strings.ReplaceAll(t.Text(n), "_", ""), "lL"))
	base := 0
	if len(s) > 1 && s[0] == '0' && isDigit(s[1]) {
		base = 10
		if strings.Trim(s, "01234567") == "" {
			base = 8 // Python 2; otherwise they are all zeros
		}
	}
	x, ok := new(big.Int).SetString(s, base)
	if !ok {
		return nil
	}
	return x
}

// name folds a variable that is bound once, to a constant.
func (f *folder) name(n Node, depth int) (Value, bool) {
	b := f.b
	s := b.ref[n]
	if s == 0 {
		if b.tree.Name(n) == "__name__" && b.module.Name != "" {
			return Value{Kind: StrValue, Str: b.module.Name}, true
		}
		return Value{}, false
	}
	d, ok := b.OnlyDef(s)
	if !ok {
		return Value{}, false
	}
	if v := assigned(b.tree, d); v != 0 {
		return f.expr(v, depth+1)
	}
	return Value{}, false
}

func (f *folder) collection(n Node, depth int) (Value, bool) {
	t := f.b.tree
	v := Value{Kind: TupleValue}
	switch t.Kind(n) {
	case KindList:
		v.Kind = ListValue
	case KindSet:
		v.Kind = SetValue
	}
	for _, e := range t.List(n) {
		if t.Kind(e) == KindStarred {
			in, ok := f.expr(t.Value(e), depth+1)
			if !ok || in.Kind != TupleValue && in.Kind != ListValue {
				return v, false
			}
			v.Items = append(v.Items, in.Items...)
			f.budget -= len(in.Items)
			continue
		}
		item, ok := f.expr(e, depth+1)
		if !ok {
			return v, false
		}
		v.Items = append(v.Items, item)
	}
	return v, true
}

func (f *folder) dict(n Node, depth int) (Value, bool) {
	d := f.b.tree.Dict(n)
	v := Value{Kind: DictValue}
	for i, k := range d.Keys {
		item, ok := f.expr(d.Values[i], depth+1)
		if !ok {
			return v, false
		}
		if k == 0 {
			if item.Kind != DictValue {
				return v, false
			}
			v.Items = append(v.Items, item.Items...)
			f.budget -= len(item.Items)
			continue
		}
		key, ok := f.expr(k, depth+1)
		if !ok {
			return v, false
		}
		v.Items = append(v.Items, key, item)
	}
	return v, true
}

// joined folds an f-string whose fields are constant and not formatted specially.
func (f *folder) joined(n Node, depth int) (Value, bool) {
	t := f.b.tree
	var s strings.Builder
	for _, e := range t.List(n) {
		if t.Kind(e) == KindConstant {
			text, _ := t.String(e)
			s.WriteString(text)
			continue
		}
		x := t.FormattedValue(e)
		v, ok := f.expr(x.Value, depth+1)
		if !ok || x.FormatSpec != 0 || x.Conversion == 'r' || x.Conversion == 'a' {
			return v, false
		}
		text, ok := v.text()
		if !ok || s.Len()+len(text) > maxFoldSize {
			return v, false
		}
		s.WriteString(text)
	}
	return Value{Kind: StrValue, Str: s.String()}, true
}

// text returns what str(v) is, for the types where that is simple.
func (v Value) text() (string, bool) {
	switch v.Kind {
	case NoneValue:
		return "None", true
	case BoolValue:
		if v.Int != 0 {
			return "True", true
		}
		return "False", true
	case IntValue:
		return strconv.FormatInt(v.Int, 10), true
	case StrValue:
		return v.Str, true
	}
	return "", false
}

func (f *folder) subscript(n Node, depth int) (Value, bool) {
	t := f.b.tree
	s := t.Subscript(n)
	v, ok := f.expr(s.Value, depth+1)
	if !ok {
		return v, false
	}
	if t.Kind(s.Index) == KindSlice {
		return f.slice(v, t.Slice(s.Index), depth)
	}
	i, ok := f.expr(s.Index, depth+1)
	if !ok {
		return i, false
	}
	return v.item(i)
}
