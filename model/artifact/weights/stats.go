package weights

import (
	"encoding/binary"
	"math"
	mathbits "math/bits"
)

// stats looks at the numbers of one tensor as they stream by.
type stats struct {
	kind    kind
	n       int64
	nan     int64
	inf     int64
	first   uint64 // bits of the first number
	same    bool   // all numbers have the same bits
	low     window // low bytes of the mantissas
	bits    window // bytes made of the lowest bits of eight numbers
	acc     byte
	accBits int
	zeroLow int64 // numbers whose low byte is zero
	zeroLSB int64
	worst   [2]float64 // largest chi-square per degree of freedom, low bytes and bits
	tested  [2]int
}

// kind is a type of number: its width in bytes, and where exponent and mantissa
// lie.
type kind struct {
	name     string
	width    int
	mantissa uint // bits
	exponent uint // bits
}

// kindOf returns the float types that are looked at.
func kindOf(dtype string) (kind, bool) {
	switch dtype {
	case "F32":
		return kind{"F32", 4, 23, 8}, true
	case "F64":
		return kind{"F64", 8, 52, 11}, true
	case "F16":
		return kind{"F16", 2, 10, 5}, true
	case "BF16":
		return kind{"BF16", 2, 7, 8}, true
	}
	return kind{}, false
}

// window is a histogram of the bytes that a payload would be made of.
type window struct {
	counts [256]uint32
	n      int
	numbers
}

// numbers tells what the numbers of a window are like, so that patterns of their own
// are not taken for somebody's.
type numbers struct {
	n      int
	values [1024]uint64 // one bit for each hash of a number
	last   uint64
	up     bool
	turns  int // changes between rising and falling
}

func (x *numbers) see(v uint64) {
	h := v * 0x9e3779b97f4a7c15 >> 48
	x.values[h>>6] |= 1 << (h & 63)
	if x.n > 0 && v != x.last {
		if up := v > x.last; up != x.up {
			x.up = up
			x.turns++
		}
	}
	x.last = v
	x.n++
}

// plain reports whether the numbers are those of a table or of a quantised matrix:
// few different ones, or rising and falling in long runs.
func (x *numbers) plain(long bool) bool {
	seen := 0
	for _, w := range x.values {
		seen += mathbits.OnesCount64(w)
	}
	return long && seen < min(x.n, 1<<16)/4 || x.turns < x.n/8
}

// windowLen is how many bytes are tested together: enough for the test, few enough
// that a small payload fills one.
const windowLen = 8192

func newStats(k kind) *stats { return &stats{kind: k, same: true} }

// add takes whole numbers.
func (s *stats) add(b []byte) {
	w := s.kind.width
	for ; len(b) >= w; b = b[w:] {
		var v uint64
		switch w {
		case 2:
			v = uint64(binary.LittleEndian.Uint16(b))
		case 4:
			v = uint64(binary.LittleEndian.Uint32(b))
		case 8:
			v = binary.LittleEndian.Uint64(b)
		}
		if s.n == 0 {
			s.first = v
		} else if v != s.first {
			s.same = false
		}
		s.n++
		exp := v >> s.kind.mantissa & (1<<s.kind.exponent - 1)
		if exp == 1<<s.kind.exponent-1 {
			if v&(1<<s.kind.mantissa-1) != 0 {
				s.nan++
			} else {
				s.inf++
			}
		}
		if s.kind.mantissa >= 23 { // a shorter mantissa has no byte to spare
			s.low.see(v)
			s.lowByte(byte(v))
		}
		s.bits.see(v)
		s.lowBit(byte(v & 1))
	}
}

func (s *stats) lowByte(c byte) {
	if c == 0 {
		s.zeroLow++
	}
	s.low.counts[c]++
	if s.low.n++; s.low.n == windowLen {
		s.test(0, &s.low)
	}
}

func (s *stats) lowBit(bit byte) {
	if bit == 0 {
		s.zeroLSB++
	}
	s.acc = s.acc<<1 | bit
	if s.accBits++; s.accBits < 8 {
		return
	}
	s.bits.counts[s.acc]++
	s.acc, s.accBits = 0, 0
	if s.bits.n++; s.bits.n == windowLen {
		s.test(1, &s.bits)
	}
}

// test compares a full window with the uniform distribution (Pearson's chi-square,
// 255 degrees of freedom) and starts the next.
func (s *stats) test(which int, w *window) {
	const expected = float64(windowLen) / 256
	zero, plain := w.counts[0], w.plain(s.kind.mantissa >= 23)
	chi := 0.0
	for _, c := range w.counts {
		d := float64(c) - expected
		chi += d * d / expected
	}
	*w = window{}
	// Numbers that were widened from a shorter type, or pruned, have zeros there. So
	// has nothing that somebody hid.
	if zero > windowLen/4 || plain {
		return
	}
	s.tested[which]++
	s.worst[which] = max(s.worst[which], chi/255)
}

// The largest chi-square per degree of freedom that is not reported. That of uniform
// bytes is 1 with a deviation of 0.09; base64 gives 96, programs and text hundreds.
// bench/weights measures what benign weights give.
const chiLimit = 40

// hidden reports whether the low bits of some window are no noise, and which.
func (s *stats) hidden() (string, float64) {
	if s.tested[0] > 0 && s.worst[0] > chiLimit && s.noisy() {
		return "low bytes", s.worst[0]
	}
	if s.tested[1] > 0 && s.worst[1] > chiLimit && s.noisy() {
		return "lowest bits", s.worst[1]
	}
	return "", 0
}

// noisy reports whether most of the tensor has noise in its low bits, as trained
// weights do. Where it has none, patterns are no surprise: the weights were rounded,
// quantised or made by a rule.
func (s *stats) noisy() bool {
	return float64(s.zeroLSB) < 0.6*float64(s.n) && (s.kind.mantissa < 23 || float64(s.zeroLow) < 0.05*float64(s.n))
}

// constant reports whether a tensor of some size holds one number only.
func (s *stats) constant() bool { return s.same && s.n >= 1024 }

// value is the first number.
func (s *stats) value() float64 {
	switch s.kind.name {
	case "F32":
		return float64(math.Float32frombits(uint32(s.first)))
	case "BF16":
		return float64(math.Float32frombits(uint32(s.first) << 16))
	case "F64":
		return math.Float64frombits(s.first)
	}
	sign, exp, frac := s.first>>15, s.first>>10&31, s.first&1023
	v := float64(frac) / 1024
	switch exp {
	case 0:
		v = math.Ldexp(v, -14)
	case 31:
		return math.Inf(1)
	default:
		v = math.Ldexp(1+v, int(exp)-15)
	}
	if sign == 1 {
		return -v
	}
	return v
}
