package ledger

import (
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

var ranges = compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}

// tree is the right edge of a Merkle tree (RFC 6962): O(log n) hashes.
type tree struct{ edge *compact.Range }

func newTree() tree { return tree{ranges.NewEmptyRange(0)} }

// add appends an entry; visit, if there is one, sees every node that is complete
// with it.
func (t tree) add(line []byte, visit compact.VisitFn) {
	// Append fails only for ranges of different factories.
	_ = t.edge.Append(rfc6962.DefaultHasher.HashLeaf(line), visit)
}

func (t tree) size() uint64 { return t.edge.End() }

func (t tree) root() []byte {
	if t.size() == 0 {
		return rfc6962.DefaultHasher.EmptyRoot()
	}
	root, _ := t.edge.GetRootHash(nil)
	return root
}
