package matrix

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// floats32 is a safetensors file of one tensor.
func floats32(data []byte) Files {
	return safe(fmt.Sprintf(`{"w":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}}`, len(data)/4, len(data)), string(data))
}

// noise is n weights as training leaves them, changed by f.
func noise(n int, f func(b []byte)) Files {
	b := []byte(raw(n))
	f(b)
	return floats32(b)
}

// deepChecks look at every weight (--deep).
func deepChecks(t *table) {
	t.of("Weights (with --deep)", "safetensors")
	const n = 100_000
	insert := func(s string) Files { return noise(n, func(b []byte) { copy(b[1001:], s) }) }
	program := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x03\x00\x3e\x00\x01" + strings.Repeat("\x00", 100)
	words := strings.Repeat("merlon-test: this is a script that does nothing. "+echo+"\n", 3)
	deep := func(r *Row) { r.Deep = true }
	deep(t.add("weights that are no finite numbers", ok, "weights-not-finite", noise(n, func(b []byte) { copy(b[400:], "\x00\x00\x80\x7f") }), noise(n, func(b []byte) { copy(b[400:], "\xff\xff\x7f\x7f") })))
	constant := func(n int) []byte { return []byte(strings.Repeat("\x00\x00\x80?", n)) }
	deep(t.add("tensor of one number", ok, "weights-constant", floats32(constant(n)), floats32(constant(100))))
	deep(t.add("program among the weights", unverified, "weights-program", insert(program), insert("\x7fELF")))
	deep(t.add("text among the weights", unverified, "weights-text", insert(words), insert(words[:40])))
	low := func(mask byte) Files {
		return noise(n, func(b []byte) {
			for i := range 80_000 {
				b[4*i] = b[4*i]&^mask | words[i/8%len(words)]>>(7-i%8)&mask
			}
		})
	}
	deep(t.add("data hidden in the low bits", unverified, "weights-hidden-data", low(1), low(0)))
	pad := func(fill string) Files {
		return ggufFile().tensor("w", 0, 0, 1001).files(raw(1001) + strings.Repeat(fill, 28))
	}
	deep(t.add("data in the padding of the last tensor", unverified, "weights-padding", pad("x"), pad("\x00")).as("gguf"))
	deep(t.add("one tensor of an odd type", ok, "weights-type", typed("U8"), typed("F32")))
}

// raw is n weights.
func raw(n int) string {
	rng := rand.New(rand.NewPCG(3, 4))
	var b []byte
	for range n {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(rng.NormFloat64()*0.02)))
	}
	return string(b)
}

// typed is a model of twelve tensors of floats and one of another type.
func typed(dtype string) Files {
	var head, data []string
	size := map[string]int{"F32": 4, "U8": 1}
	at := 0
	for i := range 13 {
		kind := "F32"
		if i == 12 {
			kind = dtype
		}
		head = append(head, fmt.Sprintf(`"layer%d.weight":{"dtype":%q,"shape":[%d],"data_offsets":[%d,%d]}`, i, kind, 8192/size[kind], at, at+8192))
		data = append(data, raw(2048))
		at += 8192
	}
	return safe("{"+strings.Join(head, ",")+"}", strings.Join(data, ""))
}
