package weights_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/archive"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/internal/prototest"
	"github.com/merlon-security/merlon/model/artifact/weights"
	"github.com/merlon-security/merlon/scan"
)

func npy(data []byte) []byte {
	head := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }", len(data)/4)
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n"
	return append(append([]byte("\x93NUMPY\x01\x00"), byte(len(head)), byte(len(head)>>8)), append([]byte(head), data...)...)
}

// torch is a file as torch.save lays it out, of one storage.
func torch(t testing.TB, data []byte, method uint16, more ...string) []byte {
	t.Helper()
	pkl := "\x80\x02(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuJ" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(data)/4))) + "tQ."
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range [][2]string{{"m/data.pkl", pkl}, {"m/data/0", string(data)}, {"m/byteorder", strings.Join(more, "")}} {
		f, err := w.CreateRaw(&zip.FileHeader{Name: m[0], UncompressedSize64: uint64(len(m[1])), CompressedSize64: uint64(len(m[1])), Method: method})
		if m[0] == "m/data.pkl" || method == zip.Deflate {
			f, err = w.CreateHeader(&zip.FileHeader{Name: m[0], Method: method})
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(m[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func onnx(data []byte) []byte {
	w := prototest.Msg{}.Int(1, int64(len(data)/4)).Int(2, 1).Str(8, "w").Str(9, string(data))
	g := prototest.Msg{}.Sub(1, prototest.Msg{}.Str(4, "Relu")).Sub(5, w)
	return prototest.Msg{}.Int(1, 8).Str(2, "test").Sub(7, g).Sub(8, prototest.Msg{}.Int(2, 13))
}

// gguf is a file of two tensors with one byte of padding content between them.
func gguf(data []byte, pad byte) []byte {
	b := []byte("GGUF\x03\x00\x00\x00")
	b = binary.LittleEndian.AppendUint64(b, 2)
	b = binary.LittleEndian.AppendUint64(b, 0)
	padded := (len(data) + 31) / 32 * 32
	for i, off := range []int{0, padded} {
		b = binary.LittleEndian.AppendUint64(b, 1)
		b = append(b, byte('a'+i))
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(data)/4))
		b = binary.LittleEndian.AppendUint32(b, 0)
		b = binary.LittleEndian.AppendUint64(b, uint64(off))
	}
	b = append(b, make([]byte, (32-len(b)%32)%32)...)
	one := append(bytes.Clone(data), make([]byte, padded-len(data))...)
	two := bytes.Clone(one)
	if padded > len(data) {
		one[len(data)] = pad
	}
	return append(append(b, one...), two...)
}

func TestFormats(t *testing.T) {
	good, bad := noise(100_000), noise(100_000)
	copy(bad[1001:], program)
	for name, build := range map[string]func([]byte) []byte{
		"m.npy": npy, "m.onnx": onnx, "m.gguf": func(b []byte) []byte { return gguf(b, 0) },
		"m.pt": func(b []byte) []byte { return torch(t, b, zip.Store) },
	} {
		if r := artifacttest.Scan(t, weights.New(), name, build(good)); r.Verdict != asset.OK || len(r.Findings) > 0 || len(r.Errors) > 0 {
			t.Errorf("%s: %q %v %v", name, r.Verdict, r.Messages(), r.Errors)
		}
		if r := artifacttest.Scan(t, weights.New(), name, build(bad)); r.Verdict != asset.Unverified || !slices.Contains(r.Rules(), "artifact/weights-program") {
			t.Errorf("%s: %q %v %v", name, r.Verdict, r.Messages(), r.Errors)
		}
		low := noise(100_000)
		for i := range 60_000 {
			low[4*i] = text[i%len(text)]
		}
		if r := artifacttest.Scan(t, weights.New(), name, build(low)); !slices.Contains(r.Rules(), "artifact/weights-hidden-data") {
			t.Errorf("%s: text in the low bytes is not found: %v %v", name, r.Messages(), r.Errors)
		}
	}
	for name, b := range map[string][]byte{"compressed": torch(t, good, zip.Deflate), "big-endian": torch(t, good, zip.Store, "big")} {
		if r := artifacttest.Scan(t, weights.New(), "m.pt", b); r.Verdict != asset.Failed {
			t.Errorf("%s: %q %v", name, r.Verdict, r.Errors)
		}
	}
	var other bytes.Buffer
	w := zip.NewWriter(&other)
	if _, err := w.Create("readme.txt"); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	if r := artifacttest.Scan(t, weights.New(), "x.zip", other.Bytes()); r.Verdict != asset.Unknown {
		t.Errorf("a zip of something else: %q", r.Verdict)
	}
	var arrays bytes.Buffer
	w = zip.NewWriter(&arrays)
	if f, err := w.Create("w.npy"); err != nil {
		t.Fatal(err)
	} else if _, err := f.Write(npy(bad)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	if r := artifacttest.ScanAll(t, []scan.Scanner{archive.New(), weights.New()}, "m.npz", arrays.Bytes()); !slices.Contains(r.Rules(), "artifact/weights-program") {
		t.Errorf("npz: %v %v", r.Messages(), r.Errors)
	}
}

func TestPadding(t *testing.T) {
	for pad, want := range map[byte]asset.Verdict{0: asset.OK, 'x': asset.Unverified} {
		r := artifacttest.Scan(t, weights.New(), "m.gguf", gguf(noise(1001), pad))
		if r.Verdict != want || (want == asset.OK) != (len(r.Findings) == 0) {
			t.Errorf("padding of %q: %q %v", pad, r.Verdict, r.Messages())
		}
	}
}

// named is a safetensors file of n floats and the given others.
func named(t testing.TB, n int, others map[string]string) []byte {
	t.Helper()
	head, data := map[string]any{}, []byte{}
	add := func(name, dtype string) {
		head[name] = map[string]any{"dtype": dtype, "shape": []int{8192}, "data_offsets": []int{len(data), len(data) + 8192}}
		data = append(data, noise(2048)...)
	}
	for i := range n {
		add(fmt.Sprintf("layer%d.weight", i), "F32")
	}
	for name, dtype := range others {
		add(name, dtype)
	}
	b, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(b))), b...), data...)
}

