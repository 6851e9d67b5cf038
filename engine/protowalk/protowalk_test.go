package protowalk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
)

func walker(b []byte, lim Limits) *Walker {
	return New(context.Background(), bytes.NewReader(b), int64(len(b)), lim)
}

// dump walks everything; bytes fields that are messages are not entered.
func dump(b []byte) ([]string, error) {
	w := walker(b, Limits{})
	var out []string
	err := w.Each(w.All(), func(f Field) error {
		s := fmt.Sprintf("%d@%d:%d", f.Num, f.At, f.Value)
		if f.Type == protowire.BytesType {
			t, _, err := w.Text(f, 10)
			if err != nil {
				return err
			}
			s = fmt.Sprintf("%d@%d:%q", f.Num, f.At, t)
		}
		if f.Type == protowire.StartGroupType {
			s = fmt.Sprintf("%d@%d:group of %d", f.Num, f.At, f.Body.Len())
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

func sample() []byte {
	var b []byte
	b = protowire.AppendTag(b, 1, protowire.VarintType)
	b = protowire.AppendVarint(b, 1<<63)
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	b = protowire.AppendString(b, "abc")
	b = protowire.AppendTag(b, 3, protowire.Fixed32Type)
	b = protowire.AppendFixed32(b, 7)
	b = protowire.AppendTag(b, 4, protowire.Fixed64Type)
	b = protowire.AppendFixed64(b, 8)
	b = protowire.AppendTag(b, 5, protowire.StartGroupType)
	b = protowire.AppendTag(b, 6, protowire.StartGroupType)
	b = protowire.AppendTag(b, 6, protowire.EndGroupType)
	b = protowire.AppendTag(b, 5, protowire.EndGroupType)
	return b
}

func TestEach(t *testing.T) {
	got, err := dump(sample())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"1@0:9223372036854775808", `2@11:"abc"`, "3@16:7", "4@21:8", "5@30:group of 2"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTruncation(t *testing.T) {
	b := sample()
	whole := map[int]bool{0: true, 11: true, 16: true, 21: true, 30: true}
	for n := range b {
		if _, err := dump(b[:n]); (err == nil) != whole[n] {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

func TestMalformed(t *testing.T) {
	for name, tt := range map[string]struct {
		b    string
		want error
	}{
		"field 0":        {"\x00\x01", ErrMalformed},
		"wire type 6":    {"\x0e\x01", ErrMalformed},
		"long varint":    {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", ErrMalformed},
		"huge length":    {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", ErrTruncated},
		"negative":       {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", ErrTruncated},
		"end of nothing": {"\x0c", ErrMalformed},
		"wrong end":      {"\x0b\x14", ErrMalformed},
		"open group":     {"\x0b", ErrTruncated},
		"groups":         {strings.Repeat("\x0b", 1000), ErrLimit},
	} {
		if _, err := dump([]byte(tt.b)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestLimits(t *testing.T) {
	var nested []byte
	for range 200 {
		nested = protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), nested)
	}
	w := walker(nested, Limits{})
	var enter func(f Field) error
	enter = func(f Field) error { return w.Each(f.Body, enter) }
	if err := w.Each(w.All(), enter); !errors.Is(err, ErrLimit) {
		t.Errorf("depth: %v", err)
	}
	w = walker(bytes.Repeat([]byte{8, 1}, 100), Limits{Fields: 99})
	if err := w.Each(w.All(), func(Field) error { return nil }); !errors.Is(err, ErrLimit) {
		t.Errorf("fields: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := bytes.Repeat([]byte{8, 1}, 1<<17)
	w = New(ctx, bytes.NewReader(b), int64(len(b)), Limits{})
	if err := w.Each(w.All(), func(Field) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// holes is a huge file of zeros after a small beginning.
type holes struct {
	head []byte
	read int64
}

func (h *holes) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(h.head)) {
		copy(p, h.head[off:])
	}
	h.read += int64(len(p))
	return len(p), nil
}

func TestContentIsNotRead(t *testing.T) {
	const size = 200 << 30
	head := protowire.AppendTag(nil, 9, protowire.BytesType)
	head = protowire.AppendVarint(head, size)
	h := &holes{head: head}
	w := New(context.Background(), h, size+int64(len(head)), Limits{})
	n := 0
	if err := w.Each(w.All(), func(f Field) error { n++; return nil }); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if h.read > 1<<20 {
		t.Errorf("%d bytes were read", h.read)
	}
}

func TestNumbers(t *testing.T) {
	collect := func(b []byte, typ protowire.Type) (got []uint64, n int64, err error) {
		w := walker(b, Limits{})
		err = w.Each(w.All(), func(f Field) error {
			m, err := w.Numbers(f, typ, func(v uint64) error { got = append(got, v); return nil })
			n += m
			if c, err2 := w.Numbers(f, typ, nil); err2 == nil && c != m {
				t.Errorf("counted %d, read %d", c, m)
			}
			return err
		})
		return
	}
	got, n, err := collect([]byte("\x0a\x03\x01\x80\x01\x08\x05"), protowire.VarintType)
	if d := cmp.Diff([]uint64{1, 128, 5}, got); d != "" || n != 3 || err != nil {
		t.Error(d, n, err)
	}
	got, n, err = collect([]byte("\x0a\x08\x01\x00\x00\x00\x02\x00\x00\x00"), protowire.Fixed32Type)
	if d := cmp.Diff([]uint64{1, 2}, got); d != "" || n != 2 || err != nil {
		t.Error(d, n, err)
	}
	if _, _, err = collect([]byte("\x0a\x03\x01\x00\x00"), protowire.Fixed32Type); !errors.Is(err, ErrMalformed) {
		t.Error(err)
	}
}

func TestReadError(t *testing.T) {
	w := New(context.Background(), bytes.NewReader([]byte{8}), 100, Limits{})
	if err := w.Each(w.All(), func(Field) error { return nil }); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func FuzzEach(f *testing.F) {
	f.Add(sample())
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := dump(b)
		// protowire itself is the oracle for what a message is.
		want := 0
		rest := b
		for len(rest) > 0 {
			_, _, n := protowire.ConsumeField(rest)
			if n < 0 {
				break
			}
			rest = rest[n:]
			want++
		}
		if err == nil && (len(rest) > 0 || want != len(got)) {
			t.Errorf("walked %d fields, protowire %d with %d bytes left", len(got), want, len(rest))
		}
		if err != nil && len(rest) == 0 && !errors.Is(err, ErrLimit) {
			t.Errorf("%v, but protowire accepts it", err)
		}
	})
}
