// Package verdict turns what the reader of a model format observes into findings
// and the one verdict about the file, so that every format fails closed in the same
// way and no hostile file can flood a report.
package verdict

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

// PerRule is how many findings of one rule are reported about one file; the rest
// is counted in one more.
const PerRule = 50

// Judge collects what is said about one file.
type Judge struct {
	sink   *scan.Sink
	ref    asset.Ref
	format string
	worst  asset.Verdict
	seen   map[string]int
	more   map[string]finding.Severity // worst severity among what was not reported
	fails  int
}

// Scan calls f, then reports the asset of the file with the worst verdict that f
// gave it, [asset.OK] when it gave none. An error of f makes the verdict
// [asset.Failed] and the scan incomplete; that of an ended context is returned.
func Scan(ctx context.Context, file scan.File, s *scan.Sink, format string, f func(*Judge) error) error {
	j := &Judge{sink: s, ref: file.Ref(), format: format, worst: asset.OK,
		seen: map[string]int{}, more: map[string]finding.Severity{}}
	if err := f(j); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		j.Fail(err)
	}
	j.done()
	return nil
}

// Report records a finding and worsens the verdict to v; [asset.Unknown] leaves it.
// A finding without a key gets its message as key.
func (j *Judge) Report(v asset.Verdict, f finding.Finding) {
	j.worst = j.worst.Worst(v)
	if j.seen[f.Rule]++; j.seen[f.Rule] > PerRule {
		j.more[f.Rule] = max(j.more[f.Rule], f.Severity)
		return
	}
	if f.Key == "" {
		f.Key = f.Message
	}
	j.sink.Report(f)
}

// At is [Judge.Report] for a rule and a message at an offset of the file; a
// negative offset stands for the whole file.
func (j *Judge) At(v asset.Verdict, rule string, off int64, format string, args ...any) {
	f := finding.Finding{Rule: rule, Message: fmt.Sprintf(format, args...)}
	if off >= 0 {
		f.Locations = []finding.Location{finding.AtOffset(j.ref, off)}
	}
	j.Report(v, f)
}

// maxFails is how many reasons for an incomplete scan one file may give.
const maxFails = 20

// Fail records that the file could not be read to its end. Reading may go on.
func (j *Judge) Fail(err error) {
	j.worst = j.worst.Worst(asset.Failed)
	if j.fails++; j.fails <= maxFails {
		j.sink.Fail(err)
	}
}

// Verdict returns the worst verdict so far.
func (j *Judge) Verdict() asset.Verdict { return j.worst }

// Ref returns what is being judged.
func (j *Judge) Ref() asset.Ref { return j.ref }

// SetFormat names the format more precisely.
func (j *Judge) SetFormat(format string) { j.format = format }

func (j *Judge) done() {
	for rule, n := range j.seen {
		if n > PerRule {
			j.sink.Report(finding.Finding{Rule: rule, Severity: j.more[rule], Key: "more",
				Message: fmt.Sprintf("%d more of this kind in the same file.", n-PerRule)})
		}
	}
	if j.fails > maxFails {
		j.sink.Fail(errors.New("more errors of this kind in the same file"))
	}
	j.sink.Asset(asset.Asset{Kind: asset.Model, Ref: j.ref, Format: j.format, Verdict: j.worst})
}

// Show quotes hostile text for a message: at most limit bytes of it, on one line,
// with nothing hidden.
func Show(s string, limit int) string {
	cut := ""
	if len(s) > limit {
		for limit > 0 && !utf8.RuneStart(s[limit]) {
			limit--
		}
		s, cut = s[:limit], "..."
	}
	return `"` + text.Visible(s) + cut + `"`
}
