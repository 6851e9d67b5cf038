package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text/secret"
)

// example makes a value of a type; nothing that looks like a key stands in this file.
func example(t testing.TB, id string, seed uint64) string {
	t.Helper()
	for _, ty := range secret.Types() {
		if ty.ID == id {
			return ty.Example(seed)
		}
	}
	t.Fatalf("no type %s", id)
	return ""
}

func run(t testing.TB, files map[string]string) *scan.Result {
	t.Helper()
	dir := t.TempDir()
	for name, body := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return scanDir(t, dir)
}

func scanDir(t testing.TB, dir string) *scan.Result {
	t.Helper()
	r, err := scan.Run(t.Context(), scan.Options{Roots: []string{dir}, Scanners: []scan.Scanner{New()}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lines lists findings as "rule file:line ...".
func lines(r *scan.Result) []string {
	var out []string
	for _, f := range r.Findings {
		s := strings.TrimPrefix(f.Rule.ID, "secret/")
		for _, l := range f.Locations {
			s += fmt.Sprintf(" %s:%d", filepath.Base(l.Ref.Path), l.Line)
		}
		out = append(out, s)
	}
	return out
}

func utf16le(s string) string {
	b := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func TestSources(t *testing.T) {
	hf := example(t, "huggingface-token", 1)
	b64 := base64.StdEncoding.EncodeToString
	header, _ := json.Marshal(map[string]any{"__metadata__": map[string]string{"HF_TOKEN": hf}})
	for _, tt := range []struct {
		name, file, body string
		want             []string
	}{
		{"line", "a.py", "import os\n\nTOKEN = '" + hf + "'\n", []string{"huggingface-token a.py:3"}},
		{"utf-16", "a.txt", utf16le("ä\nx: " + hf + "\n"), []string{"huggingface-token a.txt:2"}},
		{"crlf", "a.env", "A=1\r\nHF_TOKEN=" + hf + "\r\n", []string{"huggingface-token a.env:2"}},
		{"base64", "a.yaml", "x: 1\ny: " + b64([]byte(`{"auth": "`+hf+`"}`)) + "\n", []string{"huggingface-token a.yaml:2"}},
		{"kubernetes", "s.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: " + b64([]byte("k3Vq9xLm2TzRw7")) + "\n", []string{"generic-password s.yaml:6"}},
		{"docker", "Dockerfile", "FROM python:3.12\nENV HF_TOKEN " + hf + "\n", []string{"huggingface-token Dockerfile:2"}},
		{"docker password", "Dockerfile", "FROM python:3.12\nENV DB_PASSWORD k3Vq9xLm2TzRw7pQ\n", []string{"generic-password Dockerfile:2"}},
		{"safetensors", "m.safetensors", string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + string(header), []string{"huggingface-token m.safetensors:1"}},
		{"invisible", "a.txt", "x\ntoken " + hf[:12] + "\u200b" + hf[12:] + "\n", []string{"huggingface-token a.txt:2"}},
		{"binary", "a.bin", "\x00\x01" + hf, nil},
		{"two", "a.env", "A=" + hf + "\nB=" + hf + "\n", []string{"huggingface-token a.env:1 a.env:2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, map[string]string{tt.file: tt.body})
			if d := cmp.Diff(tt.want, lines(r)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if len(r.Coverage.Errors) > 0 {
				t.Errorf("errors: %v", r.Coverage.Errors)
			}
		})
	}
}

// TestValueNeverLeaves: nothing of a report gives a value away.
func TestValueNeverLeaves(t *testing.T) {
	values := []string{example(t, "anthropic-api-key", 1), example(t, "aws-secret-access-key", 2), "k3Vq9xLm2TzRw7pQ0bFd1sHv", "xw4Kq0LmZr8u&3xyzAb"}
	r := run(t, map[string]string{
		"a.env": "ANTHROPIC_API_KEY=" + values[0] + "\nAWS_SECRET_ACCESS_KEY=" + values[1] + "\nDB_PASSWORD=" + values[2] + "\n",
		"b.py":  "url = 'postgres://app:" + values[3] + "@db.corp.net/x'\n",
	})
	if len(r.Findings) != 4 {
		t.Errorf("%d findings, want 4: %v", len(r.Findings), lines(r))
	}
	all := fmt.Sprintf("%+v", r.Findings)
	for i := range r.Findings {
		r.Findings[i].Group = "" // in memory only
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		for n := 13; n+5 <= len(v); n++ {
			if part := v[n : n+5]; strings.Contains(all, part) || bytes.Contains(b, []byte(part)) {
				t.Errorf("%q of a value is in the result", part)
				break
			}
		}
	}
}

// TestOneLeakOneFinding: in ten files it is one finding, which keeps its name when
// files move or lines shift.
func TestOneLeakOneFinding(t *testing.T) {
	key := example(t, "openai-project-key", 3)
	files := map[string]string{}
	for i := range 10 {
		files[fmt.Sprintf("d%d/settings.py", i)] = strings.Repeat("\n", i) + "KEY = '" + key + "'\n"
	}
	r := run(t, files)
	if len(r.Findings) != 1 || len(r.Findings[0].Locations) != 10 {
		t.Fatalf("%d findings: %v", len(r.Findings), lines(r))
	}
	moved := run(t, map[string]string{"elsewhere/new.yaml": "\n\nkey: " + key + "\n"})
	if moved.Findings[0].Fingerprint != r.Findings[0].Fingerprint {
		t.Error("the leak has another fingerprint in another place")
	}

	// A password is named by where it is, not by what it is.
	one := run(t, map[string]string{"a.env": "DB_PASSWORD=k3Vq9xLm2TzRw7pQ\n"}).Findings[0]
	shifted := run(t, map[string]string{"a.env": "X=1\n\nDB_PASSWORD=k3Vq9xLm2TzRw7pQ\n"}).Findings[0]
	other := run(t, map[string]string{"a.env": "DB_PASSWORD=w8Nt5cXj1HbYk4Gz\n"}).Findings[0]
	if one.Fingerprint != shifted.Fingerprint {
		t.Error("a line above changed the fingerprint of a password")
	}
	if one.Fingerprint != other.Fingerprint {
		t.Error("the fingerprint of a password depends on the password")
	}
}

// TestPlacesLowerJudgement: a key made for tests is hygiene, a provider's token is
// not.
func TestPlacesLowerJudgement(t *testing.T) {
	npm := example(t, "npm-token", 1)
	r := run(t, map[string]string{
		"tests/test_db.py": "password = 'k3Vq9xLm2TzRw7pQ'\n",
		"tests/test_x.py":  "x = '" + npm + "'\n",
	})
	got := map[string]finding.Severity{}
	for _, f := range r.Findings {
		got[f.Rule.ID] = f.Severity
	}
	if d := cmp.Diff(map[string]finding.Severity{"secret/generic-password": finding.Low, "secret/npm-token": finding.Critical}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestLongFile: windows find what lies on their borders, with the right line.
func TestLongFile(t *testing.T) {
	hf := example(t, "huggingface-token", 9)
	key := "HF_TOKEN=" + hf + "\n"
	var b strings.Builder
	line := strings.Repeat("x", 99) + "\n"
	var want []string
	n := 1
	for _, at := range []int{window - 20, 2*window - 5, 2*window + 300} {
		for b.Len()+len(line) <= at {
			b.WriteString(line)
			n++
		}
		if rest := at - b.Len(); rest > 0 {
			b.WriteString(strings.Repeat("y", rest-1) + "\n")
			n++
		}
		b.WriteString(key)
		want = append(want, fmt.Sprintf("big.log:%d", n))
		n++
	}
	b.WriteString(strings.Repeat(line, 10))
	r := run(t, map[string]string{"big.log": b.String()})
	if d := cmp.Diff([]string{"huggingface-token " + strings.Join(want, " ")}, lines(r)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestManyAreBounded: a list of keys is cut, and the scan says that it is incomplete.
func TestManyAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range most + 10 {
		b.WriteString("TOKEN=" + example(t, "npm-token", uint64(i)) + "\n")
	}
	r := run(t, map[string]string{"keys.txt": b.String()})
	if len(r.Findings) != most || len(r.Coverage.Errors) != 1 {
		t.Errorf("%d findings, errors %v", len(r.Findings), r.Coverage.Errors)
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte("HF_TOKEN=" + example(f, "huggingface-token", 1) + "\n"))
	f.Add([]byte("kind: Secret\ndata:\n  a: aGVsbG8gd29ybGQ=\n"))
	f.Add([]byte("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"))
	f.Add([]byte("\xff\xfea\x00=\x00"))
	f.Add([]byte("postgres://a:b\u200b@c eyJhbGciOiJub25lIn0.e30. \\\"password\\\": \\\"x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := secret.Default()
		for _, m := range d.Find(narrow(b)) {
			if m.Start < 0 || m.Start >= m.End {
				t.Errorf("match of %s from %d to %d", m.Type.ID, m.Start, m.End)
			}
		}
	})
}

func BenchmarkScan(b *testing.B) {
	dir := b.TempDir()
	text := strings.Repeat("def forward(self, hidden_states: torch.Tensor, attention_mask=None):\n    return self.model(hidden_states)[0]\n", 5000)
	for i := range 20 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.py", i)), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(20 * len(text)))
	for b.Loop() {
		scanDir(b, dir)
	}
}
