package dependency

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/inventory"
	"github.com/merlon-security/merlon/engine/osv"
	"github.com/merlon-security/merlon/scan"
)

// advisories are made up: one vulnerability of each kind.
var advisories = []string{
	`{"id":"GHSA-1","modified":"2024-01-02T00:00:00Z","aliases":["CVE-2024-1"],"summary":"Runs code","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{"package":{"ecosystem":"PyPI","name":"weak"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0"}]}]}]}`,
	`{"id":"PYSEC-1","modified":"2024-01-02T00:00:00Z","aliases":["CVE-2024-1"],"affected":[{"package":{"ecosystem":"PyPI","name":"weak"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0"}]}]}]}`,
	`{"id":"PYSEC-2","modified":"2024-01-02T00:00:00Z","details":"No score.","affected":[{"package":{"ecosystem":"PyPI","name":"unrated"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1.0"},{"fixed":"1.5"}]}]}]}`,
	`{"id":"GHSA-3","modified":"2024-01-02T00:00:00Z","summary":"Runs code","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{"package":{"ecosystem":"PyPI","name":"unfixed"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}`,
	`{"id":"MAL-2024-1","modified":"2024-01-02T00:00:00Z","summary":"Sends keys away","affected":[{"package":{"ecosystem":"PyPI","name":"evil"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}`,
}

