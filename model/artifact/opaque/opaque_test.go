package opaque

import (
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func TestScan(t *testing.T) {
	for _, tt := range []struct{ name, content, format string }{
		{"m.rknn", "RKNN\x00\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00", "rknn"},
		{"m.bin", "RKNN\x00\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00", "rknn"},
		{"encrypted", "CYPTRKNN\x06\x00\x00\x00", "rknn"},
		{"renamed.rknn", "\x00\x01\x02", "rknn"},
		{"m.dnn", "B\x00C\x00N\x00\x00\x00B\x00V\x00", "cntk"},
		{"m.model", "\x08\x01\x12\x20\x0a\x13primitive_functions\x12\x00", "cntk"},
		{"m.hef", "\x01HEF\x00\x00\x00\x01", "hailo-hef"},
		{"m.om", "IMOD\x00\x01\x00\x00", "ascend-om"},
		{"m.caffemodel", "\x0a\x03net\x00", "caffe"},
		{"m.mlmodelc/coremldata.bin", "\x01\x00\x00\x00", "coreml-compiled"},

		{"notes.rknn", "text about RKNN\n", ""},
		{"RKNN.txt", "RKNN is a format", ""},
		{"m.bin", "\x08\x01\x12\x20\x0a\x05other\x12\x00", ""},
		{"image.bin", "IMOD\x00\x01\x00\x00", ""},
		{"coremldata.txt", "\x01\x00", ""},
		{"empty.rknn", "", ""},
	} {
		r := artifacttest.Scan(t, New(), tt.name, []byte(tt.content))
		want := asset.Unknown
		if tt.format != "" {
			want = asset.Unverified
		}
		if r.Verdict != want || r.Format != tt.format {
			t.Errorf("%s: %q %q, want %q %q", tt.name, r.Verdict, r.Format, want, tt.format)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	artifacttest.CheckRules(t, New())
	b := []byte("RKNN\x00\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00")
	artifacttest.Truncate(t, New(), "m.rknn", b, nil)
	artifacttest.Mutate(t, New(), "m.rknn", b, 100)
}
