package verdict_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

func run(t *testing.T, judge func(*verdict.File)) *artifacttest.Result {
	t.Helper()
	rules := []finding.Rule{{ID: "artifact/a", Category: finding.Artifact, Title: "t", Why: "w", Remedy: "r", Severity: finding.High, Confidence: finding.Sure}}
	return artifacttest.Scan(t, artifacttest.Stub(rules, func(f scan.File, s *scan.Sink) error {
		v := verdict.Of(s, f, "stub")
		judge(v)
		v.Close()
		return nil
	}), "model.bin", []byte("x"))
}

func TestTheWorstVerdictStands(t *testing.T) {
	r := run(t, func(v *verdict.File) {
		v.Report(asset.Malicious, finding.Finding{Rule: "artifact/a", Message: "m"})
		v.Fail(errors.New("broken"))
		v.Worse(asset.Unverified)
	})
	if r.Verdict != asset.Malicious || len(r.Errors) != 1 {
		t.Errorf("verdict %q with errors %v, want malicious with one", r.Verdict, r.Errors)
	}
	if r := run(t, func(*verdict.File) {}); r.Verdict != asset.OK || r.Format != "stub" {
		t.Errorf("nothing found gives %q %q", r.Verdict, r.Format)
	}
}

func TestFloodsAreCounted(t *testing.T) {
	r := run(t, func(v *verdict.File) {
		for i := range 1000 {
			v.Report(asset.Unverified, finding.Finding{Rule: "artifact/a", Message: fmt.Sprint(i), Key: fmt.Sprint(i)})
		}
	})
	if len(r.Findings) != 20 {
		t.Fatalf("%d findings, want 20", len(r.Findings))
	}
	if last := r.Findings[19].Message; !strings.Contains(strings.Join(r.Messages(), "\n"), "and 980 more") {
		t.Errorf("the rest is not counted: %q", last)
	}
}

func TestShow(t *testing.T) {
	if got := verdict.Show("a\x1b[31m" + strings.Repeat("x", 1000)); len(got) > 130 || strings.Contains(got, "\x1b") {
		t.Errorf("shown as %q", got)
	}
}
