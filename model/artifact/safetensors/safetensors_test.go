package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func file(header string, data string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header+data...)
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRulesAreComplete(t *testing.T) { artifacttest.CheckRules(t, New()) }

// The reference reader is the judge: what it refuses is never ok here, and what
// it accepts is ok except where it resolves silently what others may not.
func TestAgreesWithTheReferenceReader(t *testing.T) {
	var oracle struct {
		Cases []struct {
			Name, Hex string
			Accepted  bool
		}
	}
	if err := json.Unmarshal(read(t, "verdicts.json"), &oracle); err != nil {
		t.Fatal(err)
	}
	stricter := map[string]asset.Verdict{
		"key twice":                asset.Unverified,
		"metadata key twice":       asset.Unverified,
		"unknown field":            asset.Unverified,
		"header begins with space": asset.Failed, // "MUST begin with a { character"
	}
	for _, c := range oracle.Cases {
		content, err := hex.DecodeString(c.Hex)
		if err != nil {
			t.Fatal(err)
		}
		r := artifacttest.Scan(t, New(), "m.safetensors", content)
		if v, ok := stricter[c.Name]; ok {
			if r.Verdict != v || !c.Accepted {
				t.Errorf("%s: %s, want %s", c.Name, r.Verdict, v)
			}
			continue
		}
		if (r.Verdict == asset.OK) != c.Accepted {
			t.Errorf("%s: %q with %v %v, and the library accepts it: %t", c.Name, r.Verdict, r.Messages(), r.Errors, c.Accepted)
		}
	}
}

func TestThreatsAndTheirNeighbours(t *testing.T) {
	const a = `"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}`
	tensor := func(name string, from, to int) string {
		return fmt.Sprintf(`%q:{"dtype":"U8","shape":[%d],"data_offsets":[%d,%d]}`, name, to-from, from, to)
	}
	for _, tt := range []struct {
		name    string
		content []byte
		verdict asset.Verdict
		rules   []string
	}{
		{"clean", file(`{`+a+`}`, "xxxx"), asset.OK, nil},
		{"header over the cap", append(binary.LittleEndian.AppendUint64(nil, maxHeader+1), '{'), asset.Failed, []string{ruleHeader}},
		{"header at the cap, not there", append(binary.LittleEndian.AppendUint64(nil, maxHeader), '{'), asset.Failed, nil},
		{"overlap", file(`{`+a+`,`+tensor("b", 3, 7)+`}`, "xxxxxxx"), asset.Unverified, []string{ruleOverlap}},
		{"adjacent", file(`{`+a+`,`+tensor("b", 4, 8)+`}`, "xxxxxxxx"), asset.OK, nil},
		{"hole", file(`{`+a+`,`+tensor("b", 5, 9)+`}`, "xxxxxxxxx"), asset.Unverified, []string{ruleHidden}},
		{"trailing byte", file(`{`+a+`}`, "xxxxx"), asset.Unverified, []string{ruleHidden}},
		{"duplicate key", file(`{`+a+`,`+a+`}`, "xxxx"), asset.Unverified, []string{ruleDuplicate, ruleOverlap}},
		{"duplicate key by escape", file(`{`+a+`,"\u0061":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}`, "xxxxxxxx"), asset.Unverified, []string{ruleDuplicate}},
		{"duplicate metadata", file(`{"__metadata__":{"a":"1","a":"2"}}`, ""), asset.Unverified, []string{ruleDuplicate}},
		{"shape lies", file(`{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}`, "xxxx"), asset.Unverified, []string{ruleSize}},
		{"dtype lies", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,4]}}`, "xxxx"), asset.Unverified, []string{ruleSize}},
		{"overflow", file(`{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}`, "xxxx"), asset.Unverified, []string{ruleOverflow}},
		{"outside the file", file(`{`+a+`}`, "xxx"), asset.Failed, nil},
		{"hidden field", file(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"x":"payload"}}`, "xxxx"), asset.Unverified, []string{ruleHidden}},
		{"name with a zero-width space", file(`{"a\u200b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, "xxxx"), asset.OK, []string{ruleName}},
		{"name with an accent", file(`{"é":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, "xxxx"), asset.OK, nil},
	} {
		r := artifacttest.Scan(t, New(), "m.safetensors", tt.content)
		if diff := gocmp.Diff(tt.rules, r.Rules()); r.Verdict != tt.verdict || diff != "" {
			t.Errorf("%s: verdict %q, want %q; rules (-want +got):\n%s%v", tt.name, r.Verdict, tt.verdict, diff, r.Errors)
		}
		if failed := len(r.Errors) > 0; failed != (tt.verdict == asset.Failed) {
			t.Errorf("%s: errors %v", tt.name, r.Errors)
		}
	}
}

