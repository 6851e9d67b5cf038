package tfcheckpoint

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/s2"

	"github.com/merlon-security/merlon/engine/tfcheckpoint/tabletest"
)

type kv = tabletest.KV

func read(b []byte) (h *Header, entries []*Entry, odd []string, err error) {
	h, err = Read(context.Background(), bytes.NewReader(b), int64(len(b)), Visitor{
		Entry: func(e *Entry) error { entries = append(entries, e); return nil },
		Odd:   func(what string, n int64) { odd = append(odd, fmt.Sprint(what, " ", n)) },
	})
	return h, entries, odd, err
}

var tensors = []kv{tabletest.Header(2), tabletest.Tensor("a", 1, []uint64{2, 3}, 0, 0, 24), tabletest.Tensor("b", 9, nil, 1, 0, 8)}

func TestRead(t *testing.T) {
	want := []*Entry{{Name: "a", DType: 1, Shape: []int64{2, 3}, Size: 24}, {Name: "b", DType: 9, Shape: []int64{}, Shard: 1, Size: 8}}
	plain := tabletest.File(tensors...)
	packed := tabletest.Table(kv{Key: "b", Value: string(tabletest.Sealed(s2.EncodeSnappy(nil, tabletest.Block(tensors...)), 1))})
	split := tabletest.Table(kv{Key: "", Value: string(tabletest.Sealed(tabletest.Block(tensors[0]), 0))},
		kv{Key: "aa", Value: string(tabletest.Sealed(tabletest.Block(tensors[1]), 0))}, kv{Key: "b", Value: string(tabletest.Sealed(tabletest.Block(tensors[2]), 0))})
	for name, b := range map[string][]byte{"plain": plain, "snappy": packed, "blocks": split} {
		h, got, odd, err := read(b)
		if d := cmp.Diff(want, got); d != "" || err != nil || len(odd) > 0 {
			t.Errorf("%s: %v %v\n%s", name, err, odd, d)
		}
		if d := cmp.Diff(&Header{Shards: 2, Producer: 1, Entries: 2}, h); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if !Ends(b) || name != "snappy" && !Recognise(b) {
			t.Errorf("%s: not recognised", name)
		}
	}
}

func TestSlices(t *testing.T) {
	slice := tabletest.Tensor("\x00w\x00\xff\xff\x00\x00\x01\x01\x02", 1, []uint64{1}, 0, 0, 4)
	whole := tabletest.Tensor("w", 1, []uint64{1}, 0, 0, 0)
	whole.Value += "\x3a\x00"
	_, got, _, err := read(tabletest.File(tabletest.Header(1), slice, whole))
	if err != nil || len(got) != 2 || !got[0].Slice || got[0].Name != "w\x00\xff" || got[1].Slices != 1 {
		t.Errorf("%v %+v", err, got)
	}
}

// change returns a copy of b with other bytes at an offset.
func change(b []byte, at int, to ...byte) []byte {
	b = bytes.Clone(b)
	copy(b[at:], to)
	return b
}

// restart is a block with restart points of the test's choice.
func restart(points ...uint32) []byte {
	b := tabletest.Block(tensors...)
	b = b[:len(b)-8]
	for _, p := range points {
		b = binary.LittleEndian.AppendUint32(b, p)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(points)))
	return tabletest.Table(kv{Key: "b", Value: string(tabletest.Sealed(b, 0))})
}

