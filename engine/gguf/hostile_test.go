package gguf

import (
	"encoding/binary"
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
)

func TestHostile(t *testing.T) {
	content := build(3, binary.LittleEndian, 1, 1).text("k").u32(uint32(Array)).u32(uint32(String)).u64(1).text("x").tensor("w", 2, 0, 64).b
	parse := func(b []byte) error {
		g, err := read(b)
		for _, x := range g.Tensors {
			_, _ = x.Bytes()
		}
		return err
	}
	hostiletest.Truncate(t, content, nil, parse)
	hostiletest.Mutate(t, content, 5000, parse)
}
