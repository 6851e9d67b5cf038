package gate

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
)

func item(print string, s finding.Severity, c finding.Confidence, change ...func(*Item)) Item {
	it := Item{Fingerprint: print, Rule: "artifact/x", Severity: s, Confidence: c, Category: finding.Artifact, Path: print}
	for _, f := range change {
		f(&it)
	}
	return it
}

func suppressed(kind string) func(*Item) { return func(it *Item) { it.Suppressed = kind } }

var complete = Looked{Complete: true, Files: 10}

func TestEvaluate(t *testing.T) {
	custom := func(rules ...Rule) Policy { return Policy{Name: "custom", Rules: rules} }
	tests := []struct {
		name   string
		policy Policy
		in     Input
		want   evidence.Outcome
		which  map[string][]string // failing rule to the findings that made it fail
	}{
		{"nothing found", Default(), Input{Coverage: complete}, evidence.Pass, nil},
		{"high fails", Default(), Input{Coverage: complete, Findings: []Item{item("a", finding.High, finding.Likely)}},
			evidence.Fail, map[string][]string{"no-high-findings": {"a"}}},
		{"worst first", Default(), Input{Coverage: complete, Findings: []Item{item("a", finding.High, finding.Likely), item("b", finding.Critical, finding.Sure)}},
			evidence.Fail, map[string][]string{"no-high-findings": {"b", "a"}}},
		{"unsure passes", Default(), Input{Coverage: complete, Findings: []Item{item("a", finding.Critical, finding.Unsure)}}, evidence.Pass, nil},
		{"medium passes", Default(), Input{Coverage: complete, Findings: []Item{item("a", finding.Medium, finding.Sure)}}, evidence.Pass, nil},
		{"ignored passes", Default(), Input{Coverage: complete, Findings: []Item{item("a", finding.High, finding.Sure, suppressed("ignore"))}}, evidence.Pass, nil},
		{"baseline passes", Default(), Input{Coverage: complete, Findings: []Item{item("a", finding.High, finding.Sure, suppressed("baseline"))}}, evidence.Pass, nil},
		{"incomplete never passes", Never(), Input{Coverage: Looked{Errors: 1}}, evidence.Incomplete, map[string][]string{"complete-coverage": {}}},
		{"failure outranks incompleteness", Default(), Input{Findings: []Item{item("a", finding.High, finding.Sure)}},
			evidence.Fail, map[string][]string{"no-high-findings": {"a"}, "complete-coverage": {}}},
		{"expired ignore fails", Never(), Input{Coverage: complete, Expired: []Expired{{Rule: "r", Path: "p", Owner: "o", Until: "2020-01-01"}}},
			evidence.Fail, map[string][]string{"no-expired-ignores": {}}},
		{"maximum", custom(Rule{ID: "few", Findings: &Findings{Max: 1}}), Input{Coverage: complete, Findings: []Item{item("a", finding.Info, finding.Unsure)}}, evidence.Pass, nil},
		{"above maximum", custom(Rule{ID: "few", Findings: &Findings{Max: 1}}),
			Input{Coverage: complete, Findings: []Item{item("a", finding.Info, finding.Unsure), item("b", finding.Info, finding.Unsure)}},
			evidence.Fail, map[string][]string{"few": {"a", "b"}}},
		{"baseline counts unless new only", custom(Rule{ID: "all", Findings: &Findings{}}),
			Input{Coverage: complete, Findings: []Item{item("a", finding.Low, finding.Sure, suppressed("baseline"))}},
			evidence.Fail, map[string][]string{"all": {"a"}}},
		{"other category", custom(Rule{ID: "c", Findings: &Findings{Categories: []string{finding.Secret}}}),
			Input{Coverage: complete, Findings: []Item{item("a", finding.Critical, finding.Sure)}}, evidence.Pass, nil},
		{"named rule", custom(Rule{ID: "n", Findings: &Findings{Rules: []string{"artifact/x"}}}),
			Input{Coverage: complete, Findings: []Item{item("a", finding.Info, finding.Sure)}}, evidence.Fail, map[string][]string{"n": {"a"}}},
		{"verdict allowed", custom(Rule{ID: "v", Models: &Models{Allow: []string{"ok", "unverified"}}}),
			Input{Coverage: complete, Models: []Model{{Path: "m", Verdict: "unverified"}}}, evidence.Pass, nil},
		{"verdict not allowed", custom(Rule{ID: "v", Models: &Models{Allow: []string{"ok"}}}),
			Input{Coverage: complete, Models: []Model{{Path: "m", Verdict: "unverified"}, {Path: "n", Verdict: "malicious"}}}, evidence.Fail, map[string][]string{"v": {}}},
		{"too few files", custom(Rule{ID: "some", Coverage: &Coverage{MinFiles: 11}}), Input{Coverage: complete}, evidence.Incomplete, map[string][]string{"some": {}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Evaluate(tt.policy, tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if d.Outcome != tt.want {
				t.Errorf("outcome = %s, want %s", d.Outcome, tt.want)
			}
			var which map[string][]string
			for _, r := range d.Rules {
				if r.Outcome != evidence.Pass {
					if which == nil {
						which = map[string][]string{}
					}
					which[r.ID] = r.Findings
					if r.Reason == "" {
						t.Errorf("rule %s does not say why", r.ID)
					}
				}
			}
			if diff := cmp.Diff(tt.which, which); diff != "" {
				t.Errorf("rules that decided (-want +got)\n%s", diff)
			}
		})
	}
}

// randomInput makes an input in which everything may occur.
func randomInput(r *rand.Rand) Input {
	in := Input{Version: InputVersion, Coverage: Looked{Complete: r.IntN(3) > 0, Files: r.IntN(20), Errors: r.IntN(2)}}
	for range r.IntN(8) {
		in.Findings = append(in.Findings, Item{
			Fingerprint: string(rune('a' + r.IntN(26))),
			Rule:        []string{"artifact/x", "code/y"}[r.IntN(2)],
			Severity:    finding.Severity(1 + r.IntN(5)),
			Confidence:  finding.Confidence(1 + r.IntN(3)),
			Category:    finding.Categories[r.IntN(len(finding.Categories))],
			Path:        string(rune('a' + r.IntN(3))),
			Suppressed:  []string{"", "", "ignore", "baseline"}[r.IntN(4)],
		})
	}
	for range r.IntN(4) {
		in.Models = append(in.Models, Model{Path: string(rune('a' + r.IntN(3))), Verdict: []string{"ok", "unverified", "malicious", "error"}[r.IntN(4)]})
	}
	for range r.IntN(2) {
		in.Expired = append(in.Expired, Expired{Rule: "r", Path: string(rune('a' + r.IntN(3)))})
	}
	return in
}

var strict = Policy{Name: "strict", Rules: []Rule{
	{ID: "few", Findings: &Findings{Severity: "medium", Max: 2, NewOnly: true}},
	{ID: "models", Models: &Models{Allow: []string{"ok"}}},
	{ID: "coverage", Coverage: &Coverage{Complete: true, MinFiles: 5}},
}}

func TestOrderOfInputNeverMatters(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		in := randomInput(r)
		before, err := Evaluate(strict, in)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := in
		shuffled.Findings = slices.Clone(in.Findings)
		shuffled.Models = slices.Clone(in.Models)
		r.Shuffle(len(shuffled.Findings), func(i, j int) {
			shuffled.Findings[i], shuffled.Findings[j] = shuffled.Findings[j], shuffled.Findings[i]
		})
		slices.Reverse(shuffled.Models)
		after, err := Evaluate(strict, shuffled)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(before, after); d != "" {
			t.Fatalf("(-before +after)\n%s", d)
		}
	}
}

