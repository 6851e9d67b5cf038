package finding_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
)

func TestEncodedRecordsComeBack(t *testing.T) {
	rule := finding.Rule{ID: "code/x", Title: "x"}
	at := int64(7)
	loc := finding.Location{Ref: asset.Ref{Path: "a", Inner: []asset.Step{{Kind: asset.Cell, N: 3}}}, Line: 1, Col: 2, EndLine: 3, EndCol: 4, Offset: &at}
	want := []finding.Record{
		{Rule: rule, Finding: finding.Finding{Rule: "code/x", Message: "m", Key: "k", Locations: []finding.Location{loc}}},
		{Rule: rule, Asset: "sha256:00", Suppressed: &finding.Suppression{Kind: "ignore", Reason: "r"}, Finding: finding.Finding{
			Rule: "code/x", Severity: finding.High, Confidence: finding.Unsure, MoveKey: "m", Group: "g", Anywhere: true,
			Attrs: map[string]any{"s": "", "i": 1, "l": int64(2), "f": 1.5, "b": false, "t": []string{"a", ""}},
			Trace: []finding.Hop{{Location: loc, Kind: "source", Note: "n"}},
			Fixes: []finding.Fix{{Title: "t", Safe: true, Edits: []finding.Edit{{Ref: loc.Ref, Start: 1, End: 2, New: "x"}}}},
		}},
	}
	b, err := finding.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := finding.Decode(b, func(id string) (finding.Rule, bool) { return rule, id == rule.ID })
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := finding.Decode(b, func(string) (finding.Rule, bool) { return rule, false }); err == nil {
		t.Error("a rule that is not there came back")
	}
	if _, err := finding.Decode([]byte(`[{"Severity":9}]`), func(string) (finding.Rule, bool) { return rule, true }); err == nil {
		t.Error("a severity that does not exist came back")
	}
	want[0].Attrs = map[string]any{"x": struct{}{}}
	if _, err := finding.Encode(want); !errors.Is(err, finding.ErrNotPlain) {
		t.Errorf("details that cannot be kept: %v", err)
	}
}
