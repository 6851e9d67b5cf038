package gate

import (
	"fmt"
	"reflect"
	"strings"
)

// Reference describes every field that conditions see, as tables in Markdown.
func Reference() string {
	var b strings.Builder
	table := func(title string, t reflect.Type, head string) {
		fmt.Fprintf(&b, "%s\n\n| %s | type | |\n|---|---|---|\n", title, head)
		for f := range t.Fields() {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Tag.Get("json"), typeName(f.Type), f.Tag.Get("doc"))
		}
		b.WriteByte('\n')
	}
	in := reflect.TypeFor[Input]()
	table("Variables:", in, "name")
	for f := range in.Fields() {
		t := f.Type
		one := "`" + f.Tag.Get("json") + "`"
		if t.Kind() == reflect.Slice {
			t, one = t.Elem(), "each of "+one
		}
		if t == reflect.TypeFor[Item]() {
			t = reflect.TypeFor[Found]()
		}
		if t.Kind() == reflect.Struct && t.String() != "time.Time" {
			table(strings.ToUpper(one[:1])+one[1:]+":", t, "field")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// typeName is what CEL calls a type.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Struct {
			return "list"
		}
		return "list of " + typeName(t.Elem())
	case reflect.Int, reflect.Int64:
		return "int"
	case reflect.Float64:
		return "double"
	case reflect.Struct:
		if t.String() == "time.Time" {
			return "timestamp"
		}
		return "object"
	}
	return t.Kind().String()
}
