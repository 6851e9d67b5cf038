// Package report defines what every report format is given, and nothing about
// how any of them looks: each format is a package of its own below this one.
package report

import (
	"io"

	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Document is a scan with the gate's decision on it. Nothing in it was written by
// the format packages, and text in it may come from hostile files: a format
// escapes whatever it prints.
type Document struct {
	Tool     Tool
	Target   string // what was scanned, as the user named it
	Inputs   Inputs
	Scan     *scan.Result
	Decision evidence.Decision
	Show     finding.Severity // findings below it are counted, not shown, in reports for people
}

// Tool names the program that made the report.
type Tool struct{ Name, Version string }

// Inputs are the digests of what else the result depends on.
type Inputs struct {
	ConfigSHA256   string // lower-case hex; empty: no configuration
	RulesSHA256    string
	AdvisoryDate   string // empty: no advisories were used
	AdvisorySHA256 string
}

// Format writes documents in one format.
type Format interface {
	Name() string // as in --format
	Write(w io.Writer, d *Document, o Options) error
}

// Options are what the place of output allows.
type Options struct {
	Color bool // ANSI colours
	Width int  // columns; 0: unknown, no wrapping by width
}

// Shown splits the findings that count into those to show to a person and the
// number of those below d.Show. Suppressed findings are in neither.
func (d *Document) Shown() (shown []finding.Record, hidden int) {
	for _, r := range d.Scan.Findings {
		switch {
		case r.Suppressed != nil:
		case r.Severity < d.Show:
			hidden++
		default:
			shown = append(shown, r)
		}
	}
	return shown, hidden
}
