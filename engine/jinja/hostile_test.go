package jinja

import (
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
)

// A template has no end of its own: only a cut within a block or an expression is known.
func TestHostile(t *testing.T) {
	const src = "{%- for m in messages -%}{% if m.role == 'user' and loop.first %}{{ '[INST] ' ~ m['content'] | trim }}{% else %}{{- m.content[1:-1] }}{% endif %}{%- endfor -%}"
	content := []byte(src)
	parse := func(b []byte) error {
		tree, err := Parse(string(b))
		if err == nil {
			Analyse(tree)
		}
		return err
	}
	hostiletest.Truncate(t, content, func(n int) bool { return n < 2 }, parse)
	hostiletest.Mutate(t, content, 5000, parse)
}
