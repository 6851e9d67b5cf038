// Package csvreport is the walked example of docs/contributing.md: a report
// format. It is tested, and in no table.
package csvreport

import (
	"encoding/csv"
	"io"
	"strings"

	"github.com/merlon-security/merlon/report"
)

// Format writes one line per finding, for a spreadsheet.
type Format struct{}

// Name is what --format takes.
func (Format) Name() string { return "csv" }

// Write writes all findings, suppressed ones marked.
func (Format) Write(w io.Writer, d *report.Document, _ report.Options) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"severity", "rule", "path", "message", "suppressed"}); err != nil {
		return err
	}
	for _, f := range d.Scan.Findings {
		suppressed := ""
		if f.Suppressed != nil {
			suppressed = f.Suppressed.Reason
		}
		path := ""
		if len(f.Locations) > 0 {
			path = f.Locations[0].Ref.String()
		}
		err := out.Write([]string{f.Severity.String(), f.Rule.ID, cell(path), cell(f.Message), cell(suppressed)})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cell keeps a spreadsheet from taking hostile text for a formula.
func cell(s string) string {
	if strings.ContainsAny(s[:min(1, len(s))], "=+-@\t\r") {
		return "'" + s
	}
	return s
}

var _ report.Format = Format{}