func testIndex(t testing.TB) *osv.Index {
	t.Helper()
	var archive, index bytes.Buffer
	z := zip.NewWriter(&archive)
	for i, a := range advisories {
		w, err := z.Create(fmt.Sprint(i, ".json"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, a)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	b := osv.NewBuilder()
	if err := b.AddZip(context.Background(), "test", bytes.NewReader(archive.Bytes()), int64(archive.Len())); err != nil {
		t.Fatal(err)
	}
	if err := b.Write(&index, time.Unix(1700000000, 0)); err != nil {
		t.Fatal(err)
	}
	x, err := osv.NewIndex(bytes.NewReader(index.Bytes()), int64(index.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// found scans files and gives "file:line rule severity key" of every finding.
func found(t *testing.T, files map[string]string, now time.Time) []string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sc := NewWith(Options{Advisories: testIndex(t), Now: func() time.Time { return now }})
	r, err := scan.Run(t.Context(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{sc}})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range r.Findings {
		if f.Severity == 0 {
			f.Severity = f.Rule.Severity
		}
		for _, l := range f.Locations {
			name := strings.TrimPrefix(l.Ref.Path, filepath.ToSlash(dir)+"/")
			out = append(out, fmt.Sprintf("%s:%d %s %s %s", name, l.Line, f.Finding.Rule, f.Severity, f.Key))
		}
	}
	slices.Sort(out)
	return out
}

var fresh = time.Date(2024, 1, 5, 0, 0, 0, 0, time.UTC)

func TestFindings(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"one of each", map[string]string{"requirements.txt": "weak==1.0\nunrated==1.2\nunfixed==1\nevil==3\nfine==1\nweak==2.0\n"}, []string{
			"requirements.txt:1 dependency/known-vulnerability critical PyPI:weak:CVE-2024-1",
			"requirements.txt:2 dependency/known-vulnerability medium PyPI:unrated:PYSEC-2",
			"requirements.txt:3 dependency/known-vulnerability-without-fix medium PyPI:unfixed:GHSA-3",
			"requirements.txt:4 dependency/malicious-package critical PyPI:evil:MAL-2024-1",
		}},
		{"named in several files, one finding", map[string]string{"a/requirements.txt": "Weak==1.0\n", "b/requirements.txt": "x==1\nweak==1.0\n"}, []string{
			"a/requirements.txt:1 dependency/known-vulnerability critical PyPI:weak:CVE-2024-1",
			"b/requirements.txt:2 dependency/known-vulnerability critical PyPI:weak:CVE-2024-1",
		}},
		{"tests are not what runs", map[string]string{"tests/data/requirements.txt": "weak==1.0\n"}, []string{
			"tests/data/requirements.txt:1 dependency/known-vulnerability low PyPI:weak:CVE-2024-1",
		}},
		{"unpinned", map[string]string{"requirements.txt": "weak>=1\nfine==1\n"}, []string{"requirements.txt:1 dependency/unpinned-version low unpinned"}},
		{"wishes of a library are not pins", map[string]string{"pyproject.toml": "[project]\nname='x'\ndependencies=['weak>=1']\n", "requirements.in": "weak\n", "constraints.txt": "weak<3\n"}, nil},
		{"locked beside it", map[string]string{"environment.yml": "dependencies:\n- pip:\n  - weak\n", "pylock.toml": "lock-version = '1.0'\n[[packages]]\nname = 'weak'\nversion = '2.0'\n"}, nil},
		{"sources", map[string]string{"requirements.txt": "--index-url http://h.example/simple\n--extra-index-url https://i.example/simple\n--extra-index-url https://download.pytorch.org/whl/cu118\na @ git+https://github.com/o/a@main\nb @ git+https://github.com/o/b@0123456789abcdef0123456789abcdef01234567\nhttp://h.example/c-1.0.tar.gz\n"}, []string{
			"requirements.txt:1 dependency/plain-http high http:h.example",
			"requirements.txt:2 dependency/extra-index medium extra:i.example",
			"requirements.txt:4 dependency/repository-without-commit medium git:a",
			"requirements.txt:6 dependency/plain-http high http:c",
		}},
		{"names", map[string]string{"requirements.txt": "tensorfow==2.0\nreqeusts==1\nboto==2\nmoto==1\npandas==2\nscikitlearn==1\nopencv-python==4\n"}, []string{
			"requirements.txt:1 dependency/look-alike-name medium name:tensorfow",
			"requirements.txt:2 dependency/look-alike-name medium name:reqeusts",
			"requirements.txt:6 dependency/look-alike-name medium name:scikitlearn",
		}},
		{"unreadable", map[string]string{"poetry.lock": "<<<<<<< HEAD\n"}, []string{"poetry.lock:0 dependency/unreadable-file medium unreadable"}},
		{"other files", map[string]string{"notes.txt": "weak==1.0", "package.jsonc": "{"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, found(t, tt.files, fresh)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestOldAdvisories(t *testing.T) {
	files := map[string]string{"requirements.txt": "fine==1\n"}
	want := []string{"requirements.txt:0 dependency/old-advisories low old-advisories"}
	if diff := cmp.Diff(want, found(t, files, fresh.AddDate(0, 0, 15))); diff != "" {
		t.Errorf("after 15 days, -want +got\n%s", diff)
	}
	if got := found(t, files, fresh); got != nil {
		t.Errorf("after 3 days: %v", got)
	}
	if got := found(t, map[string]string{"notes.md": "x"}, fresh.AddDate(1, 0, 0)); got != nil {
		t.Errorf("without packages: %v", got)
	}
}

// TestPopularNamesAreKnown: none of the table is taken for an imitation of another.
func TestPopularNamesAreKnown(t *testing.T) {
	table := popularNames()
	if len(table.popular) < 450 {
		t.Errorf("%d popular names", len(table.popular))
	}
	for name := range table.popular {
		if osv.Name("PyPI", name) != name {
			t.Errorf("%s is not written as PEP 503 does", name)
		}
		if other := table.imitates(name); other != "" {
			t.Errorf("%s imitates %s", name, other)
		}
	}
}

// TestEveryFormatIsSeen: a file of every format reaches the scanner under its own name.
func TestEveryFormatIsSeen(t *testing.T) {
	files := []string{
		"requirements.txt", "pyproject.toml", "poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "pylock.dev.toml", "Pipfile", "Pipfile.lock", "environment.yml", "conda-meta/a.json", "setup.cfg",
		"a.dist-info/METADATA", "PKG-INFO", "a.egg-info", "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "go.mod", "Cargo.lock", "pom.xml", "a.pom",
		"gradle.lockfile", "packages.lock.json", "Gemfile.lock", "gems.locked", "composer.lock", "var/lib/dpkg/status", "var/lib/dpkg/status.d/base", "lib/apk/db/installed",
	}
	interest := New().Info().Interest
	for _, name := range files {
		if inventory.Recognise(name) == "" {
			t.Errorf("%s is no format", name)
		}
		if strings.HasSuffix(name, "status.d/base") {
			continue // known by its folder, which an interest cannot say
		}
		ok, err := interest.Fits(scan.FileInfo{Ref: asset.Ref{Path: "x/" + name}, Size: 3, Head: []byte("abc")})
		if err != nil || !ok {
			t.Errorf("%s is not asked for: %v, %v", name, ok, err)
		}
	}
}

// TestUnreadableLock: a lock file that cannot be read makes a scan incomplete; a file of
// wishes, or of tests, does not.
func TestUnreadableLock(t *testing.T) {
	for name, want := range map[string]int{"poetry.lock": 1, "tests/data/poetry.lock": 0, "package.json": 0} {
		dir := t.TempDir()
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte("<<<<<<< HEAD\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := scan.Run(t.Context(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{NewWith(Options{Advisories: testIndex(t)})}})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Coverage.Errors) != want || len(r.Findings) == 0 {
			t.Errorf("%s: %d errors, want %d; %d findings", name, len(r.Coverage.Errors), want, len(r.Findings))
		}
	}
}
