package merlon

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/evidence"
	"github.com/merlon-security/merlon/gate"
	"github.com/merlon-security/merlon/sign"
	"github.com/merlon-security/merlon/sign/key"
)

// inert is a pickle that names a dangerous call and is never loaded.
const inert = "cos\nsystem\n(S'true'\ntR."

// evidenceOf scans paths below dir and makes evidence, as the command line does.
func evidenceOf(t *testing.T, o Options, folder string) []evidence.Statement {
	t.Helper()
	r, err := Scan(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Decide(gate.Default(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	return statements(t, EvidenceOptions{Scan: r, Decision: d, Policy: gate.Default(), Roots: o.Paths, Folder: folder})
}

// statements makes evidence and reads it back. Each decision must name the scan result
// about the same subject.
func statements(t *testing.T, o EvidenceOptions) []evidence.Statement {
	t.Helper()
	k, err := key.Generate(key.P256)
	if err != nil {
		t.Fatal(err)
	}
	list, err := Evidence(context.Background(), o, k)
	if err != nil {
		t.Fatal(err)
	}
	var out []evidence.Statement
	scans := map[string]evidence.Subject{}
	for _, e := range list {
		s, _, err := e.Verify(k.Public())
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
		b, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Decode()
		if err != nil {
			t.Fatal(err)
		}
		switch p := p.(type) {
		case *evidence.ScanResult:
			scans[evidence.Digest(b)] = s.Subject[0]
		case *evidence.Summary:
			if len(p.Inputs) != 1 || !scans[p.Inputs[0].Digest["sha256"]].Matches(s.Subject[0]) {
				t.Errorf("the decision about %v rests on %v", s.Subject, p.Inputs)
			}
		}
	}
	return out
}

// about finds the only statement of a kind about a path.
func about(t *testing.T, list []evidence.Statement, path string, kind evidence.Kind, ignore ...string) evidence.Predicate {
	t.Helper()
	id, err := sign.Identify(context.Background(), path, sign.IdentityOptions{Ignore: ignore})
	if err != nil {
		t.Fatal(err)
	}
	var found evidence.Predicate
	for _, s := range list {
		if s.Kind() != kind || s.Subject[0].Digest["sha256"] != id.SHA256 {
			continue
		}
		if found != nil {
			t.Fatalf("two statements of kind %s about %s", kind, path)
		}
		if found, err = s.Decode(); err != nil {
			t.Fatal(err)
		}
	}
	if found == nil {
		t.Fatalf("no statement of kind %s about %s", kind, path)
	}
	return found
}

func TestEvidence(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		t.Helper()
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	bad, good := file("a/bad.pkl", inert), file("a/good.pkl", "I1\n.")
	file("a/sub/copy.pkl", inert)
	cut := file("a/cut.pkl", inert[:9])
	file("a/out/x.pkl", inert+"#")
	file("a/README.md", "text")
	file("a/evidence/old.json", "{}")
	single := file("b/single.pkl", "I2\n.")
	a, b := filepath.Join(dir, "a"), single
	list := evidenceOf(t, Options{Paths: []string{a, b}, Exclude: func(p string) bool { return strings.HasSuffix(p, "/out") }}, filepath.Join(a, "evidence"))

	var kinds []string
	for _, s := range list {
		kinds = append(kinds, string(s.Kind()))
	}
	slices.Sort(kinds)
	// Two roots, and three contents of models in the first: bad (twice), good, cut.
	if d := cmp.Diff([]string{"decision", "decision", "scan", "scan", "scan", "scan", "scan"}, kinds); d != "" {
		t.Error(d)
	}
	root := about(t, list, a, evidence.KindScan, "evidence").(*evidence.ScanResult)
	if root.Asset.Verdict != "malicious" || root.Coverage.Complete || len(root.Coverage.Errors) == 0 || len(root.Findings) < 2 {
		t.Errorf("folder: %+v", root)
	}
	if len(root.Coverage.Excluded) != 1 || !strings.HasSuffix(root.Coverage.Excluded[0], "/out") {
		t.Errorf("excluded: %v", root.Coverage.Excluded)
	}
	for _, f := range root.Findings {
		if strings.Contains(f.Path, "single") {
			t.Errorf("a finding of another root: %+v", f)
		}
	}
	if s := about(t, list, bad, evidence.KindScan).(*evidence.ScanResult); s.Asset.Verdict != "malicious" || !s.Coverage.Complete || len(s.Findings) != 2 {
		t.Errorf("two files of the same content are one subject, with both findings: %+v", s)
	}
	if s := about(t, list, good, evidence.KindScan).(*evidence.ScanResult); s.Asset.Verdict != "ok" || !s.Coverage.Complete || len(s.Findings) != 0 {
		t.Errorf("good: %+v", s)
	}
	if s := about(t, list, cut, evidence.KindScan).(*evidence.ScanResult); s.Asset.Verdict == "ok" || s.Coverage.Complete {
		t.Errorf("cut: %+v", s)
	}
	one := about(t, list, single, evidence.KindScan).(*evidence.ScanResult)
	if one.Asset.Verdict != "ok" || one.Asset.Kind != "model" || one.Asset.Format != "pickle" {
		t.Errorf("single: %+v", one)
	}
	for _, path := range []string{a, b} {
		if d := about(t, list, path, evidence.KindDecision, "evidence").(*evidence.Summary); d.Result != evidence.VSAFailed || d.Decision.Outcome != evidence.Fail {
			t.Errorf("decision about %s: %+v", path, d)
		}
	}
}

// The result of a scan is evidence of the same bytes only: whoever changes a file after
// it was hashed gets no evidence for the change.
func TestEvidenceIsAboutWhatWasScanned(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "m.pkl")
	if err := os.WriteFile(model, []byte("I1\n."), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Scan(context.Background(), Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	before, err := sign.Identify(context.Background(), dir, sign.IdentityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(model, []byte(inert), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range statements(t, EvidenceOptions{Scan: r, Policy: gate.Default(), Roots: []string{dir}}) {
		if s.Kind() == evidence.KindDecision && s.Subject[0].Digest["sha256"] != before.SHA256 {
			t.Errorf("the decision is about %v, what was scanned is %s", s.Subject, before.SHA256)
		}
	}
}

// A statement holds nothing that another reader of JSON could read in another way.
func TestEvidenceIsCanonical(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "m.pkl"), []byte(inert), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, s := range evidenceOf(t, Options{Paths: []string{dir}}, "") {
		c, err := evidence.Canonical(s.Predicate)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := evidence.Canonical(c); err != nil || !bytes.Equal(again, c) {
			t.Errorf("%s: %v", s.Kind(), err)
		}
	}
}
