package openvino

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// widths are the bits of element types; those that are missing have no fixed size.
var widths = map[string]uint64{"f64": 64, "f32": 32, "f16": 16, "bf16": 16, "i64": 64, "i32": 32, "i16": 16, "i8": 8, "i4": 4, "u64": 64, "u32": 32,
	"u16": 16, "u8": 8, "u4": 4, "u2": 2, "u1": 1, "nf4": 4, "f8e4m3": 8, "f8e5m2": 8, "f8e8m0": 8, "f4e2m1": 4, "boolean": 8}

// dimensions reads a shape as the representation writes it: numbers between commas,
// nothing for a scalar.
func dimensions(shape string) ([]int64, error) {
	dims := []int64{}
	if strings.TrimSpace(shape) == "" {
		return dims, nil
	}
	for _, s := range strings.Split(shape, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
		if err != nil || n < 0 || len(dims) > 255 {
			return dims, fmt.Errorf("shape %.80q", shape)
		}
		dims = append(dims, n)
	}
	return dims, nil
}

// bytesOf is how many bytes a tensor takes; not known for types without a fixed size
// and for those whose packing this reader does not know.
func bytesOf(typ, shape string) (n int64, known bool, err error) {
	dims, err := dimensions(shape)
	if err != nil {
		return 0, false, err
	}
	width := widths[typ]
	total := width
	for _, d := range dims {
		hi, lo := bits.Mul64(total, uint64(d))
		if hi != 0 || lo > 1<<62 {
			return 0, false, fmt.Errorf("shape %.80q is too large to be counted", shape)
		}
		total = lo
	}
	return int64((total + 7) / 8), width > 0, nil
}