func TestMoreFindingsNeverHelp(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		in := randomInput(r)
		before, _ := Evaluate(strict, in)
		more := in
		more.Findings = append(slices.Clone(in.Findings), randomInput(r).Findings...)
		after, _ := Evaluate(strict, more)
		if before.Outcome != evidence.Pass && after.Outcome == evidence.Pass {
			t.Fatalf("adding findings turned %s into a pass: %+v", before.Outcome, more)
		}
	}
}

func TestParse(t *testing.T) {
	good := `
name: release
description: what we ship
rules:
- id: no-high
  findings: {severity: high, confidence: medium, categories: [artifact, code], new_only: true}
  remedy: fix it
- id: models
  models: {allow: [ok]}
- id: looked
  coverage: {complete: true, min_files: 1}
`
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ doc, want string }{
		"empty":           {"", "no name"},
		"unknown key":     {"name: a\nrulez: []\n", `did you mean "rules"`},
		"no id":           {"name: a\nrules: [{coverage: {complete: true}}]\n", "has no id"},
		"id twice":        {"name: a\nrules: [{id: x, coverage: {complete: true}}, {id: x, coverage: {complete: true}}]\n", "two rules"},
		"no condition":    {"name: a\nrules: [{id: x}]\n", "exactly one"},
		"two conditions":  {"name: a\nrules: [{id: x, models: {allow: [ok]}, coverage: {complete: true}}]\n", "exactly one"},
		"severity":        {"name: a\nrules: [{id: x, findings: {severity: severe}}]\n", "unknown severity"},
		"confidence":      {"name: a\nrules: [{id: x, findings: {confidence: total}}]\n", "unknown confidence"},
		"category":        {"name: a\nrules: [{id: x, findings: {categories: [artefact]}}]\n", `did you mean "artifact"`},
		"negative":        {"name: a\nrules: [{id: x, findings: {max: -1}}]\n", "max is -1"},
		"verdict":         {"name: a\nrules: [{id: x, models: {allow: [malicious]}}]\n", "unknown verdict"},
		"empty coverage":  {"name: a\nrules: [{id: x, coverage: {}}]\n", "demands nothing"},
		"not yaml at all": {"\x00", "NUL"},
	} {
		if _, err := Parse([]byte(tt.doc)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want one with %q", name, err, tt.want)
		}
	}
}

func TestInvalidPolicyNeverPasses(t *testing.T) {
	d, err := Evaluate(Policy{}, Input{Coverage: complete})
	if err == nil || d.Outcome != evidence.Fail {
		t.Errorf("decision = %+v, error = %v", d, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("name: a\nrules: [{id: x, findings: {severity: high}}]\n"))
	for _, name := range Builtin() {
		f.Add([]byte(Source(name)))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		p, err := Parse(doc)
		if err != nil {
			return
		}
		d, err := Evaluate(p, Input{Coverage: complete})
		conditions := slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.Condition != "" })
		switch {
		case err != nil && !conditions: // a condition may have no value
			t.Errorf("a policy that parsed does not evaluate: %v", err)
		case err != nil && d.Outcome != evidence.Fail:
			t.Errorf("an invalid policy decides %s", d.Outcome)
		}
	})
}

func BenchmarkEvaluate(b *testing.B) {
	in := Input{Coverage: complete}
	for i := range 1000 {
		in.Findings = append(in.Findings, item(strings.Repeat("x", i%40), finding.Severity(1+i%5), finding.Sure))
	}
	for b.Loop() {
		if _, err := Evaluate(strict, in); err != nil {
			b.Fatal(err)
		}
	}
}
