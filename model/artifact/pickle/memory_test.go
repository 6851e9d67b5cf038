package pickle

import (
	"bytes"
	"compress/zlib"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

func deflated(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

// Compressed pickles in compressed pickles, each with a lot of air, share one bound of
// memory; what does not fit is not passed over.
func TestNestedMemory(t *testing.T) {
	for air, want := range map[int]asset.Verdict{10 << 20: asset.Malicious, 30 << 20: asset.Failed} {
		s := evilFile
		for range 3 {
			s = p4(raw(deflated(p4(list(raw(s), raw(strings.Repeat("\x00", air)))))))
		}
		var r *artifacttest.Result
		peak := artifacttest.Peak(t, func() { r = artifacttest.Scan(t, New(), "m.pkl", []byte(s)) })
		if r.Verdict != want {
			t.Errorf("%d bytes of air: %q %v %v, want %q", air, r.Verdict, r.Messages(), r.Errors, want)
		}
		if peak > 200<<20 {
			t.Errorf("%d bytes of air: %d MB of memory", air, peak>>20)
		}
		t.Logf("%d bytes of air: %d MB of memory", air, peak>>20)
	}
}

// What lies deeper than anybody looks is not called fine.
func TestNestedTooDeep(t *testing.T) {
	s := evilFile
	for range maxDepth + 3 {
		s = p4(raw(s))
	}
	r := artifacttest.Scan(t, New(), "m.pkl", []byte(s))
	if r.Verdict != asset.Failed {
		t.Errorf("%q %v, want %q", r.Verdict, r.Messages(), asset.Failed)
	}
	s = p4(raw("harmless"))
	for range maxDepth - 1 {
		s = p4(raw(s))
	}
	if r := artifacttest.Scan(t, New(), "m.pkl", []byte(s)); r.Verdict != asset.OK {
		t.Errorf("a few levels of harmless data: %q %v", r.Verdict, r.Messages())
	}
}
