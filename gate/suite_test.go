package gate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFixtures: at least 60 decisions that are documented.
func TestFixtures(t *testing.T) {
	files, err := filepath.Glob("testdata/fixtures/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseSuite(doc)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for i, why := range s.Run(*s.Inline) {
			n++
			if why != "" {
				t.Errorf("%s: %s: %s", file, s.Cases[i].Name, why)
			}
		}
	}
	if n < 60 {
		t.Errorf("%d fixtures, want at least 60", n)
	}
}

func TestSuiteSaysWhatIsWrong(t *testing.T) {
	const policy = "inline: {name: p, rules: [{id: r, models: {allow: [ok]}}]}\n"
	tests := []struct{ doc, parse, run string }{
		{doc: "cases: [{name: a, want: pass}]", parse: "name a policy"},
		{doc: policy, parse: "there are no cases"},
		{doc: policy + "cases: [{want: pass}]", parse: "has no name"},
		{doc: policy + "cases: [{name: a, want: pas}]", parse: `did you mean "pass"`},
		{doc: policy + "cases: [{name: a, want: pass}, {name: a, want: pass}]", parse: "two cases"},
		{doc: policy + "cases: [{name: a, want: pass}]", run: "decided incomplete, want pass (complete-coverage"},
		{doc: policy + "cases: [{name: a, want: incomplete, rules: {x: pass}}]", run: `there is no rule "x"`},
		{doc: policy + "cases: [{name: a, want: incomplete, rules: {r: fail}}]", run: "rule r is pass, want fail"},
		{doc: policy + "cases: [{name: a, want: incomplete, input: {modles: []}}]", run: "unknown field"},
		{doc: "inline: {name: p, rules: [{id: r, condition: '1'}]}\ncases: [{name: a, want: pass}]", run: "invalid"},
	}
	for _, tt := range tests {
		s, err := ParseSuite([]byte(tt.doc))
		if tt.parse != "" {
			if err == nil || !strings.Contains(err.Error(), tt.parse) {
				t.Errorf("%s: error %v, want one with %q", tt.doc, err, tt.parse)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.doc, err)
			continue
		}
		if got := s.Run(*s.Inline)[0]; !strings.Contains(got, tt.run) {
			t.Errorf("%s: %q, want %q", tt.doc, got, tt.run)
		}
	}
}

// TestBuiltinsAreTidy: the built-in policies are what the linter wants, and each rule
// names the control it serves.
func TestBuiltinsAreTidy(t *testing.T) {
	for _, name := range Builtin() {
		p, err := Named(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.Name != name {
			t.Errorf("%s is called %s", name, p.Name)
		}
		for _, w := range p.Lint() {
			if !strings.Contains(w, "has no message") && !strings.Contains(w, "has no remedy") {
				t.Errorf("%s: %s", name, w)
			}
		}
	}
}
