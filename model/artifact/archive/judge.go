package archive

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text"
)

var errOpaque = errors.New("merlon has no reader for this format")

// judge gathers what is said about one container.
type judge struct {
	sink    *scan.Sink
	file    scan.File
	format  string
	verdict asset.Verdict
	seen    map[string]int // findings per rule
	last    map[string]finding.Finding
	failed  int
	tar     archive.Container // the file as a tar; nil when it is none
}

// maxPerRule is how many findings of one rule a container may give; the last one
// counts the others.
const maxPerRule = 20

func (j *judge) report(v asset.Verdict, f finding.Finding) {
	j.verdict = j.verdict.Worst(v)
	j.seen[f.Rule]++
	switch n := j.seen[f.Rule]; {
	case n < maxPerRule:
		j.sink.Report(f)
	case n == maxPerRule:
		if j.last == nil {
			j.last = map[string]finding.Finding{}
		}
		j.last[f.Rule] = f
	}
}

// undecodable records content that could not be looked at: a finding, an error of
// the scan, and the verdict error.
func (j *judge) undecodable(ref asset.Ref, name string, err error) {
	what := "the file"
	if name != "" {
		what = show(name)
	}
	j.report(asset.Failed, finding.Finding{
		Rule: ruleUndecodable, Locations: []finding.Location{finding.At(ref)}, Key: name,
		Message: fmt.Sprintf("%s cannot be decoded to its end: %s", what, show(err.Error())),
	})
	if j.failed++; j.failed <= maxPerRule {
		j.sink.Fail(fmt.Errorf("%s cannot be decoded to its end: %s", what, show(err.Error())))
	}
}

// bomb records that a budget was exceeded.
func (j *judge) bomb(ref asset.Ref, name string, err error) {
	j.report(asset.Failed, finding.Finding{
		Rule: ruleBomb, Locations: []finding.Location{finding.At(ref)}, Key: name,
		Message: "not everything was unpacked: " + show(err.Error()),
	})
	if j.failed++; j.failed <= maxPerRule {
		j.sink.Fail(err)
	}
}

// ruleOf says which rule an anomaly falls under.
func ruleOf(k archive.Kind) string {
	switch k {
	case archive.KindDuplicate, archive.KindFolded:
		return ruleDuplicate
	case archive.KindEncrypted:
		return ruleEncrypted
	case archive.KindPrefix, archive.KindTrailing, archive.KindGap, archive.KindLeftover, archive.KindDirectoryData:
		return ruleHidden
	case archive.KindTruncated, archive.KindChecksum, archive.KindHeader, archive.KindAfterEnd:
		return ruleDamaged
	case archive.KindOddName:
		return ruleName
	}
	return ruleViews
}

// anomalies reports what is odd about the container, or about one member: one
// finding per rule.
func (j *judge) anomalies(ref asset.Ref, name string, all []archive.Anomaly, contentCRC bool) {
	byRule := map[string][]archive.Anomaly{}
	var order []string
	for _, a := range all {
		if a.Kind == archive.KindTooManyMembers || a.Kind == archive.KindSizingExhausted {
			j.bomb(ref, name, fmt.Errorf("%s: %s", a.Kind, a.Detail))
			continue
		}
		rule := ruleOf(a.Kind)
		if rule == ruleViews && j.format != "zip" {
			rule = ruleDamaged
		}
		if a.Kind == archive.KindCRC && contentCRC {
			rule = ruleCRC
		}
		if byRule[rule] == nil {
			order = append(order, rule)
		}
		byRule[rule] = append(byRule[rule], a)
	}
	for _, rule := range order {
		var details, kinds []string
		loc := finding.At(ref)
		for i, a := range byRule[rule] {
			if i == 0 && a.Offset >= 0 {
				loc = finding.AtOffset(j.file.Ref(), a.Offset)
			}
			if len(details) < 3 {
				details = append(details, a.Detail)
			}
			kinds = append(kinds, string(a.Kind))
		}
		what := j.format
		if name != "" {
			what = show(name)
		}
		severity := finding.Severity(0)
		if rule == ruleDuplicate && !slices.Contains(kinds, string(archive.KindDuplicate)) {
			severity = finding.Medium // file systems that ignore case are one more condition
		}
		j.report(asset.Unverified, finding.Finding{
			Rule: rule, Severity: severity, Locations: []finding.Location{loc}, Key: name + "\x00" + kinds[0],
			Message: fmt.Sprintf("%s: %s", what, show(strings.Join(details, "; "))),
			Attrs:   map[string]any{"member": name, "kinds": kinds},
		})
	}
}

// close reports the counts of what was left out, and the container.
func (j *judge) close() {
	for _, r := range rules() {
		f, ok := j.last[r.ID]
		if !ok {
			continue
		}
		if more := j.seen[r.ID] - maxPerRule; more > 0 {
			f.Message = fmt.Sprintf("%s (and %d more of this kind in the file)", f.Message, more)
		}
		j.sink.Report(f)
	}
	if more := j.failed - maxPerRule; more > 0 {
		j.sink.Fail(fmt.Errorf("%d more members could not be looked at", more))
	}
	j.sink.Asset(asset.Asset{Kind: asset.Archive, Ref: j.file.Ref(), Format: j.format, Size: j.file.Size(), Verdict: j.verdict})
}

// show makes hostile text fit for a message.
func show(s string) string {
	const most = 200
	if len(s) > 4*most {
		s = s[:4*most]
	}
	return text.Cut(text.Visible(s), most)
}
