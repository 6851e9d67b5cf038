package tensorrt_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/tensorrt"
)

var engine = "ftrt\x00\x00\x00\x00\xe8" + strings.Repeat("\x00\x17", 100)

func wrapped(meta string) string {
	return string(binary.LittleEndian.AppendUint32(nil, uint32(len(meta)))) + meta + engine
}

func TestScan(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		verdict       asset.Verdict
	}{
		{"model.engine", engine, asset.Unverified},
		{"model.bin", engine, asset.Unverified},
		{"yolo.engine", wrapped(`{"task":"detect"}`), asset.Unverified},
		{"model.trt", "\x00\x01\x02", asset.Unverified},
		{"search.engine", "text about engines", ""},
		{"release.plan", "1. write\n2. test\n", ""},
		{"model.bin", "ftr\x00", ""},
		{"data.bin", wrapped(`{"task":"detect"}`)[:20], ""},
	} {
		if r := artifacttest.Scan(t, tensorrt.New(), tt.name, []byte(tt.content)); r.Verdict != tt.verdict {
			t.Errorf("%s: %q, want %q", tt.name, r.Verdict, tt.verdict)
		}
	}
}

func TestDescribe(t *testing.T) {
	d, err := artifacttest.Describe(t, tensorrt.New(), "y.engine", []byte(wrapped(`{"task":"detect","batch":1}`)))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, f := range d.Facts {
		if p, ok := f.Value.(asset.Pair); ok {
			seen[p.Name] = p.Value
		}
	}
	if seen["task"] != "detect" || seen["serialization version"] != "232" {
		t.Errorf("%v", seen)
	}
}

func TestHostileBytes(t *testing.T) {
	s := tensorrt.New()
	artifacttest.CheckRules(t, s)
	artifacttest.Truncate(t, s, "m.engine", []byte(wrapped(`{"task":"detect"}`)), nil)
	artifacttest.Mutate(t, s, "m.engine", []byte(wrapped(`{"task":"detect"}`)), 300)
}

func FuzzTensorRT(f *testing.F) {
	f.Add([]byte(engine))
	f.Add([]byte(wrapped(`{"task":"detect"}`)))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, tensorrt.New(), "m.engine", b) })
}
