package sarif

import (
	"reflect"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report/internal/view"
	"github.com/merlon-security/merlon/text"
)

type builder struct{ paths *paths }

func (b *builder) result(r finding.Record, rule int) result {
	msg := r.Message
	if in := view.Place(r.Where()); in != "" && len(r.Where().Ref.Inner) > 0 {
		msg += " (" + in + ")" // code scanning shows the outer file only
	}
	out := result{
		RuleID:              r.Rule.ID,
		RuleIndex:           rule,
		Level:               level(r.Severity),
		Message:             message{Text: unlinked(msg)},
		PartialFingerprints: map[string]string{"merlonFingerprint/v1": r.Fingerprint},
		Properties: map[string]any{
			"severity": r.Severity.String(), "confidence": r.Confidence.String(), "category": r.Rule.Category,
			"security-severity": score(r.Severity),
		},
	}
	if r.Asset != "" {
		out.Properties["asset"] = r.Asset
	}
	if len(r.Attrs) > 0 {
		out.Properties["details"] = view.Object(r.Attrs)
	}
	for i, l := range r.Locations {
		if i == maxLocations {
			break
		}
		out.Locations = append(out.Locations, b.location(l))
	}
	if len(out.Locations) == 0 {
		out.Locations = []location{b.location(finding.Location{})}
	}
	if len(r.Trace) > 0 {
		out.CodeFlows = []codeFlow{{ThreadFlows: []threadFlow{{Locations: b.flow(r.Trace)}}}}
	}
	if s := r.Suppressed; s != nil {
		sup := suppression{Kind: "external", Status: "accepted", Justification: s.Reason}
		if s.Kind == "baseline" && s.Reason == "" {
			sup.Justification = "known from the baseline"
		}
		sup.Properties = map[string]any{"kind": s.Kind, "owner": s.Owner, "until": s.Until}
		out.Suppressions = []suppression{sup}
	}
	for _, f := range r.Fixes {
		x, ok := b.fix(f)
		same := func(y fix) bool { return reflect.DeepEqual(x, y) } // SARIF forbids equal fixes
		if ok && !slices.ContainsFunc(out.Fixes, same) {
			out.Fixes = append(out.Fixes, x)
		}
	}
	return out
}

func (b *builder) location(l finding.Location) location {
	out := location{PhysicalLocation: physicalLocation{
		ArtifactLocation: b.paths.location(l.Ref.Path),
		Region:           &region{StartLine: 1}, // without a line GitHub shows nothing
	}}
	reg := out.PhysicalLocation.Region
	if l.Line > 0 && linesOfFile(l.Ref) {
		reg.StartLine, reg.StartColumn = l.Line, l.Col
		if l.EndLine >= l.Line {
			reg.EndLine = l.EndLine
			if l.EndLine > l.Line || l.EndCol > l.Col {
				reg.EndColumn = l.EndCol
			}
		}
	}
	if len(l.Ref.Inner) == 0 {
		reg.ByteOffset = l.Offset
		return out
	}
	names := make([]string, len(l.Ref.Inner))
	for i := range l.Ref.Inner {
		names[i] = view.Inner(asset.Ref{Inner: l.Ref.Inner[i : i+1]})
	}
	out.LogicalLocations = []logicalLocation{{
		Name: names[len(names)-1], FullyQualifiedName: strings.Join(names, "/"), Kind: "resource",
	}}
	out.Message = &message{Text: unlinked(view.Place(l))}
	return out
}

// linesOfFile reports whether lines in r are lines of the file on disk: a column
// or key is a name for a place in it, a member or cell has lines of its own.
func linesOfFile(r asset.Ref) bool {
	for _, s := range r.Inner {
		switch s.Kind {
		case asset.Column, asset.Key, asset.Row:
		default:
			return false
		}
	}
	return true
}

func (b *builder) flow(trace []finding.Hop) (out []threadFlowLocation) {
	for i, h := range trace {
		if i == maxLocations {
			break
		}
		l := b.location(h.Location)
		if h.Note != "" {
			l.Message = &message{Text: unlinked(h.Note)}
		}
		step := threadFlowLocation{Location: l, Importance: "important"}
		if h.Kind != "" {
			step.Kinds = []string{text.Visible(h.Kind)}
		}
		if h.Kind == "source" || h.Kind == "sink" {
			step.Importance = "essential"
		}
		out = append(out, step)
	}
	return out
}

// fix is written only when it changes files on disk: a viewer cannot edit inside
// of an archive.
func (b *builder) fix(f finding.Fix) (fix, bool) {
	out := fix{Description: message{Text: unlinked(f.Title)}}
	for _, e := range f.Edits {
		if len(e.Ref.Inner) > 0 || e.Start < 0 || e.End < e.Start {
			return fix{}, false
		}
		length := e.End - e.Start
		at := b.paths.location(e.Ref.Path)
		i := slices.IndexFunc(out.ArtifactChanges, func(c artifactChange) bool { return c.ArtifactLocation == at })
		if i < 0 {
			i = len(out.ArtifactChanges)
			out.ArtifactChanges = append(out.ArtifactChanges, artifactChange{ArtifactLocation: at})
		}
		c := &out.ArtifactChanges[i]
		deleted := region{ByteOffset: &e.Start, ByteLength: &length}
		if e.Line > 0 && e.Col > 0 && (e.EndLine > e.Line || e.EndLine == e.Line && e.EndCol >= e.Col) {
			// What is text is named as text: an editor holds characters, not bytes (3.30.2).
			deleted = region{StartLine: e.Line, StartColumn: e.Col, EndLine: e.EndLine, EndColumn: e.EndCol}
		}
		c.Replacements = append(c.Replacements, replacement{
			DeletedRegion:   deleted,
			InsertedContent: artifactContent{Text: e.New},
		})
	}
	return out, len(out.ArtifactChanges) > 0
}

func (b *builder) artifact(a asset.Asset) artifact {
	out := artifact{
		Location: b.paths.location(a.Ref.Path), Length: a.Size, Roles: []string{"analysisTarget"},
		Properties: map[string]any{"kind": a.Kind, "format": text.Visible(a.Format)},
	}
	if a.SHA256 != "" {
		out.Hashes = map[string]string{"sha-256": a.SHA256}
	}
	if a.Verdict != "" {
		out.Properties["verdict"] = string(a.Verdict)
	}
	return out
}

// unlinked makes a text of which no part becomes a link: SARIF reads "[text](uri)"
// in every message as one (3.11.6), and the text may be an attacker's.
func unlinked(s string) string {
	return strings.ReplaceAll(text.Visible(s), "](", `\](`)
}

func level(s finding.Severity) string {
	switch {
	case s >= finding.High:
		return "error"
	case s == finding.Medium:
		return "warning"
	}
	return "note"
}

// score puts a severity into the range that GitHub gives the same name: over 9.0
// critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low.
func score(s finding.Severity) string {
	switch s {
	case finding.Critical:
		return "9.5"
	case finding.High:
		return "8.0"
	case finding.Medium:
		return "5.5"
	case finding.Low:
		return "2.0"
	}
	return "0.0"
}
