package safeio

import "hash"

// Pair writes to two hashes of crypto/sha256 at the same time. Where the processor
// allows it, this takes little longer than writing to one of them. The zero value is
// ready; it is for one goroutine.
type Pair struct{ state state2 }

// Write writes a to x and b to y. Either may be empty.
func (p *Pair) Write(x, y hash.Hash, a, b []byte) { write2(x, y, a, b, &p.state) }

// CanPair reports whether [Pair] gains anything on this processor.
func CanPair() bool { return haveBlocks2() }
