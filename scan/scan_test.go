package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
)

var testRule = finding.Rule{ID: "test/bad-word", Category: finding.Code, Title: "bad word", Why: "it is bad",
	Remedy: "remove it", Severity: finding.High, Confidence: finding.Sure}

// words reports every line that contains "bad", and derives every line
// "derive NAME TEXT" as a file of its own.
type words struct {
	wants func(FileInfo) Need
	scan  func(ctx context.Context, f File, s *Sink) error
	info  Info
}

func (w *words) Info() Info {
	w.info.ID, w.info.Version, w.info.Rules = "words", "1", []finding.Rule{testRule}
	return w.info
}

func (w *words) Wants(fi FileInfo) Need {
	if w.wants != nil {
		return w.wants(fi)
	}
	return Yes
}

func (w *words) Scan(ctx context.Context, f File, s *Sink) error {
	if w.scan != nil {
		return w.scan(ctx, f, s)
	}
	b, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	if err != nil {
		return err
	}
	for i, line := range strings.Split(string(b), "\n") {
		switch {
		case strings.HasPrefix(line, "derive "):
			name, text, _ := strings.Cut(strings.TrimPrefix(line, "derive "), " ")
			err := s.Derive(Derived{
				Ref:   f.Ref().Join(asset.Step{Kind: asset.Member, Name: name}),
				Body:  struct{ io.Reader }{strings.NewReader(text)},
				Lines: LineMap{{From: 1, Ref: f.Ref(), Line: i + 1}},
			})
			if err != nil {
				return err
			}
		case strings.Contains(line, "bad"):
			s.Report(finding.Finding{Rule: testRule.ID, Message: "found", Key: strings.TrimSpace(line),
				Locations: []finding.Location{{Ref: f.Ref(), Line: i + 1}}})
		}
	}
	return nil
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func run(t *testing.T, o Options) *Result {
	t.Helper()
	if o.Scanners == nil {
		o.Scanners = []Scanner{&words{}}
	}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// places lists the findings as "path:line".
func places(r *Result, strip string) []string {
	var out []string
	for _, f := range r.Findings {
		l := f.Where()
		out = append(out, fmt.Sprintf("%s:%d", strings.TrimPrefix(l.Ref.String(), filepath.ToSlash(strip)+"/"), l.Line))
	}
	return out
}

func TestFindingsComeFromFilesAndFilesInside(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"a.txt":     "fine\nbad\n",
		"b/c.txt":   "derive inner this is bad",
		"empty.txt": "",
	})
	r := run(t, Options{Roots: []string{dir}})
	if d := cmp.Diff([]string{"a.txt:2", "b/c.txt:1"}, places(r, dir)); d != "" {
		t.Errorf("findings (-want +got)\n%s", d)
	}
	c := r.Coverage
	if c.FilesSeen != 3 || c.FilesScanned != 3 || c.Derived != 1 || c.Incomplete() {
		t.Errorf("coverage = %+v", c)
	}
}

func TestWhatIsNotLookedAtIsSaid(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need privileges on Windows")
	}
	dir, outside := t.TempDir(), t.TempDir()
	write(t, outside, map[string]string{"secret.txt": "bad"})
	write(t, dir, map[string]string{
		"target.txt":            "fine",
		".git/config":           "bad",
		"node_modules/x/a.js":   "bad",
		"env/pyvenv.cfg":        "",
		"env/lib/site.py":       "bad",
		"weights.bin":           "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
		"data.csv.dvc":          "outs:\n- path: data.csv\n",
		"here.csv.dvc":          "outs:\n- path: here.csv\n",
		"here.csv":              "fine",
		"bad\xffname/plain.txt": "bad",
	})
	links := map[string]string{"inside": "target.txt", "outside": filepath.Join(outside, "secret.txt"), "self": "self", "up": ".", "dangling": "nowhere"}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	mkfifo(t, filepath.Join(dir, "pipe"))
	r := run(t, Options{Roots: []string{dir}})

	var skipped, failed []string
	short := func(p string) string { return strings.TrimPrefix(p, filepath.ToSlash(dir)+"/") }
	for _, s := range r.Coverage.Skipped {
		skipped = append(skipped, short(s.Path)+": "+s.Reason)
	}
	for _, e := range r.Coverage.Errors {
		failed = append(failed, short(e.Path))
	}
	wantSkipped := []string{
		".git: version control data",
		"dangling: link that leads nowhere or in a circle",
		"env: virtual environment",
		"inside: link; its target is scanned under its own name",
		"node_modules: installed packages",
		"pipe: not a regular file (pipe)",
		"self: link that leads nowhere or in a circle",
		"up: link; its target is scanned under its own name",
	}
	if d := cmp.Diff(wantSkipped, skipped); d != "" {
		t.Errorf("skipped (-want +got)\n%s", d)
	}
	if d := cmp.Diff([]string{"data.csv.dvc", "outside", "weights.bin"}, failed); d != "" {
		t.Errorf("errors (-want +got)\n%s", d)
	}
	if d := cmp.Diff([]string{"bad\xffname/plain.txt:1"}, places(r, dir)); d != "" {
		t.Errorf("findings (-want +got)\n%s", d)
	}
}

