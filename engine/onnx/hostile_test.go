package onnx

import (
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
)

func TestHostile(t *testing.T) {
	tensor := []byte("\x08\x04\x10\x01\x42\x01w\x4a\x04abcd")
	content := field([]byte("\x08\x0a"), 7, field(nil, 5, tensor))
	parse := func(b []byte) error {
		m, err := read(b, Visitor{Count: true, Tensor: func(x *Tensor) { _ = x.Check() }})
		m.Expansion()
		return err
	}
	hostiletest.Truncate(t, content, func(n int) bool { return n == 0 || n == 2 }, parse)
	hostiletest.Mutate(t, content, 5000, parse)
}
