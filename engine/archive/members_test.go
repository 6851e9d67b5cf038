package archive

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"testing"
)

// The members of a zip are bounded so that they fit into 200 MB.
func TestMemoryOfMembers(t *testing.T) {
	var b zipBuilder
	for i := range 250_000 {
		b.add(plain(fmt.Sprintf("folder/\x1b%d.txt", i), ""))
	}
	out := b.end("")
	b = zipBuilder{}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	z, err := ReadZip(context.Background(), bytes.NewReader(out), int64(len(out)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if live := int64(after.HeapAlloc) - int64(before.HeapAlloc); live > 200<<20 {
		t.Errorf("%d MB of memory", live>>20)
	} else {
		t.Logf("%d members, %d MB alive, %d MB in all", len(z.Members()), live>>20, (after.TotalAlloc-before.TotalAlloc)>>20)
	}
	capped := false
	for _, a := range z.Anomalies() {
		capped = capped || a.Kind == KindTooManyMembers
	}
	if !capped {
		t.Error("that not all members were read is not said")
	}
}
