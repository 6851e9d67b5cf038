package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const ignoreEntry = `
ignore:
- rule: code/eval
  path: src/**
  reason: reviewed
  owner: me
  until: 2026-12-01
`

func TestParse(t *testing.T) {
	for name, tt := range map[string]struct{ doc, err string }{
		"empty":              {"", ""},
		"full":               {"scan:\n  exclude: [testdata/**]\n  timeout: 90s\n  workers: 3\ngate:\n  fail_on: none\n" + ignoreEntry, ""},
		"unknown wing":       {"scanner: {}\n", `did you mean "scan"`},
		"unknown key":        {"scan: {excludes: []}\n", `did you mean "scan.exclude"`},
		"timeout":            {"scan: {timeout: soon}\n", "no duration"},
		"workers":            {"scan: {workers: -1}\n", "counts workers"},
		"pattern":            {"scan: {exclude: ['[']}\n", "syntax error in pattern"},
		"severity":           {"gate: {fail_on: severe}\n", "unknown severity"},
		"both":               {"gate: {fail_on: high, policy: p.yaml}\n", "exclude each other"},
		"no reason":          {strings.Replace(ignoreEntry, "reason: reviewed", "reason: ''", 1), "reason is missing"},
		"no owner":           {strings.Replace(ignoreEntry, "  owner: me\n", "", 1), "owner is missing"},
		"no date":            {strings.Replace(ignoreEntry, "2026-12-01", "soon", 1), "no date"},
		"too long":           {strings.Replace(ignoreEntry, "2026-12-01", "2027-12-01", 1), "180 days"},
		"expired is allowed": {strings.Replace(ignoreEntry, "2026-12-01", "2020-12-01", 1), ""},
		"model by name only": {strings.Replace(ignoreEntry, "code/eval", "artifact/pickle-unverified", 1), "must name its sha256"},
	} {
		_, err := Parse([]byte(tt.doc), now)
		if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
			t.Errorf("%s: error = %v, want %q", name, err, tt.err)
		}
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if c, err := Load("", now); err != nil || c.SHA256 != "" {
		t.Errorf("no file: %+v, %v", c, err)
	}
	if _, err := Load("absent.yaml", now); err == nil {
		t.Error("a file that was asked for is missing, and nobody says so")
	}
	if err := os.MkdirAll(filepath.Join(dir, "conf"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("conf/m.yaml", []byte("gate: {policy: p.yaml}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := Load("conf/m.yaml", now)
	if err != nil || c.Gate.Policy != filepath.Join("conf", "p.yaml") || len(c.SHA256) != 64 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestApply(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	rec := func(rule, path, digest string) finding.Record {
		return finding.Record{Rule: finding.Rule{ID: rule}, Asset: "sha256:" + digest,
			Finding: finding.Finding{Rule: rule, Locations: []finding.Location{{Ref: asset.Ref{Path: path}}}}}
	}
	c, err := Parse([]byte(ignoreEntry+`- rule: artifact/x
  path: m.pkl
  sha256: `+sum+`
  reason: reviewed
  owner: me
  until: 2026-12-01
- {rule: code/eval, path: other/**, reason: r, owner: me, until: 2026-11-20}
- {rule: code/none, path: x, reason: r, owner: me, until: 2026-11-21}
`), now)
	if err != nil {
		t.Fatal(err)
	}
	records := []finding.Record{
		rec("code/eval", "src/a/b.py", ""),
		rec("code/eval", "test/b.py", ""),
		rec("code/exec", "src/a/b.py", ""),
		rec("artifact/x", "models/m.pkl", sum),
		rec("artifact/x", "models/m.pkl", strings.Repeat("00", 32)),
		rec("code/eval", "other/x.py", ""),
	}
	expired, unused, _ := c.Apply(records, now)
	for i, want := range []bool{true, false, false, true, false, false} {
		if got := records[i].Suppressed != nil; got != want {
			t.Errorf("record %d suppressed = %t, want %t", i, got, want)
		}
	}
	if len(expired) != 1 || expired[0].Path != "other/**" {
		t.Errorf("expired = %+v", expired)
	}
	if len(unused) != 1 || unused[0].Rule != "code/none" {
		t.Errorf("unused = %+v", unused)
	}
}

func TestAFoundConfigurationDoesNotVouchForAMaliciousModel(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	c, err := Parse([]byte("ignore:\n- {rule: artifact/x, path: m.pkl, sha256: "+sum+", reason: r, owner: me, until: 2026-12-01}\n"), now)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range []bool{false, true} {
		for _, severity := range []finding.Severity{finding.High, finding.Critical} {
			c.Found = found
			records := []finding.Record{{Rule: finding.Rule{ID: "artifact/x", Category: finding.Artifact}, Asset: "sha256:" + sum,
				Finding: finding.Finding{Severity: severity, Locations: []finding.Location{{Ref: asset.Ref{Path: "m.pkl"}}}}}}
			_, _, refused := c.Apply(records, now)
			want := found && severity == finding.Critical
			if (records[0].Suppressed == nil) != want || (refused == 1) != want {
				t.Errorf("found = %t, %s: suppressed = %v, refused = %d", found, severity, records[0].Suppressed, refused)
			}
		}
	}
}

func TestADigestOfDigitsNeedsNoQuotes(t *testing.T) {
	for _, sum := range []string{strings.Repeat("0123456789", 6) + "0123", strings.Repeat("0", 62) + "12", "1e" + strings.Repeat("0", 61) + "1"} {
		c, err := Parse([]byte("ignore:\n- {rule: artifact/x, path: m.pkl, sha256: "+sum+", reason: r, owner: me, until: 2026-12-01}\n"), now)
		if err != nil {
			t.Errorf("%s: %v", sum, err)
		} else if got := c.Ignore[0].SHA256; got != sum {
			t.Errorf("sha256 = %s, want %s", got, sum)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"*.pkl", "a.pkl", true}, {"*.pkl", "x/y/a.pkl", true}, {"*.pkl", "a.pkl.txt", false},
		{"testdata", "x/testdata/y", true}, {"x/testdata", "x/testdata/y/z", true}, {"x/testdata/", "x/testdata", true},
		{"x/*/z", "x/y/z", true}, {"x/*/z", "x/y/y/z", false}, {"x/**/z", "x/z", true}, {"x/**/z", "x/a/b/z", true},
		{"**/z.py", "z.py", true}, {"./a/b", "a/b", true}, {"a/b", "c/a/b", false}, {"**", "anything/at/all", true},
		{strings.Repeat("**/", 50) + "x", strings.Repeat("a/", 60) + "y", false},
	} {
		if got := Match(tt.pattern, tt.name); got != tt.want {
			t.Errorf("Match(%q, %q) = %t", tt.pattern, tt.name, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(ignoreEntry))
	f.Add([]byte("scan: {exclude: ['**/x']}\n"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		c, err := Parse(doc, now)
		if err != nil {
			return
		}
		c.Apply([]finding.Record{{Rule: finding.Rule{ID: "code/eval"}}}, now)
		for _, p := range c.Scan.Exclude {
			Match(p, "a/b/c")
		}
	})
}