func TestTypes(t *testing.T) {
	for name, tt := range map[string]struct {
		floats int
		others map[string]string
		odd    bool
	}{
		"lone":           {12, map[string]string{"x.weight": "U8"}, true},
		"lone kernel":    {12, map[string]string{"a/kernel:0": "I64"}, true},
		"floats only":    {12, nil, false},
		"quantised":      {12, map[string]string{"x.weight": "I8", "y.weight": "I8"}, false},
		"no weight":      {12, map[string]string{"position_ids": "I64"}, false},
		"other float":    {12, map[string]string{"x.weight": "BF16"}, false},
		"few tensors":    {3, map[string]string{"x.weight": "U8"}, false},
		"part of a name": {12, map[string]string{"lightweight": "U8"}, false},
	} {
		r := artifacttest.Scan(t, weights.New(), "m.safetensors", named(t, tt.floats, tt.others))
		if got := slices.Contains(r.Rules(), "artifact/weights-type"); got != tt.odd {
			t.Errorf("%s: %v %v", name, r.Messages(), r.Errors)
		}
	}
}

func TestHostileFormats(t *testing.T) {
	s := weights.New()
	data := noise(200)
	for name, b := range map[string][]byte{"m.npy": npy(data), "m.onnx": onnx(data), "m.gguf": gguf(data, 0), "m.pt": torch(t, data, zip.Store)} {
		// The scanners of the formats say what is cut off behind the weights.
		artifacttest.Truncate(t, s, name, b, func(n int) bool { return name != "m.npy" && n > len(data) })
		artifacttest.Mutate(t, s, name, b, 200)
	}
}

func FuzzFormats(f *testing.F) {
	data := noise(50)
	for _, b := range [][]byte{npy(data), onnx(data), gguf(data, 0), torch(f, data, zip.Store)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, weights.New(), "m.bin", b) })
}
