package nemo_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/nemo"
	"github.com/merlon-security/merlon/scan"
)

// pack is a .nemo file: name, content, name, content.
func pack(t testing.TB, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: members[i], Size: int64(len(members[i+1])), Mode: 0o600, Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	call    = "artifact/nemo-dangerous-target"
	unknown = "artifact/nemo-unknown-target"
	outside = "artifact/nemo-outside-file"
	tag     = "artifact/nemo-yaml-tag"
)

func TestConfigurations(t *testing.T) {
	const encoder = "nemo.collections.asr.modules.ConformerEncoder"
	for _, tt := range []struct {
		name, config string
		verdict      asset.Verdict
		rules        string
	}{
		{"known", "target: nemo.collections.asr.models.ctc_bpe_models.EncDecCTCModelBPE\nencoder: {_target_: " + encoder + ", n: 4}\n", asset.OK, ""},
		{"os.system", "encoder: {_target_: os.system, command: echo merlon-test}\n", asset.Malicious, call},
		{"in a list", "a: [1, {b: {_target_: builtins.exec}}]\n", asset.Malicious, call},
		{"escaped", "a: {\"\\x5ftarget_\": \"\\x6fs.system\"}\n", asset.Malicious, call},
		{"through another module", "a: {_target_: nemo.utils.os.system}\n", asset.Malicious, call},
		{"through a module of the library", "a: {_target_: shutil.os.system}\n", asset.Malicious, call},
		{"anchored", "x: &x {_target_: subprocess.Popen}\ny: *x\n", asset.Malicious, call},
		{"class of the model", "target: subprocess.Popen\n", asset.Malicious, call},
		{"cls", "a: {cls: os.system, params: {}}\n", asset.Malicious, call},
		{"pickle", "a: {_target_: torch.load, f: x}\n", asset.Malicious, call},
		{"internals", "a: {_target_: a.b.__class__}\n", asset.Malicious, call},
		{"near miss", "a: {_target_: " + encoder + "2}\n", asset.Unverified, unknown},
		{"computed", "a: {_target_: \"${b}\"}\nb: os.system\n", asset.Unverified, unknown},
		{"aliased", "b: &b some.name\na: {_target_: *b}\n", asset.Unverified, unknown},
		{"text", "description: 'calls _target_: os.system'\ntarget: 0.5\n", asset.OK, ""},
		{"setting called target", "target: left/right.wav\n", asset.OK, ""},
		{"tag", "a: !!python/object/apply:os.system [\"echo merlon-test\"]\n", asset.Malicious, tag},
		{"inside", "tokenizer: {model_path: \"nemo:tokenizer.model\"}\n", asset.OK, ""},
		{"missing inside", "tokenizer: {model_path: \"nemo:other.model\"}\n", asset.Failed, ""},
		{"traversal", "tokenizer: {model_path: ../../etc/x}\n", asset.OK, outside},
		{"absolute", "train_ds: {manifest_filepath: /data/train.json}\n", asset.OK, outside},
		{"address", "x: https://merlon.example/x\n", asset.OK, outside},
		{"key twice", "a: {_target_: " + encoder + "}\na: {b: 1}\n", asset.Failed, ""},
		{"broken", "a: [1, 2\n", asset.Failed, ""},
	} {
		b := pack(t, "./", "", "./model_config.yaml", tt.config, "./model_weights.ckpt", "weights", "./tokenizer.model", "x")
		r := artifacttest.Scan(t, nemo.New(), "m.nemo", b)
		if r.Verdict != tt.verdict || strings.Join(r.Rules(), " ") != tt.rules {
			t.Errorf("%s: %q %v %v %v, want %q %q", tt.name, r.Verdict, r.Rules(), r.Messages(), r.Errors, tt.verdict, tt.rules)
		}
	}
}

