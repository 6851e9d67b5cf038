package gate

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/ext"
	"github.com/merlon-security/merlon/evidence"
)

// The bounds of a condition. The unit of cost is that of CEL: about one comparison.
const (
	maxCondition = 8 << 10    // bytes of text
	maxCost      = 10_000_000 // about a second
	maxNesting   = 64
)

// condition is a compiled expression in CEL (Common Expression Language).
type condition struct {
	text    string
	needs   []string
	program cel.Program
}

// language is what conditions are written in: CEL, with text functions, over the
// fields of [Input]. It takes milliseconds to set up, and only policies with a
// condition pay for it.
var language = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{
		ext.NativeTypes(ext.ParseStructTag("json"),
			reflect.TypeFor[Asset](), reflect.TypeFor[Found](), reflect.TypeFor[Model](), reflect.TypeFor[Looked](),
			reflect.TypeFor[Measurement](), reflect.TypeFor[Piece](), reflect.TypeFor[Approval](), reflect.TypeFor[Exception](),
			reflect.TypeFor[Licence](), reflect.TypeFor[Expired](), reflect.TypeFor[Refused]()),
		ext.Strings(ext.StringsVersion(4)),
		cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(maxCondition),
		cel.ParserRecursionLimit(maxNesting),
	}
	for f := range reflect.TypeFor[Input]().Fields() {
		name := f.Tag.Get("json")
		options = append(options, cel.Variable(name, celType(f.Type)))
	}
	return cel.NewEnv(options...)
})

// celType is the type of a field of [Input] in conditions.
func celType(t reflect.Type) *cel.Type {
	switch {
	case t == reflect.TypeFor[[]Item]():
		return cel.ListType(celType(reflect.TypeFor[Found]()))
	case t.Kind() == reflect.Slice:
		return cel.ListType(celType(t.Elem()))
	case t.Kind() == reflect.String:
		return cel.StringType
	case t.Kind() == reflect.Int:
		return cel.IntType
	case t.String() == "time.Time":
		return cel.TimestampType
	}
	return cel.ObjectType(t.String())
}

// fromEvidence are the fields that hold what signed evidence says: without the
// evidence they are empty, and all(...) over nothing is true.
var fromEvidence = map[string]bool{
	"measurements": true, "evidence": true, "approvals": true, "licences": true,
}

func compileCondition(text string, needs []string) (*condition, error) {
	if len(text) > maxCondition {
		return nil, fmt.Errorf("%d bytes; at most %d are read", len(text), maxCondition)
	}
	env, err := language()
	if err != nil {
		return nil, err
	}
	checked, issues := env.Compile(text)
	if err := issues.Err(); err != nil {
		return nil, errors.New(firstLine(err.Error()))
	}
	if checked.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("is of type %s, and has to be true or false", checked.OutputType())
	}
	if name := reads(checked); name != "" && len(needs) == 0 {
		return nil, fmt.Errorf("it reads %s, which is empty without evidence: say with needs which kinds must be there", name)
	}
	program, err := env.Program(checked, cel.CostLimit(maxCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, errors.New(firstLine(err.Error()))
	}
	return &condition{text, needs, program}, nil
}

// reads names a field made of evidence that a condition uses, "" for none.
func reads(checked *cel.Ast) string {
	found := ""
	ast.PostOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.IdentKind && fromEvidence[e.AsIdent()] && (found == "" || e.AsIdent() < found) {
			found = e.AsIdent()
		}
	}))
	return found
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimPrefix(s, "ERROR: <input>:"), "\n")
	return s
}

// view is an input as conditions see it. It is made once, when the first is evaluated.
type view struct {
	in     *Input
	fields map[string]any
}

func (v *view) activation() map[string]any {
	if v.fields != nil {
		return v.fields
	}
	v.fields = map[string]any{}
	value := reflect.ValueOf(v.in).Elem()
	for i, f := range reflect.VisibleFields(value.Type()) {
		v.fields[f.Tag.Get("json")] = value.Field(i).Interface()
	}
	v.fields["findings"] = func() any { // called once, by the first condition that reads it
		list := make([]Found, len(v.in.Findings))
		for i, it := range v.in.Findings {
			list[i] = found(it)
		}
		return list
	}
	return v.fields
}

// evaluate returns an error when the condition has no value.
func (c *condition) evaluate(v *view, res *evidence.RuleResult) error {
	for _, k := range c.needs {
		if !v.in.has(evidence.Kind(k)) {
			fail(res, "there is no %s among the evidence", k)
			return nil
		}
	}
	out, _, err := c.program.Eval(v.activation())
	if err != nil {
		return errors.New(firstLine(err.Error()))
	}
	holds, ok := out.Value().(bool)
	if !ok {
		return fmt.Errorf("is %v, and has to be true or false", out.Type())
	}
	if !holds {
		fail(res, "the condition does not hold: %s", strings.Join(strings.Fields(c.text), " "))
	}
	return nil
}
