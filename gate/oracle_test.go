package gate

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	oracle "cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// oracleEnv is the same language as cel-go, the reference in Go, reads it.
func oracleEnv(t testing.TB) *oracle.Env {
	var options []oracle.EnvOption
	options = append(options,
		ext.NativeTypes(ext.ParseStructTag("json"),
			reflect.TypeFor[Asset](), reflect.TypeFor[Found](), reflect.TypeFor[Model](), reflect.TypeFor[Looked](),
			reflect.TypeFor[Measurement](), reflect.TypeFor[Piece](), reflect.TypeFor[Approval](), reflect.TypeFor[Exception](),
			reflect.TypeFor[Licence](), reflect.TypeFor[Expired](), reflect.TypeFor[Refused]()),
		ext.Strings(ext.StringsVersion(4)), oracle.DefaultUTCTimeZone(true))
	for f := range reflect.TypeFor[Input]().Fields() {
		options = append(options, oracle.Variable(f.Tag.Get("json"), oracleType(f.Type)))
	}
	env, err := oracle.NewEnv(options...)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func oracleType(t reflect.Type) *oracle.Type {
	switch {
	case t == reflect.TypeFor[[]Item]():
		return oracle.ListType(oracleType(reflect.TypeFor[Found]()))
	case t.Kind() == reflect.Slice:
		return oracle.ListType(oracleType(t.Elem()))
	case t.Kind() == reflect.String:
		return oracle.StringType
	case t.Kind() == reflect.Int:
		return oracle.IntType
	case t.String() == "time.Time":
		return oracle.TimestampType
	}
	return oracle.ObjectType(t.String())
}

// oracleValue evaluates an expression by cel-go.
func oracleValue(env *oracle.Env, text string, in *Input) (any, error) {
	checked, issues := env.Compile(text)
	if err := issues.Err(); err != nil {
		return nil, err
	}
	program, err := env.Program(checked, oracle.CostLimit(1<<30))
	if err != nil {
		return nil, err
	}
	fields := map[string]any{}
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		fields[v.Type().Field(i).Tag.Get("json")] = v.Field(i).Interface()
	}
	list := []Found{}
	for _, it := range in.Findings {
		list = append(list, found(it))
	}
	fields["findings"] = list
	out, _, err := program.Eval(fields)
	if err != nil {
		return nil, err
	}
	return plain(out), nil
}

// plain is a value of cel-go as Program.Value returns it.
func plain(v ref.Val) any {
	switch x := v.(type) {
	case traits.Mapper:
		out := map[any]any{}
		for it := x.Iterator(); it.HasNext().Value() == true; {
			k := it.Next()
			out[plain(k)] = plain(x.Get(k))
		}
		return out
	case traits.Lister:
		out := []any{}
		for it := x.Iterator(); it.HasNext().Value() == true; {
			out = append(out, plain(it.Next()))
		}
		return out
	}
	switch x := v.Value().(type) {
	case time.Time:
		return x.UTC()
	case bool, int64, float64, string, time.Duration:
		return x
	default:
		p := reflect.New(reflect.TypeOf(x)) // a struct
		p.Elem().Set(reflect.ValueOf(x))
		return p.Interface()
	}
}

// sameAsOracle holds an expression against cel-go.
func sameAsOracle(t testing.TB, env *oracle.Env, text string, in *Input) (valued bool) {
	t.Helper()
	want, wantErr := oracleValue(env, text, in)
	program, err := language().Compile(text)
	var got any
	if err == nil {
		got, err = program.Value(view(in))
	}
	if (err != nil) != (wantErr != nil) {
		t.Errorf("%s\nerror %v, of cel-go %v", text, err, wantErr)
		return false
	}
	if err == nil {
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s (-cel-go +merlon)\n%s", text, diff)
		}
	}
	return err == nil
}

// TestConditionsMeanWhatCELSays generates expressions over the input.
func TestConditionsMeanWhatCELSays(t *testing.T) {
	env, in := oracleEnv(t), whole()
	for i := range 3 {
		in.Findings = append(in.Findings, Item{Fingerprint: fmt.Sprint(i), Rule: "code/x", Severity: 5, Confidence: 2, Category: "code", Path: "ä/é.py"})
	}
	in = in.normal()
	r := rand.New(rand.NewPCG(9, 10))
	n, valued := 4000, 0
	if testing.Short() {
		n = 500
	}
	for range n {
		g := &generator{r: r}
		text := g.make(kinds[r.IntN(len(kinds))], 1+r.IntN(4))
		if len(text) < 4000 && sameAsOracle(t, env, text, &in) {
			valued++
		}
		if t.Failed() {
			return
		}
	}
	if valued < n/2 {
		t.Errorf("only %d of %d expressions have a value: the test shows little", valued, n)
	}
}

