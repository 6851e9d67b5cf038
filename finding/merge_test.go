package finding

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
)

func TestMerge(t *testing.T) {
	at := func(p string, line int) []Location { return []Location{{Ref: asset.Ref{Path: p}, Line: line}} }
	rule := Rule{Severity: High, Confidence: Likely}
	list := Merge([]Record{
		{Rule: rule, Finding: Finding{Rule: "a/b", Group: "x", Key: "k", Anywhere: true, Locations: at("b", 3), Severity: Low}},
		{Rule: rule, Finding: Finding{Rule: "a/b", Locations: at("c", 1)}},
		{Rule: rule, Finding: Finding{Rule: "a/b", Group: "x", Key: "k", Anywhere: true, Locations: at("a", 9)}},
		{Rule: rule, Finding: Finding{Rule: "a/c", Group: "x", Locations: at("a", 9)}},
		{Rule: rule, Finding: Finding{Rule: "a/b", Group: "y", Locations: at("a", 2)}},
	})
	var got []string
	for _, r := range list {
		places := ""
		for _, l := range r.Locations {
			places += l.Ref.Path
		}
		got = append(got, r.Finding.Rule+" "+r.Group+" "+places+" "+r.worst().String())
	}
	if d := cmp.Diff([]string{"a/b y a high", "a/b x ab high", "a/c x a high", "a/b  c high"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}

	// A leak that turns up in one more place is the same finding.
	same := func(p string) string { return p }
	Complete(list, same)
	alone := []Record{{Rule: rule, Finding: Finding{Rule: "a/b", Group: "x", Key: "k", Anywhere: true, Locations: at("z", 1)}}}
	Complete(alone, same)
	for _, r := range list {
		if r.Group == "x" && r.Finding.Rule == "a/b" && r.Fingerprint != alone[0].Fingerprint {
			t.Error("the fingerprint depends on where the leak was seen first")
		}
	}
}
