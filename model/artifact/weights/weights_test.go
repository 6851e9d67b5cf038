package weights_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/artifacttest"
	"github.com/merlon-security/merlon/model/artifact/weights"
)

// file is a safetensors file of one tensor.
func file(t testing.TB, dtype string, data []byte) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"w": map[string]any{"dtype": dtype, "shape": []int{len(data)}, "data_offsets": []int{0, len(data)}}})
	if err != nil {
		t.Fatal(err)
	}
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(b))), b...), data...)
}

// noise is n float32 weights as training leaves them.
func noise(n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	var b []byte
	for range n {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(rng.NormFloat64()*0.02)))
	}
	return b
}

const text = "merlon-test: this is a script that does nothing. echo merlon-test\n"

// program is a header without a program.
var program = "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9) + "\x03\x00\x3e\x00\x01" + strings.Repeat("\x00", 100)

func TestChecks(t *testing.T) {
	const n = 100_000
	change := func(f func(b []byte)) []byte { b := noise(n); f(b); return b }
	constant := make([]byte, 4*n)
	for i := 0; i < len(constant); i += 4 {
		binary.LittleEndian.PutUint32(constant[i:], math.Float32bits(1))
	}
	for _, tt := range []struct {
		name    string
		dtype   string
		data    []byte
		verdict asset.Verdict
		rules   string
	}{
		{"noise", "F32", noise(n), asset.OK, ""},
		{"noise as bytes", "I8", noise(n), asset.OK, ""},
		{"NaN", "F32", change(func(b []byte) { copy(b[400:], "\xff\xff\xff\x7f") }), asset.OK, "artifact/weights-not-finite"},
		{"infinite", "F32", change(func(b []byte) { copy(b[400:], "\x00\x00\x80\x7f") }), asset.OK, "artifact/weights-not-finite"},
		{"large but finite", "F32", change(func(b []byte) { copy(b[400:], "\xff\xff\x7f\x7f") }), asset.OK, ""},
		{"constant", "F32", constant, asset.OK, "artifact/weights-constant"},
		{"small constant", "F32", constant[:400], asset.OK, ""},
		{"program", "F32", change(func(b []byte) { copy(b[1001:], program) }), asset.Unverified, "artifact/weights-program"},
		{"magic without a program", "F32", change(func(b []byte) { copy(b[1001:], "\x7fELF") }), asset.OK, ""},
		{"text", "F32", change(func(b []byte) { copy(b[1001:], text+text) }), asset.Unverified, "artifact/weights-text"},
		{"short text", "F32", change(func(b []byte) { copy(b[1001:], text[:40]) }), asset.OK, ""},
		{"text in the low bytes", "F32", change(func(b []byte) {
			for i := range 60_000 {
				b[4*i] = text[i%len(text)]
			}
		}), asset.Unverified, "artifact/weights-hidden-data"},
		{"text in the lowest bits", "F32", change(func(b []byte) {
			for i := range 80_000 {
				b[4*i] = b[4*i]&^1 | text[i/8%len(text)]>>(7-i%8)&1
			}
		}), asset.Unverified, "artifact/weights-hidden-data"},
		{"widened from bfloat16", "F32", change(func(b []byte) {
			for i := range n {
				b[4*i], b[4*i+1] = 0, 0
			}
		}), asset.OK, ""},
		{"quantised and back", "F32", change(func(b []byte) {
			for i := 0; i < len(b); i += 4 {
				v := math.Float32frombits(binary.LittleEndian.Uint32(b[i:]))
				binary.LittleEndian.PutUint32(b[i:], math.Float32bits(float32(math.Round(float64(v)*1300))/1300))
			}
		}), asset.OK, ""},
	} {
		r := artifacttest.Scan(t, weights.New(), "m.safetensors", file(t, tt.dtype, tt.data))
		if r.Verdict != tt.verdict || strings.Join(r.Rules(), " ") != tt.rules || len(r.Errors) > 0 {
			t.Errorf("%s: %q %v %v %v, want %q %q", tt.name, r.Verdict, r.Rules(), r.Messages(), r.Errors, tt.verdict, tt.rules)
		}
	}
}

// A header that is cut by the end of a block is found, too.
func TestProgramAcrossBlocks(t *testing.T) {
	for shift := range 4 {
		b := noise(600_000)
		copy(b[1<<20-shift:], program)
		r := artifacttest.Scan(t, weights.New(), "m.safetensors", file(t, "F32", b))
		if !slices.Contains(r.Rules(), "artifact/weights-program") {
			t.Errorf("%d bytes before the end of a block: %v", shift, r.Rules())
		}
	}
}

func TestFilesThatLie(t *testing.T) {
	good := file(t, "F32", noise(100))
	for name, b := range map[string][]byte{
		"cut":      good[:len(good)-1],
		"no JSON":  append([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{"), 'x'),
		"offsets":  []byte(strings.Replace(string(good), `[0,400]`, `[9,400]`, 1)),
		"reversed": []byte(strings.Replace(string(good), `[0,400]`, `[8,4  ]`, 1)),
	} {
		r := artifacttest.Scan(t, weights.New(), "m.safetensors", b)
		if name != "offsets" && r.Verdict != asset.Failed {
			t.Errorf("%s: %q", name, r.Verdict)
		}
	}
}

func TestHostileBytes(t *testing.T) {
	s := weights.New()
	artifacttest.CheckRules(t, s)
	b := file(t, "F32", noise(500))
	artifacttest.Truncate(t, s, "m.safetensors", b, nil)
	artifacttest.Mutate(t, s, "m.safetensors", b, 300)
}

func FuzzWeights(f *testing.F) {
	f.Add(file(f, "F32", noise(50)))
	f.Add(file(f, "BF16", noise(50)))
	f.Fuzz(func(t *testing.T, b []byte) { artifacttest.Fuzz(t, weights.New(), "m.safetensors", b) })
}
