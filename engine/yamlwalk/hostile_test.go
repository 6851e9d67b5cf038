package yamlwalk_test

import (
	"testing"

	"github.com/merlon-security/merlon/engine/hostiletest"
	"github.com/merlon-security/merlon/engine/yamlwalk"
)

// Most of YAML is whole wherever it is cut; a flow that is not closed is not.
func TestHostile(t *testing.T) {
	content := []byte(`{a: [1, "two", {b: 'c'}], d: "e\n", f: null}`)
	parse := func(b []byte) error {
		_, err := yamlwalk.Read(b)
		return err
	}
	hostiletest.Truncate(t, content, func(n int) bool { return n == 0 }, parse)
	hostiletest.Mutate(t, content, 5000, parse)
	hostiletest.Mutate(t, []byte("a: &x {b: [1, *x]}\n<<: *x\n? {c: d}\n: e\n--- |\n  text\n"), 5000, parse)
}
