package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the JSON Schemas again")

// schemaOf prints a type as JSON Schema 2020-12, by the tags that conform reads.
func schemaOf(t reflect.Type, rule map[string]string) map[string]any {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == typeFor[time.Time]() {
		return map[string]any{"type": "string", "format": "date-time"}
	}
	if t == typeFor[json.RawMessage]() || t.Kind() == reflect.Interface {
		return map[string]any{}
	}
	s := map[string]any{}
	switch t.Kind() {
	case reflect.String:
		s["type"] = "string"
		if e, has := rule["enum"]; has {
			s["enum"] = strings.Split(e, "|")
		}
		if _, has := rule["text"]; has {
			s["pattern"] = `\S`
		}
		if _, has := rule["sha256"]; has {
			s["pattern"] = "^[0-9a-f]{64}$"
		}
	case reflect.Bool:
		s["type"] = "boolean"
	case reflect.Float64:
		s["type"] = "number"
	case reflect.Int64, reflect.Int:
		s["type"] = "integer"
	case reflect.Slice:
		s["type"], s["items"] = "array", schemaOf(t.Elem(), rule)
		if n, has := rule["items"]; has {
			s["minItems"], _ = strconv.Atoi(n)
		}
	case reflect.Map:
		s["type"], s["additionalProperties"] = "object", schemaOf(t.Elem(), nil)
		if _, has := rule["digest"]; has {
			s["properties"] = map[string]any{"sha256": map[string]any{"type": "string", "pattern": "^[0-9a-f]{64}$"}}
			s["required"] = []string{"sha256"}
		}
	case reflect.Struct:
		props, required := map[string]any{}, []string{}
		for i := range t.NumField() {
			f := t.Field(i)
			name, optional := jsonName(f)
			props[name] = schemaOf(f.Type, rules(f))
			if !optional {
				required = append(required, name)
			}
		}
		s["type"], s["properties"], s["required"], s["additionalProperties"] = "object", props, required, false
	default:
		panic("no schema for " + t.String())
	}
	if least, has := rule["min"]; has {
		s["minimum"], _ = strconv.Atoi(least)
	}
	return s
}

// lenient lets a schema allow fields that it does not know, as those of others must.
func lenient(s any) {
	switch s := s.(type) {
	case map[string]any:
		if s["additionalProperties"] == false {
			delete(s, "additionalProperties")
		}
		for _, e := range s {
			lenient(e)
		}
	}
}

// TestSchemas compares the committed schemas with the structs. That of a decision is
// what merlon writes of SLSA's type; that of a bill of materials, written by hand, is
// what merlon asks of CycloneDX, which has schemas of its own.
func TestSchemas(t *testing.T) {
	for _, row := range kinds() {
		if row.foreign && row.kind != KindDecision {
			continue
		}
		s := schemaOf(reflect.TypeOf(row.empty()), nil)
		if row.foreign {
			lenient(s)
		}
		s["$schema"], s["$id"], s["title"] = "https://json-schema.org/draft/2020-12/schema", row.typ, row.title
		want, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		file := filepath.Join("schema", string(row.kind)+".json")
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, _ := os.ReadFile(file)
		if d := cmp.Diff(string(want), string(got)); d != "" {
			t.Errorf("%s is not what the struct says (-struct +file); go test ./evidence -update\n%s", file, d)
		}
	}
}

