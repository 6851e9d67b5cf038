package hdf5

import "fmt"

// tree2 calls each with the heap id of every record of a version 2 B-tree that is an
// index by name, of links (kind 5) or of attributes (kind 8) (III.A.2).
func (f *file) tree2(addr uint64, kind byte, each func(id []byte)) error {
	if addr == undefined {
		return nil
	}
	c, err := f.at(addr, uint64(22+f.osize+f.lsize))
	if err != nil {
		return fmt.Errorf("B-tree: %w", err)
	}
	if string(c.take(4)) != "BTHD" || c.u8() != 0 || c.u8() != kind {
		return fmt.Errorf("B-tree at %d is not the index that is needed", addr)
	}
	t := &btree2{f: f, kind: kind, each: each, nodeSize: uint64(c.u32()), recordSize: int(c.u16()), seen: map[uint64]bool{}}
	depth := int(c.u16())
	c.u16()
	root, n := c.addr(), int(c.u16())
	if c.short || t.recordSize < 5 || t.nodeSize < 16 || t.nodeSize > maxValue || depth > 16 {
		return fmt.Errorf("B-tree at %d with impossible sizes", addr)
	}
	if root == undefined {
		return nil
	}
	t.sizes(depth)
	return t.node(root, n, depth)
}

type btree2 struct {
	f          *file
	kind       byte
	each       func([]byte)
	nodeSize   uint64
	recordSize int
	seen       map[uint64]bool
	countBytes []int // by depth: bytes of the number of records of a child
	totalBytes []int // by depth: bytes of the number of records below a child
}

// sizes computes how wide the pointers of each depth are, as the library does: from
// how many records fit.
func (t *btree2) sizes(depth int) {
	leaf := (t.nodeSize - 10) / uint64(t.recordSize)
	count := bytesFor(leaf)
	below := leaf
	t.countBytes, t.totalBytes = []int{0, count}, []int{0, 0}
	for d := 1; d < depth+1; d++ {
		pointer := uint64(t.f.osize + count + t.totalBytes[d])
		room := t.nodeSize - min(t.nodeSize, 10+pointer)
		fit := room / (uint64(t.recordSize) + pointer)
		below = min((fit+1)*below+fit, 1<<62)
		t.countBytes = append(t.countBytes, count)
		t.totalBytes = append(t.totalBytes, bytesFor(below))
	}
}

func (t *btree2) node(addr uint64, n, depth int) error {
	if t.seen[addr] {
		return fmt.Errorf("B-tree at %d leads in a circle", addr)
	}
	t.seen[addr] = true
	if err := t.f.node(); err != nil {
		return err
	}
	c, err := t.f.at(addr, t.nodeSize)
	if err != nil {
		return fmt.Errorf("B-tree: %w", err)
	}
	want := "BTLF"
	if depth > 0 {
		want = "BTIN"
	}
	if string(c.take(4)) != want {
		return fmt.Errorf("B-tree node at %d without its signature", addr)
	}
	c.take(2)
	for range n {
		r := c.take(t.recordSize)
		if c.short {
			return fmt.Errorf("B-tree node at %d is cut off", addr)
		}
		if t.kind == 5 {
			t.each(r[4:]) // hash, id
		} else {
			t.each(r[:min(8, len(r))]) // id, flags, order, hash
		}
	}
	if depth == 0 {
		return nil
	}
	for range n + 1 {
		to, count := c.addr(), int(c.uint(t.countBytes[depth]))
		c.uint(t.totalBytes[depth])
		if c.short {
			return fmt.Errorf("B-tree node at %d is cut off", addr)
		}
		if err := t.node(to, count, depth-1); err != nil {
			return err
		}
	}
	return nil
}
