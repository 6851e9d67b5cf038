package gate

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
)

// shuffled returns the input with every list in another order.
func shuffled(r *rand.Rand, in Input) Input {
	v := reflect.ValueOf(&in).Elem()
	for i := range v.NumField() {
		if v.Field(i).Kind() != reflect.Slice {
			continue
		}
		list := reflect.MakeSlice(v.Field(i).Type(), v.Field(i).Len(), v.Field(i).Len())
		reflect.Copy(list, v.Field(i))
		r.Shuffle(list.Len(), reflect.Swapper(list.Interface()))
		v.Field(i).Set(list)
	}
	return in
}

// randomEvidence is an input in which there is at most one piece of evidence of each
// check, with what it says.
func randomEvidence(r *rand.Rand) Input {
	in := randomInput(r)
	in.Expired = nil
	in.Source = []string{SourceFolder, SourceLedger}[r.IntN(2)]
	in.Environment = []string{"", "production", "test"}[r.IntN(3)]
	in.Asset = Asset{Name: "m", Digest: "sha256:00", Kind: "model", Format: "gguf", Size: int64(r.IntN(100)), Verdict: "ok"}
	for i := range in.Models {
		in.Models[i].Format = []string{"safetensors", "gguf", "pickle", ""}[r.IntN(4)]
	}
	who := func() ([]string, []string) {
		i := r.IntN(3)
		return []string{[]string{"ci", "owner", "risk"}[i]}, []string{[]string{"k1", "k2", "k3"}[i]}
	}
	add := func(kind evidence.Kind, name string, outcomes ...string) (Piece, bool) {
		p := Piece{Kind: string(kind), Name: name, Digest: "sha256:" + string(kind) + name, AgeDays: float64(r.IntN(200) - 5), Outcome: outcomes[r.IntN(len(outcomes))]}
		p.Signers, p.Keys = who()
		if r.IntN(8) == 0 {
			return p, false
		}
		in.Evidence = append(in.Evidence, p)
		return p, true
	}
	add(evidence.KindScan, "", "ok")
	add(evidence.KindBOM, "", "")
	add(evidence.KindTraining, "run", "succeeded", "failed")
	if p, ok := add(evidence.KindCard, "m", ""); ok {
		in.Licences = append(in.Licences, Licence{Of: p.Kind, Name: "m", Licence: []string{"MIT", "other", ""}[r.IntN(3)]})
	}
	add(evidence.KindDataset, "d", "none", "found", "unknown")
	for _, name := range []string{"accuracy", "robustness", "fairness", "privacy", "red-team"} {
		p, ok := add(evidence.KindTest, name, "passed", "passed", "measured", "failed")
		if ok {
			v := r.Float64()
			in.Measurements = append(in.Measurements, Measurement{
				Name: []string{"attack_success_rate", "membership_inference_auc", name}[r.IntN(3)], Value: v, Low: v / 2, High: v * 1.01,
				Bounded: r.IntN(4) > 0, Samples: int64(r.IntN(1000)), Kind: p.Kind, Test: name, AgeDays: p.AgeDays,
			})
		}
	}
	for _, role := range []string{"owner", "clinical", "privacy"} {
		if p, ok := add(evidence.KindApproval, role, "approved"); ok {
			in.Approvals = append(in.Approvals, Approval{Decision: p.Outcome, Approver: role, Role: role, Signers: p.Signers, Keys: p.Keys, AgeDays: p.AgeDays, Valid: p.AgeDays >= 0})
		}
	}
	return in
}

// without removes a piece of evidence and all that it says.
func without(in Input, p Piece) Input {
	in.Evidence = slices.DeleteFunc(slices.Clone(in.Evidence), func(q Piece) bool { return q.Digest == p.Digest })
	switch evidence.Kind(p.Kind) {
	case evidence.KindScan:
		in.Findings, in.Models, in.Coverage = nil, nil, Looked{}
	case evidence.KindTest:
		in.Measurements = slices.DeleteFunc(slices.Clone(in.Measurements), func(m Measurement) bool { return m.Test == p.Name })
	case evidence.KindCard:
		in.Licences = nil
	case evidence.KindApproval:
		in.Approvals = slices.DeleteFunc(slices.Clone(in.Approvals), func(a Approval) bool { return a.Role == p.Name })
	}
	return in
}

// demanding is a policy with every kind of rule about evidence.
var demanding = Policy{Name: "demanding", Rules: []Rule{
	{ID: "scan", Evidence: &Required{Kind: "scan", MaxAgeDays: 90}},
	{ID: "bom", Evidence: &Required{Kind: "bom", SignedBy: []string{"ci", "k2"}}},
	{ID: "training", Evidence: &Required{Kind: "training", Outcomes: []string{"succeeded"}}},
	{ID: "tests", Evidence: &Required{Kind: "test", Outcomes: []string{"passed", "measured"}, Min: 5}},
	{ID: "card", Licences: &Licences{Allow: []string{"MIT"}}},
	{ID: "formats", Formats: &Formats{Allow: []string{"gguf", "safetensors"}}},
	{ID: "dataset", Needs: []string{"dataset"}, Condition: "evidence.all(e, e.kind != 'dataset' || e.outcome != 'unknown')"},
	{ID: "three", Approvals: &Approvals{Min: 2, Roles: []string{"owner", "clinical", "privacy"}}},
	{ID: "apart", Separation: &Separation{Between: []string{"scan", "approval"}}},
}}

