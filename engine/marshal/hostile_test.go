package marshal

import (
	"os"
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
)

func TestTruncationAndMutation(t *testing.T) {
	parse := func(b []byte) error {
		c, err := Read(b)
		if err == nil {
			c.All()
		}
		return err
	}
	for i, file := range samples(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if i%5 == 0 && len(content) < 4096 { // one of each version of Python
			hostiletest.Truncate(t, content, nil, parse)
		}
		hostiletest.Mutate(t, content, 200, parse)
	}
}
