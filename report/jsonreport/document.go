package jsonreport

import (
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report/internal/view"
)

// document is the whole report. Arrays and objects are never null.
type document struct {
	SchemaVersion string        `json:"schema_version"`
	Tool          tool          `json:"tool"`
	Target        string        `json:"target"`
	StartedAt     string        `json:"started_at"`  // RFC 3339, UTC
	DurationMS    int64         `json:"duration_ms"` // milliseconds
	Inputs        inputs        `json:"inputs"`
	Coverage      coverage      `json:"coverage"`
	Findings      []item        `json:"findings"`
	Measurements  []measurement `json:"measurements"`
	Facts         []fact        `json:"facts"`
	Assets        []model       `json:"assets"`
	Decision      decision      `json:"decision"`
}

type tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type inputs struct {
	ConfigSHA256 string     `json:"config_sha256"`
	RulesSHA256  string     `json:"rules_sha256"`
	Scanners     []scanner  `json:"scanners"`
	Advisories   advisories `json:"advisories"`
}

type scanner struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

type advisories struct {
	Date   string `json:"date"`
	SHA256 string `json:"sha256"`
}

type coverage struct {
	FilesSeen    int       `json:"files_seen"`
	FilesScanned int       `json:"files_scanned"`
	Bytes        int64     `json:"bytes"`
	Skipped      []skip    `json:"skipped"`
	Errors       []problem `json:"errors"`
}

type skip struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

type problem struct {
	Path    string `json:"path"`
	Scanner string `json:"scanner"`
	Error   string `json:"error"`
}

type item struct {
	Fingerprint     string             `json:"fingerprint"`
	MoveFingerprint string             `json:"move_fingerprint"`
	Rule            string             `json:"rule"`
	Severity        finding.Severity   `json:"severity"`
	Confidence      finding.Confidence `json:"confidence"`
	Category        string             `json:"category"`
	Title           string             `json:"title"`
	Message         string             `json:"message"`
	Location        location           `json:"location"`
	Locations       []location         `json:"locations"` // the others
	Asset           string             `json:"asset"`
	CWE             []string           `json:"cwe"`
	Taxonomy        []string           `json:"taxonomy"`
	Aliases         []string           `json:"aliases"`
	Trace           []hop              `json:"trace"`
	Details         map[string]any     `json:"details"`
	Remediation     string             `json:"remediation"`
	Fixes           []fix              `json:"fixes"`
	Suppressed      *suppression       `json:"suppressed"`
}

type location struct {
	Path    string `json:"path"`
	Inner   string `json:"inner"`
	Member  string `json:"member"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	EndLine int    `json:"end_line"`
	Offset  *int64 `json:"offset"`
	Cell    *int   `json:"cell"`
}

type hop struct {
	Path string `json:"path"`
	Line int    `json:"line"`
	Kind string `json:"kind"`
	Note string `json:"note"`
}

type fix struct {
	Title string `json:"title"`
	Safe  bool   `json:"safe"`
	Edits []edit `json:"edits"`
}

type edit struct {
	Path  string `json:"path"`
	Start int64  `json:"start"`
	End   int64  `json:"end"`
	New   string `json:"new"`
}

type suppression struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	Owner  string `json:"owner"`
	Until  string `json:"until"`
}

type measurement struct {
	Asset  string `json:"asset"`
	Name   string `json:"name"`
	Value  any    `json:"value"` // number, or null for what JSON has no number for
	Unit   string `json:"unit"`
	Low    any    `json:"low"`
	High   any    `json:"high"`
	Method string `json:"method"`
}

type fact struct {
	Kind   string `json:"kind"`
	Value  any    `json:"value"`
	Proved bool   `json:"proved"`
	Path   string `json:"path"`
}

type model struct {
	Kind    string `json:"kind"`
	Path    string `json:"path"`
	Format  string `json:"format"`
	SHA256  string `json:"sha256"`
	Size    int64  `json:"size"`
	Verdict string `json:"verdict"`
}

type decision struct {
	Outcome     string       `json:"outcome"`
	Policy      string       `json:"policy"`
	InputDigest string       `json:"input_digest"`
	Rules       []ruleResult `json:"rules"`
}

type ruleResult struct {
	ID          string   `json:"id"`
	Outcome     string   `json:"outcome"`
	Reason      string   `json:"reason"`
	Findings    []string `json:"findings"`
	Remediation string   `json:"remediation"`
}

func newItem(r finding.Record) item {
	it := item{
		Fingerprint:     r.Fingerprint,
		MoveFingerprint: r.MovePrint,
		Rule:            r.Rule.ID,
		Severity:        r.Severity,
		Confidence:      r.Confidence,
		Category:        r.Rule.Category,
		Title:           r.Rule.Title,
		Message:         r.Message,
		Location:        newLocation(r.Where()),
		Locations:       []location{},
		Asset:           r.Asset,
		CWE:             list(r.Rule.CWE),
		Taxonomy:        list(r.Rule.Taxonomy),
		Aliases:         list(r.Rule.Aliases),
		Trace:           []hop{},
		Details:         view.Object(r.Attrs),
		Remediation:     r.Rule.Remedy,
		Fixes:           []fix{},
	}
	if len(r.Locations) > 1 {
		for _, l := range r.Locations[1:] {
			it.Locations = append(it.Locations, newLocation(l))
		}
	}
	for _, h := range r.Trace {
		it.Trace = append(it.Trace, hop{Path: h.Ref.String(), Line: h.Line, Kind: h.Kind, Note: h.Note})
	}
	for _, f := range r.Fixes {
		out := fix{Title: f.Title, Safe: f.Safe, Edits: []edit{}}
		for _, e := range f.Edits {
			out.Edits = append(out.Edits, edit{Path: e.Ref.String(), Start: e.Start, End: e.End, New: e.New})
		}
		it.Fixes = append(it.Fixes, out)
	}
	if s := r.Suppressed; s != nil {
		it.Suppressed = &suppression{Kind: s.Kind, Reason: s.Reason, Owner: s.Owner, Until: s.Until}
	}
	return it
}

func newLocation(l finding.Location) location {
	out := location{
		Path: l.Ref.Path, Inner: l.Ref.InnerString(),
		Line: l.Line, Column: l.Col, EndLine: l.EndLine, Offset: l.Offset,
	}
	for _, s := range l.Ref.Inner {
		switch s.Kind {
		case asset.Member:
			out.Member = s.Name
		case asset.Cell:
			n := s.N
			out.Cell = &n
		}
	}
	return out
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
