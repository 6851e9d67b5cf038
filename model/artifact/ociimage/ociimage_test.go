package ociimage_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/ociimage"
	"github.com/merlon-security/merlon/scan"
)

// image collects the files of a layout.
type image map[string]string

func (m image) blob(content string) (digest string) {
	sum := sha256.Sum256([]byte(content))
	digest = hex.EncodeToString(sum[:])
	m["blobs/sha256/"+digest] = content
	return "sha256:" + digest
}

func desc(mediaType, digest string, size int, more string) string {
	return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d%s}`, mediaType, digest, size, more)
}

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.kitops.modelkit.config.v1+json"
	modelType    = "application/vnd.kitops.modelkit.model.v1.tar+gzip"
	codeType     = "application/vnd.kitops.modelkit.code.v1.tar+gzip"
	modelConfig  = `{"package":{"name":"m","license":"mit"},"model":{"path":"./model.gguf"}}`
)

// kit is a bundle with one layer of the type, and more for its descriptor.
func kit(config, layerType, more string) image {
	m := image{"oci-layout": `{"imageLayoutVersion":"1.0.0"}`}
	c, l := m.blob(config), m.blob("weights")
	manifest := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":%s,"layers":[%s]}`, manifestType,
		desc(configType, c, len(config), ""), desc(layerType, l, 7, more))
	d := m.blob(manifest)
	m["index.json"] = fmt.Sprintf(`{"schemaVersion":2,"manifests":[%s]}`, desc(manifestType, d, len(manifest), ""))
	return m
}

