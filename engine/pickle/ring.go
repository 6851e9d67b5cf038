package pickle

// ring is a bump allocator of words with a bounded memory: positions grow for ever, the oldest words are overwritten once limit words are in use.
// It starts small and grows in a few steps, so that a small pickle costs little and a large one leaves little garbage.
type ring struct {
	words []Value
	head  uint64 // position of the next word
	limit uint64 // power of two
}

const ringStart = 1 << 10

func (r *ring) reset(limit int) {
	r.limit = uint64(limit)
	r.head = 0
}

// alloc reserves n contiguous words (n at most limit/4) and gives their position.
func (r *ring) alloc(n int) uint64 {
	need := uint64(n)
	if r.head+need > uint64(len(r.words)) {
		r.grow(need)
	}
	mask := uint64(len(r.words)) - 1
	if r.head&mask+need > uint64(len(r.words)) {
		r.head += uint64(len(r.words)) - r.head&mask // no record wraps around
	}
	pos := r.head
	r.head += need
	return pos
}

func (r *ring) grow(need uint64) {
	size := uint64(len(r.words))
	if size >= r.limit {
		return
	}
	for size < r.limit && r.head+need > size {
		size = min(r.limit, max(ringStart, size*8))
	}
	words := make([]Value, size)
	copy(words, r.words)
	r.words = words
}

// at gives n words at pos, or nil if they were overwritten since.
func (r *ring) at(pos uint64, n int) []Value {
	if pos+uint64(n) > r.head || r.head-pos > uint64(len(r.words)) {
		return nil
	}
	i := pos & (uint64(len(r.words)) - 1)
	return r.words[i : i+uint64(n)]
}
