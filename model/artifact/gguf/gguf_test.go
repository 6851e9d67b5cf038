package gguf

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/jinja"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/scan"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// maker writes GGUF version 3.
type maker struct {
	pairs, tensors [][]byte
}

func u32(n uint32) []byte    { return binary.LittleEndian.AppendUint32(nil, n) }
func u64(n uint64) []byte    { return binary.LittleEndian.AppendUint64(nil, n) }
func txt(s string) []byte    { return append(u64(uint64(len(s))), s...) }
func cat(b ...[]byte) []byte { return bytes.Join(b, nil) }

func (m *maker) pair(key string, kind uint32, value []byte) *maker {
	m.pairs = append(m.pairs, cat(txt(key), u32(kind), value))
	return m
}

// tensor adds a tensor of bytes.
func (m *maker) tensor(name string, offset, n uint64) *maker {
	return m.shaped(name, 24, offset, n)
}

func (m *maker) shaped(name string, kind uint32, offset uint64, dims ...uint64) *maker {
	b := cat(txt(name), u32(uint32(len(dims))))
	for _, d := range dims {
		b = append(b, u64(d)...)
	}
	m.tensors = append(m.tensors, cat(b, u32(kind), u64(offset)))
	return m
}

func (m *maker) bytes(data string) []byte {
	b := cat([]byte("GGUF"), u32(3), u64(uint64(len(m.tensors))), u64(uint64(len(m.pairs))), bytes.Join(m.pairs, nil), bytes.Join(m.tensors, nil))
	for len(b)%32 != 0 {
		b = append(b, 0)
	}
	return append(b, data...)
}

func file() *maker { return &maker{} }

func TestRulesAreComplete(t *testing.T) { artifacttest.CheckRules(t, New()) }

func TestThreatsAndTheirNeighbours(t *testing.T) {
	const str, u32type = 8, 4
	x := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct {
		name    string
		content []byte
		verdict asset.Verdict
		rules   []string
	}{
		{"clean", file().pair("general.architecture", str, txt("llama")).tensor("a", 0, 40).tensor("b", 64, 4).bytes(x(68)), asset.OK, nil},
		{"metadata only", file().pair("general.architecture", str, txt("llama")).bytes(""), asset.OK, nil},
		{"padded behind the last", file().tensor("a", 0, 40).bytes(x(64)), asset.OK, nil},
		{"reversed order", file().tensor("b", 64, 4).tensor("a", 0, 40).bytes(x(68)), asset.OK, nil},
		{"shape wraps", file().shaped("a", 0, 0, 1<<32, 1<<32, 1<<32).bytes(x(32)), asset.Malicious, []string{ruleOverflow}},
		{"large shape that does not wrap", file().shaped("a", 0, 0, 1<<20, 1<<20).bytes(x(32)), asset.Failed, []string{ruleOutside}},
		{"bytes wrap", file().shaped("a", 0, 0, 1<<61, 1).bytes(x(32)), asset.Malicious, []string{ruleOverflow}},
		{"offset wraps", file().tensor("a", 1<<64-32, 64).bytes(x(64)), asset.Malicious, []string{ruleOverflow}},
		{"string length wraps", cat([]byte("GGUF"), u32(3), u64(0), u64(1), u64(1<<64-1), []byte(x(64))), asset.Malicious, []string{ruleOverflow}},
		{"count wraps", cat([]byte("GGUF"), u32(3), u64(1<<63), u64(0)), asset.Malicious, []string{ruleOverflow}},
		{"count beyond the file", cat([]byte("GGUF"), u32(3), u64(1<<30), u64(0)), asset.Failed, nil},
		{"ends behind the file", file().tensor("a", 0, 40).bytes(x(39)), asset.Failed, []string{ruleOutside}},
		{"overlap", file().tensor("a", 0, 40).tensor("b", 32, 40).bytes(x(72)), asset.Unverified, []string{ruleOverlap}},
		{"misaligned", file().tensor("a", 0, 40).tensor("b", 40, 40).bytes(x(80)), asset.Unverified, []string{ruleAlignment}},
		{"alignment zero", file().pair("general.alignment", u32type, u32(0)).bytes(""), asset.Failed, []string{ruleAlignment}},
		{"alignment 32", file().pair("general.alignment", u32type, u32(32)).tensor("a", 0, 1).bytes("x"), asset.OK, nil},
		{"hidden between", file().tensor("a", 0, 32).tensor("b", 64, 32).bytes(x(96)), asset.Unverified, []string{ruleHidden}},
		{"hidden behind", file().tensor("a", 0, 32).bytes(x(64)), asset.Unverified, []string{ruleHidden}},
		{"hidden behind metadata", file().bytes(x(64)), asset.Unverified, []string{ruleHidden}},
		{"key twice", file().pair("k", str, txt("a")).pair("k", str, txt("b")).bytes(""), asset.Unverified, []string{ruleDuplicate}},
		{"tensor twice", file().tensor("a", 0, 32).tensor("a", 32, 32).bytes(x(64)), asset.Unverified, []string{ruleDuplicate}},
		{"hidden character in a key", file().pair("k\u200b", str, txt("a")).bytes(""), asset.OK, []string{ruleName}},
		{"terminal code in a tensor", file().tensor("\x1b[2Ja", 0, 1).bytes("x"), asset.OK, []string{ruleName}},
		{"name in Greek", file().tensor("α.weight", 0, 1).bytes("x"), asset.OK, nil},
		{"unknown type", file().shaped("a", 99, 0, 1).bytes("x"), asset.Failed, nil},
		{"rows that fill no block", file().shaped("a", 12, 0, 255).bytes(x(144)), asset.Failed, nil},
		{"template of another type", file().pair("tokenizer.chat_template", u32type, u32(1)).bytes(""), asset.Failed, nil},
		{"version 4", cat([]byte("GGUF"), u32(4), u64(0), u64(0)), asset.Failed, nil},
	} {
		r := artifacttest.Scan(t, New(), "m.gguf", tt.content)
		if diff := cmp.Diff(tt.rules, r.Rules()); r.Verdict != tt.verdict || diff != "" {
			t.Errorf("%s: verdict %q, want %q; rules (-want +got):\n%s%v", tt.name, r.Verdict, tt.verdict, diff, r.Errors)
		}
	}
	r := artifacttest.Scan(t, New(), "m.gguf", file().shaped("a", 0, 0, 1<<32, 1<<32, 1<<32).bytes(x(32)))
	if m := strings.Join(r.Messages(), " "); !strings.Contains(m, "exploits CVE-2026-27940 in llama.cpp < b8146") {
		t.Errorf("the finding does not name the vulnerability: %s", m)
	}
}

