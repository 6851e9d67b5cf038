package msgpack_test

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/msgpack"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What merlon lists is what Flax itself restores.
func TestRealCheckpoints(t *testing.T) {
	var want map[string][2]any
	if err := json.Unmarshal(read(t, "expected.json"), &want); err != nil {
		t.Fatal(err)
	}
	d, err := artifacttest.Describe(t, msgpack.New(), "net.msgpack", read(t, "net.msgpack"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]any{}
	for _, x := range d.Tensors {
		shape := []any{}
		for _, n := range x.Shape {
			shape = append(shape, float64(n))
		}
		got[x.Name] = [2]any{x.DType, shape}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tensors (-Flax +merlon)\n%s", diff)
	}
	d, err = artifacttest.Describe(t, msgpack.New(), "chunked.msgpack", read(t, "chunked.msgpack"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]asset.Tensor{{Name: "a/w", DType: "float32", Shape: []int64{4, 6}, Bytes: 96}}, d.Tensors); diff != "" {
		t.Errorf("chunked array (-want +got)\n%s", diff)
	}
	for _, name := range []string{"net.msgpack", "chunked.msgpack"} {
		if r := artifacttest.Scan(t, msgpack.New(), name, read(t, name)); r.Verdict != asset.OK {
			t.Errorf("%s: %q %v", name, r.Verdict, r.Errors)
		}
	}
	if r := artifacttest.Scan(t, msgpack.New(), "without-suffix", read(t, "net.msgpack")); r.Verdict != asset.OK {
		t.Errorf("recognised by its bytes: %q", r.Verdict)
	}
}

func ext(kind byte, content string) string {
	return "\xc7" + string([]byte{byte(len(content)), kind}) + content
}

func array(shape, dtype, data string) string {
	return ext(1, "\x93"+shape+string([]byte{0xa0 | byte(len(dtype))})+dtype+"\xc4"+string([]byte{byte(len(data))})+data)
}

func one(v string) string { return "\x81\xa1w" + v }

func TestContents(t *testing.T) {
	good := array("\x91\x02", "int16", "abcd")
	for _, tt := range []struct {
		name, content string
		verdict       asset.Verdict
		rules         string
	}{
		{"array", one(good), asset.OK, ""},
		{"scalar", one(ext(3, "\x93\x90\xa5int32\xc4\x04abcd")), asset.OK, ""},
		{"objects", one(array("\x91\x01", "object", "abcdefgh")), asset.Malicious, "artifact/msgpack-object-array"},
		{"objects by letter", one(array("\x91\x01", "O", "abcdefgh")), asset.Malicious, "artifact/msgpack-object-array"},
		{"text named object", "\x82\xa1a\xa6object\xa1w" + good, asset.OK, ""},
		{"structure", one(array("\x91\x01", "i4,i4", "abcdefgh")), asset.Unverified, "artifact/msgpack-extension"},
		{"other extension", "\x82\xa1a" + ext(42, "x") + "\xa1w" + good, asset.Unverified, "artifact/msgpack-extension"},
		{"time stamp", "\x82\xa1a\xd6\xff\x00\x00\x00\x00\xa1w" + good, asset.OK, ""},
		{"pickle of msgpack-numpy", one("\x84\xc4\x02nd\xc3\xc4\x04type\xa2|O\xc4\x04kind\xc4\x01O\xc4\x04data\xc4\x04\x80\x04N."), asset.Unverified, "artifact/msgpack-pickle"},
		{"array of msgpack-numpy", "\x82\xa1a\x84\xc4\x02nd\xc3\xc4\x04type\xa3<i4\xc4\x04kind\xc4\x00\xc4\x04data\xc4\x04abcd\xa1w" + good, asset.OK, ""},
		{"shape too large", one(array("\x91\x03", "int16", "abcd")), asset.Failed, ""},
		{"shape overflows", one(array("\x92\xcf\x40\x00\x00\x00\x00\x00\x00\x00\x04", "int16", "abcd")), asset.Failed, ""},
		{"negative size", one(array("\x91\xff", "int16", "abcd")), asset.Failed, ""},
		{"key twice", "\x82\xa1w" + good + "\xa1w" + good, asset.Failed, ""},
		{"trailing", one(good) + "\x01", asset.Failed, ""},
		{"length lies", one("\xc9\x7f\xff\xff\xff\x01"), asset.Failed, ""},
		{"deep", one(strings.Repeat("\x91", 5000) + "\x01"), asset.Failed, ""},
		{"no UTF-8", "\x82\xa1a\xa1\xff\xa1w" + good, asset.Failed, ""},
		{"not a model", "\x81\xa1a\x01", "", ""},
	} {
		r := artifacttest.Scan(t, msgpack.New(), "m.msgpack", []byte(tt.content))
		if r.Verdict != tt.verdict || strings.Join(r.Rules(), " ") != tt.rules {
			t.Errorf("%s: %q %v %v, want %q %q", tt.name, r.Verdict, r.Rules(), r.Errors, tt.verdict, tt.rules)
		}
	}
}

// The bytes of weights are not read to list them.
func TestLargeArraysArePassedOver(t *testing.T) {
	const size = 1 << 30
	head := "\x81\xa1w\xc9" + string(binary.BigEndian.AppendUint32(nil, size+18)) + "\x01\x93\x91\xce" +
		string(binary.BigEndian.AppendUint32(nil, size)) + "\xa5uint8\xc6" + string(binary.BigEndian.AppendUint32(nil, size))
	path := filepath.Join(t.TempDir(), "m.msgpack")
	if err := os.WriteFile(path, []byte(head), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, int64(len(head))+size); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := &counting{ReaderAt: f}
	d, err := artifacttest.DescribeReader(t, msgpack.New(), "m.msgpack", c, int64(len(head))+size)
	if err != nil || len(d.Tensors) != 1 || d.Tensors[0].Bytes != size {
		t.Fatal(d, err)
	}
	if c.n > 1<<20 {
		t.Errorf("%d bytes were read to describe one array", c.n)
	}
}

// counting counts the bytes that are read.
type counting struct {
	io.ReaderAt
	n int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

func TestOtherFiles(t *testing.T) {
	for _, s := range []string{"", "\x81", "\xde\xad\xbe\xef rest", "text", "\x80\x04\x95"} {
		if r := artifacttest.Scan(t, msgpack.New(), "a.bin", []byte(s)); r.Verdict != "" {
			t.Errorf("%q: verdict %q", s, r.Verdict)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	s := msgpack.New()
	artifacttest.CheckRules(t, s)
	for _, name := range []string{"net.msgpack", "chunked.msgpack"} {
		artifacttest.Truncate(t, s, name, read(t, name), nil)
		artifacttest.Mutate(t, s, name, read(t, name), 500)
	}
}

func FuzzMsgpack(f *testing.F) {
	f.Add(read(f, "net.msgpack"))
	f.Add(read(f, "chunked.msgpack"))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, msgpack.New(), "m.msgpack", b) })
}
