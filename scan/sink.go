package scan

import (
	"context"
	"fmt"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/safeio"
)

// Sink takes what a scanner has to say about one file. It may be used from
// several goroutines of one Scan call.
type Sink struct {
	task    *task // the file on disk that everything here belongs to
	scanner string
	rules   map[string]finding.Rule
	file    *file // nil while a project scanner finishes
	lines   LineMap
	depth   int
	ctx     context.Context
}

// Report records a finding. Its rule must be one of the scanner's own. A finding
// without a location is about the whole file.
func (s *Sink) Report(f finding.Finding) { s.record(f, nil) }

// Suppress records a finding that its author decided to live with, by a comment beside
// it. Findings about models are never silenced from inside.
func (s *Sink) Suppress(f finding.Finding, why finding.Suppression) { s.record(f, &why) }

func (s *Sink) record(f finding.Finding, why *finding.Suppression) {
	rule, ok := s.rules[f.Rule]
	if !ok {
		s.Fail(fmt.Errorf("scanner reported rule %q that is not in its table", f.Rule))
		return
	}
	if len(f.Locations) == 0 && s.file != nil {
		f.Locations = []finding.Location{finding.At(s.file.ref)}
	}
	if s.lines != nil {
		for i, l := range f.Locations {
			f.Locations[i] = s.locate(l)
		}
		for i := range f.Trace {
			f.Trace[i].Location = s.locate(f.Trace[i].Location)
		}
	}
	s.task.mu.Lock()
	defer s.task.mu.Unlock()
	if rule.Category == finding.Artifact {
		why = nil
	}
	s.task.findings = append(s.task.findings, finding.Record{Finding: f, Rule: rule, Suppressed: why})
}

func (s *Sink) locate(l finding.Location) finding.Location {
	if l.Ref.String() != s.file.ref.String() {
		return l
	}
	return s.lines.Locate(l)
}

// Lines says where the lines of a derived file come from; nil: they are its own.
// [Sink.Report] applies it. A [ProjectScanner] keeps it for what it reports at the end.
func (s *Sink) Lines() LineMap { return s.lines }

// Fact records something known.
func (s *Sink) Fact(f asset.Fact) {
	s.task.mu.Lock()
	defer s.task.mu.Unlock()
	s.task.facts = append(s.task.facts, f)
}

// Asset records an asset. One reported about a derived file adds its verdict to
// the asset of the file on disk; the worst verdict stands.
func (s *Sink) Asset(a asset.Asset) {
	s.task.mu.Lock()
	defer s.task.mu.Unlock()
	s.task.assets = append(s.task.assets, a)
}

// Measure records a number.
func (s *Sink) Measure(m Measurement) {
	s.task.mu.Lock()
	defer s.task.mu.Unlock()
	s.task.measurements = append(s.task.measurements, m)
}

// Digests returns the digests of ranges of the file, which must be in order and not
// overlap. For a file on disk they cost little beside its own digest: both are
// computed in one pass. Call it once, with all ranges.
func (s *Sink) Digests(ranges []safeio.Range) ([]safeio.Digest, error) {
	if s.depth == 0 {
		if parts, shared, err := s.task.digestWith(s.ctx, ranges); shared {
			return parts, err
		}
	}
	_, parts, err := safeio.DigestRanges(s.ctx, s.file, false, ranges)
	return parts, err
}

// Cached says whether what is found out is kept for the next run.
func (s *Sink) Cached() bool { return s.task.engine.opts.Cache != nil }

// FailAt does what [Sink.Fail] does for a file that a [ProjectScanner] comes back to.
func (s *Sink) FailAt(r asset.Ref, err error) { s.task.fail(r.String(), s.scanner, err) }

// Fail records that the file was not fully looked at, without ending the scan of
// it. It makes the whole scan incomplete.
func (s *Sink) Fail(err error) {
	ref := ""
	if s.file != nil {
		ref = s.file.ref.String()
	}
	s.task.fail(ref, s.scanner, err)
}
