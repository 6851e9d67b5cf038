package inspect_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/rdata"
	"github.com/merlon-security/merlon/model/artifact/safetensors"
	"github.com/merlon-security/merlon/model/inspect"
	"github.com/merlon-security/merlon/scan"
)

// tensor is one of a safetensors file.
type tensor struct {
	DType   string   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// st is the header of a safetensors file with one float32 matrix of the name.
func st(t testing.TB, name string, rows, cols int64) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]tensor{name: {"F32", []int64{rows, cols}, [2]int64{0, 4 * rows * cols}}})
	if err != nil {
		t.Fatal(err)
	}
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(b))), b...)
}

func write(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for name, b := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func run(t testing.TB, path string, digest bool) *asset.Inspection {
	t.Helper()
	x, err := inspect.Run(context.Background(), inspect.Options{Name: "m", Path: path, Digest: digest,
		Scanners: []scan.Scanner{safetensors.New(), rdata.New()}})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// facts prints facts as "kind value", claims with a question mark.
func facts(x *asset.Inspection) map[string]string {
	m := map[string]string{}
	for _, f := range x.Facts {
		v := fmt.Sprint(f.Value)
		if !f.Proved {
			v += "?"
		}
		if m[f.Kind] != "" {
			v = m[f.Kind] + " " + v
		}
		m[f.Kind] = v
	}
	return m
}

func TestRepositoryIsOneModel(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string][]byte{
		"model-00001-of-00002.safetensors": append(st(t, "a.weight", 2, 3), make([]byte, 24)...),
		"model-00002-of-00002.safetensors": append(st(t, "b.weight", 4, 3), make([]byte, 48)...),
		"model.safetensors.index.json": []byte(`{"metadata":{"total_size":72},"weight_map":{"a.weight":"model-00001-of-00002.safetensors",` +
			`"b.weight":"model-00002-of-00002.safetensors"}}`),
		"config.json":           []byte(`{"architectures":["LlamaForCausalLM"],"model_type":"llama","torch_dtype":"float32","auto_map":{"AutoModel":"m.Model"}}`),
		"tokenizer_config.json": []byte(`{"tokenizer_class":"LlamaTokenizer"}`),
		"README.md":             []byte("---\nlicense: apache-2.0\nbase_model:\n- org/base\n---\n# Card\n"),
		".git/config":           []byte("x"),
		".gitattributes":        []byte("x"),
	})
	x := run(t, dir, true)
	got := facts(x)
	for kind, want := range map[string]string{"parameters": "18", "tensors": "2", "types": "F32", "architecture": "LlamaForCausalLM?",
		"tokenizer": "LlamaTokenizer?", "licence": "apache-2.0?", "base_model": "org/base?", "model_type": "llama?"} {
		if got[kind] != want {
			t.Errorf("%s: %q, want %q", kind, got[kind], want)
		}
	}
	if !strings.Contains(got["code"], "auto_map") || x.Format != "safetensors" || len(x.Files) != 6 {
		t.Errorf("%q, %d files, %v", x.Format, len(x.Files), got)
	}
	// The root is that of OpenSSF Model Signing: SHA-256 over the digests in the
	// order of the names.
	h := sha256.New()
	for _, f := range x.Files {
		raw, err := hex.DecodeString(f.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		h.Write(raw)
	}
	if want := hex.EncodeToString(h.Sum(nil)); x.Root != want {
		t.Errorf("root %s, want %s", x.Root, want)
	}
}

func TestHubSnapshot(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string][]byte{"models--a--b/blobs/1": append(st(t, "w", 1, 1), 0, 0, 0, 0), "outside": []byte("secret")})
	snapshot := filepath.Join(root, "models--a--b", "snapshots", "c")
	if err := os.MkdirAll(snapshot, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"model.safetensors": "../../blobs/1", "leak": "../../../outside"} {
		if err := os.Symlink(target, filepath.Join(snapshot, name)); err != nil {
			t.Fatal(err)
		}
	}
	x := run(t, snapshot, false)
	want := []string{"leak  a link that leads out of the folder", "model.safetensors safetensors "}
	var got []string
	for _, f := range x.Files {
		got = append(got, f.Path+" "+f.Format+" "+f.Err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got)\n%s", diff)
	}
}

// A model of 200 GB is described by its header.
func TestOnlyHeadersAreRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	head := st(t, "w", 1<<20, 50_000)
	write(t, filepath.Dir(path), map[string][]byte{"model.safetensors": head})
	if err := os.Truncate(path, int64(len(head))+4*(1<<20)*50_000); err != nil {
		t.Skip("this file system has no sparse files:", err)
	}
	x := run(t, path, false)
	if got := facts(x)["parameters"]; got != "52428800000" || x.Files[0].Err != "" {
		t.Errorf("%s parameters, %s", got, x.Files[0].Err)
	}
}

func TestCompressedFile(t *testing.T) {
	b, err := os.ReadFile("../artifact/rdata/testdata/data.rds")
	if err != nil {
		t.Fatal(err)
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write(b); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"m.rds": z.Bytes()})
	if x := run(t, filepath.Join(dir, "m.rds"), false); x.Format != "rds" || len(x.Files[0].Tensors) == 0 {
		t.Errorf("%+v", x)
	}
}

func TestBrokenFilesSayWhy(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"m.safetensors": st(t, "w", 2, 2)[:20], "README.md": []byte("---\nlicense: mit\n"), "config.json": []byte("{"), "empty": nil})
	x := run(t, dir, true)
	for _, f := range x.Files {
		if (f.Err != "") != (f.Path == "m.safetensors") {
			t.Errorf("%s: %q", f.Path, f.Err)
		}
	}
	if _, err := inspect.Run(context.Background(), inspect.Options{Path: filepath.Join(dir, "none")}); err == nil {
		t.Error("a path that does not exist was inspected")
	}
	if _, err := inspect.Run(context.Background(), inspect.Options{Path: t.TempDir(), Digest: true}); err == nil {
		t.Error("an empty folder has a digest")
	}
}

// No byte at all is a message without fields in some formats, and still no model.
func TestEmptyFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"m.onnx", "m.mlmodel", "m.pkl", "m.pt", "saved_model.pb", "m.h5", "m.keras", "m.pte", "m.gguf", "m.safetensors", "m.tflite", "m.pmml"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		x, err := merlon.Inspect(t.Context(), merlon.InspectOptions{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if f := x.Files[0]; f.Err == "" || f.Format != "" || len(f.Facts) > 0 {
			t.Errorf("%s: format %q, facts %v, error %q", name, f.Format, f.Facts, f.Err)
		}
	}
}

// A zip is shown to everyone whose models are zips. Only its own reader has something
// to say about arrays of NumPy, and nobody about other zips: that is no error.
func TestZipsOfOthers(t *testing.T) {
	b, err := os.ReadFile("../artifact/testdata/real/current-numpy-mixed.npz")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"arrays.npz": "npz", "notes.zip": ""} {
		content := b
		if name == "notes.zip" {
			content = bytes.ReplaceAll(b, []byte(".npy"), []byte(".txt"))
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		x, err := merlon.Inspect(t.Context(), merlon.InspectOptions{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if f := x.Files[0]; f.Err != "" || f.Format != want || want != "" && len(f.Tensors) != 2 {
			t.Errorf("%s: format %q with %d tensors, error %q", name, f.Format, len(f.Tensors), f.Err)
		}
	}
}
