package polyglot_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/polyglot"
	"github.com/merlon-security/merlon/scan"
)

// elf is a header without a program behind it.
var elf = "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x03\x00\x3e\x00\x01" + strings.Repeat("\x00", 100)

const (
	ape    = "MZqFpD='\n' <<'@ape'\n"
	script = "#!/bin/sh\necho merlon-test\n"
)

// zipOf is a zip of stored members: name, content, name, content.
func zipOf(t testing.TB, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		m, err := w.CreateHeader(&zip.FileHeader{Name: members[i], Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write([]byte(members[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestScan(t *testing.T) {
	gguf := zipOf(t, "llama.gguf", "GGUF\x03\x00\x00\x00", ".args", "-m\nllama.gguf\n")
	for _, tt := range []struct {
		name, content string
		verdict       asset.Verdict
		rule          string
	}{
		{"model.safetensors", elf, asset.Malicious, "artifact/executable-as-model"},
		{"model.pkl", script, asset.Malicious, "artifact/executable-as-model"},
		{"model.PT ", elf, asset.Malicious, "artifact/executable-as-model"},
		{"weights.pt", elf + zipOf(t, "archive/data.pkl", "."), asset.Malicious, "artifact/executable-as-model"},
		{"firmware.bin", elf, asset.Unverified, "artifact/executable-as-model"},
		{"m.llamafile", ape + gguf, asset.Unverified, "artifact/llamafile"},
		{"m.exe", ape + gguf, asset.Unverified, "artifact/llamafile"},
		{"server", elf + gguf, asset.Unverified, "artifact/llamafile"},

		{"server", elf, "", ""},
		{"libfoo.so.1", elf, "", ""},
		{"setup.exe", ape + zipOf(t, "readme.txt", "hello"), "", ""},
		{"train.py", script, "", ""},
		{"model.safetensors", "\x08\x00\x00\x00\x00\x00\x00\x00{}      ", "", ""},
		{"weights.npy", "MZ" + strings.Repeat("\x3f\x12", 500), "", ""},     // floats that begin like a program
		{"weights.bin", "#!\x80\x3f" + strings.Repeat("\x00", 500), "", ""}, // the same
		{"model.bin", "text " + elf, "", ""},                                // magic not at the start
	} {
		r := artifacttest.Scan(t, polyglot.New(), tt.name, []byte(tt.content))
		var want []string
		if tt.rule != "" {
			want = []string{tt.rule}
		}
		if diff := cmp.Diff(want, r.Rules()); diff != "" || r.Verdict != tt.verdict {
			t.Errorf("%s: verdict %q, want %q; rules (-want +got)\n%s", tt.name, r.Verdict, tt.verdict, diff)
		}
	}
}

// unpack derives what follows the first line under the name on it.
func unpack(f scan.File, s *scan.Sink) error {
	name, body, _ := strings.Cut(string(f.Head()), "\n")
	return s.Derive(scan.Derived{Ref: f.Ref().Join(asset.Step{Kind: asset.Member, Name: name}), Body: strings.NewReader(body)})
}

func TestProgramsInsideModels(t *testing.T) {
	for _, tt := range []struct {
		outer, member, content string
		verdict                asset.Verdict
	}{
		{"m.keras", "lib.so", elf, asset.Unverified},
		{"m.pt", "archive/data/0", elf, asset.Unverified},
		{"m.pt", "archive/data.pkl", elf, asset.Malicious},
		{"m.nemo", "run", script, asset.Unverified},
		{"m.mar", "handler.py", script, ""}, // code under its own name
		{"m.pt", "archive/data/0", "MZ\x00\x01" + strings.Repeat("\x3f", 200), ""},
		{"tools.zip", "lib.so", elf, ""},
	} {
		derive := artifacttest.Stub(nil, func(f scan.File, s *scan.Sink) error {
			if len(f.Ref().Inner) > 0 {
				return nil
			}
			return unpack(f, s)
		})
		r := artifacttest.ScanAll(t, []scan.Scanner{derive, polyglot.New()}, tt.outer, []byte(tt.member+"\n"+tt.content))
		if r.Verdict != tt.verdict {
			t.Errorf("%s in %s: verdict %q, want %q", tt.member, tt.outer, r.Verdict, tt.verdict)
		}
	}
}

func TestDescribe(t *testing.T) {
	d, err := artifacttest.Describe(t, polyglot.New(), "m.llamafile", []byte(ape+zipOf(t, "llama.gguf", "GGUF", ".args", "-m\nllama.gguf\n")))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{"format": d.Format}
	for _, f := range d.Facts {
		got[f.Kind] = f.Value
	}
	want := map[string]any{"format": "llamafile", "program": "APE", "member": "llama.gguf",
		"metadata": asset.Pair{Name: ".args", Value: "-m\nllama.gguf\n"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("description (-want +got)\n%s", diff)
	}
}

func TestHostileBytes(t *testing.T) {
	whole := []byte(ape + zipOf(t, "llama.gguf", "GGUF\x03"))
	artifacttest.Truncate(t, polyglot.New(), "m.llamafile", whole, nil)
	artifacttest.Mutate(t, polyglot.New(), "m.llamafile", whole, 300)
	artifacttest.CheckRules(t, polyglot.New())
}

func FuzzPolyglot(f *testing.F) {
	f.Add([]byte(elf))
	f.Add([]byte(ape + zipOf(f, "llama.gguf", "GGUF")))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, polyglot.New(), "m.pt", b) })
}