func compile(t *testing.T, k Kind) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(filepath.Join("schema", string(k)+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(k.Type(), doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(k.Type())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func example(t testing.TB, k Kind) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", string(k)+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func statement(k Kind, predicate []byte) Statement {
	return Statement{Type: StatementType, Subject: []Subject{{Name: "m", Digest: digest}}, PredicateType: k.Type(), Predicate: predicate}
}

// mutants returns documents that differ from v in one place: a key gone or added, a
// value of another type or at an edge.
func mutants(v any) []any {
	var out []any
	switch v := v.(type) {
	case map[string]any:
		with := func(k string, e any, keep bool) {
			m := map[string]any{}
			for key, old := range v {
				m[key] = old
			}
			if delete(m, k); keep {
				m[k] = e
			}
			out = append(out, m)
		}
		with("unknown", 1.0, true)
		for k, e := range v {
			with(k, nil, false)
			for _, x := range mutants(e) {
				with(k, x, true)
			}
		}
	case []any:
		out = append(out, []any{}, append(slices.Clone(v), "x"))
		for i, e := range v {
			for _, x := range mutants(e) {
				list := slices.Clone(v)
				list[i] = x
				out = append(out, list)
			}
		}
	}
	return append(out, nil, true, "", " ", "x", -1.0, 0.5, []any{}, map[string]any{})
}

// TestSchemaAgrees changes every example in one place after the other: the schema and
// the decoder must judge each in the same way.
func TestSchemaAgrees(t *testing.T) {
	for _, row := range kinds() {
		b := example(t, row.kind)
		if p, err := statement(row.kind, b).Decode(); err != nil {
			t.Errorf("%s: the example is refused: %v", row.kind, err)
			continue
		} else if p.When().IsZero() {
			t.Errorf("%s: the example has no time", row.kind)
		}
		if row.foreign {
			continue
		}
		schema := compile(t, row.kind)
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		good, bad := 0, 0
		for _, m := range append(mutants(v), v) {
			raw, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			bySchema, byDecoder := schema.Validate(parsed), decodeShape(raw, row.empty())
			if (bySchema == nil) != (byDecoder == nil) {
				t.Errorf("%s: schema: %v\ndecoder: %v\n%s", row.kind, bySchema, byDecoder, raw)
			}
			if byDecoder == nil {
				good++
			} else {
				bad++
			}
		}
		if good < 2 || bad < 50 {
			t.Errorf("%s: %d variants accepted, %d refused: the test tests nothing", row.kind, good, bad)
		}
	}
}

// TestForeignSchemas: what merlon writes or accepts of the types of others fits their
// schemas here.
func TestForeignSchemas(t *testing.T) {
	validate := func(k Kind, raw []byte) error {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		return compile(t, k).Validate(v)
	}
	for _, k := range []Kind{KindDecision, KindBOM} {
		if err := validate(k, example(t, k)); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	for _, o := range []Outcome{Pass, Fail, Incomplete} {
		d := Decision{Outcome: o, Policy: "p", InputDigest: "sha256:" + digest["sha256"], Rules: []RuleResult{{ID: "r", Outcome: o, Findings: []string{}}}}
		s := NewSummary(d, "1", "./model", digest["sha256"], []string{digest["sha256"]}, time.Now())
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(KindDecision, raw); err != nil {
			t.Error(err)
		}
		if (s.Result == VSAPassed) != (o == Pass) {
			t.Errorf("%s became %s", o, s.Result)
		}
	}
	if err := validate(KindBOM, []byte(`{"bomFormat":"SPDX","specVersion":"1.6"}`)); err == nil {
		t.Error("SPDX passes for CycloneDX")
	}
}

// TestMeaning is about what no schema says.
func TestMeaning(t *testing.T) {
	for _, tt := range []struct {
		kind      Kind
		old, with string
		want      string
	}{
		{KindScan, `"finished_at": "2026-01-31T12:00:05Z"`, `"finished_at": "2025-01-31T12:00:05Z"`, "before started_at"},
		{KindScan, `"errors": []`, `"errors": [{"path":"a","scanner":"b","error":"c"}]`, "complete and has errors"},
		{KindTest, `"failed": []`, `"failed": ["x"]`, "although something failed"},
		{KindTest, `"low": 0.89`, `"low": 0.92`, "outside its interval"},
		{KindDataset, `"distinct": 1000`, `"distinct": 1001`, "more values than rows"},
		{KindTraining, `"finished_at": "2026-01-31T12:00:05Z"`, `"finished_at": "2025-01-31T12:00:05Z"`, "before started_at"},
		{KindApproval, `"2026-07-31T12:00:00Z"`, `"2026-01-31T12:00:00Z"`, "not after"},
		{KindApproval, `"Ada Lovelace"`, `"Ada\nLovelace"`, "one line"},
		{KindException, `"2026-04-30T00:00:00Z"`, `"2026-12-30T00:00:00Z"`, "180 days"},
		{KindIncident, `"updated_at": "2026-01-31T12:00:05Z"`, `"updated_at": "2025-01-31T12:00:05Z"`, "before detected_at"},
		{KindDecision, `"PASSED"`, `"FAILED"`, "contradicts"},
		{KindDecision, `"PASSED"`, `"passed"`, "neither PASSED nor FAILED"},
		{KindBOM, `"CycloneDX"`, `"SPDX"`, "not a CycloneDX"},
		{KindProvenance, `"buildType"`, `"other"`, "buildType"},
		{KindScan, `"tool"`, `"tool": 1, "tool"`, "occurs twice"},
		{KindDecision, `"policy"`, `"Policy": {}, "policy"`, "occurs twice"},
	} {
		b := example(t, tt.kind)
		if !bytes.Contains(b, []byte(tt.old)) {
			t.Fatalf("%s: no %s in the example", tt.kind, tt.old)
		}
		_, err := statement(tt.kind, bytes.Replace(b, []byte(tt.old), []byte(tt.with), 1)).Decode()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q in it", tt.kind, err, tt.want)
		}
	}
	s := statement(KindScan, []byte(`{}`))
	s.PredicateType = "https://example.com/x"
	if _, err := s.Decode(); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown type: %v", err)
	}
}

// TestAbout: what is written is read back as the same.
func TestAbout(t *testing.T) {
	for _, row := range kinds() {
		if row.kind == KindProvenance {
			continue // read only
		}
		p, err := statement(row.kind, example(t, row.kind)).Decode()
		if err != nil {
			t.Fatal(err)
		}
		s, err := About(p, Subject{Name: "m", Digest: digest})
		if err != nil {
			t.Errorf("%s: %v", row.kind, err)
			continue
		}
		back, err := s.Decode()
		if err != nil {
			t.Fatal(err)
		}
		opt := cmp.Transformer("bytes", func(b json.RawMessage) string { return string(bytes.Join(bytes.Fields(b), nil)) })
		if d := cmp.Diff(p, back, opt); d != "" {
			t.Errorf("%s came back changed:\n%s", row.kind, d)
		}
	}
	if _, err := About(&Approval{}, Subject{Name: "m", Digest: digest}); err == nil || !strings.Contains(err.Error(), "decision") {
		t.Errorf("an empty approval: %v", err)
	}
	if got := fmt.Sprint(Kinds()); !strings.HasPrefix(got, "[scan test dataset training") {
		t.Error(got)
	}
}
