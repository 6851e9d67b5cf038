package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The structs of predicates are their own schema: a field without omitempty must be
// there, and the tag "rule" narrows what it may hold:
//
//	text       at least one character that is not a space
//	enum=a|b   one of these
//	min=0      a number of at least 0
//	items=1    at least one element
//	sha256     a SHA-256 in lower-case hex
//	ref        "sha256:" and a SHA-256 in lower-case hex
//
// The JSON Schema of a predicate is printed from the same tags (see shape_test.go), so
// that other programs judge by the same rules.

// rules are the parts of a tag "rule".
func rules(f reflect.StructField) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(f.Tag.Get("rule"), ",") {
		name, value, _ := strings.Cut(part, "=")
		if name != "" {
			out[name] = value
		}
	}
	return out
}

// jsonName returns the key of a field and whether it may be missing.
func jsonName(f reflect.StructField) (name string, optional bool) {
	name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name, strings.Contains(opts, "omitempty") || strings.Contains(opts, "omitzero")
}

func typeFor[T any]() reflect.Type { return reflect.TypeFor[T]() }

// conform reports where a decoded JSON value (numbers as json.Number) is not what a
// type and its tags say.
func conform(t reflect.Type, v any, rule map[string]string, at string) error {
	bad := func(want string) error { return fmt.Errorf("%s: %s, want %s", at, show(v), want) }
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == typeFor[time.Time]():
		s, ok := v.(string)
		if _, err := time.Parse(time.RFC3339, s); !ok || err != nil {
			return bad("a time such as 2026-01-31T12:00:00Z")
		}
		return nil
	case t == typeFor[json.RawMessage]() || t.Kind() == reflect.Interface:
		return nil
	}
	switch t.Kind() {
	case reflect.String:
		s, ok := v.(string)
		return text(s, ok, rule, bad)
	case reflect.Bool:
		if _, ok := v.(bool); !ok {
			return bad("true or false")
		}
	case reflect.Int, reflect.Int64, reflect.Float64:
		return numberIn(t, v, rule, bad)
	case reflect.Slice:
		list, ok := v.([]any)
		if !ok {
			return bad("a list")
		}
		if least, _ := strconv.Atoi(rule["items"]); len(list) < least {
			return fmt.Errorf("%s: a list of %d, want at least %d", at, len(list), least)
		}
		for i, e := range list {
			if err := conform(t.Elem(), e, rule, at+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
	case reflect.Map:
		m, ok := v.(map[string]any)
		if !ok {
			return bad("an object")
		}
		for k, e := range m {
			if err := conform(t.Elem(), e, nil, at+"."+k); err != nil {
				return err
			}
		}
		if _, want := rule["digest"]; want {
			if s, _ := m["sha256"].(string); !IsSHA256(s) {
				return fmt.Errorf("%s: no sha256 in lower-case hex", at)
			}
		}
	case reflect.Struct:
		m, ok := v.(map[string]any)
		if !ok {
			return bad("an object")
		}
		return fields(t, m, at)
	}
	return nil
}

func fields(t reflect.Type, m map[string]any, at string) error {
	known := make(map[string]bool, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name, optional := jsonName(f)
		known[name] = true
		v, there := m[name]
		switch {
		case !there && optional:
			continue
		case !there:
			return fmt.Errorf("%s.%s is missing", at, name)
		}
		if err := conform(f.Type, v, rules(f), at+"."+name); err != nil {
			return err
		}
	}
	for k := range m {
		if !known[k] {
			return fmt.Errorf("%s.%s is not known", at, k)
		}
	}
	return nil
}

func text(s string, ok bool, rule map[string]string, bad func(string) error) error {
	if !ok {
		return bad("a text")
	}
	if enum, has := rule["enum"]; has {
		for e := range strings.SplitSeq(enum, "|") {
			if s == e {
				return nil
			}
		}
		return bad("one of " + strings.ReplaceAll(enum, "|", ", "))
	}
	if _, has := rule["text"]; has && strings.TrimSpace(s) == "" {
		return bad("a text that is not empty")
	}
	if _, has := rule["sha256"]; has && !IsSHA256(s) {
		return bad("a SHA-256 in lower-case hex")
	}
	if _, has := rule["ref"]; has && !(strings.HasPrefix(s, "sha256:") && IsSHA256(s[len("sha256:"):])) {
		return bad("sha256: and a SHA-256 in lower-case hex")
	}
	return nil
}

func numberIn(t reflect.Type, v any, rule map[string]string, bad func(string) error) error {
	n, ok := v.(json.Number)
	if !ok {
		return bad("a number")
	}
	f, err := n.Float64()
	if err != nil || math.IsInf(f, 0) {
		return bad("a number")
	}
	if t.Kind() != reflect.Float64 {
		if _, err := n.Int64(); err != nil {
			return bad("a whole number")
		}
	}
	if least, has := rule["min"]; has {
		if m, _ := strconv.ParseFloat(least, 64); f < m {
			return bad("at least " + least)
		}
	}
	return nil
}

// show prints a value for an error, briefly.
func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	if len(b) > 60 {
		b = append(bytes.ToValidUTF8(b[:60], nil), "..."...)
	}
	if !utf8.Valid(b) {
		return "?"
	}
	return string(b)
}

// decodeShape reads a predicate into p, a pointer to one of the structs.
func decodeShape(raw []byte, p any) error {
	if err := Strict(raw); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err
	}
	if err := conform(reflect.TypeOf(p), v, nil, "predicate"); err != nil {
		return err
	}
	return json.Unmarshal(raw, p)
}
