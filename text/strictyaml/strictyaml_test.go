package strictyaml

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type sample struct {
	Name  string            `yaml:"name"`
	Items []item            `yaml:"items"`
	Extra map[string]string `yaml:"extra"`
	Deep  *item             `yaml:"deep"`
}

type item struct {
	Severity string `yaml:"severity"`
	Count    int    `yaml:"count"`
}

func TestUnmarshal(t *testing.T) {
	tests := []struct {
		name, doc string
		want      sample
		err       string
	}{
		{name: "empty"},
		{name: "comment only", doc: "# nothing here\n"},
		{name: "null", doc: "~"},
		{name: "values", doc: "name: a\nitems:\n- severity: high\n  count: 2\nextra: {k: v}\ndeep: {count: 1}\n",
			want: sample{Name: "a", Items: []item{{"high", 2}}, Extra: map[string]string{"k": "v"}, Deep: &item{Count: 1}}},
		{name: "text that looks like a number", doc: "name: 0012\nitems: [{severity: 1e3}]\nextra: {a: 0x10, b: 1.10, c: true, d: 0b01, e: .inf, f: 1_0}\n",
			want: sample{Name: "0012", Items: []item{{"1e3", 0}}, Extra: map[string]string{"a": "0x10", "b": "1.10", "c": "true", "d": "0b01", "e": ".inf", "f": "1_0"}}},
		{name: "unknown key", doc: "nmae: a\n", err: `line 1, column 1: unknown key "nmae"; did you mean "name"?`},
		{name: "unknown nested key", doc: "items:\n- severty: high\n", err: `line 2, column 3: unknown key "items.severty"; did you mean "items.severity"?`},
		{name: "no near key", doc: "zzzzzz: 1\n", err: `known: name, items, extra, deep`},
		{name: "twice", doc: "name: a\nname: b\n", err: "name"},
		{name: "anchor", doc: "deep: &a {count: 1}\nitems: [*a]\n", err: "anchors and aliases are not supported"},
		{name: "merge key", doc: "deep:\n  <<: {count: 1}\n", err: "key"},
		{name: "two documents", doc: "name: a\n---\nname: b\n", err: "only one document"},
		{name: "wrong type", doc: "items: [{count: many}]\n", err: "cannot unmarshal string"},
		{name: "binary", doc: "\x00\x01", err: "NUL byte"},
		{name: "deep", doc: strings.Repeat("[", 100_000), err: "nested too deeply"},
		{name: "large", doc: strings.Repeat("#", MaxSize+1), err: "at most"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got sample
			err := Unmarshal([]byte(tt.doc), &got)
			switch {
			case tt.err != "":
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error = %v, want one with %q", err, tt.err)
				}
			case err != nil:
				t.Fatal(err)
			default:
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Errorf("(-want +got)\n%s", d)
				}
			}
		})
	}
}

func TestNearest(t *testing.T) {
	known := []string{"severity", "confidence", "max"}
	for in, want := range map[string]string{
		"severty": "severity", "serverity": "severity", "confidnece": "confidence", "mx": "max", "policy": "", "": "",
	} {
		if got := Nearest(in, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	for _, s := range []string{"name: a", "items: [{severity: high}]", "a: &x [*x]", "? [a]: b", "- !!binary aGk=", "<<: {}", "{", "\"\\x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var v sample
		_ = Unmarshal(doc, &v) // must return
	})
}
