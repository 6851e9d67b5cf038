package cel

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"
)

// functions lists everything that can be called, but for macros, size and matches,
// which are checked in another way.
var functions = sync.OnceValue(func() []function {
	return append(append(conversions(), textFunctions()...), clock()...)
})

// Functions describes what can be called, but for macros: string.trim() string.
func Functions() []string {
	out := []string{"size(x) int, x.size() int, of a string, list or map", "string.matches(pattern) bool, of RE2"}
	for i := range functions() {
		out = append(out, functions()[i].String())
	}
	return out
}

func noConversion(from, to *Type, v any) error {
	return fmt.Errorf("type conversion error from '%s' to '%s': %v", from, to, v)
}

func conversions() []function {
	var out []function
	add := func(from, to *Type, do func(f *frame, v Value) (Value, error)) {
		out = append(out, function{to.name, false, []*Type{from}, to, func(f *frame, a arguments) (Value, error) { return do(f, a[0]) }})
	}
	same := func(_ *frame, v Value) (Value, error) { return v, nil }
	for _, t := range []*Type{Bool, Int, Double, String, Timestamp, Duration} {
		add(t, t, same)
	}
	add(String, Bool, func(_ *frame, v Value) (Value, error) {
		b, err := strconv.ParseBool(v.s)
		if err != nil {
			return v, noConversion(String, Bool, strconv.Quote(v.s))
		}
		return truth(b), nil
	})
	add(String, Int, func(_ *frame, v Value) (Value, error) {
		i, err := strconv.ParseInt(v.s, 10, 64)
		if err != nil {
			return v, noConversion(String, Int, strconv.Quote(v.s))
		}
		return Value{n: i}, nil
	})
	add(Double, Int, func(_ *frame, v Value) (Value, error) {
		d := v.double()
		if math.IsNaN(d) || d <= math.MinInt64 || d >= math.MaxInt64 {
			return v, noConversion(Double, Int, d)
		}
		return Value{n: int64(d)}, nil
	})
	add(Timestamp, Int, func(_ *frame, v Value) (Value, error) { return Value{n: v.time().Unix()}, nil })
	add(Int, Double, func(_ *frame, v Value) (Value, error) { return double(float64(v.n)), nil })
	add(String, Double, func(_ *frame, v Value) (Value, error) {
		d, err := strconv.ParseFloat(v.s, 64)
		if err != nil {
			return v, noConversion(String, Double, strconv.Quote(v.s))
		}
		return double(d), nil
	})
	for _, t := range []*Type{Bool, Int, Double, Timestamp, Duration} {
		add(t, String, func(_ *frame, v Value) (Value, error) { return Value{s: asText(t, v)}, nil })
	}
	add(String, Timestamp, func(_ *frame, v Value) (Value, error) { return parseTime(v.s) })
	add(Int, Timestamp, func(_ *frame, v Value) (Value, error) {
		if v.n < firstSecond || v.n > lastSecond {
			return v, noConversion(Int, Timestamp, v.n)
		}
		t := time.Unix(v.n, 0).UTC()
		return Value{r: &t}, nil
	})
	add(String, Duration, func(_ *frame, v Value) (Value, error) {
		d, err := time.ParseDuration(v.s)
		if err != nil {
			return v, fmt.Errorf("type conversion error from 'string' to 'duration': %q; write hours, minutes or seconds, such as 240h", v.s)
		}
		return Value{n: int64(d)}, nil
	})
	return out
}

func asText(t *Type, v Value) string {
	switch t {
	case Bool:
		return strconv.FormatBool(v.n != 0)
	case Int:
		return strconv.FormatInt(v.n, 10)
	case Double:
		return fmt.Sprintf("%g", v.double())
	case Timestamp:
		return v.time().Format(time.RFC3339Nano)
	}
	return strconv.FormatFloat(time.Duration(v.n).Seconds(), 'f', -1, 64) + "s"
}
