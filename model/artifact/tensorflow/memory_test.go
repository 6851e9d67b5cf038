package tensorflow

import (
	"fmt"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/tfcheckpoint/tabletest"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
)

// A checkpoint of more than a million tensors whose names are control characters ends in
// an error that says so, in bounded memory.
func TestAMillionTensors(t *testing.T) {
	var blocks []tabletest.KV
	for i := 0; i < maxEntries+5000; {
		var entries []tabletest.KV
		if i == 0 {
			entries = append(entries, tabletest.Header(1))
		}
		for range 5000 {
			entries = append(entries, tabletest.Tensor(fmt.Sprintf("\x01\x1b[31m%08d\n", i), 1, []uint64{1}, 0, uint64(4*i), 4))
			i++
		}
		blocks = append(blocks, tabletest.KV{Key: entries[len(entries)-1].Key, Value: string(tabletest.Sealed(tabletest.Block(entries...), 0))})
	}
	b := tabletest.Table(blocks...)
	blocks = nil
	var r *artifacttest.Result
	if peak := artifacttest.Peak(t, func() { r = artifacttest.Scan(t, New(), "m.index", b) }); peak > 64<<20+int64(len(b)) {
		t.Errorf("%d MB of memory for an index of %d MB", peak>>20, len(b)>>20)
	}
	said := ""
	for _, e := range r.Errors {
		said += e.Err
	}
	if r.Verdict != asset.Failed || !strings.Contains(said, "more than 1000000 tensors") || strings.ContainsAny(said, "\x1b\n") {
		t.Errorf("%q %v", r.Verdict, r.Errors)
	}
}
