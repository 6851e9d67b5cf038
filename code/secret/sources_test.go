package secret

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestContainers: the variables of a Dockerfile and of the configuration of an image.
func TestContainers(t *testing.T) {
	hf, mistral := example(t, "huggingface-token", 1), example(t, "mistral-api-key", 2)
	config, _ := json.Marshal(map[string]any{
		"architecture": "amd64",
		"config":       map[string]any{"Env": []string{"PATH=/bin", "HF_TOKEN=" + hf, "MISTRAL_API_KEY=" + mistral}},
		"history":      []any{map[string]any{"created_by": "ARG MISTRAL_API_KEY=" + mistral}},
	})
	r := run(t, map[string]string{
		"Dockerfile":  "FROM python:3.12\nARG HF_TOKEN=" + hf + "\nENV MISTRAL_API_KEY " + mistral + "\nENV A=1 DB_PASSWORD='" + "kQ9v#Lx2pTz8wM4r" + "'\n",
		"config.json": string(config),
	})
	want := []string{
		"generic-password Dockerfile:4",
		"huggingface-token Dockerfile:2 config.json:1",
		"mistral-api-key Dockerfile:3 config.json:1",
	}
	if d := cmp.Diff(want, slices.Sorted(slices.Values(lines(r)))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestColumns: in a table the name of a value stands at the top of its column.
func TestColumns(t *testing.T) {
	mistral, hf := example(t, "mistral-api-key", 3), example(t, "huggingface-token", 4)
	r := run(t, map[string]string{
		"users.csv": "id,name,mistral_api_key,note\n1,ada,,x\n2,\"bob, b\"," + mistral + ",y\n3,eve,your-key-here,z\n4,dan,,\"" + hf + "\"\n",
		"t.tsv":     "id\tpassword\n7\tkQ9v#Lx2pTz8wM4r\n8\tchangeme\n",
		"plain.csv": "id,checksum\n1," + strings.Repeat("0123456789abcdef", 2) + "\n",
	})
	want := []string{"generic-password t.tsv:2", "huggingface-token users.csv:5", "mistral-api-key users.csv:3"}
	if d := cmp.Diff(want, slices.Sorted(slices.Values(lines(r)))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, f := range r.Findings {
		if f.Rule.ID == "secret/mistral-api-key" && !strings.Contains(f.Message, "column mistral_api_key, row 2") {
			t.Errorf("message %q does not say column and row", f.Message)
		}
	}
}

// TestGGUF: strings in the metadata of a model.
func TestGGUF(t *testing.T) {
	hf := example(t, "huggingface-token", 5)
	le := binary.LittleEndian
	text := func(b []byte, s string) []byte { return append(le.AppendUint64(b, uint64(len(s))), s...) }
	b := le.AppendUint64(le.AppendUint64(le.AppendUint32([]byte("GGUF"), 3), 0), 2)
	b = text(le.AppendUint32(text(b, "general.name"), 8), "tiny")
	b = text(le.AppendUint32(text(b, "general.description"), 8), "made with HF_TOKEN="+hf+"\nby hand")
	r := run(t, map[string]string{"model.gguf": string(b) + strings.Repeat("\x00", 64)})
	if len(r.Findings) != 1 || r.Findings[0].Rule.ID != "secret/huggingface-token" || r.Findings[0].Locations[0].Offset == nil {
		t.Errorf("findings %v", lines(r))
	}
}

// TestCompiledPython: constants of modules that CPython compiled, and of one whose
// format is not known.
func TestCompiledPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("python3 is not installed")
		}
		t.Fatal(err)
	}
	hf := example(t, "huggingface-token", 6)
	dir := t.TempDir()
	source := filepath.Join(dir, "m.py")
	if err := os.WriteFile(source, fmt.Appendf(nil, "import os\ndef f():\n    return os.environ.get('X', %q)\n", hf), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(python, "-c", "import py_compile,sys; py_compile.compile(sys.argv[1], sys.argv[2])", source, filepath.Join(dir, "m.pyc")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "m.pyc"))
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"real.pyc":    string(b),
		"unknown.pyc": "\x00\x99\r\n" + strings.Repeat("\x00", 12) + "\xff\xfe\xfd" + hf + "\x00",
	} {
		r := run(t, map[string]string{name: body})
		if len(r.Findings) != 1 || r.Findings[0].Rule.ID != "secret/huggingface-token" {
			t.Errorf("%s: findings %v", name, lines(r))
		}
	}
}
