package flate

import (
	"math/bits"
	"slices"
	"sync"
)

// table finds the symbol that a number of bits begins with. An entry holds the bits of
// the code (0: no code), its kind, how many more bits follow, and its value.
type table struct {
	direct [1 << maxFirst]uint32
	long   []uint32 // the second tables
	first  uint     // bits looked at first
	second uint     // bits looked at in a second table
}

const maxFirst = 10

const (
	kindMask = 7 << 5
	literal  = 0 << 5
	match    = 1 << 5 // a length or a distance
	end      = 2 << 5
	more     = 3 << 5 // the code is longer: the value is where its table begins
)

// find returns the entry for the next bits.
func (t *table) find(next uint64) uint32 {
	e := t.direct[next&(1<<t.first-1)&(1<<maxFirst-1)]
	if e&kindMask == more {
		return t.longer(e, next)
	}
	return e
}

func (t *table) longer(e uint32, next uint64) uint32 {
	return t.long[uint64(e>>16)+next>>t.first&(1<<t.second-1)]
}

const maxCode = 15

// build makes the table of the codes whose lengths are given (RFC 1951, section 3.2.2).
// Codes that nobody needs may be missing, but none may be there twice.
func (t *table) build(lens []uint8, symbols []uint32, first uint) bool {
	var count [maxCode + 1]int
	longest := uint(0)
	for _, l := range lens {
		count[l]++
		longest = max(longest, uint(l))
	}
	count[0] = 0
	var next [maxCode + 1]int
	code := 0
	for l := 1; l <= maxCode; l++ {
		code = (code + count[l-1]) << 1
		next[l] = code
		if code+count[l] > 1<<l {
			return false
		}
	}
	t.first = min(first, max(longest, 1))
	t.second = longest - min(longest, t.first)
	direct := t.direct[:1<<t.first]
	clear(direct)
	t.long = t.long[:0]
	for s, l := range lens {
		if l == 0 {
			continue
		}
		c := next[l]
		next[l]++
		r := int(bits.Reverse16(uint16(c)) >> (16 - l))
		e := symbols[s] | uint32(l)
		if uint(l) <= t.first {
			for i := r; i < len(direct); i += 1 << l {
				direct[i] = e
			}
			continue
		}
		at := r & (len(direct) - 1)
		if direct[at] == 0 {
			direct[at] = more | uint32(len(t.long))<<16
			for range 1 << t.second {
				t.long = append(t.long, 0)
			}
		}
		sub := t.long[direct[at]>>16:][:1<<t.second]
		for i := r >> t.first; i < len(sub); i += 1 << (uint(l) - t.first) {
			sub[i] = e
		}
	}
	return true
}

// symbols are the entries of lengths and literals, and of distances.
var symbols = sync.OnceValue(func() (s struct{ lit, dist []uint32 }) {
	for c := range uint32(256) {
		s.lit = append(s.lit, literal|c<<16)
	}
	s.lit = append(s.lit, end)
	base := uint32(3)
	for i := range uint32(28) {
		extra := max(i/4, 1) - 1
		s.lit = append(s.lit, match|extra<<8|base<<16)
		base += 1 << extra
	}
	s.lit = append(s.lit, match|258<<16)
	base = 1
	for i := range uint32(30) {
		extra := max(i/2, 1) - 1
		s.dist = append(s.dist, match|extra<<8|base<<16)
		base += 1 << extra
	}
	return s
})

// Bits that are looked at first: most codes are shorter.
const (
	litBits  = maxFirst
	distBits = 8
)

// fixed returns the tables of blocks without tables of their own.
var fixed = sync.OnceValue(func() *[2]table {
	lens := make([]uint8, 288) // the last two are never used, and have codes
	for i := range lens {
		switch {
		case i < 144:
			lens[i] = 8
		case i < 256:
			lens[i] = 9
		case i < 280:
			lens[i] = 7
		default:
			lens[i] = 8
		}
	}
	var t [2]table
	s := symbols()
	t[0].build(lens, append(slices.Clip(s.lit), 0xff<<24, 0xff<<24), litBits)
	for i, e := range t[0].direct {
		if e>>24 == 0xff {
			t[0].direct[i] = 0
		}
	}
	for i := range 30 {
		lens[i] = 5
	}
	t[1].build(lens[:30], s.dist, distBits)
	return &t
})

// order is how the lengths of the codes of lengths come.
var order = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// plain are the entries of the codes of lengths: their numbers.
var plain = func() (s [19]uint32) {
	for i := range s {
		s[i] = uint32(i) << 16
	}
	return s
}()

// tables reads the tables of a block (RFC 1951, section 3.2.7).
func (d *decoder) tables() bool {
	d.refill()
	head, ok := d.take(14)
	nlit, ndist, n := 257+head&31, 1+head>>5&31, 4+head>>10
	if !ok || nlit > 286 || ndist > 30 {
		return false
	}
	var short [19]uint8
	for i := range n {
		l, ok := d.take(3)
		if !ok {
			return false
		}
		short[order[i]] = uint8(l)
	}
	if !d.dist.build(short[:], plain[:], 7) {
		return false
	}
	lens := d.lens[:nlit+ndist]
	for i := 0; i < len(lens); {
		d.refill()
		e := d.dist.find(d.bits)
		used := int(e & 31)
		if used == 0 || used > d.n {
			return false
		}
		d.bits >>= uint(used)
		d.n -= used
		l, again := uint8(e>>16), 1
		switch l {
		case 16:
			if i == 0 {
				return false
			}
			again, ok = d.take(2)
			l, again = lens[i-1], again+3
		case 17:
			again, ok = d.take(3)
			l, again = 0, again+3
		case 18:
			again, ok = d.take(7)
			l, again = 0, again+11
		}
		if !ok || again > len(lens)-i {
			return false
		}
		for range again {
			lens[i] = l
			i++
		}
	}
	s := symbols()
	return lens[256] != 0 && d.lit.build(lens[:nlit], s.lit, litBits) && d.dist.build(lens[nlit:], s.dist, distBits)
}