func (m image) names() []string {
	var names []string
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (m image) tar(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, n := range m.names() {
		if err := w.WriteHeader(&tar.Header{Name: n, Size: int64(len(m[n])), Mode: 0o600}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m[n])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (m image) folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for n, c := range m {
		p := filepath.Join(dir, filepath.FromSlash(n))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(c), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLayouts(t *testing.T) {
	edit := func(m image, f func(image)) image { f(m); return m }
	for _, tt := range []struct {
		name    string
		image   image
		verdict asset.Verdict
		rules   string
	}{
		{"bundle", kit(modelConfig, modelType, ""), asset.OK, ""},
		{"title", kit(modelConfig, modelType, `,"annotations":{"org.opencontainers.image.title":"dir/model.gguf"}`), asset.OK, ""},
		{"title that traverses", kit(modelConfig, modelType, `,"annotations":{"org.opencontainers.image.title":"../../x"}`), asset.Malicious, "artifact/oci-traversal"},
		{"absolute title of ModelPack", kit(modelConfig, modelType, `,"annotations":{"org.cncf.model.filepath":"/etc/x"}`), asset.Malicious, "artifact/oci-traversal"},
		{"path that traverses", kit(`{"model":{"path":"../../x"}}`, modelType, ""), asset.Malicious, "artifact/oci-traversal"},
		{"code", kit(modelConfig, codeType, ""), asset.Unverified, "artifact/oci-bundle-code"},
		{"addresses", kit(modelConfig, modelType, `,"urls":["https://merlon.example/x"]`), asset.Unverified, "artifact/oci-foreign-blob"},
		{"changed blob", edit(kit(modelConfig, modelType, ""), func(m image) {
			for n, c := range m {
				if c == "weights" {
					m[n] = "WEIGHTS"
				}
			}
		}), asset.Malicious, "artifact/oci-digest-mismatch"},
		{"longer blob", edit(kit(modelConfig, modelType, ""), func(m image) {
			for n, c := range m {
				if c == "weights" {
					m[n] = "weights and more"
				}
			}
		}), asset.Malicious, "artifact/oci-digest-mismatch"},
		{"missing blob", edit(kit(modelConfig, modelType, ""), func(m image) {
			for n, c := range m {
				if c == "weights" {
					delete(m, n)
				}
			}
		}), asset.Failed, ""},
		{"digest that is a path", edit(kit(modelConfig, modelType, ""), func(m image) {
			m["index.json"] = `{"manifests":[` + desc(manifestType, "sha256:../../../etc/x", 1, "") + `]}`
		}), asset.Malicious, "artifact/oci-traversal"},
		{"no digest", edit(kit(modelConfig, modelType, ""), func(m image) {
			m["index.json"] = `{"manifests":[` + desc(manifestType, "sha256:abc", 1, "") + `]}`
		}), asset.Failed, ""},
		{"key twice", edit(kit(modelConfig, modelType, ""), func(m image) {
			m["index.json"] = `{"manifests":[],"manifests":[],"digest":1}`
		}), asset.Failed, ""},
		{"container image", edit(kit("{}", "application/vnd.oci.image.layer.v1.tar+gzip", ""), func(m image) {
			m2 := image{}
			c, l := m2.blob("{}"), m2.blob("weights")
			manifest := fmt.Sprintf(`{"config":%s,"layers":[%s]}`, desc("application/vnd.oci.image.config.v1+json", c, 2, ""),
				desc("application/vnd.oci.image.layer.v1.tar+gzip", l, 7, ""))
			m2["index.json"] = `{"manifests":[` + desc(manifestType, m2.blob(manifest), len(manifest), "") + `]}`
			for k, v := range m2 {
				m[k] = v
			}
		}), "", ""},
		{"no layout", image{"index.json": `{"manifests":[],"digest":1}`}, "", ""},
	} {
		for kind, r := range map[string]*artifacttest.Result{
			"tar":    artifacttest.Scan(t, ociimage.New(), "m.tar", tt.image.tar(t)),
			"folder": artifacttest.ScanPath(t, []scan.Scanner{ociimage.New()}, tt.image.folder(t)),
		} {
			if r.Verdict != tt.verdict || strings.Join(r.Rules(), " ") != tt.rules {
				t.Errorf("%s, %s: %q %v %v %v, want %q %q", tt.name, kind, r.Verdict, r.Rules(), r.Messages(), r.Errors, tt.verdict, tt.rules)
			}
		}
	}
}

// A manifest that names itself must not be walked for ever.
func TestCircles(t *testing.T) {
	m := image{"oci-layout": "{}"}
	doc := `{"manifests":[]}`
	for range 20 {
		doc = `{"manifests":[` + desc("application/vnd.oci.image.index.v1+json", m.blob(doc), len(doc), "") + `]}`
	}
	m["index.json"] = doc
	if r := artifacttest.Scan(t, ociimage.New(), "m.tar", m.tar(t)); r.Verdict != asset.Failed {
		t.Errorf("nested too deeply: %q", r.Verdict)
	}
}

func TestDescribe(t *testing.T) {
	d, err := artifacttest.Describe(t, ociimage.New(), "m.tar", kit(modelConfig, modelType, `,"annotations":{"org.opencontainers.image.title":"model.gguf"}`).tar(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range d.Facts {
		got = append(got, fmt.Sprint(f.Kind, " ", f.Value))
	}
	want := []string{"name m", "licence mit", "member model.gguf " + modelType + " 7 bytes"}
	if diff := cmp.Diff(want, got); diff != "" || d.Format != "kitops-modelkit" {
		t.Errorf("%s (-want +got)\n%s", d.Format, diff)
	}
}

func TestHostileBytes(t *testing.T) {
	s := ociimage.New()
	artifacttest.CheckRules(t, s)
	b := kit(modelConfig, modelType, "").tar(t)
	end := len(bytes.TrimRight(b, "\x00"))
	artifacttest.Truncate(t, s, "m.tar", b, func(n int) bool { return n >= end })
	artifacttest.Mutate(t, s, "m.tar", b, 300)
}

func FuzzImage(f *testing.F) {
	f.Add(`{"manifests":[` + desc(manifestType, "sha256:"+strings.Repeat("0", 64), 1, "") + `],"layers":[]}`)
	f.Fuzz(func(t *testing.T, index string) {
		artifacttest.Fuzz(t, ociimage.New(), "m.tar", image{"oci-layout": "{}", "index.json": index}.tar(t))
	})
}
