package safeio

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The digests of a pass equal those of the parts taken alone, however the ranges lie
// to the blocks.
func TestDigestRanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	digest := func(b []byte) Digest {
		sum := sha256.Sum256(b)
		return Digest{hex.EncodeToString(sum[:]), crc32.ChecksumIEEE(b)}
	}
	for range 60 {
		b := make([]byte, rng.IntN(3*hashBlock))
		for i := range b {
			b[i] = byte(i * i >> 3)
		}
		var ranges []Range
		var want []Digest
		for off := 0; ; {
			off += rng.IntN(1 + len(b)/3)
			n := rng.IntN(1 + len(b)/3)
			if rng.IntN(4) == 0 {
				n = 0
			}
			if off+n > len(b) || len(ranges) > 8 {
				break
			}
			ranges = append(ranges, Range{int64(off), int64(n)})
			want = append(want, digest(b[off:off+n]))
			off += n
		}
		all, parts, err := DigestRanges(context.Background(), bytes.NewReader(b), true, ranges)
		if err != nil {
			t.Fatal(err)
		}
		if all.SHA256 != digest(b).SHA256 {
			t.Errorf("digest of %d bytes is wrong", len(b))
		}
		if d := cmp.Diff(want, parts); len(want) > 0 && d != "" {
			t.Errorf("%v in %d bytes: %s", ranges, len(b), d)
		}
		_, parts, err = DigestRanges(context.Background(), bytes.NewReader(b), false, ranges)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, parts); len(want) > 0 && d != "" {
			t.Errorf("without the whole: %s", d)
		}
	}
	for _, bad := range [][]Range{{{0, 11}}, {{5, 2}, {6, 1}}, {{0, -1}}, {{-1, 1}}} {
		if _, _, err := DigestRanges(context.Background(), bytes.NewReader(make([]byte, 10)), true, bad); err == nil {
			t.Errorf("%v accepted", bad)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := DigestRanges(ctx, bytes.NewReader(make([]byte, 4*hashBlock)), true, nil); err == nil {
		t.Error("a cancelled pass gave a digest")
	}
}
