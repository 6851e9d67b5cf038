// Package jsonreport writes the complete result of a scan for programs to read.
//
// The format is a promise: schema.json beside this file (JSON Schema 2020-12)
// describes every key, and "schema_version" changes when a key changes its
// meaning. Two scans of the same input differ in started_at and duration_ms only.
package jsonreport

import (
	_ "embed"
	"io"
	"time"

	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/internal/view"
)

// Version is the schema_version of the documents written here.
const Version = "1"

// Schema is the JSON Schema that every document conforms to.
//
//go:embed schema.json
var Schema []byte

type format struct{}

// New returns the format "json".
func New() report.Format { return format{} }

func (format) Name() string { return "json" }

// Write writes the document. The options make no difference.
func (format) Write(w io.Writer, d *report.Document, _ report.Options) error {
	return view.WriteJSON(w, build(d))
}

// interrupted stands among the errors when the scan ended early, for then there
// is no list of what was not looked at.
var interrupted = problem{Scanner: "engine", Error: "the scan was stopped before its end: run it again"}

func build(d *report.Document) document {
	r, c := d.Scan, d.Scan.Coverage
	doc := document{
		SchemaVersion: Version,
		Tool:          tool(d.Tool),
		Target:        d.Target,
		StartedAt:     r.Started.UTC().Format(time.RFC3339),
		DurationMS:    r.Duration.Milliseconds(),
		Inputs: inputs{
			ConfigSHA256: d.Inputs.ConfigSHA256,
			RulesSHA256:  d.Inputs.RulesSHA256,
			Scanners:     []scanner{},
			Advisories:   advisories{d.Inputs.AdvisoryDate, d.Inputs.AdvisorySHA256},
		},
		Coverage: coverage{
			FilesSeen: c.FilesSeen, FilesScanned: c.FilesScanned, Bytes: c.Bytes,
			Skipped: []skip{}, Errors: []problem{},
		},
		Findings:     make([]item, 0, len(r.Findings)),
		Measurements: []measurement{},
		Facts:        []fact{},
		Assets:       []model{},
		Decision: decision{
			Outcome: string(d.Decision.Outcome), Policy: d.Decision.Policy, InputDigest: d.Decision.InputDigest,
			Rules: []ruleResult{},
		},
	}
	for _, s := range r.Scanners {
		doc.Inputs.Scanners = append(doc.Inputs.Scanners, scanner{s.ID, s.Version})
	}
	if c.Interrupted {
		doc.Coverage.Errors = append(doc.Coverage.Errors, interrupted)
	}
	for _, e := range c.Errors {
		doc.Coverage.Errors = append(doc.Coverage.Errors, problem{e.Path, e.Scanner, e.Err})
	}
	for _, s := range c.Skipped {
		doc.Coverage.Skipped = append(doc.Coverage.Skipped, skip{s.Path, s.Reason})
	}
	for _, f := range r.Findings {
		doc.Findings = append(doc.Findings, newItem(f))
	}
	for _, m := range r.Measurements {
		doc.Measurements = append(doc.Measurements, measurement{
			Asset: m.Asset, Name: m.Name, Value: view.Float(m.Value), Unit: m.Unit,
			Low: view.Float(m.Low), High: view.Float(m.High), Method: m.Method,
		})
	}
	for _, f := range r.Facts {
		doc.Facts = append(doc.Facts, fact{f.Kind, view.Plain(f.Value), f.Proved, f.At.String()})
	}
	for _, a := range r.Assets {
		doc.Assets = append(doc.Assets, model{a.Kind, a.Ref.String(), a.Format, a.SHA256, a.Size, string(a.Verdict)})
	}
	for _, r := range d.Decision.Rules {
		doc.Decision.Rules = append(doc.Decision.Rules, ruleResult{r.ID, string(r.Outcome), r.Reason, list(r.Findings), r.Remedy})
	}
	return doc
}
