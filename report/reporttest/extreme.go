package reporttest

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

// Attack is a string that tries everything at once: markup, Markdown, terminal
// escapes, bidirectional and invisible characters, broken UTF-8.
const Attack = "</td></script><script>alert(1)</script><img src=x onerror=alert(2)>" +
	"|`\"'&\r\n\t# @team [x](javascript:alert(3)) ![i](https://evil.example/p.png) </details>]]>" +
	"\x1b[2J\x1b]8;;https://evil.example\x07 \u202egpj.exe\u2066 \u200b\ufeff\u0085\u2028\x7f \xff\xfe \x00 {{.}} ${x}"

// Hostile is the sample with s wherever a scanned file or its surroundings can
// choose the text.
func Hostile(s string) *report.Document {
	d := Sample()
	d.Target = s
	r := *d.Scan
	r.Roots = []string{s}
	ref := asset.Ref{Path: "dir/" + s, Inner: []asset.Step{{Kind: asset.Member, Name: s, N: 1}, {Kind: asset.Column, Name: s}, {Kind: asset.Layer, Name: s}}}
	at := finding.Location{Ref: ref, Line: 3, Col: 1}
	r.Findings = nil
	for i, rule := range Rules() {
		rec := record(rule, finding.Finding{
			Message:   s,
			Locations: []finding.Location{at, finding.AtOffset(ref, int64(i))},
			Trace:     []finding.Hop{{Location: at, Kind: "source", Note: s}, {Location: at, Kind: s, Note: s}},
			Fixes:     []finding.Fix{{Title: s, Edits: []finding.Edit{{Ref: asset.Ref{Path: s}, Start: 1, End: 2, New: s}}}},
			Attrs:     map[string]any{"call": s, "name": s, s: map[string]any{s: []string{s}}},
			Key:       s,
		}, digestA)
		if i == 3 {
			rec.Suppressed = &finding.Suppression{Kind: "ignore", Reason: s, Owner: s, Until: "2027-01-31"}
		}
		r.Findings = append(r.Findings, rec)
	}
	finding.Complete(r.Findings, func(p string) string { return p })
	r.Facts = []asset.Fact{{Kind: "member", Value: s, At: ref}}
	r.Assets = []asset.Asset{{Kind: asset.Model, Ref: asset.Ref{Path: s}, Format: s, SHA256: digestA, Verdict: asset.Malicious}}
	r.Measurements = []scan.Measurement{{Name: s, Unit: s, Method: s}}
	r.Coverage.Skipped = []scan.Skip{{Path: s, Reason: s}}
	r.Coverage.Errors = []scan.Error{{Path: s, Scanner: "pickle", Err: s}}
	d.Scan = &r
	d.Decision.Policy = s
	for i := range d.Decision.Rules {
		d.Decision.Rules[i].ID = s
		d.Decision.Rules[i].Reason = s
		d.Decision.Rules[i].Remedy = s
		d.Decision.Rules[i].Findings = []string{r.Findings[0].Fingerprint}
	}
	return d
}

// Many is a scan with n findings.
func Many(n int) *report.Document {
	d := Sample()
	r := *d.Scan
	rules := Rules()
	r.Findings = make([]finding.Record, n)
	for i := range r.Findings {
		rule := rules[i%len(rules)]
		path := fmt.Sprintf("src/pkg%03d/file%05d.py", i/500, i/5)
		r.Findings[i] = record(rule, finding.Finding{
			Message:   fmt.Sprintf("finding number %d, eval of the value of name_%d", i, i),
			Locations: []finding.Location{{Ref: asset.Ref{Path: path}, Line: i%400 + 1, Col: 5}},
			Key:       fmt.Sprint("k", i),
		}, "")
	}
	finding.Complete(r.Findings, func(p string) string { return p })
	d.Scan = &r
	d.Decision.Rules[0].Outcome = evidence.Fail
	d.Decision.Rules[0].Findings = nil
	for _, f := range r.Findings {
		if f.Severity >= finding.High {
			d.Decision.Rules[0].Findings = append(d.Decision.Rules[0].Findings, f.Fingerprint)
		}
	}
	return d
}

// Unprintable returns what in an output for people would be invisible or would
// steer a terminal: every hidden character except the line break. It returns ""
// for clean output.
func Unprintable(out []byte) string {
	if !utf8.Valid(out) {
		return "invalid UTF-8"
	}
	for i, r := range string(out) {
		if r != '\n' && (text.Hidden(r) || unicode.IsControl(r)) {
			return fmt.Sprintf("%U at byte %d, after %q", r, i, out[max(0, i-60):i])
		}
	}
	return ""
}
