package safeio

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestWrite2(t *testing.T) {
	if !haveBlocks2() {
		t.Log("this processor has no SHA extensions: only the way without them is tested")
	}
	rng := rand.New(rand.NewPCG(8, 9))
	data := make([]byte, 1<<16)
	for i := range data {
		data[i] = byte(rng.IntN(256))
	}
	var s state2
	for range 300 {
		x, y := sha256.New(), sha256.New()
		var wantX, wantY []byte
		for range rng.IntN(8) {
			a := data[rng.IntN(len(data)):]
			b := data[rng.IntN(len(data)):]
			if rng.IntN(2) == 0 {
				a, b = a[:len(a)&^63], b[:len(b)&^63]
			}
			write2(x, y, a, b, &s)
			wantX, wantY = append(wantX, a...), append(wantY, b...)
		}
		p, q := sha256.Sum256(wantX), sha256.Sum256(wantY)
		if !bytes.Equal(x.Sum(nil), p[:]) || !bytes.Equal(y.Sum(nil), q[:]) {
			t.Fatalf("wrong digest of %d or %d bytes", len(wantX), len(wantY))
		}
	}
}

func BenchmarkWrite2(b *testing.B) {
	data := make([]byte, hashBlock)
	x, y := sha256.New(), sha256.New()
	var s state2
	for _, n := range []int{1, 2} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if n == 1 {
					x.Write(data)
				} else {
					write2(x, y, data, data, &s)
				}
			}
		})
	}
}
