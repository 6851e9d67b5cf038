package flate

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

func pack(t testing.TB, level int, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zlib.NewWriterLevel(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// texts are contents of many kinds.
func texts() [][]byte {
	r := rand.New(rand.NewPCG(3, 4))
	all := [][]byte{nil, []byte("a"), []byte(strings.Repeat("a", 1000)), []byte(strings.Repeat("abc", 5000))}
	for _, n := range []int{10, 100, 1000, 10_000, 100_000} {
		noise, skew, words := make([]byte, n), make([]byte, n), ""
		for i := range n {
			noise[i] = byte(r.Uint32())
			skew[i] = byte(r.ExpFloat64() * 9) // long codes
		}
		for len(words) < n {
			words += fmt.Sprintf("    self.%c = layer(%d)\n", 'a'+r.IntN(26), r.IntN(1000))
		}
		all = append(all, noise, skew, []byte(words))
	}
	return all
}

// TestDecompress: what the standard library packs comes out as it was.
func TestDecompress(t *testing.T) {
	for i, b := range texts() {
		for level := -2; level <= 9; level++ {
			z := append(pack(t, level, b), "what comes next"...)
			got := make([]byte, len(b))
			if err := Decompress(got, z); err != nil || !bytes.Equal(got, b) {
				t.Errorf("text %d of %d bytes, level %d: %v", i, len(b), level, err)
			}
			if Decompress(make([]byte, len(b)+1), z) == nil || len(b) > 0 && Decompress(make([]byte, len(b)-1), z) == nil {
				t.Errorf("text %d, level %d: another length is taken", i, level)
			}
		}
	}
}

// TestBroken: a changed or missing byte is an error wherever the standard library finds
// one, and never a wrong result.
func TestBroken(t *testing.T) {
	b := texts()[9]
	for _, level := range []int{0, 1, 9} {
		z := pack(t, level, b)
		for i := range z {
			same(t, z[:i], len(b))
			c := bytes.Clone(z)
			c[i] ^= 1 << (i % 8)
			same(t, c, len(b))
		}
	}
}

// same compares with the standard library.
func same(t *testing.T, z []byte, n int) {
	t.Helper()
	got := make([]byte, n)
	err := Decompress(got, z)
	if err != nil {
		// The standard library refuses incomplete codes that nobody uses; nothing else may
		// be taken by one only.
		if r, e := zlib.NewReader(bytes.NewReader(z)); e == nil {
			if want, e := io.ReadAll(r); e == nil && len(want) == n {
				t.Errorf("%d bytes are refused: %v", len(z), err)
			}
		}
		return
	}
	r, e := zlib.NewReader(bytes.NewReader(z))
	if e != nil {
		t.Fatalf("%d bytes are taken, the standard library says %v", len(z), e)
	}
	if want, e := io.ReadAll(r); e == nil && !bytes.Equal(want, got) {
		t.Errorf("%d bytes: another result", len(z))
	}
}

func FuzzDecompress(f *testing.F) {
	for _, b := range texts()[:12] {
		f.Add(pack(f, 6, b), len(b))
	}
	f.Fuzz(func(t *testing.T, z []byte, n int) {
		if n >= 0 && n < 1<<20 {
			same(t, z, n)
		}
	})
}

func BenchmarkDecompress(b *testing.B) {
	text := texts()[12]
	z := pack(b, 6, text)
	dst := make([]byte, len(text))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := Decompress(dst, z); err != nil {
			b.Fatal(err)
		}
	}
}
