package pickle

import "math/bits"

// What Python does with all items of a tuple, such as hashing it for a dict, it does
// again for every place where an item is shared: a hundred bytes of DUP and TUPLE2 make
// a key whose hash takes longer than the universe is old.

const (
	maxWeight  = 1 << 62 // saturates
	freeWeight = 1 << 24 // items that nobody minds
	perByte    = 16      // items for each byte of the stream that nobody minds
)

// weigh counts the items of a tuple, items of items included, each as often as it is
// met, and reports when that is far more than the stream can have written. The count
// is what a header holds of it: 14 bits and an exponent, rounded up.
func (m *Machine) weigh(items []Value) Value {
	n := uint64(1 + len(items))
	for _, v := range items {
		if k := v.Kind(); k != KindTuple && k != KindRefTuple {
			continue
		}
		if w := m.cells.at(v.payload(), 1); w != nil {
			n = min(n+unpackWeight(uint64(w[0]>>weightShift)&weightMask), maxWeight)
		}
	}
	if n > freeWeight && n/perByte > uint64(max(m.at, 0)) {
		m.issue(IssueExpansion, "")
	}
	return Value(packWeight(n))
}

const mantissa = 14

func packWeight(n uint64) uint64 {
	if n < 1<<mantissa {
		return n
	}
	shift := bits.Len64(n) - mantissa
	x := (n + 1<<shift - 1) >> shift
	if x == 1<<mantissa {
		x, shift = x>>1, shift+1
	}
	return uint64(shift)<<mantissa | x
}

func unpackWeight(w uint64) uint64 {
	return w & (1<<mantissa - 1) << (w >> mantissa)
}
