package gguf_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/gguf"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

// A header of a million tensors whose names are control characters is read in the memory
// of the header and 64 MB more, or refused; the names are not shown as they are.
func TestAMillionTensors(t *testing.T) {
	const n = 1_000_000
	b := make([]byte, 0, 70*n)
	b = append(b, "GGUF\x03\x00\x00\x00"...)
	b = binary.LittleEndian.AppendUint64(b, n)
	b = binary.LittleEndian.AppendUint64(b, 0)
	for i := range n {
		name := fmt.Sprintf("\x1b[2J\r%07d\x00", i)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(name)))
		b = append(b, name...)
		b = binary.LittleEndian.AppendUint32(b, 1)
		b = binary.LittleEndian.AppendUint64(b, 8)
		b = binary.LittleEndian.AppendUint32(b, 0)
		b = binary.LittleEndian.AppendUint64(b, uint64(32*i)%(1<<40))
	}
	header := int64(len(b))
	var r *artifacttest.Result
	if peak := artifacttest.Peak(t, func() { r = artifacttest.Scan(t, gguf.New(), "m.gguf", b) }); peak > header+64<<20 {
		t.Errorf("scan: %d MB of memory for a header of %d MB", peak>>20, header>>20)
	}
	if r.Verdict == asset.OK || r.Verdict == asset.Unknown {
		t.Errorf("%q: the tensors have no data", r.Verdict)
	}
	if s := strings.Join(r.Messages(), ""); strings.ContainsAny(s, "\x1b\r") {
		t.Error("a name is shown as it is")
	}
	if peak := artifacttest.Peak(t, func() { _, _ = artifacttest.Describe(t, gguf.New(), "m.gguf", b) }); peak > 4*header+64<<20 {
		t.Errorf("describe: %d MB of memory for a header of %d MB", peak>>20, header>>20)
	}
}
