package oci

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/registry"
)

// testRegistry is a registry on this machine, and its address. With and without the
// API for referrers, that is, of version 1.1 and 1.0.
func testRegistry(t *testing.T, referrers bool) string {
	t.Helper()
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	s := httptest.NewServer(registry.New(registry.WithReferrersSupport(referrers), registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func open(t *testing.T, address string) *Remote {
	t.Helper()
	r, err := Open(address, false)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	for name, body := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		out[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPushAndPull(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"folder":      {"config.json": "{}", "model.safetensors": "weights", "sub/tokenizer.model": "t", "README.md": "# m", "empty.bin": "", "copy.safetensors": "weights"},
		"single file": {"model.onnx": "graph"},
	} {
		for _, referrers := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				r := open(t, Scheme+testRegistry(t, referrers)+"/team/model:v1")
				path := write(t, t.TempDir(), files)
				if len(files) == 1 {
					path = filepath.Join(path, "model.onnx")
				} else {
					write(t, path, map[string]string{"model.sig": "x", ".git/HEAD": "x"}) // not part of the model
				}
				pushed, err := Push(t.Context(), r, path, time.Now())
				if err != nil {
					t.Fatal(err)
				}
				if err := r.AttachSignature(t.Context(), pushed.Manifest, []byte("signature")); err != nil {
					t.Fatal(err)
				}
				if _, err := Push(t.Context(), open(t, r.host+"/team/model:v2"), path, time.Now()); err != nil {
					t.Errorf("the same again: %v", err)
				}
				to := filepath.Join(t.TempDir(), "out")
				pulled, err := Pull(t.Context(), r, to)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(files, read(t, to)); diff != "" {
					t.Error(diff)
				}
				if pulled.Identity.SHA256 != pushed.Identity.SHA256 || pulled.Identity.DirHash != pushed.Identity.DirHash {
					t.Errorf("pushed %+v, pulled %+v", pushed.Identity, pulled.Identity)
				}
				a, err := open(t, r.String()).Attached(t.Context(), pulled.Manifest)
				if err != nil || len(a.Signatures) != 1 || string(a.Signatures[0]) != "signature" || len(a.Evidence) != 0 {
					t.Errorf("%+v, %v", a, err)
				}
			})
		}
	}
}

// TestManifest is about what other programs that know ModelPack read.
func TestManifest(t *testing.T) {
	r := open(t, testRegistry(t, true)+"/m:v1")
	path := write(t, t.TempDir(), map[string]string{"model.gguf": "w", "config.json": "{}", "LICENSE": "MIT", "train.py": "x", "d.parquet": "d"})
	p, err := Push(t.Context(), r, path, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.manifest(t.Context(), p.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, l := range m.Layers {
		got[l.Annotations["org.cncf.model.filepath"]] = strings.TrimPrefix(l.MediaType, "application/vnd.cncf.model.")
	}
	want := map[string]string{"model.gguf": "weight.v1.raw", "config.json": "weight.config.v1.raw", "LICENSE": "doc.v1.raw", "train.py": "code.v1.raw", "d.parquet": "dataset.v1.raw"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if m.ArtifactType != "application/vnd.cncf.model.manifest.v1+json" || m.Config.MediaType != "application/vnd.cncf.model.config.v1+json" {
		t.Error(m.ArtifactType, m.Config.MediaType)
	}
	b, err := r.fetchBytes(t.Context(), m.Config, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var c config
	if err := json.Unmarshal(b, &c); err != nil || len(c.ModelFS.DiffIDs) != 5 || c.ModelFS.Type != "layers" {
		t.Errorf("%s, %v", b, err)
	}
}

type layer struct{ kind, name, body string }

// hostile stores a manifest as somebody would who means harm.
func hostile(t *testing.T, r *Remote, identity string, layers ...layer) {
	t.Helper()
	m := manifest{SchemaVersion: 2, MediaType: manifestType, ArtifactType: ArtifactType}
	var err error
	if m.Config, err = r.pushBytes(t.Context(), configType, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if identity != "" {
		m.Annotations = map[string]string{identityAnnotation: identity}
	}
	for _, l := range layers {
		d, err := r.pushBytes(t.Context(), layerPrefix+l.kind, []byte(l.body))
		if err != nil {
			t.Fatal(err)
		}
		d.Annotations = map[string]string{pathAnnotation: l.name}
		m.Layers = append(m.Layers, d)
	}
	d, err := r.pushManifest(t.Context(), m)
	if err == nil {
		err = r.tag(t.Context(), d, r.reference)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func archive(t *testing.T, headers ...tar.Header) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		h.Mode = 0o644
		body := h.Linkname
		if h.Typeflag == tar.TypeReg {
			h.Size, h.Linkname = int64(len(body)), ""
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := io.WriteString(w, body); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHostileArtifacts(t *testing.T) {
	const raw, packed = "weight.v1.raw", "weight.v1.tar"
	file := func(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name, Linkname: "body"} }
	for name, tt := range map[string]struct {
		identity string
		layers   []layer
		want     string // part of the error, "" for none
	}{
		"as it should be":        {"", []layer{{raw, "a/b", "x"}, {packed, "", archive(t, file("c"), file("./d/e"))}}, ""},
		"out of the folder":      {"", []layer{{raw, "../x", "x"}}, "the file name"},
		"absolute":               {"", []layer{{raw, "/etc/x", "x"}}, "the file name"},
		"no name":                {"", []layer{{raw, "", "x"}}, "the file name"},
		"backslash":              {"", []layer{{raw, `a\..\..\x`, "x"}}, "the file name"},
		"a stream of Windows":    {"", []layer{{raw, "a:b", "x"}}, "the file name"},
		"not clean":              {"", []layer{{raw, "a/../b", "x"}}, "the file name"},
		"twice":                  {"", []layer{{raw, "a", "x"}, {raw, "a", "y"}}, "two files"},
		"twice in another case":  {"", []layer{{raw, "model", "x"}, {raw, "MODEL", "y"}}, "two files"},
		"another identity":       {"sha256:" + strings.Repeat("0", 64), []layer{{raw, "a", "x"}, {raw, "b", "x"}}, "the manifest says"},
		"out of an archive":      {"", []layer{{packed, "", archive(t, file("../x"))}}, "the file name"},
		"a link in an archive":   {"", []layer{{packed, "", archive(t, tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "/etc"})}}, "is no file"},
		"an archive cut off":     {"", []layer{{packed, "", archive(t, file("x"))[:514]}}, "EOF"},
		"a file that is no file": {"", []layer{{"weight.v1.zip", "a", "x"}}, "are not read"},
		"another type":           {"", []layer{{"../text/plain", "a", "x"}}, "are not read"},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, testRegistry(t, true)+"/m:v1")
			hostile(t, r, tt.identity, tt.layers...)
			parent := t.TempDir()
			_, err := Pull(t.Context(), r, filepath.Join(parent, "deep", "out"))
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			for f := range read(t, parent) {
				if !strings.HasPrefix(f, "deep/out/") {
					t.Errorf("it wrote %s", f)
				}
			}
		})
	}
}

// TestRegistryThatLies: a registry that gives other bytes than the digests say.
func TestRegistryThatLies(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	inner := registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0)))
	lie := false
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if lie && req.Method == http.MethodGet && strings.Contains(req.URL.Path, "/blobs/") {
			rec := httptest.NewRecorder()
			inner.ServeHTTP(rec, req)
			_, _ = w.Write(bytes.Replace(rec.Body.Bytes(), []byte("weights"), []byte("WEIGHTS"), 1))
			return
		}
		inner.ServeHTTP(w, req)
	}))
	t.Cleanup(s.Close)
	r := open(t, strings.TrimPrefix(s.URL, "http://")+"/m:v1")
	if _, err := Push(t.Context(), r, write(t, t.TempDir(), map[string]string{"m": "weights", "n": "x"}), time.Now()); err != nil {
		t.Fatal(err)
	}
	lie = true
	if _, err := Pull(t.Context(), r, filepath.Join(t.TempDir(), "out")); err == nil || !strings.Contains(err.Error(), "mismatch") {
		t.Errorf("error %v", err)
	}
}

