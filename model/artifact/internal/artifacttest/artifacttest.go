// Package artifacttest helps to test scanners of model formats: it runs one
// scanner over bytes as the engine would, and asks what every scanner of hostile
// bytes must be able to answer.
package artifacttest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
)

// Result is what the scan of one file said.
type Result struct {
	Verdict  asset.Verdict // empty: the scanner did not take the file for a model
	Format   string
	Findings []finding.Record
	Errors   []scan.Error
	Scan     *scan.Result
}

// Rules lists the distinct rules of the findings, sorted.
func (r *Result) Rules() []string {
	var ids []string
	for _, f := range r.Findings {
		ids = append(ids, f.Finding.Rule)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Messages lists the messages of the findings.
func (r *Result) Messages() []string {
	var list []string
	for _, f := range r.Findings {
		list = append(list, f.Message)
	}
	return list
}

// Scan runs one scanner over a file of the given name and content.
func Scan(t testing.TB, s scan.Scanner, name string, content []byte) *Result {
	t.Helper()
	return ScanAll(t, []scan.Scanner{s}, name, content)
}

// ScanAll is [Scan] with several scanners.
func ScanAll(t testing.TB, list []scan.Scanner, name string, content []byte) *Result {
	t.Helper()
	dir, err := os.MkdirTemp("", "artifacttest")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	return scanIn(t, dir, list, name, content)
}

// scanIn is [ScanAll] in a folder that the caller keeps for many scans.
func scanIn(t testing.TB, dir string, list []scan.Scanner, name string, content []byte) *Result {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return ScanPath(t, list, path)
}

// ScanPath runs scanners over a file or folder on disk.
func ScanPath(t testing.TB, list []scan.Scanner, path string) *Result {
	t.Helper()
	res, err := scan.Run(context.Background(), scan.Options{Roots: []string{path}, Scanners: list, Limits: scan.Limits{Workers: 1}})
	if err != nil {
		t.Fatal(err)
	}
	r := &Result{Findings: res.Findings, Errors: res.Coverage.Errors, Scan: res}
	for _, a := range res.Assets {
		r.Verdict = r.Verdict.Worst(a.Verdict)
		if r.Format == "" {
			r.Format = a.Format
		}
	}
	return r
}

// stub is a scanner made of a function.
type stub struct {
	rules []finding.Rule
	scan  func(scan.File, *scan.Sink) error
}

// Stub returns a scanner that wants every file and does what the function does.
func Stub(rules []finding.Rule, f func(scan.File, *scan.Sink) error) scan.Scanner {
	return stub{rules, f}
}

func (s stub) Info() scan.Info {
	return scan.Info{ID: "stub", Version: "1", Rules: s.rules, Verdicts: true, Vendored: true}
}
func (s stub) Wants(scan.FileInfo) scan.Need { return scan.Yes }
func (s stub) Scan(_ context.Context, f scan.File, sink *scan.Sink) error {
	return s.scan(f, sink)
}
