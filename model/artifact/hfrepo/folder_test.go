package hfrepo

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	ggufscan "github.com/merlon-security/merlon/model/artifact/gguf"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/model/artifact/safetensors"
	"github.com/merlon-security/merlon/model/artifact/template"
	"github.com/merlon-security/merlon/scan"
)

// repo writes a folder of files.
func repo(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "repo")
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	gguf    = "GGUF\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	tensors = "\x02\x00\x00\x00\x00\x00\x00\x00{}"
	index   = `{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}`
	remote  = `{"model_type":"x","auto_map":{"AutoModel":"modeling_x.XModel"}}`
)

func TestFolders(t *testing.T) {
	for _, tt := range []struct {
		name    string
		files   map[string]string
		verdict asset.Verdict // of the folder
		rules   []string
	}{
		{"plain", map[string]string{"config.json": plain, "model.safetensors": tensors, "README.md": "---\nlicense: mit\n---\n", "setup.py": ""}, asset.OK, nil},
		{"remote code", map[string]string{"config.json": remote, "modeling_x.py": "", "model.safetensors": tensors}, asset.Unverified, []string{ruleRemote}},
		{"all shards", map[string]string{"config.json": plain, "model.safetensors.index.json": index, "model-00001-of-00002.safetensors": tensors, "model-00002-of-00002.safetensors": tensors}, asset.OK, nil},
		{"missing shard", map[string]string{"config.json": plain, "model.safetensors.index.json": index, "model-00001-of-00002.safetensors": tensors}, asset.Failed, []string{ruleShard}},
		{"missing shard, pickle beside", map[string]string{"config.json": plain, "model.safetensors.index.json": index, "model-00001-of-00002.safetensors": tensors, "pytorch_model.bin": "x"}, asset.Failed, []string{ruleShard, rulePrefers}},
		{"shards in a folder below", map[string]string{"config.json": plain, "model.safetensors.index.json": `{"weight_map":{"a":"w/1.safetensors"}}`, "w/1.safetensors": tensors}, asset.OK, nil},
		{"index without a config", map[string]string{"model.safetensors.index.json": index}, asset.Unknown, []string{ruleShard}},
		{"split GGUF", map[string]string{"m-00001-of-00002.gguf": gguf, "m-00002-of-00002.gguf": gguf}, asset.Unknown, nil},
		{"split GGUF with a part missing", map[string]string{"m-00001-of-00003.gguf": gguf, "m-00003-of-00003.gguf": gguf}, asset.Unknown, []string{ruleShard}},
		{"unsafe twin", map[string]string{"config.json": plain, "model.safetensors": tensors, "pytorch_model.bin": "x"}, asset.OK, []string{ruleTwin}},
		{"unsafe twin of an adapter", map[string]string{"adapter_config.json": "{}", "adapter_model.safetensors": tensors, "adapter_model.bin": "x"}, asset.OK, []string{ruleTwin}},
		{"unsafe preferred", map[string]string{"config.json": plain, "weights.safetensors": tensors, "pytorch_model.bin": "x"}, asset.Unverified, []string{rulePrefers}},
		{"unsafe alone", map[string]string{"config.json": plain, "pytorch_model.bin": "x"}, asset.OK, nil}, // judged by what reads pickles
		{"model and adapter", map[string]string{"config.json": plain, "adapter_model.safetensors": tensors, "pytorch_model.bin": "x"}, asset.OK, nil},
		{"handler", map[string]string{"config.json": plain, "handler.py": ""}, asset.Unverified, []string{ruleFile}},
		{"custom generate", map[string]string{"config.json": plain, "custom_generate/generate.py": ""}, asset.Unverified, []string{ruleFile}},
		{"handler of another program", map[string]string{"config.json": `{"port": 80}`, "handler.py": ""}, asset.Unknown, nil},
		{"two in one tree", map[string]string{"config.json": plain, "a/config.json": remote}, asset.Unverified, []string{ruleRemote}},
	} {
		dir := repo(t, tt.files)
		r := artifacttest.ScanPath(t, []scan.Scanner{New(), safetensors.New(), ggufscan.New()}, dir)
		if diff := cmp.Diff(sortedStrings(tt.rules), r.Rules()); diff != "" {
			t.Errorf("%s: rules (-want +got):\n%s%v", tt.name, diff, r.Errors)
		}
		var got asset.Verdict
		for _, a := range r.Scan.Assets {
			if a.Format == "hf-repository" && a.Ref.Path == filepath.ToSlash(dir) {
				got = a.Verdict
			}
		}
		if got != tt.verdict {
			t.Errorf("%s: the folder is %q, want %q", tt.name, got, tt.verdict)
		}
		if missing := slices.Contains(tt.rules, ruleShard); missing != (len(r.Errors) > 0) {
			t.Errorf("%s: errors %v", tt.name, r.Errors)
		}
	}
}

