package msgpack_test

import (
	"bytes"
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
	"github.com/merlon-security/merlon/engine/msgpack"
)

func TestHostile(t *testing.T) {
	content := []byte("\x83\xa1a\xd4\x05x\xa1b\x92\x01\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xa1c\xc7\x03\x01abc")
	parse := func(b []byte) error {
		p := msgpack.New(bytes.NewReader(b), int64(len(b)))
		h, err := p.Next()
		if err == nil {
			err = p.Skip(h)
		}
		return err
	}
	hostiletest.Truncate(t, content, nil, parse)
	hostiletest.Mutate(t, content, 5000, parse)
}
