package safeio

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
)

// minBlocks2 is from how many blocks on it pays to take states out and put them back.
const minBlocks2 = 16

// write2 writes a to x and b to y, as far as possible at the same time. Where the
// processor allows it, this takes little longer than writing one of them.
func write2(x, y hash.Hash, a, b []byte, done *state2) {
	if n := min(len(a), len(b)) / sha256.BlockSize; n >= minBlocks2 && haveBlocks2() && done.take(x, y) {
		blocks2(&done.words, &a[0], &b[0], n)
		size := n * sha256.BlockSize
		done.give(x, y, size)
		a, b = a[size:], b[size:]
	}
	x.Write(a)
	y.Write(b)
}

// state2 holds the states of two hashes while blocks2 works on them, in the form in
// which crypto/sha256 marshals them: a magic string, eight words, a block, the length.
type state2 struct {
	words [2][8]uint32
	raw   [2][]byte
}

const (
	stateMagic = 4
	stateLen   = stateMagic + 8*4 + sha256.BlockSize + 8
)

// take reads the states. It reports false when a hash stands within a block.
func (s *state2) take(hashes ...hash.Hash) bool {
	for i, h := range hashes {
		a, ok := h.(encoding.BinaryAppender)
		if !ok {
			return false
		}
		raw, err := a.AppendBinary(s.raw[i][:0])
		s.raw[i] = raw
		if err != nil || len(raw) != stateLen || binary.BigEndian.Uint64(raw[stateLen-8:])%sha256.BlockSize != 0 {
			return false
		}
		for k := range s.words[i] {
			s.words[i][k] = binary.BigEndian.Uint32(raw[stateMagic+4*k:])
		}
	}
	return true
}

// give puts the states back after size more bytes.
func (s *state2) give(x, y hash.Hash, size int) {
	for i, h := range []hash.Hash{x, y} {
		raw := s.raw[i]
		for k, w := range s.words[i] {
			binary.BigEndian.PutUint32(raw[stateMagic+4*k:], w)
		}
		n := binary.BigEndian.Uint64(raw[stateLen-8:])
		binary.BigEndian.PutUint64(raw[stateLen-8:], n+uint64(size))
		if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(raw); err != nil {
			panic("safeio: crypto/sha256 does not read the state that it wrote: " + err.Error())
		}
	}
}
