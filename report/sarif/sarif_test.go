package sarif

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/reporttest"
	"github.com/merlon-security/merlon/scan"
)

// official is the schema of the standard.
func official(t testing.TB) *jsonschema.Schema {
	t.Helper()
	b, err := os.ReadFile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t testing.TB, s *jsonschema.Schema, out []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Fatalf("%v in\n%s", err, out[:min(len(out), 3_000)])
	}
	if bad := reporttest.Unprintable(out); bad != "" {
		t.Fatalf("output holds %s", bad)
	}
}

func parse(t testing.TB, out []byte) run {
	t.Helper()
	var l sarifLog
	if err := json.Unmarshal(out, &l); err != nil {
		t.Fatal(err)
	}
	return l.Runs[0]
}

func TestGolden(t *testing.T) {
	s := official(t)
	for name, d := range map[string]*report.Document{
		"sample.sarif":     reporttest.Sample(),
		"empty.sarif":      reporttest.Empty(),
		"incomplete.sarif": reporttest.Incomplete(),
	} {
		out := reporttest.Write(t, New(), d, report.Options{})
		validate(t, s, out)
		reporttest.Golden(t, name, out)
	}
}

func TestLimits(t *testing.T) {
	s := official(t)
	d := reporttest.Many(23_000)
	d.Scan.Findings[0].Locations = make([]finding.Location, 1_500)
	d.Scan.Findings[0].Trace = make([]finding.Hop, 1_500)
	d.Scan.Findings[0].Rule.Taxonomy = nil // filled with every tag twice
	for i := range 30 {
		d.Scan.Findings[0].Rule.Taxonomy = append(d.Scan.Findings[0].Rule.Taxonomy, fmt.Sprint("list:2026:", i/2))
	}
	d.Scan.Coverage.Errors = make([]scan.Error, 1_200)
	out := reporttest.Write(t, New(), d, report.Options{})
	validate(t, s, out)
	r := parse(t, out)
	inv := r.Invocations[0]
	type limits struct {
		Results, Locations, Steps, Tags, Notifications int
		Worst, Last, Announced                         string
	}
	want := limits{
		5000, 1000, 1000, 10, 1002, "9.5", "9.5",
		"5,000 of 23,000 results are listed, the worst first: more would exceed the limits of code scanning; the JSON report holds all of them",
	}
	got := limits{
		len(r.Results), len(r.Results[0].Locations), len(r.Results[0].CodeFlows[0].ThreadFlows[0].Locations),
		len(r.Tool.Driver.Rules[0].Properties.Tags), len(inv.ToolExecutionNotifications),
		fmt.Sprint(r.Results[0].Properties["security-severity"]), fmt.Sprint(r.Results[4999].Properties["security-severity"]),
		inv.ToolExecutionNotifications[0].Message.Text,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := compressed(out); n > maxGzip {
		t.Errorf("%d bytes compressed", n)
	}
}

// TestCompressedSize: what would be too large to upload is halved until it fits.
func TestCompressedSize(t *testing.T) {
	d := reporttest.Many(2_000)
	out := reporttest.Write(t, format{results: maxResults, gzip: 20_000}, d, report.Options{})
	r := parse(t, out)
	if n := compressed(out); n > 20_000 || len(r.Results) == 0 || len(r.Results) >= 2_000 {
		t.Errorf("%d results in %d bytes compressed", len(r.Results), n)
	}
	if !strings.Contains(r.Invocations[0].ToolExecutionNotifications[0].Message.Text, "of 2,000 results are listed") {
		t.Error("truncation is not announced")
	}
}

// TestSuppressedLeaveFirst: a suppressed finding takes no place from one that counts.
func TestSuppressedLeaveFirst(t *testing.T) {
	d := reporttest.Many(8)
	for i := range 4 {
		d.Scan.Findings[i].Suppressed = &finding.Suppression{Kind: "baseline"}
	}
	r := parse(t, reporttest.Write(t, format{results: 5, gzip: maxGzip}, d, report.Options{}))
	suppressed := 0
	for _, res := range r.Results {
		suppressed += len(res.Suppressions)
	}
	if len(r.Results) != 5 || suppressed != 1 {
		t.Errorf("%d results, %d of them suppressed; want 5 and 1", len(r.Results), suppressed)
	}
}

func TestURIs(t *testing.T) {
	for _, tt := range []struct {
		roots     []string
		path      string
		uri, base string
	}{
		{[]string{"."}, "a/b.py", "a/b.py", ""},
		{[]string{"."}, "./a//b.py", "a/b.py", ""},
		{[]string{"."}, "data/loans 2026%.csv", "data/loans%202026%25.csv", ""},
		{[]string{"."}, "javascript:alert(1)", "javascript%3Aalert%281%29", ""},
		{[]string{"."}, "//evil.example/x", "evil.example/x", ""},
		{[]string{"."}, "a?b#c\\d", "a%3Fb%23c%5Cd", ""},
		{[]string{"."}, "caf\xe9/ünï\n", "caf%E9/%C3%BCn%C3%AF%0A", ""},
		{[]string{"/srv/models"}, "/srv/models/a.pkl", "a.pkl", "ROOT0"},
		{[]string{"x", "/srv/a.pkl"}, "/srv/a.pkl", "a.pkl", "ROOT1"},
		{[]string{"../other"}, "../other/m/a.pkl", "m/a.pkl", "ROOT0"},
		{[]string{"C:/models"}, "C:/models/a.pkl", "a.pkl", "ROOT0"},
		{[]string{"."}, "../../escape", "escape", ""},
		{[]string{"."}, "", ".", ""},
	} {
		got := newPaths(tt.roots).location(tt.path)
		if got.URI != tt.uri || got.URIBaseID != tt.base {
			t.Errorf("%q in %q: %q under %q, want %q under %q", tt.path, tt.roots, got.URI, got.URIBaseID, tt.uri, tt.base)
		}
	}
	p := newPaths([]string{"/srv/my models", "../x"})
	p.location("/srv/my models/a")
	p.location("../x/b")
	want := map[string]artifactLocation{
		"ROOT0": {URI: "file:///srv/my%20models/", Description: &message{Text: "scanned path 1"}},
		"ROOT1": {Description: &message{Text: "scanned path 2"}},
	}
	if diff := cmp.Diff(want, p.bases()); diff != "" {
		t.Errorf("bases (-want +got):\n%s", diff)
	}
}

// TestRegions: GitHub shows only results with a line, and a line of a member is
// not a line of the archive.
func TestRegions(t *testing.T) {
	b := &builder{paths: newPaths(nil)}
	file := asset.Ref{Path: "f"}
	seven := int64(7)
	for name, tt := range map[string]struct {
		l    finding.Location
		want region
	}{
		"nothing known":    {finding.At(file), region{StartLine: 1}},
		"offset in file":   {finding.AtOffset(file, 7), region{StartLine: 1, ByteOffset: &seven}},
		"offset in member": {finding.AtOffset(file.Join(asset.Step{Kind: asset.Member, Name: "m"}), 7), region{StartLine: 1}},
		"line in member":   {finding.Location{Ref: file.Join(asset.Step{Kind: asset.Member, Name: "m"}), Line: 9}, region{StartLine: 1}},
		"line in column":   {finding.Location{Ref: file.Join(asset.Step{Kind: asset.Column, Name: "c"}), Line: 9}, region{StartLine: 9}},
		"span":             {finding.Location{Ref: file, Line: 2, Col: 3, EndLine: 4, EndCol: 1}, region{StartLine: 2, StartColumn: 3, EndLine: 4, EndColumn: 1}},
		"end before start": {finding.Location{Ref: file, Line: 5, Col: 3, EndLine: 4, EndCol: 9}, region{StartLine: 5, StartColumn: 3}},
	} {
		if diff := cmp.Diff(&tt.want, b.location(tt.l).PhysicalLocation.Region); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestSeverityOfRule: GitHub reads the severity from the rule, so a rule carries
// the worst of its results.
func TestSeverityOfRule(t *testing.T) {
	d := reporttest.Sample()
	d.Scan.Findings = d.Scan.Findings[:2]
	d.Scan.Findings[1].Severity = finding.Low
	d.Scan.Findings[1].Rule = d.Scan.Findings[0].Rule
	r := parse(t, reporttest.Write(t, New(), d, report.Options{}))
	if got := r.Tool.Driver.Rules[0].Properties.SecuritySeverity; got != "9.5" {
		t.Errorf("rule has %s, want 9.5", got)
	}
	if got := r.Results[1].Level; got != "note" {
		t.Errorf("second result has level %s, want note", got)
	}
}

func FuzzWrite(f *testing.F) {
	s := official(f)
	f.Add(reporttest.Attack)
	f.Add("../..//x:\xff")
	f.Fuzz(func(t *testing.T, text string) {
		out := reporttest.Write(t, New(), reporttest.Hostile(text), report.Options{})
		validate(t, s, out)
		if strings.Contains(string(out), "](") && strings.Contains(text, "](") {
			for _, r := range parse(t, out).Results {
				if strings.Contains(strings.ReplaceAll(r.Message.Text, `\](`, ""), "](") {
					t.Fatalf("message holds a link: %q", r.Message.Text)
				}
			}
		}
	})
}
