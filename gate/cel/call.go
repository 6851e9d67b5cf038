package cel

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
)

// function is one that expressions call. Those with a receiver have it as their first
// argument.
type function struct {
	name   string
	member bool
	args   []*Type
	result *Type
	do     func(f *frame, a arguments) (Value, error)
}

// arguments of a call; there are never more than four.
type arguments [4]Value

// String is the signature: string.startsWith(string) bool.
func (f *function) String() string {
	args := make([]string, len(f.args))
	for i, t := range f.args {
		args[i] = t.String()
	}
	if f.member {
		return args[0] + "." + f.name + "(" + strings.Join(args[1:], ", ") + ") " + f.result.String()
	}
	return f.name + "(" + strings.Join(args, ", ") + ") " + f.result.String()
}

func (c *checker) call(n *node, sc *scope) (typed, error) {
	if n.member && isMacro(n.name) {
		return c.macro(n, sc)
	}
	x, err := c.all(n.args, sc)
	if err != nil {
		return typed{}, err
	}
	switch {
	case n.name == "size" && len(x) == 1:
		return size(n, x[0])
	case n.name == "matches" && len(x) == 2 && x[0].typ == String && x[1].typ == String:
		return matches(n, x)
	}
	var like []string
	for i := range functions() {
		fn := &functions()[i]
		if fn.name != n.name {
			continue
		}
		if fits(fn, n, x) {
			return invoke(fn, n, x), nil
		}
		like = append(like, fn.String())
	}
	if like == nil {
		return typed{}, failf(n.pos, "undeclared reference to %q: there is no such function", n.name)
	}
	types := make([]string, len(x))
	for i := range x {
		types[i] = x[i].typ.String()
	}
	return typed{}, failf(n.pos, "found no matching overload for %q applied to '(%s)'; there is %s", n.name, strings.Join(types, ", "), strings.Join(like, ", "))
}

func fits(fn *function, n *node, x []typed) bool {
	if fn.member != n.member || len(fn.args) != len(x) {
		return false
	}
	for i, t := range fn.args {
		if x[i].typ == open || join(t, x[i].typ) == nil {
			return false
		}
	}
	return true
}

// invoke is a call. One of constants that has a value is computed once.
func invoke(fn *function, n *node, x []typed) typed {
	pos := n.pos
	run := func(f *frame) (Value, error) {
		var a arguments
		for i := range x {
			var err error
			if a[i], err = x[i].eval(f); err != nil {
				return Value{}, err
			}
		}
		if err := f.spend(1); err != nil {
			return Value{}, err
		}
		v, err := fn.do(f, a)
		if err != nil && !errors.Is(err, errCost) {
			err = failf(pos, "%v", err)
		}
		return v, err
	}
	if _, ok := constants(x); ok {
		if v, err := run(&frame{left: MaxText}); err == nil {
			return typed{fn.result, func(*frame) (Value, error) { return v, nil }, &v}
		}
	}
	return typed{typ: fn.result, eval: run}
}

// size is the length of text in characters, or of a list or map.
func size(n *node, x typed) (typed, error) {
	if x.typ != String && x.typ.of == nil {
		return typed{}, failf(n.pos, "found no matching overload for 'size' applied to '(%s)'; text, lists and maps have a size", x.typ)
	}
	return typed{typ: Int, eval: func(f *frame) (Value, error) {
		v, err := x.eval(f)
		if err != nil {
			return v, err
		}
		if x.typ == String {
			return Value{n: int64(len([]rune(v.s)))}, f.spend(1 + len(v.s)/8)
		}
		return Value{n: int64(v.list().Len())}, f.spend(1)
	}}, nil
}

// maxPattern bounds the program that a pattern becomes, in instructions.
const maxPattern = 10_000

// matches looks for a pattern of RE2, which is a constant, anywhere in a text.
func matches(n *node, x []typed) (typed, error) {
	if x[1].fixed == nil {
		return typed{}, failf(n.args[1].pos, "the pattern of matches() has to be written out; use contains() for text that is data")
	}
	pattern := x[1].fixed.s
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return typed{}, failf(n.args[1].pos, "%s", err)
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err == nil && len(prog.Inst) > maxPattern {
		err = errors.New("it repeats too much: make it shorter")
	}
	if err != nil {
		return typed{}, failf(n.args[1].pos, "pattern: %s", err)
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return typed{}, failf(n.args[1].pos, "%s", err)
	}
	of, price := x[0].eval, 1+len(prog.Inst)/8
	return typed{typ: Bool, eval: func(f *frame) (Value, error) {
		v, err := of(f)
		if err != nil {
			return v, err
		}
		if err := f.spend(1 + (len(v.s)+1)*price/8); err != nil {
			return v, err
		}
		return truth(re.MatchString(v.s)), nil
	}}, nil
}
