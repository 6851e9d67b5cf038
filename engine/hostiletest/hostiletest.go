// Package hostiletest asks of a parser what all parsers of hostile bytes must be able to
// answer: is a file that was cut off noticed, and does nothing panic.
package hostiletest

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Truncate reads content cut at every offset. Each cut must be an error, unless whole
// says that the bytes before it are a document by themselves; whole may be nil.
func Truncate(t *testing.T, content []byte, whole func(n int) bool, read func([]byte) error) {
	t.Helper()
	if err := read(content); err != nil {
		t.Fatalf("the sample of %d bytes is not read: %v", len(content), err)
	}
	for n := range len(content) {
		if err := read(bytes.Clone(content[:n])); err == nil && (whole == nil || !whole(n)) {
			t.Errorf("cut at %d of %d: no error", n, len(content))
		}
	}
}

// Mutate reads content with bytes changed, times times: sizes that lie, and bits that
// flipped. Nothing may panic; what is read does not matter.
func Mutate(_ *testing.T, content []byte, times int, read func([]byte) error) {
	rng := rand.New(rand.NewPCG(1, uint64(len(content))))
	for range times {
		b := bytes.Clone(content)
		for range 1 + rng.IntN(8) {
			i := rng.IntN(len(b))
			switch rng.IntN(5) {
			case 0:
				b[i] = byte(rng.Uint32())
			case 1:
				b[i] = 0xff
			case 2:
				b[i] ^= 1 << rng.IntN(8)
			case 3:
				copy(b[i:], "\xff\xff\xff\xff\xff\xff\xff\x7f")
			case 4:
				copy(b[i:], "\x00\x00\x00\x80\xff\xff\xff\xff")
			}
		}
		_ = read(b)
	}
}
