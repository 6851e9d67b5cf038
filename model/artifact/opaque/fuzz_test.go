package opaque

import (
	"testing"

	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func FuzzScan(f *testing.F) {
	f.Add([]byte("RKNN\x00\x00\x00\x00\x01\x00\x00\x00"))
	f.Add([]byte("\x0a\x0b{\"a\": 1}"))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, New(), "m.rknn", b) })
}
