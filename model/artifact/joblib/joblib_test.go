package joblib_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/joblib"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/scan"
)

func packed(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func TestVerdicts(t *testing.T) {
	bad := "\x80\x02cos\nsystem\n(X\x10\x00\x00\x00echo merlon-testtR."
	good := "\x80\x02]q\x00K\x01a."
	zf := func(p string, n int, gap string) string {
		return fmt.Sprintf("ZF%-19s", fmt.Sprintf("0x%x", n)) + gap + packed(p)
	}
	whole := zf(good, len(good), "")
	tests := []struct {
		name, content string
		verdict       asset.Verdict
		rules         []string
		errors        int
	}{
		{"old", whole, asset.OK, nil, 0},
		{"old, Python 2", zf(good, len(good), " "), asset.OK, nil, 0},
		{"old, evil", zf(bad, len(bad), ""), asset.Malicious, []string{"artifact/pickle-dangerous-call"}, 0},
		{"old, other length", zf(good, 3, ""), asset.Unverified, []string{"artifact/joblib-header"}, 0},
		{"old, no zlib", whole[:21] + "xxxxxxxxxx", asset.Failed, []string{"artifact/pickle-broken"}, 2},
		{"old, only header", whole[:10], asset.Failed, nil, 1},
		{"old, array beside a pickle", zf(strings.Repeat("\x00\x01", 500), 1000, ""), asset.OK, nil, 0},
		{"zlib", packed(good), asset.OK, nil, 0},
		{"zlib, evil", packed(bad), asset.Malicious, []string{"artifact/pickle-dangerous-call"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := "m.joblib"
			if strings.Contains(tt.name, "array") {
				file = "m.pkl_01.npy.z"
			}
			r := artifacttest.ScanAll(t, []scan.Scanner{archive.New(), joblib.New(), pickle.New()}, file, []byte(tt.content))
			if r.Verdict != tt.verdict || r.Format != "joblib" {
				t.Errorf("verdict %q of format %q, want %q", r.Verdict, r.Format, tt.verdict)
			}
			if d := cmp.Diff(tt.rules, r.Rules()); d != "" {
				t.Errorf("rules: %s\n%q", d, r.Messages())
			}
			if len(r.Errors) != tt.errors {
				t.Errorf("errors %v, want %d", r.Errors, tt.errors)
			}
		})
	}
}