func TestAddresses(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	for address, plain := range map[string]bool{
		"localhost:5000/m:v1": true, "127.0.0.1:5000/m:v1": true, "[::1]:5000/m:v1": true, "127.0.0.1.example.com/m:v1": false,
		"localhost.example.com:5000/m:v1": false, "registry.example.com/a/b:v1": false, "oci://registry.example.com/a@sha256:" + strings.Repeat("a", 64): false,
	} {
		r, err := Open(address, false)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if r.plain() != plain {
			t.Errorf("%s: without TLS: %v", address, r.plain())
		}
	}
	for _, address := range []string{"", "model", "registry.example.com/a", "registry.example.com/A:v1", "https://registry.example.com/a:v1"} {
		if _, err := Open(address, false); err == nil {
			t.Errorf("%q is an address", address)
		}
	}
	if _, err := Open("no slash", false); !errors.Is(err, ErrReference) {
		t.Error(err)
	}
}

func TestLinksAreNotPushed(t *testing.T) {
	r := open(t, testRegistry(t, true)+"/m:v1")
	dir := write(t, t.TempDir(), map[string]string{"a": "x"})
	if err := os.Symlink("a", filepath.Join(dir, "b")); err != nil {
		t.Skip(err)
	}
	if _, err := Push(t.Context(), r, dir, time.Now()); err == nil || !strings.Contains(err.Error(), "b is a link") {
		t.Error(err)
	}
}
