package cel

import (
	"math"
	"reflect"
	"time"
)

// Value is a value of a type that is known. Only what the type needs is set: n holds a
// bool, an int, a duration in nanoseconds, or the bits of a double; s a string; r a
// *time.Time, a list, a *dictionary, or a pointer to a Go struct.
type Value struct {
	n int64
	s string
	r any
}

func (v Value) double() float64 { return math.Float64frombits(uint64(v.n)) }
func (v Value) time() time.Time { return *v.r.(*time.Time) }
func (v Value) list() list      { return v.r.(list) }

// list is what macros and operators need of a list.
type list interface {
	Len() int
	At(i int) Value
}

// values is a list that an expression made.
type values []Value

func (l *values) Len() int       { return len(*l) }
func (l *values) At(i int) Value { return (*l)[i] }

func listValue(l []Value) Value { v := values(l); return Value{r: &v} }

// natives is a list that is a slice of Go.
type natives struct {
	slice reflect.Value
	of    *Type
}

func (l *natives) Len() int       { return l.slice.Len() }
func (l *natives) At(i int) Value { return fromGo(l.of, l.slice.Index(i)) }

// key is a key of a map.
type key struct {
	n int64
	s string
}

// dictionary is a map in the order in which it is written.
type dictionary struct {
	keys   []Value
	values []Value
	at     map[key]int
}

func (d *dictionary) Len() int       { return len(d.keys) }
func (d *dictionary) At(i int) Value { return d.keys[i] }

func (d *dictionary) get(k Value) (Value, bool) {
	i, ok := d.at[key{k.n, k.s}]
	if !ok {
		return Value{}, false
	}
	return d.values[i], true
}

// fromGo views a Go value, which is addressable unless it is scalar.
func fromGo(t *Type, v reflect.Value) Value {
	switch t {
	case String:
		return Value{s: v.String()}
	case Bool:
		return truth(v.Bool())
	case Int:
		return Value{n: v.Int()}
	case Double:
		return double(v.Float())
	case Timestamp:
		return Value{r: v.Addr().Interface()}
	}
	if t.isList() {
		return Value{r: &natives{v, t.of}}
	}
	return Value{r: v.Addr().Interface()}
}

// toGo returns a value as Go has it: bool, int64, float64, string, time.Time,
// time.Duration, []any, map[any]any, or a pointer to a struct.
func toGo(t *Type, v Value) any {
	switch t {
	case Bool:
		return v.n != 0
	case Int:
		return v.n
	case Double:
		return v.double()
	case String:
		return v.s
	case Timestamp:
		return v.time().UTC()
	case Duration:
		return time.Duration(v.n)
	}
	switch {
	case t.isMap():
		d := v.r.(*dictionary)
		out := map[any]any{}
		for i, k := range d.keys {
			out[toGo(t.key, k)] = toGo(t.of, d.values[i])
		}
		return out
	case t.isList():
		out := make([]any, v.list().Len())
		for i := range out {
			out[i] = toGo(t.of, v.list().At(i))
		}
		return out
	}
	return v.r
}
