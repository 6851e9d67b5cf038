package pickle

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
)

// Loaders do not look at names or first bytes. A stream that hides its call behind data, behind other streams, or behind bytes that another format begins
// with is a pickle all the same.
func TestPicklesInDisguise(t *testing.T) {
	long := func(op string, n int) string {
		return op + string(binary.LittleEndian.AppendUint32(nil, uint32(n))) + strings.Repeat("a", n)
	}
	hidden := "0" + evil + "."
	for name, data := range map[string]string{
		"behind a literal longer than what is looked at first": long("X", 5000) + hidden,
		"behind streams that do nothing":                       "N.N.N." + evil + ".",
		"behind an unknown import":                             glob("foo.bar", "baz") + hidden,
		"before an import that no module can have":             evil + "0c!!\n??\n.",
		"behind the magic of GGUF":                             "GGUF1234x" + hidden,
		"behind a literal that begins like XZ":                 "XZ\x10\x00\x00" + strings.Repeat("a", 0x105a) + hidden,
		"behind a long integer":                                long("\x8b", 5000) + hidden,
		"behind an opcode that crosses what is looked at":      strings.Repeat("J\x00\x00\x00\x000", 700) + evil + ".",
		"with a tar magic at its place":                        "B" + string(binary.LittleEndian.AppendUint32(nil, 400)) + strings.Repeat("a", 252) + "ustar" + strings.Repeat("a", 143) + hidden,
		"behind a byte array":                                  "\x96" + string(binary.LittleEndian.AppendUint64(nil, 9000)) + strings.Repeat("a", 9000) + hidden,
		"behind empty frames":                                  strings.Repeat("\x95"+strings.Repeat("\x00", 8), 500) + evil + "0.",
		"behind many streams":                                  strings.Repeat("N.", 3000) + evil + ".",
	} {
		head := data[:min(len(data), 4096)]
		if !mayBePickle([]byte(head), int64(len(data))) {
			t.Errorf("%s: not looked at", name)
		}
		if got := judgeBytes(t, data, Options{}).Verdict; got != asset.Malicious {
			t.Errorf("%s: %q, want malicious", name, got)
		}
	}
	for name, text := range map[string]string{
		"prose":      "Some words of a text that goes on for a while.\nAnd another line.\n",
		"source":     "class Model:\n    pass\n",
		"csv":        "name,age\nLee,31\n",
		"json":       "{\"a\": [1, 2, 3]}\n",
		"numbers":    "I1\nI2\nI3\n",
		"a document": "cos\nsystem is a name of two lines, and this goes on as text\n",
	} {
		if got := judgeBytes(t, text, Options{}).Verdict; got != asset.Unknown {
			t.Errorf("%s: %q, want none", name, got)
		}
	}
}