func TestHubCacheIsReadThroughItsSnapshots(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need privileges on Windows")
	}
	dir := t.TempDir()
	hub := "models--org--name"
	write(t, dir, map[string]string{
		hub + "/blobs/0123":                 "bad",
		hub + "/blobs/4567":                 "bad orphan",
		hub + "/snapshots/abcd/config.json": "{}",
	})
	snap := filepath.Join(dir, hub, "snapshots", "abcd")
	if err := os.Symlink("../../blobs/0123", filepath.Join(snap, "model.bin")); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		root string
		want []string
	}{
		"snapshot alone": {snap, []string{"model.bin:1"}},
		"hub folder":     {filepath.Join(dir, hub), []string{"blobs/4567:1", "snapshots/abcd/model.bin:1"}},
		"cache":          {dir, []string{hub + "/blobs/4567:1", hub + "/snapshots/abcd/model.bin:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, Options{Roots: []string{tt.root}})
			if d := cmp.Diff(tt.want, places(r, tt.root)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
			if r.Coverage.Incomplete() {
				t.Errorf("errors: %v", r.Coverage.Errors)
			}
		})
	}
}

func TestUnreadableFileMakesTheScanIncomplete(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.txt": "bad", "gone.txt": "x"})
	w := &words{wants: func(fi FileInfo) Need {
		if fi.Head == nil && strings.HasSuffix(fi.Ref.Path, "gone.txt") {
			_ = os.Remove(filepath.Join(dir, "gone.txt")) // as somebody else might
		}
		return Yes
	}}
	r := run(t, Options{Roots: []string{dir}, Scanners: []Scanner{w}})
	if !r.Coverage.Incomplete() || len(r.Coverage.Errors) != 1 || !strings.Contains(r.Coverage.Errors[0].Path, "gone.txt") {
		t.Errorf("errors = %v", r.Coverage.Errors)
	}
	if len(r.Findings) != 1 {
		t.Errorf("the other file was not scanned: %v", r.Findings)
	}
}

func TestPanicIsAnErrorOfItsFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.txt": "x", "b.txt": "bad"})
	w := &words{info: Info{Verdicts: true}}
	plain := &words{}
	w.scan = func(ctx context.Context, f File, s *Sink) error {
		if strings.HasSuffix(f.Ref().Path, "a.txt") {
			panic("boom")
		}
		return plain.Scan(ctx, f, s)
	}
	r := run(t, Options{Roots: []string{dir}, Scanners: []Scanner{w}})
	if len(r.Coverage.Errors) != 1 || !strings.Contains(r.Coverage.Errors[0].Err, "internal error") {
		t.Errorf("errors = %v", r.Coverage.Errors)
	}
	if len(r.Assets) != 1 || r.Assets[0].Verdict != asset.Failed || r.Assets[0].SHA256 == "" {
		t.Errorf("assets = %+v, want one with verdict error and a digest", r.Assets)
	}
	if len(r.Findings) != 1 {
		t.Errorf("findings = %v", r.Findings)
	}
}

func TestDerivedFilesAreBounded(t *testing.T) {
	self := func(name string, size int) func(context.Context, File, *Sink) error {
		return func(_ context.Context, f File, s *Sink) error {
			return s.Derive(Derived{Ref: f.Ref().Join(asset.Step{Kind: asset.Member, Name: name}),
				Body: struct{ io.Reader }{bytes.NewReader(make([]byte, size))}})
		}
	}
	many := func(_ context.Context, f File, s *Sink) error {
		if len(f.Ref().Inner) > 0 {
			return nil
		}
		for i := range 50 {
			if err := s.Derive(Derived{Ref: f.Ref().Join(asset.Step{Kind: asset.Member, Name: fmt.Sprint(i)}), Body: strings.NewReader("x")}); err != nil {
				return err
			}
		}
		return nil
	}
	for name, tt := range map[string]struct {
		scan   func(context.Context, File, *Sink) error
		limits Limits
	}{
		"depth":   {self("again", 10), Limits{Depth: 5}},
		"members": {many, Limits{Members: 20}},
		"bytes":   {self("big", 10_000), Limits{Spool: 5_000, Memory: 100}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"a": "x"})
			w := &words{scan: tt.scan}
			var got atomic.Pointer[error]
			inner := tt.scan
			w.scan = func(ctx context.Context, f File, s *Sink) error {
				err := inner(ctx, f, s)
				if errors.Is(err, ErrBudget) {
					got.Store(&err)
				}
				return err
			}
			r := run(t, Options{Roots: []string{dir}, Scanners: []Scanner{w}, Limits: tt.limits})
			if got.Load() == nil || !r.Coverage.Incomplete() {
				t.Errorf("budget error = %v, coverage errors = %v", got.Load(), r.Coverage.Errors)
			}
		})
	}
}

