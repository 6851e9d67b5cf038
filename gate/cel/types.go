package cel

import "reflect"

// Type is the type of a value.
type Type struct {
	name   string
	of     *Type // of the elements of a list, or of the values of a map
	key    *Type // of the keys of a map
	fields []Field
}

// Field is a part of an object.
type Field struct {
	Name string
	Type *Type
	at   int
}

// The types without parts.
var (
	Bool      = &Type{name: "bool"}
	Int       = &Type{name: "int"}
	Double    = &Type{name: "double"}
	String    = &Type{name: "string"}
	Timestamp = &Type{name: "timestamp"}
	Duration  = &Type{name: "duration"}

	// open is the type of the elements of [], which fits every other.
	open = &Type{name: "anything"}
)

// List returns the type of lists of a type.
func List(of *Type) *Type { return &Type{name: "list", of: of} }

// Map returns the type of maps.
func Map(key, of *Type) *Type { return &Type{name: "map", key: key, of: of} }

// String returns what CEL calls the type: list(string).
func (t *Type) String() string {
	switch {
	case t.key != nil:
		return "map(" + t.key.String() + ", " + t.of.String() + ")"
	case t.of != nil:
		return "list(" + t.of.String() + ")"
	}
	return t.name
}

func (t *Type) isList() bool   { return t.of != nil && t.key == nil }
func (t *Type) isMap() bool    { return t.key != nil }
func (t *Type) isObject() bool { return t.fields != nil }

// field returns the field of an object that has a name.
func (t *Type) field(name string) (Field, bool) {
	for _, f := range t.fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// join returns the type that both are, nil when they differ.
func join(a, b *Type) *Type {
	switch {
	case a == b || b == open:
		return a
	case a == open:
		return b
	case a.isObject() || b.isObject() || a.of == nil || b.of == nil || a.isMap() != b.isMap():
		return nil
	}
	of := join(a.of, b.of)
	if of == nil || !a.isMap() {
		if of == nil {
			return nil
		}
		return List(of)
	}
	key := join(a.key, b.key)
	if key == nil {
		return nil
	}
	return Map(key, of)
}

// comparable reports whether values of the type can be equal: objects are compared by
// their fields.
func (t *Type) comparable() bool {
	for ; t.of != nil; t = t.of {
		if t.isObject() {
			return false
		}
	}
	return !t.isObject()
}

// ordered reports whether < and > are defined.
func (t *Type) ordered() bool { return t.of == nil && !t.isObject() && t != open }

// native is how values of a Go type are seen.
func (e *Env) native(t reflect.Type) *Type {
	switch {
	case t.String() == "time.Time":
		return Timestamp
	case t.Kind() == reflect.Slice:
		return List(e.native(t.Elem()))
	case t.Kind() == reflect.Struct:
		if known := e.objects[t]; known != nil {
			return known
		}
		o := &Type{name: t.Name(), fields: []Field{}}
		e.objects[t] = o
		for f := range t.Fields() {
			o.fields = append(o.fields, Field{f.Tag.Get("json"), e.native(f.Type), f.Index[0]})
		}
		return o
	}
	switch t.Kind() {
	case reflect.String:
		return String
	case reflect.Bool:
		return Bool
	case reflect.Int, reflect.Int64:
		return Int
	case reflect.Float64:
		return Double
	}
	panic("cel: no type for " + t.String()) // a mistake of who declares variables, found by the first test
}
