package merlon

import (
	"encoding/json"
	"math"

	"github.com/merlon-security/merlon/evidence"
)

// maxFacts bounds the facts in one statement; the rest is counted.
const maxFacts = 10_000

// measure adds the numbers and facts about the paths that are in. Measurements name
// their asset by digest, and are kept when a file of that digest is in.
func (o EvidenceOptions) measure(r *evidence.ScanResult, in func(path string) bool) {
	sums := map[string]bool{}
	for _, a := range o.Scan.Assets {
		if a.SHA256 != "" && in(a.Ref.String()) {
			sums["sha256:"+a.SHA256] = true
		}
	}
	for _, m := range o.Scan.Measurements {
		if !sums[m.Asset] || math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
			continue // a number that JSON has no form for is in the report for people
		}
		e := evidence.Measurement{Name: m.Name, Value: m.Value, Unit: m.Unit, Method: m.Method}
		if m.Low < m.Value && !math.IsInf(m.Low, 0) {
			e.Low = &m.Low
		}
		if m.High > m.Value && !math.IsInf(m.High, 0) {
			e.High = &m.High
		}
		r.Measurements = append(r.Measurements, e)
	}
	for _, a := range o.Scan.Assets {
		if a.Verdict == "" || !in(a.Ref.String()) {
			continue
		}
		// What a gate decides on comes first: it is never among those left out.
		value, err := json.Marshal(evidence.ModelFact{Format: a.Format, SHA256: a.SHA256, Size: a.Size, Verdict: string(a.Verdict)})
		if err != nil || len(r.Facts) == maxFacts {
			r.FactsOmitted++
			continue
		}
		r.Facts = append(r.Facts, evidence.ScanFact{Kind: evidence.FactModel, Value: value, Proved: true, Path: a.Ref.String()})
	}
	for _, f := range o.Scan.Facts {
		if !in(f.At.String()) {
			continue
		}
		value, err := json.Marshal(f.Value)
		if err != nil || len(r.Facts) == maxFacts {
			r.FactsOmitted++
			continue
		}
		r.Facts = append(r.Facts, evidence.ScanFact{Kind: f.Kind, Value: value, Proved: f.Proved, Path: f.At.String()})
	}
}
