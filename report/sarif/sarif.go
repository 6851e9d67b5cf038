// Package sarif writes SARIF 2.1.0, the exchange format of code scanning.
//
// GitHub ignores or refuses what exceeds its limits, so the document keeps within
// them and says in its notifications what it had to leave out.
package sarif

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/internal/view"
	"github.com/merlon-security/merlon/text"
)

// The limits of GitHub code scanning ("SARIF support for code scanning", as of
// 2026): what exceeds them is not shown or makes the upload fail.
const (
	maxResults       = 5_000
	maxRules         = 25_000
	maxLocations     = 1_000 // of a result, and steps of its code flow
	maxTags          = 10
	maxNotifications = 1_000
	maxGzip          = 10_000_000 // bytes of the compressed file
)

const (
	schemaURI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homeURI   = "https://github.com/merlon-security/merlon"
)

type format struct {
	results int // most results
	gzip    int // most bytes compressed
}

// New returns the format "sarif".
func New() report.Format { return format{results: maxResults, gzip: maxGzip} }

func (format) Name() string { return "sarif" }

// Write writes one run. The options make no difference.
func (f format) Write(w io.Writer, d *report.Document, _ report.Options) error {
	for most := f.results; ; most /= 2 {
		var b bytes.Buffer
		if err := view.WriteJSON(&b, build(d, most)); err != nil {
			return err
		}
		if most <= 1 || compressed(b.Bytes()) <= f.gzip {
			_, err := w.Write(b.Bytes())
			return err
		}
	}
}

// compressed returns the size of b after gzip, as an upload would have it. Small
// documents cannot exceed the limit and are not compressed.
func compressed(b []byte) int {
	var n counter
	z := gzip.NewWriter(&n)
	_, _ = z.Write(b) // a counter takes everything
	_ = z.Close()
	return int(n)
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

var semantic = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^v?([0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$`)
})

func build(d *report.Document, most int) sarifLog {
	b := &builder{paths: newPaths(d.Scan.Roots)}
	records, notes := b.choose(d.Scan.Findings, most)
	r := run{
		Tool: tool{driver{
			Name: text.Visible(d.Tool.Name), InformationURI: homeURI, Version: text.Visible(d.Tool.Version),
		}},
		AutomationDetails: automationDetails{ID: category(d.Target)},
		ColumnKind:        "unicodeCodePoints",
		Results:           make([]result, 0, len(records)),
		Properties: map[string]any{
			"decision": string(d.Decision.Outcome), "policy": text.Visible(d.Decision.Policy), "inputDigest": d.Decision.InputDigest,
		},
	}
	if m := semantic().FindStringSubmatch(d.Tool.Version); m != nil {
		r.Tool.Driver.SemanticVersion = m[1]
	}
	var index map[string]int
	r.Tool.Driver.Rules, index = rules(records)
	for _, rec := range records {
		r.Results = append(r.Results, b.result(rec, index[rec.Rule.ID]))
	}
	listed := map[artifactLocation]bool{}
	for _, a := range d.Scan.Assets {
		if len(r.Artifacts) == maxResults {
			notes = append(notes, note("warning", "truncated", fmt.Sprintf("%d of %d assets are listed; the JSON report holds all of them", maxResults, len(d.Scan.Assets))))
			break
		}
		art := b.artifact(a)
		if !listed[art.Location] {
			listed[art.Location] = true
			r.Artifacts = append(r.Artifacts, art)
		}
	}
	r.OriginalURIBaseIDs = b.paths.bases()
	r.Invocations = []invocation{{
		ExecutionSuccessful:        !d.Scan.Coverage.Incomplete(),
		StartTimeUTC:               d.Scan.Started.UTC().Format(time.RFC3339),
		EndTimeUTC:                 d.Scan.Started.Add(d.Scan.Duration).UTC().Format(time.RFC3339),
		ToolExecutionNotifications: append(notes, b.notLookedAt(d)...),
	}}
	return sarifLog{Schema: schemaURI, Version: "2.1.0", Runs: []run{r}}
}

// choose returns the worst findings, those that count before the suppressed ones,
// and a notification when some had to be left out.
func (b *builder) choose(all []finding.Record, most int) ([]finding.Record, []notification) {
	if len(all) <= most {
		return all, nil
	}
	var kept []finding.Record
	for _, suppressed := range []bool{false, true} {
		for _, r := range all {
			if len(kept) < most && (r.Suppressed != nil) == suppressed {
				kept = append(kept, r)
			}
		}
	}
	return kept, []notification{note("warning", "truncated", fmt.Sprintf(
		"%s of %s results are listed, the worst first: more would exceed the limits of code scanning; the JSON report holds all of them",
		view.Number(len(kept)), view.Number(len(all))))}
}

// notLookedAt tells what makes the run incomplete.
func (b *builder) notLookedAt(d *report.Document) (notes []notification) {
	if d.Scan.Coverage.Interrupted {
		notes = append(notes, note("error", "interrupted", "the scan was stopped before its end: run it again"))
	}
	for i, e := range d.Scan.Coverage.Errors {
		if i == maxNotifications {
			notes = append(notes, note("error", "not-looked-at", fmt.Sprintf("%d more paths could not be looked at; the JSON report lists them", len(d.Scan.Coverage.Errors)-i)))
			break
		}
		n := note("error", "not-looked-at", text.Visible(e.Path+": "+e.Err))
		if path, _, _ := strings.Cut(e.Path, "!/"); path != "" {
			n.Locations = []location{{PhysicalLocation: physicalLocation{ArtifactLocation: b.paths.location(path)}}}
		}
		notes = append(notes, n)
	}
	return notes
}

func note(level, id, msg string) notification {
	return notification{Level: level, Message: message{Text: unlinked(msg)}, Descriptor: &descriptor{ID: id}}
}

// category names the analysis: GitHub keeps the newest upload of each, and takes
// the part up to the last slash as its name.
func category(target string) string {
	if p := strings.Trim(escapePath(target), "/."); p != "" {
		return "merlon/" + p + "/"
	}
	return "merlon/"
}