// generator writes expressions of a type.
type generator struct {
	r      *rand.Rand
	scopes []scoped // variables of macros
}

type scoped struct{ name, typ string }

var kinds = []string{"bool", "bool", "bool", "int", "double", "string", "timestamp", "duration", "list(string)", "list(int)"}

// leaves are expressions without parts, by type.
var leaves = map[string][]string{
	"bool":         {"true", "false", "coverage.complete", "has(asset.format)", "has(asset.kind)"},
	"int":          {"0", "1", "2", "-3", "7", "0x1F", "asset.size", "coverage.files", "version", "9223372036854775807", "-9223372036854775808", "findings.size()", "size(models)", "size('äb')"},
	"double":       {"0.0", "1.5", "-2.25", "1e3", ".5", "double(asset.size)", "double('0.25')"},
	"string":       {"''", "'a'", `"production"`, "asset.name", "asset.format", "environment", "source", `'\u00e4b\n'`, `r'a\d'`, "'''x'y'''", "'safetensors'", "string(asset.size)"},
	"timestamp":    {"now", "timestamp('2026-11-01T00:00:00Z')", "timestamp('2020-02-29T23:59:59.5+02:00')", "timestamp(0)", "timestamp('9999-12-31T23:59:59Z')"},
	"duration":     {"duration('1h')", "duration('-90m')", "duration('1.5s')", "duration('240h')"},
	"list(string)": {"['a', 'b']", "['safetensors', 'gguf', asset.format]", "[environment]", "'a,b,c'.split(',')", "evidence.map(q, q.kind)", "evidence[0].signers"},
	"list(int)":    {"[1, 2, 3]", "[asset.size]", "findings.map(q, q.level)", "[0]"},
}

// objects are lists of objects, with fields by type.
var objects = map[string]map[string][]string{
	"findings":     {"string": {"severity", "path", "category", "rule", "suppressed"}, "int": {"level"}},
	"models":       {"string": {"verdict", "format", "path"}},
	"measurements": {"string": {"name", "kind"}, "double": {"low", "high", "value", "age_days"}, "int": {"samples"}, "bool": {"bounded"}},
	"evidence":     {"string": {"kind", "name", "outcome"}, "timestamp": {"time"}, "double": {"age_days"}, "list(string)": {"signers", "keys"}},
	"approvals":    {"string": {"role"}, "bool": {"valid"}, "list(string)": {"environments"}},
	"exceptions":   {"timestamp": {"expires_at"}, "bool": {"valid"}},
}