func TestRecognisedByContent(t *testing.T) {
	clean := read(t, "real.safetensors")
	for name, content := range map[string][]byte{"weights.bin": clean, "x.jpg": clean} {
		if r := artifacttest.Scan(t, New(), name, content); r.Verdict != asset.OK || r.Format != "safetensors" {
			t.Errorf("%s: %q %q", name, r.Verdict, r.Format)
		}
	}
	for name, content := range map[string][]byte{
		"a.json": []byte(`{"a": {"b": 1, "c": 2}}`), "b.txt": []byte("hello, {world}"), "empty": {}, "c.bin": append(make([]byte, 8), '{', '"'),
	} {
		if r := artifacttest.Scan(t, New(), name, content); r.Verdict != asset.Unknown {
			t.Errorf("%s was taken for safetensors: %q", name, r.Verdict)
		}
	}
}

func TestHiddenBytesAreShownToOtherScanners(t *testing.T) {
	var seen []string
	r := artifacttest.ScanAll(t, append(spies(&seen), New()), "m.safetensors",
		file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}`, "GAPxxTRAILING"))
	slices.Sort(seen)
	if diff := gocmp.Diff([]string{"GAP", "TRAILING"}, seen); diff != "" || r.Verdict != asset.Unverified {
		t.Errorf("%s verdict %s", diff, r.Verdict)
	}
}

func TestDescribeAgreesWithTheLibrary(t *testing.T) {
	var oracle struct {
		Tensors []struct {
			Name  string
			DType string
			Shape []int64
			Bytes int64
		}
	}
	if err := json.Unmarshal(read(t, "oracle.json"), &oracle); err != nil {
		t.Fatal(err)
	}
	d, err := artifacttest.Describe(t, New(), "real.safetensors", read(t, "real.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	var want []asset.Tensor
	for _, x := range oracle.Tensors {
		want = append(want, asset.Tensor{Name: x.Name, DType: x.DType, Shape: x.Shape, Bytes: x.Bytes})
	}
	slices.SortFunc(d.Tensors, func(a, b asset.Tensor) int { return cmp.Compare(a.Name, b.Name) })
	if diff := gocmp.Diff(want, d.Tensors); diff != "" {
		t.Errorf("tensors (-library +ours):\n%s", diff)
	}
}

func TestHostileBytes(t *testing.T) {
	real := read(t, "real.safetensors")
	if r := artifacttest.Scan(t, New(), "real.safetensors", real); r.Verdict != asset.OK || len(r.Findings) > 0 {
		t.Fatalf("the real file is %q: %v %v", r.Verdict, r.Messages(), r.Errors)
	}
	artifacttest.Truncate(t, New(), "m.safetensors", real, nil)
	artifacttest.Mutate(t, New(), "m.safetensors", real, 500)
}

// A header as full of tensors as the format allows costs a bounded multiple of
// itself.
func TestManyTensorsCostLittle(t *testing.T) {
	var h bytes.Buffer
	h.WriteByte('{')
	n := 0
	for ; h.Len() < 20_000_000; n++ {
		fmt.Fprintf(&h, `"%d":{"dtype":"U8","shape":[],"data_offsets":[%d,%d]},`, n, n, n+1)
	}
	h.Truncate(h.Len() - 1)
	h.WriteByte('}')
	content := file(h.String(), strings.Repeat("x", n))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d, err := readHeader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	var spans []span
	if _, _, err := d.parse(func(e *entry) error { spans = append(spans, span{e.start, e.end, e.at}); return nil }); err != nil || len(spans) != n {
		t.Fatal(err, len(spans))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 64<<20+int64(h.Len()) {
		t.Errorf("%d tensors keep %d bytes", n, used)
	}
	runtime.KeepAlive(spans)
	runtime.KeepAlive(d)
}

func TestMoreTensorsThanAreKept(t *testing.T) {
	var h bytes.Buffer
	h.WriteByte('{')
	for i := range asset.MaxTensors + 2 {
		fmt.Fprintf(&h, `"%x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},`, i)
	}
	h.Truncate(h.Len() - 1)
	h.WriteByte('}')
	r := artifacttest.Scan(t, New(), "m.safetensors", file(h.String(), ""))
	if r.Verdict != asset.Failed || len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Err, "more than 1000000 tensors") {
		t.Errorf("%q %v", r.Verdict, r.Errors)
	}
}

func FuzzScan(f *testing.F) {
	f.Add(read(f, "real.safetensors"))
	f.Add(file(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"__metadata__":{"k":"v"}}`, "xxxx"))
	f.Fuzz(func(t *testing.T, content []byte) { artifacttest.Fuzz(t, New(), "m.safetensors", content) })
}