func TestArchives(t *testing.T) {
	for _, tt := range []struct {
		name    string
		content []byte
		verdict asset.Verdict
	}{
		{"two configurations", pack(t, "model_config.yaml", "a: 1", "./model_config.yaml", "a: 2", "model_weights.ckpt", "x"), asset.Failed},
		{"no weights", pack(t, "model_config.yaml", "a: 1"), asset.Failed},
		{"other YAML", pack(t, "model_config.yaml", "a: 1", "model_weights.ckpt", "x", "hparams.yaml", "_target_: os.system"), asset.Malicious},
		{"name in other case", pack(t, "./Model_Config.yaml", "a: 1", "model_weights.ckpt", "x"), asset.Failed},
		{"name in other case, judged", pack(t, "MODEL_CONFIG.YAML", "a: {_target_: os.system}", "model_weights.ckpt", "x"), asset.Malicious},
		{"other suffix", pack(t, "model_config.yml", "a: 1"), asset.Failed},
		{"other suffix, judged", pack(t, "model_config.yml", "a: {_target_: os.system}"), asset.Malicious},
		{"other suffix below", pack(t, "x/model_config.yml", "a: 1"), ""},
		{"any tar", pack(t, "config.yaml", "_target_: os.system"), ""},
	} {
		if r := artifacttest.Scan(t, nemo.New(), "m.nemo", tt.content); r.Verdict != tt.verdict {
			t.Errorf("%s: %q %v, want %q", tt.name, r.Verdict, r.Errors, tt.verdict)
		}
	}
}

// A compressed model is listed as what it is, not as what it is packed in.
func TestCompressed(t *testing.T) {
	for _, tt := range []struct {
		config  string
		verdict asset.Verdict
	}{{"a: 1", asset.OK}, {"a: {_target_: os.system}", asset.Malicious}} {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(pack(t, "model_config.yaml", tt.config, "model_weights.ckpt", "x")); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r := artifacttest.ScanAll(t, []scan.Scanner{nemo.New(), archive.New()}, "m.nemo", b.Bytes())
		if r.Format != "nemo" || r.Verdict != tt.verdict || len(r.Scan.Assets) != 1 {
			t.Errorf("%s: %v", tt.config, r.Scan.Assets)
		}
	}
}

func layout(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/layout.nemo")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The fixture has the layout that NeMo writes; see bench/formats/nemo/make.py.
func TestLayout(t *testing.T) {
	if r := artifacttest.Scan(t, nemo.New(), "layout.nemo", layout(t)); r.Verdict != asset.OK || r.Format != "nemo" {
		t.Errorf("%q %q %v %v", r.Verdict, r.Format, r.Messages(), r.Errors)
	}
	d, err := artifacttest.Describe(t, nemo.New(), "layout.nemo", layout(t))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]any{}
	for _, f := range d.Facts {
		got[f.Kind] = append(got[f.Kind], f.Value)
	}
	want := map[string][]any{
		"library":      {"nemo"},
		"architecture": {"nemo.collections.asr.models.ctc_bpe_models.EncDecCTCModelBPE"},
		"tokenizer":    {"bpe"},
		"metadata":     {asset.Pair{Name: "nemo_version", Value: "2.3.2"}},
		"member":       {"./model_config.yaml", "./model_weights.ckpt", "./tokenizer.model"},
		"target": {"nemo.collections.asr.modules.AudioToMelSpectrogramPreprocessor", "nemo.collections.asr.modules.SpectrogramAugmentation",
			"nemo.collections.asr.modules.ConformerEncoder", "nemo.collections.asr.modules.ConvASRDecoder"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("description (-want +got)\n%s", diff)
	}
}

func TestHostileBytes(t *testing.T) {
	s := nemo.New()
	artifacttest.CheckRules(t, s)
	b := layout(t)
	end := len(bytes.TrimRight(b, "\x00"))
	// A tar without its end marker, or with a part of it, is whole for most readers.
	artifacttest.Truncate(t, s, "m.nemo", b, func(n int) bool { return n >= end })
	artifacttest.Mutate(t, s, "m.nemo", b, 300)
}

func FuzzNemo(f *testing.F) {
	f.Add([]byte("a: &x {_target_: os.system}\nb: [*x, !!python/none x]\n"))
	f.Fuzz(func(t *testing.T, config []byte) {
		artifacttest.Fuzz(t, nemo.New(), "m.nemo", pack(t, "model_config.yaml", string(config), "model_weights.ckpt", "x"))
	})
}
