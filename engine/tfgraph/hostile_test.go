package tfgraph

import (
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
)

func TestHostile(t *testing.T) {
	content := str(str(nil, 1, string(node("x", "Relu", "y"))), 4, "\x08\x01")
	first := len(str(nil, 1, string(node("x", "Relu", "y"))))
	parse := func(b []byte) error {
		for _, kind := range []Kind{SavedModel, MetaGraph, KerasMetadata} {
			_, _, _ = read(kind, b)
		}
		Recognise(b)
		_, _, err := read(Graph, b)
		return err
	}
	hostiletest.Truncate(t, content, func(n int) bool { return n == 0 || n == first }, parse)
	hostiletest.Mutate(t, content, 5000, parse)
}
