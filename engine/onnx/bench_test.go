package onnx

import (
	"bytes"
	"testing"
)

func BenchmarkTensors(b *testing.B) {
	one := field(nil, 5, []byte("\x08\x01\x10\x01\x42\x01w\x4a\x04abcd"))
	data := field(nil, 7, bytes.Repeat(one, 200_000))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := read(data, Visitor{Count: true, Tensor: func(*Tensor) {}}); err != nil {
			b.Fatal(err)
		}
	}
}
