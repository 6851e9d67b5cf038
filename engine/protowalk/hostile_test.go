package protowalk

import (
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
)

func TestMutation(t *testing.T) {
	parse := func(b []byte) error {
		_, err := dump(b)
		return err
	}
	hostiletest.Mutate(t, sample(), 5000, parse)
}
