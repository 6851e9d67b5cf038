package executorch_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/executorch"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPrograms(t *testing.T) {
	for _, tt := range []struct {
		name    string
		verdict asset.Verdict
		rules   string
	}{
		{"linear.pte", asset.OK, ""},
		{"delegate.pte", asset.Unverified, "artifact/executorch-delegate"},
		{"custom.pte", asset.Unverified, "artifact/executorch-custom-op"},
	} {
		r := artifacttest.Scan(t, executorch.New(), tt.name, read(t, tt.name))
		if r.Verdict != tt.verdict || strings.Join(r.Rules(), " ") != tt.rules || len(r.Errors) > 0 {
			t.Errorf("%s: %q %v %v, want %q %q", tt.name, r.Verdict, r.Rules(), r.Errors, tt.verdict, tt.rules)
		}
	}
}

func TestDescribe(t *testing.T) {
	d, err := artifacttest.Describe(t, executorch.New(), "m.pte", read(t, "linear.pte"))
	if err != nil {
		t.Fatal(err)
	}
	want := []asset.Tensor{{Name: "fc.weight", DType: "float32", Shape: []int64{2, 3}, Bytes: 24}, {Name: "fc.bias", DType: "float32", Shape: []int64{2}, Bytes: 8}}
	if diff := cmp.Diff(want, d.Tensors); diff != "" {
		t.Errorf("tensors (-want +got)\n%s", diff)
	}
	var ops []any
	for _, f := range d.Facts {
		if f.Kind == "operator" {
			ops = append(ops, f.Value)
		}
	}
	if diff := cmp.Diff([]any{"aten::addmm.out", "aten::relu.out"}, ops); diff != "" {
		t.Errorf("operators (-want +got)\n%s", diff)
	}
}

// Weights of a tensor that has fewer bytes than its shape needs, and the like.
func TestIndexesThatLie(t *testing.T) {
	plain := read(t, "linear.pte")
	if r := artifacttest.Scan(t, executorch.New(), "m.pte", bytes.Replace(plain, []byte("\x02\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00"),
		[]byte("\x02\x00\x00\x00\x02\x00\x00\x00\x04\x00\x00\x00"), 1)); r.Verdict != asset.Failed {
		t.Errorf("a larger shape: %q", r.Verdict)
	}
	args := []byte("\x04\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00")
	at := bytes.Index(plain, args)
	if at < 0 {
		t.Fatal("the arguments of a call are not where they were")
	}
	for _, v := range []uint32{5, 0x7fffffff, 0xffffffff} {
		b := bytes.Clone(plain)
		binary.LittleEndian.PutUint32(b[at+4:], v)
		if r := artifacttest.Scan(t, executorch.New(), "m.pte", b); r.Verdict != asset.Failed {
			t.Errorf("argument %d: %q", v, r.Verdict)
		}
	}
}

// header puts the extended header into the space that flatc left for it.
func header(size, base uint64) []byte {
	h := []byte("eh00\x18\x00\x00\x00")
	h = binary.LittleEndian.AppendUint64(h, size)
	return binary.LittleEndian.AppendUint64(h, base)
}

func TestExtendedHeader(t *testing.T) {
	plain := read(t, "linear.pte")
	shift := func(h []byte) []byte { // root moves by the length of the header
		b := append(bytes.Clone(plain[:8]), h...)
		b = append(b, plain[8:]...)
		binary.LittleEndian.PutUint32(b, binary.LittleEndian.Uint32(plain)+uint32(len(h)))
		return b
	}
	size := uint64(len(plain) + 24)
	for _, tt := range []struct {
		name       string
		size, base uint64
		want       asset.Verdict
	}{
		{"whole", size, 0, asset.OK},
		{"program longer than the file", size + 1, 0, asset.Failed},
		{"program ends early", size - 8, 0, asset.Failed},
		{"segments after the file", size, size + 1, asset.Failed},
		{"segments inside the program", size, 16, asset.Failed},
		{"wraps around", 1 << 63, 1 << 63, asset.Failed},
	} {
		if r := artifacttest.Scan(t, executorch.New(), "m.pte", shift(header(tt.size, tt.base))); r.Verdict != tt.want {
			t.Errorf("%s: %q %v, want %q", tt.name, r.Verdict, r.Errors, tt.want)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	s := executorch.New()
	artifacttest.CheckRules(t, s)
	for _, name := range []string{"linear.pte", "delegate.pte"} {
		b := read(t, name)
		end := len(bytes.TrimRight(b, "\x00"))
		artifacttest.Truncate(t, s, name, b, func(n int) bool { return n >= end })
		artifacttest.Mutate(t, s, name, b, 1000)
	}
}

func FuzzExecuTorch(f *testing.F) {
	for _, name := range []string{"linear.pte", "delegate.pte", "custom.pte"} {
		f.Add(read(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, executorch.New(), "m.pte", b) })
}

// What the exporter of ExecuTorch wrote has the tensors that its own reader finds.
func TestExported(t *testing.T) {
	type row struct {
		Name  string  `json:"name"`
		DType string  `json:"dtype"`
		Shape []int64 `json:"shape"`
	}
	var want, got []row
	said, err := os.ReadFile("testdata/exported.json")
	if err == nil {
		err = json.Unmarshal(said, &want)
	}
	program, err2 := os.ReadFile("testdata/exported.pte")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if r := artifacttest.Scan(t, executorch.New(), "m.pte", program); r.Verdict != asset.OK || len(r.Findings) > 0 {
		t.Errorf("%q %v", r.Verdict, r.Messages())
	}
	d, err := artifacttest.Describe(t, executorch.New(), "m.pte", program)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range d.Tensors {
		got = append(got, row{x.Name, x.DType, x.Shape})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-ExecuTorch +merlon)\n%s", diff)
	}
}
