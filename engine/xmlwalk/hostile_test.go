package xmlwalk

import (
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
)

func TestHostile(t *testing.T) {
	content := []byte(`<!DOCTYPE r [<!ENTITY x SYSTEM "f">]><r a="1"><!-- c --><s b='&lt;'>t</s><![CDATA[d]]></r>`)
	parse := func(b []byte) error {
		_, err := walk(string(b))
		return err
	}
	hostiletest.Truncate(t, content, nil, parse)
	hostiletest.Mutate(t, content, 5000, parse)
}
