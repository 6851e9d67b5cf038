package cel

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// textFunctions are the functions of text. Places count characters, from 0.
func textFunctions() []function {
	var out []function
	// add adds a function; what it reads is paid for here, what it makes by itself.
	add := func(name string, result *Type, do func(f *frame, a arguments) (Value, error), more ...*Type) {
		out = append(out, function{name, true, append([]*Type{String}, more...), result, func(f *frame, a arguments) (Value, error) {
			if err := f.spend((len(a[0].s) + len(a[1].s)) / 8); err != nil {
				return Value{}, err
			}
			return do(f, a)
		}})
	}
	test := func(name string, holds func(s, part string) bool) {
		add(name, Bool, func(_ *frame, a arguments) (Value, error) { return truth(holds(a[0].s, a[1].s)), nil }, String)
	}
	change := func(name string, to func(string) string) {
		add(name, String, func(_ *frame, a arguments) (Value, error) { return Value{s: to(a[0].s)}, nil })
	}
	test("contains", strings.Contains)
	test("startsWith", strings.HasPrefix)
	test("endsWith", strings.HasSuffix)
	change("lowerAscii", func(s string) string { return ascii(s, 'A', 'Z', 'a'-'A') })
	change("upperAscii", func(s string) string { return ascii(s, 'a', 'z', 'A'-'a') })
	change("trim", strings.TrimSpace)
	change("reverse", func(s string) string {
		r := []rune(s)
		slices.Reverse(r)
		return string(r)
	})
	add("charAt", String, func(_ *frame, a arguments) (Value, error) {
		r := []rune(a[0].s)
		if a[1].n == int64(len(r)) {
			return Value{}, nil
		}
		return cut(r, a[1].n, a[1].n+1)
	}, Int)
	add("substring", String, func(_ *frame, a arguments) (Value, error) {
		r := []rune(a[0].s)
		return cut(r, a[1].n, int64(len(r)))
	}, Int)
	add("substring", String, func(_ *frame, a arguments) (Value, error) { return cut([]rune(a[0].s), a[1].n, a[2].n) }, Int, Int)
	add("indexOf", Int, func(_ *frame, a arguments) (Value, error) { return place(a[0].s, a[1].s, 0) }, String)
	add("indexOf", Int, func(_ *frame, a arguments) (Value, error) { return place(a[0].s, a[1].s, a[2].n) }, String, Int)
	add("lastIndexOf", Int, func(_ *frame, a arguments) (Value, error) {
		return lastPlace(a[0].s, a[1].s, int64(utf8.RuneCountInString(a[0].s)))
	}, String)
	add("replace", String, func(f *frame, a arguments) (Value, error) { return replace(f, a, -1) }, String, String)
	add("replace", String, func(f *frame, a arguments) (Value, error) { return replace(f, a, a[3].n) }, String, String, Int)
	add("split", List(String), func(f *frame, a arguments) (Value, error) { return split(f, a, -1) }, String)
	add("split", List(String), func(f *frame, a arguments) (Value, error) { return split(f, a, a[2].n) }, String, Int)
	out = append(out,
		function{"join", true, []*Type{List(String)}, String, joined},
		function{"join", true, []*Type{List(String), String}, String, joined})
	return out
}

func ascii(s string, from, to byte, by int) string {
	b := []byte(s)
	for i, c := range b {
		if c >= from && c <= to {
			b[i] = byte(int(c) + by)
		}
	}
	return string(b)
}

func cut(r []rune, from, to int64) (Value, error) {
	if from < 0 || to < from || to > int64(len(r)) {
		return Value{}, fmt.Errorf("index out of range: %d to %d of %d characters", from, to, len(r))
	}
	return Value{s: string(r[from:to])}, nil
}

func place(s, part string, from int64) (Value, error) {
	n := int64(utf8.RuneCountInString(s))
	switch {
	case from < 0:
		return Value{}, fmt.Errorf("index out of range: %d", from)
	case part == "":
		return Value{n: min(from, n)}, nil
	case from >= n:
		return Value{n: -1}, nil
	}
	rest := string([]rune(s)[from:])
	if i := strings.Index(rest, part); i >= 0 {
		return Value{n: from + int64(utf8.RuneCountInString(rest[:i]))}, nil
	}
	return Value{n: -1}, nil
}

func lastPlace(s, part string, n int64) (Value, error) {
	if part == "" {
		return Value{n: n}, nil
	}
	if i := strings.LastIndex(s, part); i >= 0 {
		return Value{n: int64(utf8.RuneCountInString(s[:i]))}, nil
	}
	return Value{n: -1}, nil
}

func replace(f *frame, a arguments, n int64) (Value, error) {
	s, old, by := a[0].s, a[1].s, a[2].s
	times := strings.Count(s, old)
	if n >= 0 {
		times = int(min(int64(times), n))
	}
	if err := f.spend(len(s)/8 + times*(1+len(by))/8); err != nil {
		return Value{}, err
	}
	return Value{s: strings.Replace(s, old, by, times)}, nil
}

func split(f *frame, a arguments, n int64) (Value, error) {
	parts := int64(strings.Count(a[0].s, a[1].s) + 1)
	if n >= 0 {
		parts = min(parts, n)
	}
	if err := f.spend(int(parts) * 4); err != nil {
		return Value{}, err
	}
	var out []Value
	for _, s := range strings.SplitN(a[0].s, a[1].s, int(min(max(n, -1), 1<<31-1))) {
		out = append(out, Value{s: s})
	}
	return listValue(out), nil
}

func joined(f *frame, a arguments) (Value, error) {
	l, between := a[0].list(), a[1].s
	parts := make([]string, 0, min(l.Len(), 1024))
	for i := range l.Len() {
		s := l.At(i).s
		if err := f.spend(1 + (len(s)+len(between))/8); err != nil {
			return Value{}, err
		}
		parts = append(parts, s)
	}
	return Value{s: strings.Join(parts, between)}, nil
}
