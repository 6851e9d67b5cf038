package flatbuf

import (
	"bytes"
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
)

func TestHostile(t *testing.T) {
	content := bytes.Clone(sample)
	parse := func(s []byte) error {
		b := New(bytes.NewReader(s), int64(len(s)))
		r := b.Root("")
		v := r.Vector(1, 4)
		for i := range min(v.Len, 100) {
			v.I32(i)
		}
		r.String(0, 100)
		_, _ = FlexStrings(s)
		return b.Err()
	}
	hostiletest.Truncate(t, content, func(n int) bool { return len(content)-n < 4 }, parse)
	hostiletest.Mutate(t, content, 5000, parse)
}
