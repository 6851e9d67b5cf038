package hdf5

import (
	"fmt"
)

// Link is a link that leads out of the tree of groups.
type Link struct {
	Name   string // path of the link
	Target string // path of the object
	File   string // of an external link, the file that is opened; "" for a soft link
	Offset int64
}

// link reads a link message (IV.A.2.g), and what a hard link leads to.
func (f *file) link(group string, data *cursor, off uint64) error {
	c := *data
	if v := c.u8(); v != 1 {
		return fmt.Errorf("link message version %d", v)
	}
	flags, kind := c.u8(), byte(0)
	if flags&8 != 0 {
		kind = c.u8()
	}
	if flags&4 != 0 {
		c.take(8)
	}
	if flags&16 != 0 {
		c.u8()
	}
	name := string(c.take(int(min(c.uint(1<<(flags&3)), 1<<20))))
	l := &Link{Name: child(group, name), Offset: int64(f.base + off)}
	switch kind {
	case 0:
		addr := c.addr()
		if c.short {
			return fmt.Errorf("link is cut off")
		}
		f.object(l.Name, addr)
		return nil
	case 1:
		l.Target = string(c.take(int(c.u16())))
	case 64:
		c.u16()
		c.u8()
		l.File = c.text()
		l.Target = c.text()
	default:
		f.v.Odd(l.Offset, fmt.Sprintf("link %q of user-defined kind %d", l.Name, kind))
	}
	if c.short {
		return fmt.Errorf("link is cut off")
	}
	if f.v.Link != nil && kind > 0 {
		f.v.Link(l)
	}
	return nil
}

// symbolTable reads the links of a group in the original format: a B-tree of nodes,
// names in a local heap (III.A.1, III.B, III.C).
func (f *file) symbolTable(group string, m *message) error {
	c := *m.data
	tree, heapAddr := c.addr(), c.addr()
	if c.short {
		return fmt.Errorf("symbol table message is cut off")
	}
	heap, err := f.localHeap(heapAddr)
	if err != nil {
		return err
	}
	return f.tree(group, tree, heap, map[uint64]bool{}, 0)
}

// localHeap returns the data of a local heap (III.D).
func (f *file) localHeap(addr uint64) ([]byte, error) {
	c, err := f.at(addr, uint64(8+2*f.lsize+f.osize))
	if err != nil {
		return nil, fmt.Errorf("local heap: %w", err)
	}
	if string(c.take(4)) != "HEAP" {
		return nil, fmt.Errorf("local heap without its signature")
	}
	c.take(4)
	size := c.length()
	c.length()
	data := c.addr()
	if size > maxValue {
		return nil, fmt.Errorf("local heap of %d bytes: %w", size, ErrLimit)
	}
	d, err := f.at(data, size)
	if err != nil {
		return nil, fmt.Errorf("local heap: %w", err)
	}
	return d.b, nil
}

// inHeap returns the string at an offset of a local heap.
func (f *file) inHeap(heap []byte, off uint64) (string, error) {
	if off >= uint64(len(heap)) {
		return "", fmt.Errorf("name at %d of a heap of %d bytes", off, len(heap))
	}
	c := &cursor{b: heap[off:], f: f}
	return c.text(), nil
}

func (f *file) tree(group string, addr uint64, heap []byte, seen map[uint64]bool, depth int) error {
	if seen[addr] || depth > 32 {
		return fmt.Errorf("B-tree at %d leads in a circle", addr)
	}
	seen[addr] = true
	if err := f.node(); err != nil {
		return err
	}
	head, err := f.at(addr, uint64(8+2*f.osize))
	if err != nil {
		return fmt.Errorf("B-tree: %w", err)
	}
	if string(head.take(4)) != "TREE" || head.u8() != 0 {
		return fmt.Errorf("B-tree at %d without its signature", addr)
	}
	level, used := head.u8(), uint64(head.u16())
	entry := uint64(f.lsize + f.osize)
	c, err := f.at(addr+uint64(8+2*f.osize), used*entry)
	if err != nil {
		return fmt.Errorf("B-tree: %w", err)
	}
	for range used {
		c.length() // key
		to := c.addr()
		if level > 0 {
			err = f.tree(group, to, heap, seen, depth+1)
		} else {
			err = f.symbols(group, to, heap)
		}
		if err != nil {
			f.fail(to, "group %q: %w", group, err)
		}
	}
	return nil
}

// symbols reads a node of links (III.B).
func (f *file) symbols(group string, addr uint64, heap []byte) error {
	if err := f.node(); err != nil {
		return err
	}
	head, err := f.at(addr, 8)
	if err != nil {
		return fmt.Errorf("symbol node: %w", err)
	}
	if string(head.take(4)) != "SNOD" {
		return fmt.Errorf("symbol node at %d without its signature", addr)
	}
	head.take(2)
	n, entry := uint64(head.u16()), uint64(2*f.osize+24)
	c, err := f.at(addr+8, n*entry)
	if err != nil {
		return fmt.Errorf("symbol node: %w", err)
	}
	for i := range n {
		c.pos = int(i * entry)
		nameAt, object, cache := c.uint(f.osize), c.addr(), c.u32()
		c.u32()
		name, err := f.inHeap(heap, nameAt)
		if err != nil {
			f.fail(addr, "group %q: %w", group, err)
			continue
		}
		if cache == 2 {
			target, err := f.inHeap(heap, uint64(c.u32()))
			if err != nil {
				f.fail(addr, "link %q: %w", name, err)
			} else if f.v.Link != nil {
				f.v.Link(&Link{Name: child(group, name), Target: target, Offset: int64(f.base + addr)})
			}
			continue
		}
		f.object(child(group, name), object)
	}
	return nil
}