// A folder is as bad as the worst file in it, whichever scanner judged that file; a
// folder beside it is not.
func TestFolderIsAsBadAsItsFiles(t *testing.T) {
	const (
		tokenizer = `{"tokenizer_class":"T","chat_template":"{{ messages }}"}`
		injected  = `{"tokenizer_class":"T","chat_template":"{{ cycler.__init__.__globals__ }}"}`
		broken    = "\xff\x00\x00\x00\x00\x00\x00\x00{}"
		code      = "\x80\x02cos\nsystem\nX\x10\x00\x00\x00echo merlon-test\x85R."
		component = `{"_class_name":"UNet2DConditionModel"}`
		index     = `{"_class_name":"P","unet":["diffusers","UNet2DConditionModel"]}`
	)
	type verdicts map[string]asset.Verdict
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  verdicts
	}{
		{"harmless", map[string]string{"a/config.json": plain, "a/tokenizer_config.json": tokenizer, "a/model.safetensors": tensors}, verdicts{"a": asset.OK}},
		{"template", map[string]string{"a/tokenizer_config.json": injected, "a/model.safetensors": tensors}, verdicts{"a": asset.Malicious}},
		{"weights", map[string]string{"a/config.json": plain, "a/pytorch_model.bin": code}, verdicts{"a": asset.Malicious}},
		{"weights that cannot be read", map[string]string{"a/config.json": plain, "a/model.safetensors": broken}, verdicts{"a": asset.Failed}},
		{"part of a pipeline", map[string]string{"a/model_index.json": index, "a/unet/config.json": component, "a/unet/diffusion_pytorch_model.bin": code,
			"a/vae/config.json": component, "a/vae/diffusion_pytorch_model.safetensors": tensors}, verdicts{"a": asset.Malicious, "a/unet": asset.Malicious, "a/vae": asset.OK}},
		{"folder without a configuration", map[string]string{"a/config.json": plain, "a/onnx/x/weights.pkl": code}, verdicts{"a": asset.Malicious}},
		{"program in a folder below", map[string]string{"a/config.json": plain, "a/b/config.json": plain, "a/b/handler.py": ""}, verdicts{"a": asset.Unverified, "a/b": asset.Unverified}},
		{"file above", map[string]string{"x.pkl": code, "a/config.json": plain}, verdicts{"a": asset.OK}},
		{"folder beside", map[string]string{"a/config.json": plain, "ab/config.json": plain, "ab/x.pkl": code}, verdicts{"a": asset.OK, "ab": asset.Malicious}},
	} {
		dir := repo(t, tt.files)
		r := artifacttest.ScanPath(t, []scan.Scanner{New(), safetensors.New(), template.New(), pickle.New()}, dir)
		got := verdicts{}
		for _, a := range r.Scan.Assets {
			if a.Format == "hf-repository" {
				got[strings.TrimPrefix(a.Ref.Path, filepath.ToSlash(dir)+"/")] = a.Verdict
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: (-want +got):\n%s%v", tt.name, diff, r.Messages())
		}
	}
}

// A file that is named alone says nothing of its neighbours: the scan does not leave
// what it was pointed at.
func TestAFileAloneIsNoFolder(t *testing.T) {
	dir := repo(t, map[string]string{"config.json": plain, "handler.py": "", "weights.safetensors": tensors, "pytorch_model.bin": "x"})
	r := artifacttest.ScanPath(t, []scan.Scanner{New()}, filepath.Join(dir, "config.json"))
	if len(r.Findings) > 0 || len(r.Scan.Assets) > 0 {
		t.Errorf("%v %v", r.Messages(), r.Scan.Assets)
	}
}

// A repository that travels in an archive is checked file by file.
func TestInsideOfAnArchive(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("m/config.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(remote)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	unzip := artifacttest.Stub(nil, func(f scan.File, s *scan.Sink) error {
		if !strings.HasSuffix(f.Ref().Name(), ".zip") {
			return nil
		}
		r, err := zip.NewReader(f, f.Size())
		if err != nil {
			return err
		}
		for _, m := range r.File {
			body, err := m.Open()
			if err != nil {
				return err
			}
			if err := s.Derive(scan.Derived{Ref: f.Ref().Join(asset.Step{Kind: asset.Member, Name: m.Name}), Body: body}); err != nil {
				return err
			}
		}
		return nil
	})
	r := artifacttest.ScanAll(t, []scan.Scanner{New(), unzip}, "m.zip", b.Bytes())
	if diff := cmp.Diff([]string{ruleRemote}, r.Rules()); diff != "" || r.Verdict != asset.Unverified {
		t.Errorf("%s %q", diff, r.Verdict)
	}
}
