package gate

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/evidence"
)

// scanned is a scan as the ledger knows it; change makes it another.
func scanned(digest string, day int, change func(*evidence.ScanResult)) evidence.Record {
	v := &evidence.ScanResult{
		Tool: evidence.Tool{Name: "merlon", Version: "v1.2.0"},
		Inputs: evidence.ScanInputs{RulesSHA256: "r1", Advisories: "2026-10-01",
			Scanners: []evidence.ScanScanner{{ID: "pickle", Version: "9"}, {ID: "onnx", Version: "2"}}},
		Coverage: evidence.ScanCoverage{Complete: true},
	}
	change(v)
	return evidence.Record{Digest: digest, Kind: evidence.KindScan, Predicate: v, When: time.Date(2026, 10, day, 0, 0, 0, 0, time.UTC)}
}

func tested(digest string, day int, change func(*evidence.TestResult)) evidence.Record {
	v := &evidence.TestResult{Tool: evidence.Tool{Name: "eval", Version: "1.10.0"}, Name: "accuracy", Outcome: "failed",
		Inputs: []evidence.Resource{{Name: "holdout", Digest: map[string]string{"sha256": "1"}}}, Parameters: map[string]any{"seed": 1.0}}
	change(v)
	return evidence.Record{Digest: digest, Kind: evidence.KindTest, Predicate: v, When: time.Date(2026, 10, day, 0, 0, 0, 0, time.UTC)}
}

// TestLatestRunOnSameOrNewerInputs: which of the runs that a ledger knows count.
func TestLatestRunOnSameOrNewerInputs(t *testing.T) {
	same := func(*evidence.ScanResult) {}
	first := scanned("old", 1, func(v *evidence.ScanResult) { v.Coverage.Excluded = []string{"a", "b"} })
	for name, tt := range map[string]struct {
		later  evidence.Record
		counts bool // the first one still
	}{
		"the same again":        {scanned("new", 2, same), false},
		"with newer advisories": {scanned("new", 2, func(v *evidence.ScanResult) { v.Inputs.Advisories = "2026-10-02" }), false},
		"with a newer program":  {scanned("new", 2, func(v *evidence.ScanResult) { v.Tool.Version, v.Inputs.RulesSHA256 = "v1.10.0", "r2" }), false},
		"with a newer scanner":  {scanned("new", 2, func(v *evidence.ScanResult) { v.Inputs.Scanners[0].Version, v.Inputs.RulesSHA256 = "10", "r2" }), false},
		"with one more scanner": {scanned("new", 2, func(v *evidence.ScanResult) {
			v.Inputs.Scanners = append(v.Inputs.Scanners, evidence.ScanScanner{ID: "z", Version: "1"})
		}), false},
		"added late":                    {scanned("new", 0, same), true},
		"with older advisories":         {scanned("new", 2, func(v *evidence.ScanResult) { v.Inputs.Advisories = "2026-09-01" }), true},
		"without advisories":            {scanned("new", 2, func(v *evidence.ScanResult) { v.Inputs.Advisories = "" }), true},
		"with an older program":         {scanned("new", 2, func(v *evidence.ScanResult) { v.Tool.Version = "v1.1.9" }), true},
		"with an older scanner":         {scanned("new", 2, func(v *evidence.ScanResult) { v.Inputs.Scanners[0].Version = "8" }), true},
		"without a scanner":             {scanned("new", 2, func(v *evidence.ScanResult) { v.Inputs.Scanners = v.Inputs.Scanners[:1] }), true},
		"with other rules":              {scanned("new", 2, func(v *evidence.ScanResult) { v.Inputs.RulesSHA256 = "r2" }), true},
		"of less":                       {scanned("new", 2, func(v *evidence.ScanResult) { v.Coverage.Excluded = []string{"a", "c"} }), true},
		"with what was left out":        {scanned("new", 2, func(v *evidence.ScanResult) { v.Coverage.Excluded = []string{"a"} }), false},
		"by another program altogether": {scanned("new", 2, func(v *evidence.ScanResult) { v.Tool.Name = "other" }), true},
	} {
		t.Run(name, func(t *testing.T) { counts(t, first, tt.later, tt.counts) })
	}
	test := tested("old", 1, func(*evidence.TestResult) {})
	for name, tt := range map[string]struct {
		later  evidence.Record
		counts bool
	}{
		"the same test again":   {tested("new", 2, func(*evidence.TestResult) {}), false},
		"with renewed data":     {tested("new", 2, func(v *evidence.TestResult) { v.Inputs[0].Digest = map[string]string{"sha256": "2"} }), false},
		"with more data":        {tested("new", 2, func(v *evidence.TestResult) { v.Inputs = append(v.Inputs, evidence.Resource{Name: "more"}) }), false},
		"with other data":       {tested("new", 2, func(v *evidence.TestResult) { v.Inputs[0].Name = "easy" }), true},
		"without data":          {tested("new", 2, func(v *evidence.TestResult) { v.Inputs = nil }), true},
		"with other parameters": {tested("new", 2, func(v *evidence.TestResult) { v.Parameters = map[string]any{"seed": 2.0} }), true},
		"by an older program":   {tested("new", 2, func(v *evidence.TestResult) { v.Tool.Version = "1.9.0" }), true},
		"of another name":       {tested("new", 2, func(v *evidence.TestResult) { v.Name = "other" }), true},
	} {
		t.Run(name, func(t *testing.T) { counts(t, test, tt.later, tt.counts) })
	}
}

func counts(t *testing.T, first, later evidence.Record, both bool) {
	t.Helper()
	want := []string{later.Digest}
	if both {
		want = []string{first.Digest, later.Digest}
	}
	got := counting([]evidence.Record{first, later}, []string{first.Digest, later.Digest})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func counting(records []evidence.Record, known []string) []string {
	var out []string
	for _, r := range FromLedger(Collection{Records: records}, known).Records {
		out = append(out, r.Digest)
	}
	return out
}

// TestManyRuns: a run in between takes the place of those before it, also where it does
// not count itself any more.
func TestManyRuns(t *testing.T) {
	var records []evidence.Record
	var known []string
	for i := range 5 {
		r := scanned("scan"+strconv.Itoa(i), 1+i, func(v *evidence.ScanResult) { v.Inputs.Scanners[0].Version = strconv.Itoa(9 + i) })
		records, known = append(records, r), append(known, r.Digest)
	}
	late := scanned("late", 10, func(v *evidence.ScanResult) { v.Inputs.Scanners = nil })
	if diff := cmp.Diff([]string{"scan4", "late"}, counting(append(records, late), append(known, "late"))); diff != "" {
		t.Error(diff)
	}
}