// forms are expressions with parts: <type> stands for one of that type.
var forms = map[string][]string{
	"bool": {"(<bool> && <bool>)", "(<bool> || <bool>)", "!<bool>", "(<bool> ? <bool> : <bool>)", "(<int> == <int>)", "(<int> < <int>)", "(<double> >= <double>)",
		"(<double> != <double>)", "(<string> == <string>)", "(<string> <= <string>)", "(<timestamp> > <timestamp>)", "(<timestamp> == <timestamp>)",
		"(<duration> < <duration>)", "(<string> in <list(string)>)", "(<int> in <list(int)>)", "(<list(string)> == <list(string)>)", "(<bool> == <bool>)", "(<bool> < <bool>)",
		"<string>.startsWith(<string>)", "<string>.endsWith(<string>)", "<string>.contains(<string>)", "<string>.matches('^[a-p]+\\\\d?$')",
		"(<string> in {'a': 1, 'production': 2})", "bool(string(<bool>))", "has({'a': <int>}.a)", "([[<int>]] == [<list(int)>])",
		"MACRO:bool:all", "MACRO:bool:exists", "MACRO:bool:exists_one"},
	"int": {"(<int> + <int>)", "(<int> - <int>)", "(<int> * <int>)", "(<int> / <int>)", "(<int> % <int>)", "-(<int>)", "size(<string>)", "<list(string)>.size()", "<list(int)>[<int>]",
		"<string>.indexOf(<string>)", "<string>.indexOf(<string>, <int>)", "<string>.lastIndexOf(<string>)", "int(<double>)", "int(<string>)", "int(<timestamp>)", "<timestamp>.getFullYear()",
		"<timestamp>.getMonth()", "<timestamp>.getDate()", "<timestamp>.getDayOfMonth()", "<timestamp>.getDayOfWeek()", "<timestamp>.getDayOfYear()", "<timestamp>.getHours()",
		"<timestamp>.getMinutes()", "<timestamp>.getSeconds()", "<timestamp>.getMilliseconds()", "<duration>.getHours()", "<duration>.getMinutes()", "<duration>.getSeconds()",
		"<duration>.getMilliseconds()", "{'a': <int>, 'b': <int>}['a']", "{<int>: 1}[<int>]", "(<bool> ? <int> : <int>)"},
	"double":    {"(<double> + <double>)", "(<double> - <double>)", "(<double> * <double>)", "(<double> / <double>)", "-(<double>)", "double(<int>)", "double(<string>)", "(<bool> ? <double> : <double>)"},
	"string":    {"(<string> + <string>)", "<string>.lowerAscii()", "<string>.upperAscii()", "<string>.trim()", "<string>.reverse()", "<string>.replace(<string>, <string>)", "<string>.replace(<string>, <string>, <int>)", "<string>.substring(<int>)", "<string>.substring(<int>, <int>)", "<string>.charAt(<int>)", "string(<int>)", "string(<double>)", "string(<bool>)", "string(<timestamp>)", "string(<duration>)", "<list(string)>.join(<string>)", "<list(string)>.join()", "<list(string)>[<int>]", "(<bool> ? <string> : <string>)"},
	"timestamp": {"(<timestamp> + <duration>)", "(<timestamp> - <duration>)", "(<duration> + <timestamp>)", "timestamp(string(<timestamp>))", "timestamp(<int>)"},
	"duration":  {"(<timestamp> - <timestamp>)", "(<duration> + <duration>)", "(<duration> - <duration>)", "(<bool> ? <duration> : <duration>)"},
	"list(string)": {"(<list(string)> + <list(string)>)", "<string>.split(<string>)", "<string>.split(<string>, <int>)", "[<string>, <string>]", "(<list(string)> + [])",
		"MACRO:list(string):map", "SELF:list(string):filter"},
	"list(int)": {"(<list(int)> + <list(int)>)", "[<int>, <int>]", "MACRO:list(int):map", "SELF:list(int):filter", "SELF:list(int):mapif"},
}

func (g *generator) make(typ string, depth int) string {
	var own []string
	for _, s := range g.scopes {
		if s.typ == typ {
			own = append(own, s.name)
		}
		for _, f := range objects[s.typ][typ] {
			own = append(own, s.name+"."+f)
		}
	}
	if len(own) > 0 && g.r.IntN(3) == 0 {
		return own[g.r.IntN(len(own))]
	}
	if depth == 0 {
		return leaves[typ][g.r.IntN(len(leaves[typ]))]
	}
	form := forms[typ][g.r.IntN(len(forms[typ]))]
	if kind, rest, ok := strings.Cut(form, ":"); ok && (kind == "MACRO" || kind == "SELF") {
		result, macro, _ := strings.Cut(rest, ":")
		return g.macro(kind == "SELF", result, macro, depth-1)
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(form, "<")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		typ, after, closed := strings.Cut(rest, ">")
		if _, known := leaves[typ]; !closed || !known { // the operator <
			b.WriteByte('<')
			form = rest
			continue
		}
		b.WriteString(g.make(typ, depth-1))
		form = after
	}
}

// macro writes a macro over a list of objects, or of itself one with the same type.
func (g *generator) macro(self bool, result, macro string, depth int) string {
	over, elem := "", ""
	lists := []string{"findings", "models", "measurements", "evidence", "approvals", "exceptions"}
	switch {
	case self, g.r.IntN(3) == 0:
		elem = []string{"string", "int"}[g.r.IntN(2)]
		if self {
			elem = strings.TrimSuffix(strings.TrimPrefix(result, "list("), ")")
		}
		over = g.make("list("+elem+")", depth)
	default:
		over = lists[g.r.IntN(len(lists))]
		elem = over
	}
	name := string(rune('a' + len(g.scopes)))
	g.scopes = append(g.scopes, scoped{name, elem})
	defer func() { g.scopes = g.scopes[:len(g.scopes)-1] }()
	body := strings.TrimSuffix(strings.TrimPrefix(result, "list("), ")")
	switch macro {
	case "filter":
		return fmt.Sprintf("%s.filter(%s, %s)", over, name, g.make("bool", depth))
	case "mapif":
		return fmt.Sprintf("%s.map(%s, %s, %s)", over, name, g.make("bool", depth), g.make(body, depth))
	}
	return fmt.Sprintf("%s.%s(%s, %s)", over, macro, name, g.make(body, depth))
}
