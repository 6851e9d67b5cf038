package matrix

import (
	"fmt"
	"strings"
)

// safe is a safetensors file.
func safe(header, data string) Files {
	return one("model.safetensors", le64(uint64(len(header)))+header+data)
}

// span describes a tensor of bytes.
func span(name string, from, to int) string {
	return fmt.Sprintf(`"%s":{"dtype":"U8","shape":[%d],"data_offsets":[%d,%d]}`, name, to-from, from, to)
}

// safetensorsFiles lie about where weights are.
func safetensorsFiles(t *table) {
	t.of("Tensors", "safetensors")
	x := func(n int) string { return strings.Repeat("x", n) }
	a := span("a", 0, 4)
	whole := safe("{"+a+"}", x(4))
	t.add("header longer than the format allows", failed, "safetensors-header-too-large", one("model.safetensors", le64(100_000_001)+"{"), whole)
	t.add("two tensors own the same bytes", unverified, "safetensors-overlap", safe("{"+a+","+span("b", 3, 7)+"}", x(7)), safe("{"+a+","+span("b", 4, 8)+"}", x(8)))
	t.add("hole between tensors", unverified, "safetensors-hidden-data", safe("{"+a+","+span("b", 5, 9)+"}", x(9)), safe("{"+a+","+span("b", 4, 8)+"}", x(8)))
	t.add("bytes behind the last tensor", unverified, "safetensors-hidden-data", safe("{"+a+"}", x(5)), whole)
	t.add("pickle in a hole", malicious, dangerous+" safetensors-hidden-data", safe("{"+a+"}", x(4)+evil), whole)
	t.add("name twice", unverified, "safetensors-duplicate-key", safe(`{`+a+`,"\u0061":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}`, x(8)), safe("{"+a+","+span("A", 4, 8)+"}", x(8)))
	t.add("metadata twice", unverified, "safetensors-duplicate-key", safe(`{"__metadata__":{"a":"1","a":"2"}}`, ""), safe(`{"__metadata__":{"a":"1","b":"2"}}`, ""))
	t.add("shape and bytes contradict each other", unverified, "safetensors-size-lie", safe(`{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}`, x(4)), safe(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, x(4)))
	t.add("shape that overflows", unverified, "safetensors-integer-overflow", safe(`{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}`, x(4)), safe(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, x(4)))
	t.add("tensor beyond the end of the file", failed, "", safe("{"+a+"}", x(3)), whole)
	t.add("name with characters that are not seen", ok, "safetensors-deceptive-name", safe(`{"a\u200b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, x(4)), safe(`{"é":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, x(4)))
	t.of("Tensors", "safetensors-index")
	index := func(m string) Files {
		return Files{"model.safetensors.index.json": `{"weight_map":` + m + `}`, "1.safetensors": le64(uint64(len(a)+2)) + "{" + a + "}" + x(4)}
	}
	t.add("index that names a shard outside of the folder", unverified, "index-outside-shard", index(`{"a":"../other/1.safetensors"}`), index(`{"a":"1.safetensors"}`))
	t.add("index that names a tensor twice", unverified, "index-duplicate-key", index(`{"a":"1.safetensors","a":"1.safetensors"}`), index(`{"a":"1.safetensors"}`))
}

// maker writes GGUF version 3.
type maker struct {
	pairs, tensors []string
}

func ggufFile() *maker { return &maker{} }

func ggufText(s string) string { return le64(uint64(len(s))) + s }

func (m *maker) pair(key string, kind int, value string) *maker {
	m.pairs = append(m.pairs, ggufText(key)+le32(kind)+value)
	return m
}

func (m *maker) str(key, value string) *maker { return m.pair(key, 8, ggufText(value)) }

// tensor adds a tensor of the type (24: bytes) at an offset.
func (m *maker) tensor(name string, kind int, offset uint64, dims ...uint64) *maker {
	b := ggufText(name) + le32(len(dims))
	for _, d := range dims {
		b += le64(d)
	}
	m.tensors = append(m.tensors, b+le32(kind)+le64(offset))
	return m
}

func (m *maker) files(data string) Files {
	b := "GGUF" + le32(3) + le64(uint64(len(m.tensors))) + le64(uint64(len(m.pairs))) + strings.Join(m.pairs, "") + strings.Join(m.tensors, "")
	for len(b)%32 != 0 {
		b += "\x00"
	}
	return one("model.gguf", b+data)
}

// ggufFiles lie about sizes and places.
func ggufFiles(t *table) {
	t.of("Tensors", "gguf")
	x := func(n int) string { return strings.Repeat("x", n) }
	good := ggufFile().tensor("a", 24, 0, 32).files(x(32))
	t.add("shape that wraps around", malicious, "gguf-integer-overflow", ggufFile().tensor("a", 0, 0, 1<<32, 1<<32, 1<<32).files(x(32)), ggufFile().tensor("a", 0, 0, 2, 2, 2).files(x(32))).known("CVE-2026-27940")
	t.add("length of a text that wraps around", malicious, "gguf-integer-overflow", one("model.gguf", "GGUF"+le32(3)+le64(0)+le64(1)+le64(1<<64-1)+x(64)), good)
	t.add("offset that wraps around", malicious, "gguf-integer-overflow", ggufFile().tensor("a", 24, 1<<64-32, 64).files(x(64)), ggufFile().tensor("a", 24, 0, 64).files(x(64)))
	t.add("tensor beyond the end of the file", failed, "gguf-tensor-outside", ggufFile().tensor("a", 24, 0, 40).files(x(39)), ggufFile().tensor("a", 24, 0, 39).files(x(39)))
	t.add("two tensors own the same bytes", unverified, "gguf-overlap", ggufFile().tensor("a", 24, 0, 40).tensor("b", 24, 32, 40).files(x(72)), ggufFile().tensor("a", 24, 0, 40).tensor("b", 24, 64, 40).files(x(40)+strings.Repeat("\x00", 24)+x(40)))
	t.add("bytes between tensors", unverified, "gguf-hidden-data", ggufFile().tensor("a", 24, 0, 32).tensor("b", 24, 64, 32).files(x(96)), ggufFile().tensor("a", 24, 0, 32).tensor("b", 24, 32, 32).files(x(64)))
	t.add("bytes behind the tensors", unverified, "gguf-hidden-data", ggufFile().tensor("a", 24, 0, 32).files(x(64)), good)
	t.add("pickle behind the tensors", malicious, "gguf-hidden-data "+dangerous, ggufFile().tensor("a", 24, 0, 32).files(x(32)+evil), good)
	t.add("key twice", unverified, "gguf-duplicate-key", ggufFile().str("k", "a").str("k", "b").files(""), ggufFile().str("k", "a").str("l", "b").files(""))
	t.add("impossible alignment", failed, "gguf-bad-alignment", ggufFile().pair("general.alignment", 4, le32(0)).files(""), ggufFile().pair("general.alignment", 4, le32(32)).files(""))
	t.add("name with control characters", ok, "gguf-deceptive-name", ggufFile().tensor("\x1b[2Ja", 24, 0, 1).files("x"), ggufFile().tensor("α.weight", 24, 0, 1).files("x"))
	t.add("template injection in the metadata", malicious, "template-reaches-code", ggufFile().str("tokenizer.chat_template", injection).files(""), ggufFile().str("tokenizer.chat_template", chat).files("")).known("CVE-2024-34359, CVE-2026-5760")
	t.add("hidden instruction in the metadata's template", malicious, "template-hidden-instruction", ggufFile().str("tokenizer.chat_template", poisoned).files(""), ggufFile().str("tokenizer.chat_template", chat).files(""))
}
