package update

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/merlon-security/merlon/engine/osv"
)

func archive(t *testing.T, ecosystem string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, err := z.Create("X-1.json")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(w, `{"id":"X-%s","modified":"2024-01-01T00:00:00Z","aliases":["CVE-2024-9"],"affected":[{"package":{"ecosystem":%q,"name":"weak"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}`, ecosystem, ecosystem)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func known(t *testing.T, file, ecosystem string) []osv.Vulnerability {
	t.Helper()
	x, err := osv.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	v, err := x.Match(osv.Package{Ecosystem: ecosystem, Name: "weak", Version: "1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestFromFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "osv/PyPI/all.zip"), archive(t, "PyPI"))
	write(t, filepath.Join(dir, "osv/npm/all.zip"), archive(t, "npm"))
	write(t, filepath.Join(dir, "osv/readme/x.txt"), nil)
	into := filepath.Join(dir, "data/advisories.mdb")
	info, err := Run(t.Context(), Options{
		From: filepath.Join(dir, "osv"), Into: into,
		KEV:  write(t, filepath.Join(dir, "kev.json"), []byte(`{"vulnerabilities":[{"cveID":"CVE-2024-9"}]}`)),
		EPSS: write(t, filepath.Join(dir, "epss.csv"), []byte("#model\ncve,epss,percentile\nCVE-2024-9,0.5,0.9\n")),
		Now:  func() time.Time { return time.Unix(1700000000, 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if info.Advisories != 2 || len(info.Sources) != 2 || info.Sources[0].Name != "PyPI" || info.Created.Unix() != 1700000000 {
		t.Errorf("%+v", info)
	}
	v := known(t, into, "PyPI")
	if len(v) != 1 || !v[0].Exploited || v[0].EPSS != 0.5 {
		t.Errorf("%+v", v)
	}
	if v := known(t, into, "npm"); len(v) != 1 {
		t.Errorf("npm: %+v", v)
	}
}

// TestFailureLeavesWhatWasThere: whatever is wrong with the new advisories, the old
// ones answer as before.
func TestFailureLeavesWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	into := filepath.Join(dir, "advisories.mdb")
	if _, err := Run(t.Context(), Options{From: write(t, filepath.Join(dir, "a.zip"), archive(t, "PyPI")), Into: into}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(into)
	if err != nil {
		t.Fatal(err)
	}
	whole := archive(t, "PyPI")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, try := range map[string]func() error{
		"half an archive": func() error {
			_, err := Run(t.Context(), Options{From: write(t, filepath.Join(dir, "half.zip"), whole[:len(whole)/2]), Into: into})
			return err
		},
		"no archives": func() error { _, err := Run(t.Context(), Options{From: t.TempDir(), Into: into}); return err },
		"an ecosystem that is not there": func() error {
			_, err := Run(t.Context(), Options{From: t.TempDir(), Ecosystems: []string{"PyPI"}, Into: into})
			return err
		},
		"no such path": func() error {
			_, err := Run(t.Context(), Options{From: filepath.Join(dir, "none"), Into: into})
			return err
		},
		"stopped": func() error {
			_, err := Run(cancelled, Options{From: filepath.Join(dir, "a.zip"), Into: into})
			return err
		},
		"a broken catalogue": func() error {
			_, err := Run(t.Context(), Options{From: filepath.Join(dir, "a.zip"), Into: into, KEV: write(t, filepath.Join(dir, "kev"), []byte("{}"))})
			return err
		},
		"broken scores": func() error {
			_, err := Run(t.Context(), Options{From: filepath.Join(dir, "a.zip"), Into: into, EPSS: write(t, filepath.Join(dir, "epss"), []byte("CVE-1,high\n"))})
			return err
		},
	} {
		if err := try(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if after, err := os.ReadFile(into); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the old index is no longer there: %v", name, err)
		}
	}
}

func TestFromBucket(t *testing.T) {
	content := archive(t, "PyPI")
	digest := md5.Sum(content)
	var mode string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/PyPI/all.zip" {
			http.NotFound(w, r)
			return
		}
		switch mode {
		case "wrong digest":
			w.Header().Set("X-Goog-Hash", "crc32c=AAAAAA==, md5="+base64.StdEncoding.EncodeToString(make([]byte, 16)))
		case "cut":
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			w.Write(content[:len(content)/2])
			return
		default:
			w.Header().Set("X-Goog-Hash", "md5="+base64.StdEncoding.EncodeToString(digest[:]))
		}
		w.Write(content)
	}))
	defer server.Close()
	into := filepath.Join(t.TempDir(), "advisories.mdb")
	get := func(ecosystem string) error {
		_, err := Run(t.Context(), Options{From: server.URL + "/", Ecosystems: []string{ecosystem}, Into: into})
		return err
	}
	if err := get("PyPI"); err != nil {
		t.Fatal(err)
	}
	if v := known(t, into, "PyPI"); len(v) != 1 {
		t.Errorf("%+v", v)
	}
	for _, mode = range []string{"wrong digest", "cut"} {
		if err := get("PyPI"); err == nil {
			t.Errorf("%s: no error", mode)
		}
	}
	if err := get("npm"); err == nil || !strings.Contains(err.Error(), "404") || !strings.Contains(err.Error(), "merlon db update FOLDER") {
		t.Errorf("missing ecosystem: %v", err)
	}
}