func TestRecognisedByContent(t *testing.T) {
	real := read(t, "real.gguf")
	for _, name := range []string{"model.bin", "sha256-0123", "readme.txt"} {
		if r := artifacttest.Scan(t, New(), name, real); r.Verdict != asset.OK || r.Format != "gguf" {
			t.Errorf("%s: %q %q", name, r.Verdict, r.Format)
		}
	}
	for _, content := range []string{"GGUF is a file format, and this is a text about it.", "GGUF", ""} {
		if r := artifacttest.Scan(t, New(), "a.txt", []byte(content)); r.Verdict != asset.Unknown {
			t.Errorf("%q was taken for GGUF", content)
		}
	}
	if r := artifacttest.Scan(t, New(), "empty.gguf", nil); r.Verdict != asset.Failed {
		t.Errorf("an empty .gguf is %q", r.Verdict)
	}
}

// templates collects the chat templates that are handed on.
type templates struct{ got map[string]string }

func (templates) Info() scan.Info { return scan.Info{ID: "templates", Version: "1", Vendored: true} }
func (templates) Wants(fi scan.FileInfo) scan.Need {
	if fi.Hint == jinja.HintChatTemplate {
		return scan.Yes
	}
	return scan.No
}
func (s templates) Scan(_ context.Context, f scan.File, _ *scan.Sink) error {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
	s.got[f.Ref().InnerString()] = string(b)
	return err
}

func TestChatTemplatesAreHandedOn(t *testing.T) {
	for _, name := range []string{"real.gguf", "real-be.gguf"} {
		s := templates{map[string]string{}}
		r := artifacttest.ScanAll(t, []scan.Scanner{New(), s}, name, read(t, name))
		if r.Verdict != asset.OK || len(r.Findings) > 0 {
			t.Fatalf("%s is %q: %v %v", name, r.Verdict, r.Messages(), r.Errors)
		}
		if len(s.got) != 2 {
			t.Fatalf("%d templates handed on, want 2", len(s.got))
		}
		for _, key := range []string{"#key=tokenizer.chat_template", "#key=tokenizer.chat_template.tool_use"} {
			if !strings.HasPrefix(s.got[key], "{% for message in messages %}") {
				t.Errorf("%s: %s = %q", name, key, s.got[key])
			}
		}
	}
}

func TestDescribeAgreesWithTheLibrary(t *testing.T) {
	var oracle struct {
		Files map[string]struct {
			Keys    []string
			Tensors []struct {
				Name, DType string
				Shape       []int64
				Bytes       int64
			}
		}
	}
	if err := json.Unmarshal(read(t, "oracle.json"), &oracle); err != nil || len(oracle.Files) != 2 {
		t.Fatal(err)
	}
	for name, want := range oracle.Files {
		d, err := artifacttest.Describe(t, New(), name, read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		var tensors []asset.Tensor
		for _, x := range want.Tensors {
			tensors = append(tensors, asset.Tensor{Name: x.Name, DType: x.DType, Shape: x.Shape, Bytes: x.Bytes})
		}
		if diff := cmp.Diff(tensors, d.Tensors); diff != "" {
			t.Errorf("%s (-library +ours):\n%s", name, diff)
		}
		var keys []string
		for _, f := range d.Facts {
			if p, ok := f.Value.(asset.Pair); ok && f.Kind == "metadata" {
				keys = append(keys, p.Name)
			}
		}
		slices.Sort(keys)
		slices.Sort(want.Keys)
		if diff := cmp.Diff(want.Keys, keys); diff != "" {
			t.Errorf("%s keys (-library +ours):\n%s", name, diff)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	real := read(t, "real.gguf")
	d, err := artifacttest.Describe(t, New(), "real.gguf", real)
	if err != nil {
		t.Fatal(err)
	}
	// What follows the last tensor is padding: a file that lacks it is complete.
	last := d.Tensors[len(d.Tensors)-1]
	end := len(real) - int((32-last.Bytes%32)%32)
	artifacttest.Truncate(t, New(), "m.gguf", real, func(n int) bool { return n >= end })
	artifacttest.Mutate(t, New(), "m.gguf", real, 500)
}

func FuzzScan(f *testing.F) {
	f.Add(read(f, "real.gguf"))
	f.Add(read(f, "real-be.gguf"))
	f.Fuzz(func(t *testing.T, content []byte) { artifacttest.Fuzz(t, New(), "m.gguf", content) })
}