func TestBrokenBodyIsScannedUpToWhereItBroke(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a": "x"})
	boom := errors.New("boom")
	plain := &words{}
	w := &words{scan: func(ctx context.Context, f File, s *Sink) error {
		if len(f.Ref().Inner) > 0 {
			return plain.Scan(ctx, f, s)
		}
		return s.Derive(Derived{Ref: f.Ref().Join(asset.Step{Kind: asset.Member, Name: "m"}),
			Body: io.MultiReader(strings.NewReader("bad\n"), errReader{boom})})
	}}
	r := run(t, Options{Roots: []string{dir}, Scanners: []Scanner{w}})
	if len(r.Findings) != 1 {
		t.Errorf("findings = %v", r.Findings)
	}
	if len(r.Coverage.Errors) != 1 || !strings.Contains(r.Coverage.Errors[0].Err, "boom") {
		t.Errorf("errors = %v", r.Coverage.Errors)
	}
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

func TestInterruptedScanSaysSo(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{}
	for i := range 100 {
		files[fmt.Sprintf("f%03d", i)] = "bad"
	}
	write(t, dir, files)
	ctx, cancel := context.WithCancel(t.Context())
	plain := &words{}
	var n atomic.Int32
	w := &words{scan: func(ctx context.Context, f File, s *Sink) error {
		if n.Add(1) == 10 {
			cancel()
		}
		return plain.Scan(ctx, f, s)
	}}
	r, err := Run(ctx, Options{Roots: []string{dir}, Scanners: []Scanner{w}, Limits: Limits{Workers: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if !r.Coverage.Interrupted || !r.Coverage.Incomplete() {
		t.Error("result does not say that it is partial")
	}
	if len(r.Findings) < 10 || len(r.Findings) > 12 {
		t.Errorf("%d findings, want those of the files finished before", len(r.Findings))
	}
}

func TestOrderDoesNotDependOnWorkers(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{}
	for i := range 300 {
		files[fmt.Sprintf("d%d/f%03d", i%7, i)] = strings.Repeat("bad\nderive m bad\n", 1+i%3)
	}
	write(t, dir, files)
	one := run(t, Options{Roots: []string{dir}, Limits: Limits{Workers: 1}})
	for range 5 {
		many := run(t, Options{Roots: []string{dir}, Limits: Limits{Workers: 8}})
		if d := cmp.Diff(one.Findings, many.Findings); d != "" {
			t.Fatalf("(-one +many)\n%s", d)
		}
	}
}

func TestFingerprints(t *testing.T) {
	scanIt := func(dir string, files map[string]string) map[string]finding.Record {
		write(t, dir, files)
		out := map[string]finding.Record{}
		for _, f := range run(t, Options{Roots: []string{dir}}).Findings {
			if _, twice := out[f.Fingerprint]; twice {
				t.Errorf("two findings have the fingerprint %s", f.Fingerprint)
			}
			out[f.Fingerprint] = f
		}
		return out
	}
	keys := func(m map[string]finding.Record, f func(finding.Record) string) map[string]bool {
		out := map[string]bool{}
		for _, r := range m {
			out[f(r)] = true
		}
		return out
	}
	before := scanIt(t.TempDir(), map[string]string{"x/a.txt": "bad one\nbad two\nbad one\n"})
	shifted := scanIt(t.TempDir(), map[string]string{"x/a.txt": "\n\n\nbad one\n\nbad two\nbad one\n"})
	moved := scanIt(t.TempDir(), map[string]string{"y/z/a.txt": "bad one\nbad two\nbad one\n"})
	byPrint := func(r finding.Record) string { return r.Fingerprint }
	byMove := func(r finding.Record) string { return r.MovePrint }
	if len(before) != 3 {
		t.Fatalf("%d findings, want 3", len(before))
	}
	if d := cmp.Diff(keys(before, byPrint), keys(shifted, byPrint)); d != "" {
		t.Errorf("shifting lines changed fingerprints (-before +after)\n%s", d)
	}
	if d := cmp.Diff(keys(before, byMove), keys(moved, byMove)); d != "" {
		t.Errorf("moving the folder changed move prints (-before +after)\n%s", d)
	}
}

func TestOverlappingRootsAreScannedOnce(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/x": "bad", "b/y": "bad"})
	r := run(t, Options{Roots: []string{filepath.Join(dir, "a"), dir, filepath.Join(dir, "b", "y"), dir}})
	if d := cmp.Diff([]string{"a/x:1", "b/y:1"}, places(r, dir)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestHeadDecides(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"yes": "MAGIC bad", "no": "other bad", "tail": strings.Repeat("x", 3*HeadSize) + " END\nbad"})
	w := &words{wants: func(fi FileInfo) Need {
		switch {
		case fi.Head == nil:
			return Head
		case bytes.HasPrefix(fi.Head, []byte("MAGIC")), bytes.Contains(fi.Tail(), []byte("END")):
			return Yes
		}
		return No
	}}
	r := run(t, Options{Roots: []string{dir}, Scanners: []Scanner{w}})
	if d := cmp.Diff([]string{"tail:2", "yes:1"}, places(r, dir)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if r.Coverage.FilesScanned != 2 || r.Coverage.FilesSeen != 3 {
		t.Errorf("coverage = %+v", r.Coverage)
	}
}
