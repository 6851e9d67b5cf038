package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
)

// whole is an input with one of everything.
func whole() Input {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	return Input{
		Now: at.AddDate(0, 0, 10), Source: SourceFolder, Environment: "production",
		Asset:        Asset{Name: "m", Digest: "sha256:00", Kind: "model", Format: "safetensors", Size: 10, Verdict: "ok"},
		Findings:     []Item{item("a", finding.Low, finding.Sure)},
		Models:       []Model{{Path: "m", SHA256: "00", Verdict: "ok", Format: "safetensors"}},
		Coverage:     complete,
		Measurements: []Measurement{{Name: "accuracy", Value: 0.9, Low: 0.88, High: 0.92, Bounded: true, Samples: 1000, Kind: "test", Test: "holdout", AgeDays: 10}},
		Evidence: []Piece{
			{Kind: "scan", Digest: "sha256:01", Time: at, AgeDays: 10, Signers: []string{"ci"}, Keys: []string{"k1"}, Outcome: "ok"},
			{Kind: "test", Name: "holdout", Digest: "sha256:02", Time: at, AgeDays: 10, Signers: []string{"ci"}, Keys: []string{"k1"}, Outcome: "passed"},
			{Kind: "card", Name: "m", Digest: "sha256:03", Time: at, AgeDays: 10, Signers: []string{"owner"}, Keys: []string{"k2"}},
			{Kind: "approval", Name: "Ada", Digest: "sha256:04", Time: at, AgeDays: 10, Signers: []string{"owner"}, Keys: []string{"k2"}, Outcome: "approved"},
		},
		Approvals:  []Approval{{Decision: "approved", Approver: "Ada", Role: "owner", Signers: []string{"owner"}, Keys: []string{"k2"}, AgeDays: 10, Valid: true}},
		Exceptions: []Exception{{Rule: "other", Reason: "r", Owner: "Ada", Signers: []string{"owner"}, Keys: []string{"k2"}, CreatedAt: at, ExpiresAt: at.AddDate(0, 0, 30), Valid: true}},
		Licences:   []Licence{{Of: "card", Name: "m", Licence: "MIT"}},
	}
}

func TestCondition(t *testing.T) {
	all := []string{"scan"}
	tests := []struct {
		expression string
		needs      []string
		want       evidence.Outcome
		invalid    string // part of the error of a policy that is not valid
	}{
		{"true", nil, evidence.Pass, ""},
		{"false", nil, evidence.Fail, ""},
		{"asset.format in ['safetensors', 'gguf']", nil, evidence.Pass, ""},
		{"asset.size < 5", nil, evidence.Fail, ""},
		{"findings.all(f, f.level < 3)", nil, evidence.Pass, ""},
		{"findings.exists(f, f.severity == 'low' && f.confidence == 'high')", nil, evidence.Pass, ""},
		{"findings.filter(f, f.suppressed == '').size() <= 0", nil, evidence.Fail, ""},
		{"environment != 'production' || models.all(m, m.verdict == 'ok')", nil, evidence.Pass, ""},
		{"coverage.complete && coverage.files >= 10", nil, evidence.Pass, ""},
		{"measurements.exists(m, m.name == 'accuracy' && m.low >= 0.85)", []string{"test"}, evidence.Pass, ""},
		{"measurements.exists(m, m.name == 'accuracy' && m.low >= 0.85)", []string{"dataset"}, evidence.Fail, ""},
		{"evidence.all(e, e.age_days < 30.0 && 'ci' in e.signers || e.kind != 'scan')", all, evidence.Pass, ""},
		{"evidence.exists(e, now - e.time > duration('240h'))", all, evidence.Fail, ""},
		{"approvals.size() >= 1 && approvals.all(a, a.valid)", all, evidence.Pass, ""},
		{"exceptions.all(e, e.expires_at > now)", nil, evidence.Pass, ""},
		{"licences.exists(l, l.licence.startsWith('M'))", all, evidence.Pass, ""},
		{"expired_ignores.size() == 0 && refused.size() == 0 && source == 'folder' && version == 2", nil, evidence.Pass, ""},

		{"measurements.all(m, m.low > 0.5)", nil, "", "reads measurements"},
		{"evidence.size() > 0", nil, "", "reads evidence"},
		{"1", nil, "", "is of type int"},
		{"asset.formt == 'gguf'", nil, "", "undefined field"},
		{"findngs.size() == 0", nil, "", "undeclared reference"},
		{"asset.size == 'a'", nil, "", "no matching overload"},
		{"findings[5].rule == 'x'", nil, "", "index out of bounds"},
		{"1 / (coverage.errors) == 1", nil, "", "division by zero"},
		{"asset.name.matches('(')", nil, "", "error parsing regexp"},
		{"int(asset.name) == 1", nil, "", "type conversion error"},
		{"(", nil, "", "Syntax error"},
		{strings.Repeat("(", 500) + "true" + strings.Repeat(")", 500), nil, "", "recursion"},
		{strings.Repeat("true && ", 2000) + "true", nil, "", "bytes"},
		{"[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, " +
			"[1,2,3,4,5,6,7,8,9,10].all(e, [1,2,3,4,5,6,7,8,9,10].all(f, [1,2,3,4,5,6,7,8,9,10].all(g, [1,2,3,4,5,6,7,8,9,10].all(h, coverage.files >= 0 || a+b+c+d+e+f+g+h > 0))))))))", nil, "", "cost"},
	}
	for _, tt := range tests {
		t.Run(tt.expression[:min(len(tt.expression), 60)], func(t *testing.T) {
			p := Policy{Name: "p", Rules: []Rule{{ID: "r", Condition: tt.expression, Needs: tt.needs}}}
			d, err := Evaluate(p, whole())
			switch {
			case tt.invalid != "":
				if err == nil || !strings.Contains(err.Error(), tt.invalid) {
					t.Errorf("error = %v, want one with %q", err, tt.invalid)
				}
				if d.Outcome != evidence.Fail {
					t.Errorf("an invalid policy decides %s", d.Outcome)
				}
			case err != nil:
				t.Fatal(err)
			case d.Rules[0].Outcome != tt.want:
				t.Errorf("outcome %s (%s), want %s", d.Rules[0].Outcome, d.Rules[0].Reason, tt.want)
			}
		})
	}
}
