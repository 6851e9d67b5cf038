package cel

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Variable is a name that expressions use, and the Go type of what it holds: a bool, a
// string, an int, an int64, a float64, a time.Time, a struct, or a slice of these.
// Fields of structs are called as their tag json says.
type Variable struct {
	Name string
	Type reflect.Type
}

// Env is what expressions may use. It is safe for use by many goroutines.
type Env struct {
	types   map[string]*Type
	slots   map[string]int
	objects map[reflect.Type]*Type
}

// NewEnv returns an environment with variables. A type that has no counterpart panics.
func NewEnv(vars ...Variable) *Env {
	e := &Env{map[string]*Type{}, map[string]int{}, map[reflect.Type]*Type{}}
	for i, v := range vars {
		e.types[v.Name], e.slots[v.Name] = e.native(v.Type), i
	}
	return e
}

// Program is an expression that was checked, ready to be evaluated, as often as is
// wanted and by many goroutines at once.
type Program struct {
	text   string
	typ    *Type
	eval   eval
	locals int
	reads  []string
}

// Compile checks a text. The error is an [*Error].
func (e *Env) Compile(text string) (*Program, error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("%d bytes; at most %d are read; make it several rules", len(text), MaxText)
	}
	root, err := parse(text)
	if err != nil {
		return nil, placed(text, err)
	}
	c := &checker{env: e, reads: map[string]bool{}}
	x, err := c.check(root, nil)
	if err != nil {
		return nil, placed(text, err)
	}
	return &Program{text, x.typ, x.eval, c.locals, slices.Sorted(maps.Keys(c.reads))}, nil
}

// Type is the type of its value.
func (p *Program) Type() *Type { return p.typ }

// Reads names the variables that it uses, in order.
func (p *Program) Reads() []string { return p.reads }

// Vars are the values of variables. They are not safe for use by many goroutines.
type Vars struct {
	env    *Env
	get    func(name string) any
	have   []bool
	values []Value
}

// Vars returns the variables whose values get returns as pointers. It is asked for each
// variable once at most, when the first expression reads it.
func (e *Env) Vars(get func(name string) any) *Vars {
	return &Vars{e, get, make([]bool, len(e.slots)), make([]Value, len(e.slots))}
}

// Bool evaluates an expression of type bool. The error says why it has no value.
func (p *Program) Bool(vars *Vars) (bool, error) {
	if p.typ != Bool {
		return false, fmt.Errorf("is of type %s, and has to be true or false", p.typ)
	}
	v, err := p.run(vars)
	return v.n != 0, err
}

// Value evaluates an expression. The value is a bool, int64, float64, string,
// time.Time, time.Duration, []any, map[any]any, or a pointer to a struct.
func (p *Program) Value(vars *Vars) (any, error) {
	v, err := p.run(vars)
	if err != nil {
		return nil, err
	}
	return toGo(p.typ, v), nil
}

func (p *Program) run(vars *Vars) (Value, error) {
	f := &frame{vars: vars, locals: make([]Value, p.locals), left: MaxCost}
	v, err := p.eval(f)
	if err != nil {
		return Value{}, placed(p.text, err)
	}
	return v, nil
}

// eval computes the value of a part of an expression.
type eval func(*frame) (Value, error)

// frame is the state of one evaluation.
type frame struct {
	vars   *Vars
	locals []Value // of macros, by depth
	left   int64   // steps
}

// spend pays for steps, before they are done and before memory is taken.
func (f *frame) spend(steps int) error {
	if f.left -= int64(steps); f.left < 0 {
		return errCost
	}
	return nil
}

func (v *Vars) load(slot int, name string, t *Type) Value {
	if !v.have[slot] {
		v.values[slot] = fromGo(t, reflect.ValueOf(v.get(name)).Elem())
		v.have[slot] = true
	}
	return v.values[slot]
}
