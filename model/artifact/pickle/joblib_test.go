package pickle

import (
	"strings"
	"testing"

	"github.com/merlon-security/merlon/asset"
)

// joblib reads an array's raw bytes out of the middle of the stream. Where they end has to be computed as joblib does, or not be trusted: what merlon
// skips as data must not be what joblib goes on to execute.
func TestJoblibRawArrays(t *testing.T) {
	var (
		dtype = func(code, state string) string {
			return call(glob("numpy", "dtype"), str(code), "\x89", "\x88") + state + "b"
		}
		state = func(order, size, flags string) string {
			return tup("K\x03", str(order), "N", "N", "N", size, "J\xff\xff\xff\xff", flags)
		}
		minus1 = "J\xff\xff\xff\xff"
		f8     = dtype("f8", state("<", minus1, "K\x00"))
		shape  = tup("K\x02")
		base   = []string{str("subclass"), glob("numpy", "ndarray"), str("order"), str("C"), str("allow_mmap"), "\x89"}
		wrap   = func(kv ...string) string {
			return made(glob("joblib.numpy_pickle", "NumpyArrayWrapper"), dict(append(append([]string{}, base...), kv...)...))
		}
		data = strings.Repeat("\x00", 16)
	)
	for name, tt := range map[string]struct {
		data string
		ok   bool
	}{
		"16 bytes of float64":     {wrap(str("shape"), shape, str("dtype"), f8) + data, true},
		"with padding":            {wrap(str("shape"), shape, str("dtype"), f8, str("numpy_array_alignment_bytes"), "K\x10") + "\x03\xff\xff\xff" + data, true},
		"strings":                 {wrap(str("shape"), shape, str("dtype"), dtype("S8", state("|", "K\x08", "K\x00"))) + data, true},
		"strings of another size": {wrap(str("shape"), shape, str("dtype"), dtype("S1", state("|", "K\x08", "K\x00"))) + data, true},
		"shape twice":             {wrap(str("shape"), tup("K\x09"), str("shape"), shape, str("dtype"), f8) + data, false},
		"alignment that is true":  {wrap(str("shape"), shape, str("dtype"), f8, str("numpy_array_alignment_bytes"), "\x88") + data, false},
		"a code without a size":   {wrap(str("shape"), shape, str("dtype"), dtype("d", state("<", minus1, "K\x00"))) + data, false},
		"no dtype":                {wrap(str("shape"), shape) + data, false},
		"negative dimension":      {wrap(str("shape"), tup(minus1), str("dtype"), f8) + data, false},
		"a call behind the bytes": {wrap(str("shape"), shape, str("dtype"), f8) + data + "0" + evil, false},
	} {
		got := judgeBytes(t, p2(tt.data), Options{}).Verdict
		if (got == asset.OK) != tt.ok {
			t.Errorf("%s: %s, want ok = %t", name, got, tt.ok)
		}
	}
}
