package osv

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// archiveOf is a zip of records, as OSV publishes them.
func archiveOf(t testing.TB, records map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, body := range records {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, body)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func indexOf(t testing.TB, b *Builder) (*Index, []byte) {
	t.Helper()
	var buf bytes.Buffer
	if err := b.Write(&buf, time.Unix(1700000000, 0)); err != nil {
		t.Fatal(err)
	}
	x, err := NewIndex(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return x, buf.Bytes()
}

const (
	pysec = `{"id":"PYSEC-1","modified":"2024-01-02T00:00:00Z","aliases":["CVE-2024-1"],"details":"Bad thing. More of it.\nAnd more.",
		"affected":[{"package":{"ecosystem":"PyPI","name":"Some_Pkg"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0"}]},{"type":"GIT","repo":"https://x","events":[{"introduced":"0"},{"fixed":"abc"}]}],"versions":["1.0"]}]}`
	ghsa = `{"id":"GHSA-x","modified":"2024-01-03T00:00:00Z","aliases":["CVE-2024-1"],"summary":"A bad\nthing","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
		"database_specific":{"severity":"CRITICAL"},"references":[{"type":"ADVISORY","url":"https://example.com/x"}],
		"affected":[{"package":{"ecosystem":"PyPI","name":"some-pkg"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.1"}]}]}]}`
	mal       = `{"id":"MAL-1","modified":"2024-01-01T00:00:00Z","summary":"Steals keys","affected":[{"package":{"ecosystem":"PyPI","name":"evil"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}`
	withdrawn = `{"id":"PYSEC-2","modified":"2024-01-04T00:00:00Z","withdrawn":"2024-01-04T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"some-pkg"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}`
	goVuln    = `{"id":"GO-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Go","name":"example.com/m"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.0"}]}],"ecosystem_specific":{"imports":[{"path":"example.com/m/p","symbols":["F","T.M"]}]}}]}`
)

func sample(t testing.TB) *Builder {
	b := NewBuilder()
	b.Exploited(map[string]bool{"CVE-2024-1": true})
	b.EPSS(map[string]float64{"CVE-2024-1": 0.75})
	z := archiveOf(t, map[string]string{"a.json": pysec, "b.json": ghsa, "c.json": mal, "d.json": withdrawn, "e.json": goVuln, "readme.txt": "no"})
	if err := b.AddZip(context.Background(), "sample", bytes.NewReader(z), int64(len(z))); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMatch(t *testing.T) {
	x, _ := indexOf(t, sample(t))
	for _, tt := range []struct {
		name string
		ask  Package
		want []Vulnerability
	}{
		{"two records of one thing", Package{Ecosystem: "PyPI", Name: "Some.Pkg", Version: "1.5"}, []Vulnerability{{
			Advisory: Advisory{
				ID: "GHSA-x", Aliases: []string{"CVE-2024-1", "PYSEC-1"}, Summary: "A bad thing", Modified: time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC),
				Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: 9.8, Rated: "critical", Exploited: true, EPSS: 0.75, URL: "https://example.com/x",
			},
			IDs: []string{"GHSA-x", "PYSEC-1"}, Fixed: "2.1", Affects: Yes,
		}}},
		{"one of them is fixed", Package{Ecosystem: "PyPI", Name: "some-pkg", Version: "2.0"}, []Vulnerability{{
			Advisory: Advisory{
				ID: "GHSA-x", Aliases: []string{"CVE-2024-1"}, Summary: "A bad thing", Modified: time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC),
				Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: 9.8, Rated: "critical", Exploited: true, EPSS: 0.75, URL: "https://example.com/x",
			},
			IDs: []string{"GHSA-x"}, Fixed: "2.1", Affects: Yes,
		}}},
		{"fixed", Package{Ecosystem: "PyPI", Name: "some-pkg", Version: "2.1"}, nil},
		{"malicious", Package{Ecosystem: "PyPI", Name: "evil", Version: "0.1"}, []Vulnerability{{
			Advisory: Advisory{ID: "MAL-1", Summary: "Steals keys", Modified: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Malicious: true, URL: "https://osv.dev/vulnerability/MAL-1"},
			IDs:      []string{"MAL-1"}, Affects: Yes,
		}}},
		{"symbols", Package{Ecosystem: "Go", Name: "example.com/m", Version: "v1.1.9"}, []Vulnerability{{
			Advisory: Advisory{ID: "GO-1", Modified: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), URL: "https://osv.dev/vulnerability/GO-1"},
			IDs:      []string{"GO-1"}, Fixed: "1.2.0", Affects: Yes, Imports: []Import{{Path: "example.com/m/p", Symbols: []string{"F", "T.M"}}},
		}}},
		{"nothing known", Package{Ecosystem: "PyPI", Name: "requests", Version: "1"}, nil},
		{"another ecosystem", Package{Ecosystem: "npm", Name: "evil", Version: "0.1.0"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := x.Match(tt.ask)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	info := x.Info()
	if info.Advisories != 4 || info.Packages != 3 || info.Sources[0].Withdrawn != 1 || !info.Newest.Equal(time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("Info = %+v", info)
	}
	if err := x.Verify(); err != nil {
		t.Error(err)
	}
}

// TestUnpinnedIsUnknown: what nothing pins is neither affected nor cleared.
func TestUnpinnedIsUnknown(t *testing.T) {
	x, _ := indexOf(t, sample(t))
	got, err := x.Match(Package{Ecosystem: "PyPI", Name: "some-pkg"})
	if err != nil || len(got) != 1 || got[0].Affects != Unknown {
		t.Errorf("Match = %+v, %v; want one that is unknown", got, err)
	}
}

// TestDamageIsSeen flips every byte of an index: it does not open, or does not verify
// and answers either as before or with an error.
func TestDamageIsSeen(t *testing.T) {
	x, whole := indexOf(t, sample(t))
	asked := []Package{{Ecosystem: "PyPI", Name: "some-pkg", Version: "1.5"}, {Ecosystem: "PyPI", Name: "evil", Version: "1"}, {Ecosystem: "Go", Name: "example.com/m", Version: "1.0.0"}}
	var want [][]Vulnerability
	for _, p := range asked {
		v, err := x.Match(p)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, v)
	}
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x41
		y, err := NewIndex(bytes.NewReader(damaged), int64(len(damaged)))
		if err != nil {
			if !errors.Is(err, ErrIndex) {
				t.Fatalf("byte %d: %v is not ErrIndex", i, err)
			}
			continue
		}
		if y.Verify() == nil {
			t.Errorf("byte %d: changed and verified", i)
		}
		for j, p := range asked {
			got, err := y.Match(p)
			if err == nil && !cmp.Equal(got, want[j]) {
				t.Errorf("byte %d: another answer for %s, without an error", i, p.Name)
			}
		}
	}
	for n := range whole {
		if _, err := NewIndex(bytes.NewReader(whole[:n]), int64(n)); !errors.Is(err, ErrIndex) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
}

func TestOpen(t *testing.T) {
	_, whole := indexOf(t, sample(t))
	name := filepath.Join(t.TempDir(), "advisories.mdb")
	if err := os.WriteFile(name, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	x, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if known, err := x.Known("PyPI", "EVIL"); !known || err != nil {
		t.Errorf("Known = %v, %v", known, err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Open(name + ".none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestBuildIsDeterministic(t *testing.T) {
	_, a := indexOf(t, sample(t))
	_, b := indexOf(t, sample(t))
	// Archives differ in the order of a map; what they say does not.
	cut := func(x []byte) string { i := bytes.Index(x, []byte("some-pkg")); return string(x[i:]) }
	if cut(a) != cut(b) {
		t.Error("two builds of the same records differ")
	}
}

func TestBadRecords(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON":       `{`,
		"no id":         `{"modified":"2024-01-01T00:00:00Z"}`,
		"unknown range": `{"id":"X-1","affected":[{"package":{"ecosystem":"PyPI","name":"x"},"ranges":[{"type":"NEW","events":[]}]}]}`,
		"unknown event": `{"id":"X-1","affected":[{"package":{"ecosystem":"PyPI","name":"x"},"ranges":[{"type":"SEMVER","events":[{"begins":"1"}]}]}]}`,
		"two in one":    `{"id":"X-1","affected":[{"package":{"ecosystem":"PyPI","name":"x"},"ranges":[{"type":"SEMVER","events":[{"introduced":"1","fixed":"2"}]}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseAdvisory([]byte(body)); !errors.Is(err, ErrRecord) {
				t.Errorf("ParseAdvisory: %v", err)
			}
			z := archiveOf(t, map[string]string{"x.json": body})
			err := NewBuilder().AddZip(context.Background(), "PyPI/all.zip", bytes.NewReader(z), int64(len(z)))
			if err == nil || !strings.Contains(err.Error(), "x.json") {
				t.Errorf("AddZip: %v", err)
			}
		})
	}
	cut := archiveOf(t, map[string]string{"x.json": mal})
	if err := NewBuilder().AddZip(context.Background(), "half", bytes.NewReader(cut[:len(cut)/2]), int64(len(cut)/2)); err == nil {
		t.Error("half an archive was taken")
	}
	empty := archiveOf(t, map[string]string{"readme.txt": ""})
	if err := NewBuilder().AddZip(context.Background(), "none", bytes.NewReader(empty), int64(len(empty))); err == nil {
		t.Error("an archive without advisories was taken")
	}
}

func FuzzParseAdvisory(f *testing.F) {
	for _, r := range []string{pysec, ghsa, mal, withdrawn, goVuln} {
		f.Add([]byte(r))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := ParseAdvisory(raw)
		if err != nil {
			return
		}
		if len(a.Summary) > maxSummary {
			t.Errorf("summary of %d bytes", len(a.Summary))
		}
		for i := range a.Affected {
			a.Affected[i].Affects("1.0")
			a.Affected[i].AffectsCommit("abc")
		}
		if _, err := json.Marshal(a); err != nil {
			t.Error(err)
		}
	})
}

func FuzzBlock(f *testing.F) {
	b := sample(f)
	for _, p := range b.packages {
		f.Add(encodeBlock(p.ecosystem, p.name, p.notes))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		notes, err := decodeBlock(raw, "PyPI", "some-pkg")
		if err != nil {
			return
		}
		match(notes, Package{Ecosystem: "PyPI", Name: "some-pkg", Version: "1.5"})
	})
}
