package sarif

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/reporttest"
)

// TestFlowsAndFixesOfText: a flow names every step with its place, and a fix of a text
// names characters, also where it inserts.
func TestFlowsAndFixesOfText(t *testing.T) {
	app, lib := asset.Ref{Path: "src/app.py"}, asset.Ref{Path: "src/lib/my db.py"}
	d := reporttest.Sample()
	d.Scan.Findings = d.Scan.Findings[:1]
	f := &d.Scan.Findings[0]
	f.Locations = []finding.Location{{Ref: lib, Line: 7, Col: 5, EndLine: 7, EndCol: 24}}
	f.Trace = []finding.Hop{
		{Location: finding.Location{Ref: app, Line: 3, Col: 12, EndLine: 3, EndCol: 30}, Kind: "source", Note: "an HTTP request"},
		{Location: finding.Location{Ref: app, Line: 4, Col: 5, EndLine: 5, EndCol: 2}, Kind: "pass", Note: "passed to [x](y)"},
		{Location: finding.Location{Ref: lib, Line: 7, Col: 5, EndLine: 7, EndCol: 24}, Kind: "sink"},
	}
	f.Fixes = []finding.Fix{{Title: "add k=1", Safe: true, Edits: []finding.Edit{
		{Ref: lib, Start: 90, End: 90, New: ", k=1", Line: 7, Col: 23, EndLine: 7, EndCol: 23},
		{Ref: lib, Start: 95, End: 99, New: "x", Line: 8, Col: 1, EndLine: 9, EndCol: 1},
		{Ref: app, Start: 5, End: 7, New: "y"},
	}}}
	out := reporttest.Write(t, New(), d, report.Options{})
	validate(t, official(t), out)
	r := parse(t, out).Results[0]

	place := func(uri string, reg region, note string) location {
		l := location{PhysicalLocation: physicalLocation{ArtifactLocation: artifactLocation{URI: uri}, Region: &reg}}
		if note != "" {
			l.Message = &message{Text: note}
		}
		return l
	}
	want := []codeFlow{{ThreadFlows: []threadFlow{{Locations: []threadFlowLocation{
		{Location: place("src/app.py", region{StartLine: 3, StartColumn: 12, EndLine: 3, EndColumn: 30}, "an HTTP request"), Kinds: []string{"source"}, Importance: "essential"},
		{Location: place("src/app.py", region{StartLine: 4, StartColumn: 5, EndLine: 5, EndColumn: 2}, `passed to [x\](y)`), Kinds: []string{"pass"}, Importance: "important"},
		{Location: place("src/lib/my%20db.py", region{StartLine: 7, StartColumn: 5, EndLine: 7, EndColumn: 24}, ""), Kinds: []string{"sink"}, Importance: "essential"},
	}}}}}
	if diff := cmp.Diff(want, r.CodeFlows); diff != "" {
		t.Errorf("flow (-want +got):\n%s", diff)
	}
	five, two := int64(5), int64(2)
	fixes := []fix{{Description: message{Text: "add k=1"}, ArtifactChanges: []artifactChange{
		{ArtifactLocation: artifactLocation{URI: "src/lib/my%20db.py"}, Replacements: []replacement{
			{DeletedRegion: region{StartLine: 7, StartColumn: 23, EndLine: 7, EndColumn: 23}, InsertedContent: artifactContent{Text: ", k=1"}},
			{DeletedRegion: region{StartLine: 8, StartColumn: 1, EndLine: 9, EndColumn: 1}, InsertedContent: artifactContent{Text: "x"}},
		}},
		{ArtifactLocation: artifactLocation{URI: "src/app.py"}, Replacements: []replacement{
			{DeletedRegion: region{ByteOffset: &five, ByteLength: &two}, InsertedContent: artifactContent{Text: "y"}},
		}},
	}}}
	if diff := cmp.Diff(fixes, r.Fixes); diff != "" {
		t.Errorf("fixes (-want +got):\n%s", diff)
	}
}
