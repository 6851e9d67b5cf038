// Package verdict is what all scanners of model formats do alike: gather the
// worst verdict of one file, report findings without flooding the report, and
// name the file as a model at the end.
package verdict

import (
	"context"
	"fmt"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

// maxPerRule is how many findings of one rule a file may give. A thousand more
// of one kind say no more; the last one counts them.
const maxPerRule = 20

// File gathers what is found in one model file. It is not safe for concurrent
// use. The zero value is not usable; see [Of].
type File struct {
	sink    *scan.Sink
	file    scan.File
	format  string
	verdict asset.Verdict
	seen    map[string]int
	last    map[string]finding.Finding
}

// Of starts the judgement of a file that is known to be of the given format.
func Of(s *scan.Sink, f scan.File, format string) *File {
	return &File{sink: s, file: f, format: format, verdict: asset.OK,
		seen: map[string]int{}, last: map[string]finding.Finding{}}
}

// Scan judges a file of the given format with a function. An error of the function
// is that of a file which cannot be read to its end; that of an ended context is
// returned.
func Scan(ctx context.Context, f scan.File, s *scan.Sink, format string, judge func(*File) error) error {
	v := Of(s, f, format)
	if err := judge(v); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		v.Fail(err)
	}
	v.Close()
	return nil
}

// Ref returns what is being judged.
func (f *File) Ref() asset.Ref { return f.file.Ref() }

// Report records a finding and makes the verdict at least as bad as v; v is
// [asset.OK] for a finding that does not bear on it.
func (f *File) Report(v asset.Verdict, x finding.Finding) {
	f.verdict = f.verdict.Worst(v)
	f.seen[x.Rule]++
	switch n := f.seen[x.Rule]; {
	case n < maxPerRule:
		f.sink.Report(x)
	case n == maxPerRule:
		f.last[x.Rule] = x
	}
}

// Worse makes the verdict at least as bad as v, without a finding.
func (f *File) Worse(v asset.Verdict) { f.verdict = f.verdict.Worst(v) }

// Verdict is the worst so far.
func (f *File) Verdict() asset.Verdict { return f.verdict }

// Fail records that the file cannot be read to its end. What was found before
// still counts.
func (f *File) Fail(err error) {
	if err == nil {
		return
	}
	f.verdict = f.verdict.Worst(asset.Failed)
	f.sink.Fail(err)
}

// Failf is [File.Fail] with a formatted error.
func (f *File) Failf(format string, args ...any) { f.Fail(fmt.Errorf(format, args...)) }

// Fact records something known about the file.
func (f *File) Fact(kind string, value any, proved bool) {
	f.sink.Fact(asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.file.Ref()})
}

// Close reports the counts of what was left out, and the file as a model with
// its verdict.
func (f *File) Close() {
	for rule, x := range f.last {
		if more := f.seen[rule] - maxPerRule; more > 0 {
			x.Message = fmt.Sprintf("%s (and %d more of this kind in the file)", x.Message, more)
		}
		f.sink.Report(x)
	}
	f.sink.Asset(asset.Asset{Kind: asset.Model, Ref: f.file.Ref(), Format: f.format, Size: f.file.Size(), Verdict: f.verdict})
}

// Show makes hostile text fit for a message: one line, nothing hidden, at most 120
// characters.
func Show(s string) string {
	const most = 120
	if len(s) > 4*most {
		s = s[:4*most]
	}
	v := []rune(text.Visible(s))
	if len(v) > most {
		return string(v[:most]) + "..."
	}
	return string(v)
}
