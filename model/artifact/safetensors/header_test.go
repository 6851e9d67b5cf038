package safetensors

import (
	"bytes"
	"io"
	"testing"

	"github.com/merlon-security/merlon/asset"
)

// headerOnly is a file of 200 GB of which only the beginning may be read.
type headerOnly struct {
	t    *testing.T
	head []byte
	size int64
}

func (h headerOnly) Size() int64 { return h.size }

func (h headerOnly) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > int64(len(h.head)) {
		h.t.Errorf("read %d bytes at %d, behind the header", len(p), off)
		return 0, io.ErrUnexpectedEOF
	}
	return copy(p, h.head[off:]), nil
}

// huge is a [scan.File] made of it.
type huge struct{ headerOnly }

func (huge) Ref() asset.Ref { return asset.Ref{Path: "m.safetensors"} }
func (h huge) Head() []byte { return h.head }

func TestOnlyTheHeaderIsRead(t *testing.T) {
	head := file(`{"a":{"dtype":"U8","shape":[200000000000],"data_offsets":[0,200000000000]}}`, "")
	h, err := readHeader(headerOnly{t, head, int64(len(head)) + 200e9})
	if err != nil {
		t.Fatal(err)
	}
	var spans []span
	_, _, err = h.parse(func(e *entry) error { spans = append(spans, span{e.start, e.end, e.at}); return nil })
	if gaps, overlaps, _, _ := layout(spans, uint64(h.size), kept); err != nil || len(gaps)+len(overlaps) > 0 {
		t.Errorf("%v %v %v", err, gaps, overlaps)
	}
	// Describe reads no more than that either.
	d, err := scanner{}.Describe(t.Context(), huge{headerOnly{t, head, int64(len(head)) + 200e9}})
	if err != nil || len(d.Tensors) != 1 || d.Tensors[0].Bytes != 200e9 {
		t.Errorf("%+v %v", d, err)
	}
}

// FuzzHeader: tensors without gaps and overlaps fill the data exactly.
func FuzzHeader(f *testing.F) {
	f.Add(read(f, "real.safetensors"))
	f.Add(file(`{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"F4","shape":[2,1],"data_offsets":[4,5]}}`, "xxxxx"))
	f.Fuzz(func(t *testing.T, content []byte) {
		h, err := readHeader(bytes.NewReader(content))
		if err != nil {
			return
		}
		var spans []span
		var sum uint64
		_, _, err = h.parse(func(e *entry) error {
			if n, err := e.bytes(); err != nil || e.start > e.end || e.end-e.start != n || e.end > uint64(h.size) {
				return io.ErrUnexpectedEOF
			}
			sum += e.end - e.start
			spans = append(spans, span{e.start, e.end, e.at})
			return nil
		})
		if err != nil {
			return
		}
		_, _, gaps, overlaps := layout(spans, uint64(h.size), kept)
		if gaps+overlaps == 0 && sum != uint64(h.size) {
			t.Fatalf("tensors of %d bytes fill %d", sum, h.size)
		}
	})
}
