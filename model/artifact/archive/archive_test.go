package archive_test

import (
	stdtar "archive/tar"
	stdzip "archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/scan"
)

type member struct {
	name, body string
	method     uint16
	mode       fs.FileMode
}

func zipOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := stdzip.NewWriter(&b)
	for _, m := range members {
		h := &stdzip.FileHeader{Name: m.name, Method: m.method}
		if m.mode != 0 {
			h.SetMode(m.mode)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(m.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t testing.TB, headers ...*stdtar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := stdtar.NewWriter(&b)
	for _, h := range headers {
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte("x"), int(h.Size))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gz(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func scanLimited(t testing.TB, name string, content []byte, lim scan.Limits) (*scan.Result, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return scan.Run(context.Background(), scan.Options{Roots: []string{path}, Scanners: []scan.Scanner{archive.New()}, Limits: lim})
}

func TestVerdicts(t *testing.T) {
	plain := zipOf(t, member{name: "a.txt", body: "hello"}, member{name: "d/b.txt", body: strings.Repeat("text ", 1000), method: 8})
	flip := func(b []byte, old, new string) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
	tests := []struct {
		name    string
		content []byte
		verdict asset.Verdict
		rules   []string
		errors  int
	}{
		{"plain.zip", plain, "", nil, 0},
		{"plain.tar.gz", gz(t, tarOf(t, &stdtar.Header{Name: "a", Size: 10, Mode: 0o644}, &stdtar.Header{Name: "l", Typeflag: stdtar.TypeSymlink, Linkname: "a"})), "", nil, 0},
		{"crc.zip", flip(plain, "hello", "hellO"), asset.Unverified, []string{"artifact/zip-crc-mismatch"}, 0},
		{"name.zip", flip(plain, "a.txt", "b.txt"), asset.Unverified, []string{"artifact/zip-view-mismatch"}, 0},
		{"twice.zip", zipOf(t, member{name: "a", body: "1"}, member{name: "a", body: "2"}), asset.Unverified, []string{"artifact/zip-duplicate-member"}, 0},
		{"slip.zip", zipOf(t, member{name: "../../etc/cron.d/x", body: "1"}), asset.Unverified, []string{"artifact/archive-traversal"}, 0},
		{"slip.tar", tarOf(t, &stdtar.Header{Name: "/etc/passwd", Size: 1}), asset.Unverified, []string{"artifact/archive-traversal"}, 0},
		{"drive.zip", zipOf(t, member{name: `C:\x`, body: "1"}), asset.Unverified, []string{"artifact/archive-odd-name", "artifact/archive-traversal"}, 0},
		{"link.tar", tarOf(t, &stdtar.Header{Name: "a/l", Typeflag: stdtar.TypeSymlink, Linkname: "../../x"}), asset.Unverified, []string{"artifact/archive-link"}, 0},
		{"inside.tar", tarOf(t, &stdtar.Header{Name: "a/l", Typeflag: stdtar.TypeSymlink, Linkname: "../x"}), "", nil, 0},
		{"hard.tar", tarOf(t, &stdtar.Header{Name: "a/l", Typeflag: stdtar.TypeLink, Linkname: "/etc/shadow"}), asset.Unverified, []string{"artifact/archive-link"}, 0},
		{"device.tar", tarOf(t, &stdtar.Header{Name: "d", Typeflag: stdtar.TypeChar}), asset.Unverified, []string{"artifact/archive-link"}, 0},
		{"link.zip", zipOf(t, member{name: "l", body: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), asset.Unverified, []string{"artifact/archive-link"}, 0},
		{"linkin.zip", zipOf(t, member{name: "l", body: "a", mode: fs.ModeSymlink | 0o777}), "", nil, 0},
		{"prefix.zip", append([]byte("#!/usr/bin/env python3\n"), plain...), asset.Unverified, []string{"artifact/archive-hidden-data"}, 0},
		{"cut.zip", plain[:len(plain)-30], asset.Unverified, []string{"artifact/zip-view-mismatch"}, 0},
		{"cut.gz", gz(t, bytes.Repeat([]byte("text"), 10000))[:40], asset.Failed, []string{"artifact/archive-undecodable"}, 1},
		{"more.gz", append(gz(t, []byte("text")), "more"...), asset.Unverified, []string{"artifact/archive-hidden-data"}, 0},
		{"some.rar", []byte("Rar!\x1a\x07\x01\x00 and so on"), asset.Failed, []string{"artifact/archive-undecodable"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := artifacttest.Scan(t, archive.New(), tt.name, tt.content)
			if r.Verdict != tt.verdict {
				t.Errorf("verdict %q, want %q", r.Verdict, tt.verdict)
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

// Every member is shown to all scanners and has its digest in a fact, however deep
// it lies, in an order that does not depend on timing.
func TestMembers(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 1<<16)
	inner := zipOf(t, member{name: "deep.txt", body: "deep"})
	outer := zipOf(t, member{name: "big.bin", body: big}, member{name: "packed.bin", body: big, method: 8},
		member{name: "in.zip", body: string(inner)}, member{name: "t.tar.gz", body: string(gz(t, tarOf(t, &stdtar.Header{Name: "x", Size: 3})))})
	r := artifacttest.Scan(t, archive.New(), "outer.zip", outer)
	sum := func(s string) string { d := sha256.Sum256([]byte(s)); return hex.EncodeToString(d[:]) }
	want := map[string]archive.Member{
		"!/big.bin":          {Name: "big.bin", Size: 1 << 20, SHA256: sum(big)},
		"!/packed.bin":       {Name: "packed.bin", Size: 1 << 20, SHA256: sum(big)},
		"!/in.zip":           {Name: "in.zip", Size: int64(len(inner)), SHA256: sum(string(inner))},
		"!/in.zip!/deep.txt": {Name: "deep.txt", Size: 4, SHA256: sum("deep")},
		"!/t.tar.gz!gzip!/x": {Name: "x", Size: 3, SHA256: sum("xxx")},
	}
	got := map[string]archive.Member{}
	for _, f := range r.Scan.Facts {
		if m, ok := f.Value.(archive.Member); ok && m.Name != "t.tar.gz" {
			got[f.At.InnerString()] = m
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What a bomb holds is not unpacked beyond the budget, and never found ok.
func TestBombs(t *testing.T) {
	bomb := []byte(strings.Repeat("\x00", 64<<20))
	b := gz(t, bomb)
	for range 2 {
		b = gz(t, bytes.Repeat(b, 20))
	}
	nested := []byte("bottom")
	for i := range 30 {
		nested = zipOf(t, member{name: fmt.Sprint(i), body: string(nested)})
	}
	var many []member
	for i := range 500 {
		many = append(many, member{name: fmt.Sprint(i), body: "x"})
	}
	for name, content := range map[string][]byte{"bomb.gz": b, "nested.zip": nested, "many.zip": zipOf(t, many...)} {
		res, err := scanLimited(t, name, content, scan.Limits{Workers: 1, Spool: 32 << 20, Members: 400})
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Assets) != 1 || res.Assets[0].Verdict != asset.Failed || !res.Coverage.Incomplete() {
			t.Errorf("%s: assets %+v, errors %v", name, res.Assets, res.Coverage.Errors)
		}
		if !slices.ContainsFunc(res.Findings, func(f finding.Record) bool { return f.Finding.Rule == "artifact/archive-bomb" }) {
			t.Errorf("%s: no finding of a bomb", name)
		}
	}
}

func TestRulesAreComplete(t *testing.T) {
	for _, r := range archive.New().Info().Rules {
		if err := r.Check(); err != nil {
			t.Error(err)
		}
	}
}

// Members that all claim the same bytes are not read again and again.
func TestOverlap(t *testing.T) {
	content := strings.Repeat("x", 1<<20)
	b := zipOf(t, member{name: "a", body: content})
	i := bytes.Index(b, []byte("PK\x01\x02"))
	entry := slices.Clone(b[i : len(b)-22])
	out := slices.Clone(b[:i])
	const n = 2000
	for k := range n {
		e := bytes.Replace(entry, []byte("a"), []byte{byte('a' + k%26)}, 1)
		out = append(out, e...)
	}
	end := slices.Clone(b[len(b)-22:])
	binary.LittleEndian.PutUint16(end[8:], n)
	binary.LittleEndian.PutUint16(end[10:], n)
	binary.LittleEndian.PutUint32(end[12:], uint32(n*len(entry)))
	r := artifacttest.Scan(t, archive.New(), "overlap.zip", append(out, end...))
	if r.Verdict != asset.Failed || !slices.Contains(r.Rules(), "artifact/archive-bomb") {
		t.Errorf("verdict %q, rules %v", r.Verdict, r.Rules())
	}
}

// A tar whose last member is a zip is no zip: the member is looked at as one. A zip
// behind the members, or across them, is.
func TestZipAtTheEndOfATar(t *testing.T) {
	z := zipOf(t, member{name: "a.txt", body: "hello"})
	in := func(body []byte) []byte {
		var b bytes.Buffer
		w := stdtar.NewWriter(&b)
		if err := w.WriteHeader(&stdtar.Header{Name: "weights.ckpt", Size: int64(len(body)), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	if r := artifacttest.Scan(t, archive.New(), "m.nemo", in(z)); r.Verdict != "" || len(r.Findings) > 0 {
		t.Errorf("a zip in a tar: %q %q", r.Verdict, r.Messages())
	}
	for name, b := range map[string][]byte{"behind the tar": append(in(z), z...), "directory outside of the member": in(z[len(z)-22:])} {
		if r := artifacttest.Scan(t, archive.New(), "m.nemo", b); r.Verdict == "" || len(r.Findings) == 0 {
			t.Errorf("%s: %q %q", name, r.Verdict, r.Messages())
		}
	}
}
