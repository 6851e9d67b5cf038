package strictjson

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, doc string
		python    bool
		fails     string // part of the error; empty: none
		dups      int
	}{
		{name: "all kinds", doc: ` {"a":[1,-2.5e+3,true,false,null,"x\u00e9\n"],"b":{}} `},
		{name: "empty", doc: "", fails: "expected a value"},
		{name: "trailing", doc: `{} {}`, fails: "follows the document"},
		{name: "trailing comma in object", doc: `{"a":1,}`, fails: "expected a key"},
		{name: "trailing comma in array", doc: `[1,]`, fails: "expected a value"},
		{name: "leading zero", doc: `[01]`, fails: "expected ','"},
		{name: "no fraction", doc: `[1.]`, fails: "malformed number"},
		{name: "no exponent", doc: `[1e]`, fails: "malformed number"},
		{name: "plus", doc: `[+1]`, fails: "expected a value"},
		{name: "NaN", doc: `[NaN]`, fails: "expected a value"},
		{name: "NaN in Python", doc: `[NaN,Infinity,-Infinity]`, python: true},
		{name: "duplicate", doc: `{"a":1,"b":2,"a":3}`, dups: 1},
		{name: "duplicate by escape", doc: `{"a":1,"\u0061":3}`, dups: 1},
		{name: "same key in different objects", doc: `{"a":{"a":1},"b":{"a":1}}`},
		{name: "duplicate in nested", doc: `[{"x":{"a":1,"a":1,"a":2}}]`, dups: 2},
		{name: "invalid UTF-8", doc: "[\"\xff\"]", fails: "not UTF-8"},
		{name: "surrogate pair", doc: `["\ud83d\ude00"]`},
		{name: "lone surrogate", doc: `["\ud83d"]`, fails: "unpaired"},
		{name: "lone surrogate in Python", doc: `["\ud83dx\udc00"]`, python: true},
		{name: "control", doc: "[\"a\nb\"]", fails: "control character"},
		{name: "bad escape", doc: `["\x41"]`, fails: "unknown escape"},
		{name: "open string", doc: `["abc`, fails: "without an end"},
		{name: "comment", doc: `{/*x*/}`, fails: "expected a key"},
		{name: "deep", doc: strings.Repeat("[", 200), fails: "nested deeper"},
		{name: "byte order mark", doc: "\ufeff{}", fails: "expected a value"},
	} {
		_, dups, err := Parse([]byte(tt.doc), Options{Python: tt.python}, 1000)
		if tt.fails == "" && err != nil || tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.fails)
		}
		if len(dups) != tt.dups {
			t.Errorf("%s: duplicates %v, want %d", tt.name, dups, tt.dups)
		}
	}
}

func TestUnreadValuesAreCheckedAndSkipped(t *testing.T) {
	p := New([]byte(`{"a":{"x":[1,2]},"b":"text","c":[{}]}`), Options{})
	var keys []string
	var b string
	err := p.Object(func(key []byte, _ int) (err error) {
		keys = append(keys, string(key))
		if string(key) == "b" {
			b, err = p.Text()
		}
		return err
	})
	if err != nil || p.End() != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, keys); diff != "" || b != "text" {
		t.Errorf("keys %s, b = %q", diff, b)
	}
	p = New([]byte(`{"a":{"x":[1,]}}`), Options{})
	if err := p.Object(func([]byte, int) error { return nil }); err == nil {
		t.Error("a skipped value was not checked")
	}
}

func TestKeysStayWholeWhileValuesAreRead(t *testing.T) {
	p := New([]byte(`{"\u0061bc":"\u0078yz","k\n":1}`), Options{})
	var got []string
	err := p.Object(func(key []byte, _ int) error {
		if p.Kind() == String {
			v, err := p.Text()
			got = append(got, string(key)+"="+v)
			return err
		}
		got = append(got, string(key))
		return nil
	})
	if diff := cmp.Diff([]string{"abc=xyz", "k\n"}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestBounds(t *testing.T) {
	if _, _, err := Parse([]byte(`[1,2,3]`), Options{}, 3); err == nil {
		t.Error("too many values were kept")
	}
	if _, _, err := Parse([]byte(`{"a":1,"b":{"c":2}}`), Options{Keys: 2}, 100); err == nil {
		t.Error("too many keys were read")
	}
	for doc, ok := range map[string]bool{"18446744073709551615": true, "18446744073709551616": false, "-1": false, "1.0": false, "1e3": false, "0": true} {
		if _, err := New([]byte(doc), Options{}).Uint(); (err == nil) != ok {
			t.Errorf("%s read as whole number: %v", doc, err)
		}
	}
}

func TestLine(t *testing.T) {
	doc := []byte("{\n  \"é\": 1}")
	if l, c := Line(doc, len(doc)-2); l != 2 || c != 8 {
		t.Errorf("line %d, column %d, want 2, 8", l, c)
	}
}

// FuzzParse holds the parser against encoding/json: whatever is accepted is JSON,
// and everything encoding/json accepts is accepted, except what it tolerates.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":null}],"a":"\ud83d\ude00"}`, `[1e5,-0.0,"\\\""]`, `[[[[]]]]`, `{"\u0061":0,"a":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		v, _, err := Parse(doc, Options{}, 10_000)
		if err == nil && !json.Valid(doc) {
			t.Fatalf("%q was accepted and is no JSON", doc)
		}
		lenient := !utf8.Valid(doc) || strings.Contains(strings.ToLower(string(doc)), `\ud`) || strings.Count(string(doc), "[")+strings.Count(string(doc), "{") > 100
		if err != nil && json.Valid(doc) && !lenient && len(doc) < 10_000 {
			t.Fatalf("%q was refused: %v", doc, err)
		}
		if err == nil && v.Kind == String {
			var want string
			if json.Unmarshal(doc, &want) == nil && want != v.Text {
				t.Fatalf("%q read as %q, want %q", doc, v.Text, want)
			}
		}
		if _, _, err := Parse(doc, Options{Python: true}, 10_000); err != nil && json.Valid(doc) && !lenient && len(doc) < 10_000 {
			t.Fatalf("%q was refused in Python's dialect: %v", doc, err)
		}
	})
}
