package gate

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/gate/cel"
)

// condition is a compiled expression in CEL (Common Expression Language).
type condition struct {
	text    string
	needs   []string
	program *cel.Program
}

// language is what conditions are written in: CEL over the fields of [Input].
var language = sync.OnceValue(func() *cel.Env {
	var vars []cel.Variable
	for f := range reflect.TypeFor[Input]().Fields() {
		t := f.Type
		if t == reflect.TypeFor[[]Item]() {
			t = reflect.TypeFor[[]Found]()
		}
		vars = append(vars, cel.Variable{Name: f.Tag.Get("json"), Type: t})
	}
	return cel.NewEnv(vars...)
})

// fromEvidence are the fields that hold what signed evidence says: without the
// evidence they are empty, and all(...) over nothing is true.
var fromEvidence = map[string]bool{
	"measurements": true, "evidence": true, "approvals": true, "licences": true,
}

func compileCondition(text string, needs []string) (*condition, error) {
	program, err := language().Compile(text)
	if err != nil {
		return nil, err
	}
	if program.Type() != cel.Bool {
		return nil, fmt.Errorf("is of type %s, and has to be true or false", program.Type())
	}
	for _, name := range program.Reads() {
		if fromEvidence[name] && len(needs) == 0 {
			return nil, fmt.Errorf("it reads %s, which is empty without evidence: say with needs which kinds must be there", name)
		}
	}
	return &condition{text, needs, program}, nil
}

// view returns an input as conditions see it. What they do not read is not made.
func view(in *Input) *cel.Vars {
	return language().Vars(func(name string) any {
		if name == "findings" {
			list := make([]Found, len(in.Findings))
			for i, it := range in.Findings {
				list[i] = found(it)
			}
			return &list
		}
		v := reflect.ValueOf(in).Elem()
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") == name {
				return v.Field(i).Addr().Interface()
			}
		}
		return nil // the language has no other names
	})
}

// evaluate returns an error when the condition has no value.
func (c *condition) evaluate(vars *cel.Vars, in *Input, res *evidence.RuleResult) error {
	for _, k := range c.needs {
		if !in.has(evidence.Kind(k)) {
			fail(res, "there is no %s among the evidence", k)
			return nil
		}
	}
	holds, err := c.program.Bool(vars)
	if err != nil {
		return err
	}
	if !holds {
		fail(res, "the condition does not hold: %s", strings.Join(strings.Fields(c.text), " "))
	}
	return nil
}