func TestErrors(t *testing.T) {
	good := tabletest.File(tensors...)
	sealed := func(block []byte, compression byte, last string) []byte {
		return tabletest.Table(kv{Key: last, Value: string(tabletest.Sealed(block, compression))})
	}
	huge := append(binary.AppendUvarint(nil, 1<<30), 0)
	for name, tt := range map[string]struct {
		b    []byte
		says string
	}{
		"empty":             {nil, "table of 0 bytes"},
		"no magic":          {good[:len(good)-1], "cut off"},
		"checksum":          {change(good, 8, 0xff), "checksum"},
		"compression":       {sealed(tabletest.Block(tensors...), 7, "b"), "unknown compression"},
		"bad snappy":        {sealed(tabletest.Block(tensors...), 1, "b"), ""},
		"snappy bomb":       {sealed(huge, 1, "b"), "not read"},
		"no header":         {tabletest.File(tensors[1:]...), "not the header"},
		"no entries":        {tabletest.File(), "no header"},
		"twice":             {tabletest.File(tensors[0], tensors[1], tensors[1]), "not after"},
		"disorder":          {tabletest.File(tensors[0], tensors[2], tensors[1]), "not in the block"},
		"beyond its block":  {sealed(tabletest.Block(tensors...), 0, "a"), "looked for"},
		"no shards":         {tabletest.File(tabletest.Header(0)), "0 data files"},
		"many shards":       {tabletest.File(tabletest.Header(1 << 40)), "data files"},
		"entry":             {tabletest.File(tensors[0], kv{Key: "a", Value: "\x08"}), `"a"`},
		"slice":             {tabletest.File(tensors[0], kv{Key: "\x00a", Value: ""}), "slice"},
		"dimensions":        {tabletest.File(tensors[0], tabletest.Tensor("a", 1, make([]uint64, 300), 0, 0, 0)), "dimensions"},
		"restart elsewhere": {restart(0, 3), "restart"},
		"no restart":        {restart(), "restart"},
		"restart at end":    {restart(0, 9999), "restart"},
		"many restarts":     {sealed([]byte{0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, 0, "b"), "restart points"},
		"sharing":           {sealed([]byte{9, 1, 1, 'a', 'b', 0, 0, 0, 0, 1, 0, 0, 0}, 0, "b"), "outside"},
	} {
		if _, _, _, err := read(tt.b); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q", name, err, tt.says)
		}
	}
	if _, _, _, err := read(restart(0)); err != nil {
		t.Error(err)
	}
}

func TestOdd(t *testing.T) {
	// Bytes between the last block and the footer.
	b := tabletest.File(tensors...)
	b = append(append(bytes.Clone(b[:len(b)-48]), "payload"...), b[len(b)-48:]...)
	if _, _, odd, err := read(b); err != nil || cmp.Diff([]string{"bytes before the footer 7"}, odd) != "" {
		t.Errorf("%v %v", odd, err)
	}
	x := tensors[1]
	x.Value += "\x7a\x03abc" // field 15
	if _, _, odd, err := read(tabletest.File(tensors[0], x)); err != nil || cmp.Diff([]string{"field 15 4"}, odd) != "" {
		t.Errorf("%v %v", odd, err)
	}
}

func TestTruncation(t *testing.T) {
	good := tabletest.File(tensors...)
	for n := range len(good) {
		if _, _, _, err := read(good[:n]); err == nil {
			t.Errorf("cut at %d of %d is read", n, len(good))
		}
	}
}

func TestMutation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	block := tabletest.Block(tensors...)
	for range 5000 {
		b := bytes.Clone(block)
		for range 1 + rng.IntN(4) {
			b[rng.IntN(len(b))] = byte(rng.Uint32())
		}
		_, _, _, _ = read(tabletest.Table(kv{Key: "b", Value: string(tabletest.Sealed(b, 0))}))
	}
}

// A million tensors whose names are control characters are read in little memory.
func TestManyTensors(t *testing.T) {
	const n = 1_000_000
	var blocks []kv
	for i := 0; i < n; {
		var entries []kv
		if i == 0 {
			entries = append(entries, tabletest.Header(1))
		}
		for range 5000 {
			entries = append(entries, tabletest.Tensor(fmt.Sprintf("\x01\x1b[31m%08d\n", i), 1, []uint64{1}, 0, uint64(4*i), 4))
			i++
		}
		blocks = append(blocks, kv{Key: entries[len(entries)-1].Key, Value: string(tabletest.Sealed(tabletest.Block(entries...), 0))})
	}
	b := tabletest.Table(blocks...)
	blocks = nil
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := uint64(0)
	count := 0
	_, err := Read(context.Background(), bytes.NewReader(b), int64(len(b)), Visitor{Entry: func(*Entry) error {
		if count++; count%100_000 == 0 {
			runtime.ReadMemStats(&after)
			most = max(most, after.HeapAlloc)
		}
		return nil
	}})
	if err != nil || count != n {
		t.Fatal(count, err)
	}
	if most > before.HeapAlloc+64<<20 {
		t.Errorf("%d MB of memory", (most-before.HeapAlloc)>>20)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(tabletest.File(tensors...))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _, _, _ = read(b)
		_, _, _, _ = read(tabletest.Table(kv{Key: "\xff", Value: string(tabletest.Sealed(b, 0))}))
	})
}
