package finding

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
)

func TestLevelsRoundTrip(t *testing.T) {
	for _, s := range Severities {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Severity
		if err := json.Unmarshal(b, &back); err != nil || back != s {
			t.Errorf("%s came back as %s, %v", s, back, err)
		}
	}
	for _, c := range []Confidence{Unsure, Likely, Sure} {
		if back, err := ParseConfidence(c.String()); err != nil || back != c {
			t.Errorf("%s came back as %s, %v", c, back, err)
		}
	}
	for _, bad := range []string{"", "severe", "HIGHEST"} {
		if _, err := ParseSeverity(bad); err == nil {
			t.Errorf("severity %q was accepted", bad)
		}
		if _, err := ParseConfidence(bad); err == nil {
			t.Errorf("confidence %q was accepted", bad)
		}
	}
}

func TestRuleCheck(t *testing.T) {
	good := Rule{ID: "artifact/some-rule", Category: Artifact, Title: "t", Why: "w", Remedy: "r",
		Severity: High, Confidence: Sure, CWE: []string{"CWE-502"}, Taxonomy: []string{"atlas:5.6:AML.T0011.000", "owasp-llm:2025:LLM03"}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Rule){
		"id":         func(r *Rule) { r.ID = "SomeRule" },
		"category":   func(r *Rule) { r.Category = "stuff" },
		"why":        func(r *Rule) { r.Why = "" },
		"severity":   func(r *Rule) { r.Severity = 0 },
		"confidence": func(r *Rule) { r.Confidence = 0 },
		"cwe":        func(r *Rule) { r.CWE = []string{"502"} },
		"edition":    func(r *Rule) { r.Taxonomy = []string{"LLM03"} },
	} {
		r := good
		change(&r)
		if r.Check() == nil {
			t.Errorf("a rule with a bad %s passed", name)
		}
	}
}

func TestFingerprintsDependOnWhatTheyShould(t *testing.T) {
	rel := func(p string) string { return strings.TrimPrefix(p, "root/") }
	one := func(change func(*Record)) Record {
		r := Record{Finding: Finding{Rule: "a/b", Message: "m", Key: "k", Locations: []Location{{Ref: asset.Ref{Path: "root/x/f"}, Line: 3}}}}
		change(&r)
		list := []Record{r}
		Complete(list, rel)
		return list[0]
	}
	base := one(func(*Record) {})
	for name, tt := range map[string]struct {
		change     func(*Record)
		same, move bool
	}{
		"line":     {func(r *Record) { r.Locations[0].Line = 90 }, true, true},
		"message":  {func(r *Record) { r.Message = "other words" }, true, true},
		"severity": {func(r *Record) { r.Severity = Low }, true, true},
		"folder":   {func(r *Record) { r.Locations[0].Ref.Path = "root/y/f" }, false, true},
		"root":     {func(r *Record) { r.Locations[0].Ref.Path = "x/f" }, true, true},
		"name":     {func(r *Record) { r.Locations[0].Ref.Path = "root/x/g" }, false, false},
		"key":      {func(r *Record) { r.Key = "other" }, false, false},
		"rule":     {func(r *Record) { r.Finding.Rule = "a/c" }, false, false},
		"member": {func(r *Record) {
			r.Locations[0].Ref = r.Locations[0].Ref.Join(asset.Step{Kind: asset.Member, Name: "m"})
		}, false, false},
		"cell":     {func(r *Record) { r.Locations[0].Ref = r.Locations[0].Ref.Join(asset.Step{Kind: asset.Cell, N: 4}) }, true, true},
		"move key": {func(r *Record) { r.MoveKey = "by content" }, true, false},
	} {
		got := one(tt.change)
		if (got.Fingerprint == base.Fingerprint) != tt.same {
			t.Errorf("%s: fingerprint equal = %t, want %t", name, !tt.same, tt.same)
		}
		if (got.MovePrint == base.MovePrint) != tt.move {
			t.Errorf("%s: move print equal = %t, want %t", name, !tt.move, tt.move)
		}
	}
}

func TestCompleteOrdersWorstFirst(t *testing.T) {
	at := func(p string) []Location { return []Location{{Ref: asset.Ref{Path: p}}} }
	rule := Rule{Severity: Medium, Confidence: Likely}
	list := []Record{
		{Rule: rule, Finding: Finding{Rule: "a/b", Locations: at("z")}},
		{Rule: rule, Finding: Finding{Rule: "a/b", Severity: Critical, Locations: at("y")}},
		{Rule: rule, Finding: Finding{Rule: "a/b", Confidence: Sure, Locations: at("x")}},
		{Rule: rule, Finding: Finding{Rule: "a/b", Locations: at("a")}},
	}
	Complete(list, func(p string) string { return p })
	var got []string
	for _, r := range list {
		got = append(got, r.Where().Ref.Path)
	}
	if s := strings.Join(got, ""); s != "yxaz" {
		t.Errorf("order = %s, want yxaz", s)
	}
}