func allPolicies(t testing.TB) []Policy {
	out := []Policy{demanding, strict}
	for _, n := range Builtin() {
		p, err := Named(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// TestRemovingEvidenceNeverHelps: where there is one piece of evidence of each check,
// removing any never turns what is no pass into a pass.
func TestRemovingEvidenceNeverHelps(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	passes := 0
	for _, p := range allPolicies(t) {
		program, err := Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		for range 400 {
			in := randomEvidence(r)
			if r.IntN(2) == 0 {
				in = perfect(in)
			}
			before, err := program.Evaluate(in)
			if err != nil {
				t.Fatal(err)
			}
			if before.Outcome == evidence.Pass {
				passes++
				continue
			}
			for _, piece := range in.Evidence {
				after, err := program.Evaluate(without(in, piece))
				if err != nil {
					t.Fatal(err)
				}
				if after.Outcome == evidence.Pass {
					t.Errorf("policy %s: without %s %s it passes; before: %+v", p.Name, piece.Kind, piece.Name, before.Rules)
				}
			}
		}
	}
	if passes == 0 {
		t.Error("nothing ever passed: the test shows nothing")
	}
}

// perfect mends much of a random input, so that single faults decide.
func perfect(in Input) Input {
	in.Coverage, in.Source, in.Environment = complete, SourceLedger, "production"
	in.Findings = nil
	for i := range in.Models {
		in.Models[i].Verdict, in.Models[i].Format = "ok", "gguf"
	}
	for i := range in.Evidence {
		p := &in.Evidence[i]
		p.AgeDays = 1
		p.Keys, p.Signers = []string{"k1"}, []string{"ci"}
		if p.Kind == "approval" {
			p.Keys, p.Signers = []string{"k-" + p.Name}, []string{p.Name}
		}
		switch p.Outcome {
		case "failed":
			p.Outcome = map[string]string{"test": "passed", "training": "succeeded"}[p.Kind]
		case "unknown", "found":
			p.Outcome = "none"
		}
	}
	for i := range in.Approvals {
		a := &in.Approvals[i]
		a.AgeDays, a.Valid, a.Keys, a.Signers = 1, true, []string{"k-" + a.Role}, []string{a.Role}
	}
	for i := range in.Measurements {
		m := &in.Measurements[i]
		m.AgeDays, m.Bounded, m.Low, m.Value, m.High, m.Samples = 1, true, 0, 0.01, 0.02, 1000
		switch m.Test {
		case "red-team":
			m.Name = "attack_success_rate"
		case "privacy":
			m.Name = "membership_inference_auc"
		}
	}
	for i := range in.Licences {
		in.Licences[i].Licence = "MIT"
	}
	return in
}

// TestOrderOfEvidenceNeverMatters is about whole decisions, digest and reasons
// included.
func TestOrderOfEvidenceNeverMatters(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, p := range allPolicies(t) {
		program, err := Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			in := randomEvidence(r)
			before, err := program.Evaluate(in)
			if err != nil {
				t.Fatal(err)
			}
			after, err := program.Evaluate(shuffled(r, in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Fatalf("policy %s: another order, another decision (-before +after)\n%s", p.Name, diff)
			}
		}
	}
}

// TestWorseNeverHelps: one more finding, or a rejection, never turns what is no pass
// into a pass, nor does a file that is no evidence.
func TestWorseNeverHelps(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, p := range allPolicies(t) {
		program, err := Compile(p)
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			in := perfect(randomEvidence(r))
			before, err := program.Evaluate(in)
			if err != nil {
				t.Fatal(err)
			}
			worse := []Input{in, in, in}
			worse[0].Findings = append(slices.Clone(in.Findings), item("new", finding.Critical, finding.Sure))
			worse[1].Approvals = append(slices.Clone(in.Approvals), Approval{Decision: "rejected", Approver: "Eve", Keys: []string{"k9"}, Valid: true})
			worse[2].Refused = append(slices.Clone(in.Refused), Refused{File: "x", Reason: "bad signature"})
			for i, w := range worse {
				after, err := program.Evaluate(w)
				if err != nil {
					t.Fatal(err)
				}
				if before.Outcome != evidence.Pass && after.Outcome == evidence.Pass || i == 2 && after.Outcome != evidence.Fail {
					t.Errorf("policy %s: case %d: %s became %s", p.Name, i, before.Outcome, after.Outcome)
				}
			}
		}
	}
}

func thousandFindings() Input {
	in := whole()
	in.Findings = nil
	for i := range 1000 {
		it := item(strings.Repeat("x", 1+i%40)+string(rune('a'+i%26)), finding.Severity(1+i%5), finding.Sure)
		in.Findings = append(in.Findings, it)
	}
	return in
}

// BenchmarkStrict decides on 1,000 findings by the compiled built-in policy strict.
func BenchmarkStrict(b *testing.B) {
	p, err := Named("strict")
	if err != nil {
		b.Fatal(err)
	}
	program, err := Compile(p)
	if err != nil {
		b.Fatal(err)
	}
	in := thousandFindings()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := program.Evaluate(in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCondition reads two fields of 1,000 findings in one condition.
func BenchmarkCondition(b *testing.B) {
	program, err := Compile(Policy{Name: "c", Rules: []Rule{{ID: "r", Condition: "findings.all(f, f.level < 9 && f.category != 'x')"}}})
	if err != nil {
		b.Fatal(err)
	}
	in := thousandFindings()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := program.Evaluate(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	p, err := Named("strict")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Compile(p); err != nil {
			b.Fatal(err)
		}
	}
}
