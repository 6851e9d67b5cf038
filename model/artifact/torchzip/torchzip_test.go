package torchzip_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/pickle"
	"github.com/merlon-security/merlon/model/artifact/torchzip"
	"github.com/merlon-security/merlon/scan"
)

func text(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func number(n int) string { return "J" + string(binary.LittleEndian.AppendUint32(nil, uint32(n))) }

// state is a state_dict of tensors, one for each storage "class key elements".
func state(more string, storages ...string) string {
	b := "\x80\x02}("
	for _, s := range storages {
		var class, key string
		var n int
		fmt.Sscan(s, &class, &key, &n)
		b += text("w"+key) + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\n" + class + "\n" + text(key) + text("cpu") + number(n) + more + "tQ" +
			number(0) + number(n) + "\x85" + number(1) + "\x85\x89ccollections\nOrderedDict\n)RtR"
	}
	return b + "u."
}

func zipOf(t testing.TB, method uint16, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: pairs[i], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// legacy is what torch.save wrote before 1.6.
func legacy(object string, storages ...string) string {
	s := "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00." + object + "\x80\x02]q\x00."
	for _, x := range storages {
		s += x
	}
	return s
}

func counted(n int, b string) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(n))) + b
}

func TestVerdicts(t *testing.T) {
	four := strings.Repeat("\x00\x00\x80?", 4)
	one := state("", "FloatStorage 0 4")
	old := state("N", "FloatStorage 9 4")
	tests := []struct {
		name    string
		content []byte
		verdict asset.Verdict
		format  string
		rules   []string
		errors  int
	}{
		{"zip", zipOf(t, 0, "m/data.pkl", one, "m/data/0", four, "m/version", "3\n"), asset.OK, "torch-zip", nil, 0},
		{"deflated", zipOf(t, 8, "m/data.pkl", one, "m/data/0", four), asset.OK, "torch-zip", nil, 0},
		{"two types", zipOf(t, 0, "m/data.pkl", state("", "HalfStorage 0 4", "CharStorage 1 3"), "m/data/0", "12345678", "m/data/1", "123"), asset.OK, "torch-zip", nil, 0},
		{"missing", zipOf(t, 0, "m/data.pkl", one), asset.Unverified, "torch-zip", []string{"artifact/torch-storage"}, 0},
		{"short", zipOf(t, 0, "m/data.pkl", one, "m/data/0", "x"), asset.Unverified, "torch-zip", []string{"artifact/torch-storage"}, 0},
		{"oversized", zipOf(t, 0, "m/data.pkl", one, "m/data/0", four+four), asset.Unverified, "torch-zip", []string{"artifact/torch-storage"}, 0},
		{"under another folder", zipOf(t, 0, "m/data.pkl", one, "n/data/0", four), asset.Unverified, "torch-zip", []string{"artifact/torch-storage"}, 0},
		{"no model", zipOf(t, 0, "readme", "hello"), "", "", nil, 0},
		{"legacy", []byte(legacy(old, counted(4, four))), asset.OK, "torch-legacy", nil, 0},
		{"legacy, longer", []byte(legacy(old, counted(4, four), "more")), asset.Unverified, "torch-legacy", []string{"artifact/torch-storage"}, 0},
		{"legacy, shorter", []byte(legacy(old, counted(4, four[:5]))), asset.Failed, "torch-legacy", []string{"artifact/torch-storage"}, 1},
		{"legacy, two pickles only", []byte(legacy("")[:30]), asset.Failed, "torch-legacy", nil, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := artifacttest.ScanAll(t, []scan.Scanner{archive.New(), torchzip.New(), pickle.New()}, "m.bin", tt.content)
			if r.Verdict != tt.verdict || r.Format != tt.format {
				t.Errorf("verdict %q of format %q, want %q of %q", r.Verdict, r.Format, tt.verdict, tt.format)
			}
			if d := cmp.Diff(tt.rules, r.Rules()); d != "" {
				t.Errorf("rules: %s\n%q", d, r.Messages())
			}
			if len(r.Errors) != tt.errors {
				t.Errorf("errors %v, want %d", r.Errors, tt.errors)
			}
		})
	}
}

// A model with many storages is read in full.
func TestManyStorages(t *testing.T) {
	var storages, pairs []string
	for i := range 3000 {
		storages = append(storages, fmt.Sprintf("ByteStorage %d 1", i))
		pairs = append(pairs, fmt.Sprintf("m/data/%d", i), "x")
	}
	all := append([]string{"m/data.pkl", state("", storages...)}, pairs...)
	r := artifacttest.ScanAll(t, []scan.Scanner{torchzip.New()}, "m.pt", zipOf(t, 0, all...))
	if r.Verdict != asset.OK {
		t.Errorf("%q: %q", r.Verdict, r.Messages())
	}
	r = artifacttest.ScanAll(t, []scan.Scanner{torchzip.New()}, "m.pt", zipOf(t, 0, all[:len(all)-2]...))
	if r.Verdict != asset.Unverified || len(r.Findings) != 1 {
		t.Errorf("%q: %q", r.Verdict, r.Messages())
	}
}
