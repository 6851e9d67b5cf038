package hdf5

import (
	"fmt"
)

// denseAttributes reads the attributes of an object that has many (IV.A.2.v).
func (f *file) denseAttributes(object string, m *message) error {
	c := *m.data
	c.u8()
	flags := c.u8()
	if flags&1 != 0 {
		c.u16()
	}
	heap, index := c.addr(), c.addr()
	if c.short {
		return fmt.Errorf("attribute info is cut off")
	}
	return f.dense(heap, index, 8, func(data *cursor, off uint64) error {
		return f.attribute(object, &message{kind: msgAttribute, data: data, off: off})
	})
}

// denseLinks reads the links of a group that has many (IV.A.2.c).
func (f *file) denseLinks(group string, m *message) error {
	c := *m.data
	c.u8()
	flags := c.u8()
	if flags&1 != 0 {
		c.take(8)
	}
	heap, index := c.addr(), c.addr()
	if c.short {
		return fmt.Errorf("link info is cut off")
	}
	return f.dense(heap, index, 5, func(data *cursor, off uint64) error { return f.link(group, data, off) })
}

// dense calls each for every object of a fractal heap that the B-tree index names.
func (f *file) dense(heapAddr, index uint64, kind byte, each func(*cursor, uint64) error) error {
	if heapAddr == undefined {
		return nil
	}
	h, err := f.fractalHeap(heapAddr)
	if err != nil {
		f.v.Odd(int64(f.base+heapAddr), err.Error())
		return nil
	}
	return f.tree2(index, kind, func(id []byte) {
		data, off, err := h.get(id)
		if err == nil {
			err = each(data, off)
		}
		if err != nil {
			f.fail(heapAddr, "%w", err)
		}
	})
}

// heap is a fractal heap without filters (III.G).
type heap struct {
	f         *file
	idLen     int
	maxSize   int    // bits of an offset in the heap
	width     uint64 // of the doubling table
	start     uint64 // size of the first blocks
	maxDirect uint64
	root      uint64
	rows      int
	offBytes  int
	lenBytes  int
	checksum  bool
}

func (f *file) fractalHeap(addr uint64) (*heap, error) {
	c, err := f.at(addr, uint64(22+12*f.lsize+3*f.osize))
	if err != nil {
		return nil, fmt.Errorf("fractal heap: %w", err)
	}
	if string(c.take(4)) != "FRHP" || c.u8() != 0 {
		return nil, fmt.Errorf("fractal heap at %d without its signature", addr)
	}
	h := &heap{f: f, idLen: int(c.u16())}
	if c.u16() != 0 {
		return nil, fmt.Errorf("fractal heap with filters")
	}
	flags := c.u8()
	h.checksum = flags&2 != 0
	maxManaged := c.u32()
	c.length() // next huge id
	c.addr()   // huge objects
	c.length() // free space
	c.addr()   // its manager
	c.take(8 * f.lsize)
	h.width = uint64(c.u16())
	h.start = c.length()
	h.maxDirect = c.length()
	h.maxSize = int(c.u16())
	c.u16()
	h.root = c.addr()
	h.rows = int(c.u16())
	h.offBytes = (h.maxSize + 7) / 8
	h.lenBytes = min(bytesFor(h.maxDirect), bytesFor(uint64(maxManaged)))
	if c.short || h.width == 0 || h.start == 0 || h.maxSize > 64 || h.maxDirect > maxValue || h.rows > 64 {
		return nil, fmt.Errorf("fractal heap at %d with impossible sizes", addr)
	}
	return h, nil
}

func bytesFor(v uint64) int {
	n := 0
	for ; v > 0; v >>= 8 {
		n++
	}
	return n
}

// get returns an object by its id.
func (h *heap) get(id []byte) (*cursor, uint64, error) {
	if len(id) == 0 {
		return nil, 0, fmt.Errorf("heap id of no bytes")
	}
	switch id[0] >> 4 & 3 {
	case 0:
		c := &cursor{b: id[1:], f: h.f}
		off, n := c.uint(h.offBytes), c.uint(h.lenBytes)
		if c.short {
			return nil, 0, fmt.Errorf("heap id is cut off")
		}
		addr, err := h.locate(off)
		if err != nil {
			return nil, 0, err
		}
		data, err := h.f.at(addr, n)
		return data, addr, err
	case 2:
		n := int(id[0]&15) + 1
		if n > len(id)-1 {
			return nil, 0, fmt.Errorf("tiny object is cut off")
		}
		return &cursor{b: id[1 : 1+n], f: h.f}, 0, nil
	}
	return nil, 0, fmt.Errorf("huge object in a fractal heap is not followed")
}

// locate turns an offset in the heap into an address.
func (h *heap) locate(off uint64) (uint64, error) {
	if h.rows == 0 {
		return h.root + off, nil
	}
	return h.inBlock(h.root, h.rows, 0, off, 0)
}

// rowSize is the size of the blocks of a row of the doubling table.
func (h *heap) rowSize(row int) uint64 {
	if row <= 1 {
		return h.start
	}
	if row > 63 {
		return 0
	}
	return h.start << (row - 1)
}

func (h *heap) inBlock(addr uint64, rows int, first, off uint64, depth int) (uint64, error) {
	if depth > 8 {
		return 0, fmt.Errorf("fractal heap nested too deep")
	}
	if err := h.f.node(); err != nil {
		return 0, err
	}
	head, err := h.f.at(addr, 4)
	if err != nil {
		return 0, fmt.Errorf("fractal heap: %w", err)
	}
	if string(head.b) != "FHIB" {
		return 0, fmt.Errorf("indirect block at %d without its signature", addr)
	}
	table := addr + uint64(5+h.f.osize+h.offBytes)
	at := first
	for row := range rows {
		size := h.rowSize(row)
		if size == 0 || size > 1<<48 {
			break
		}
		span := size * h.width
		if off >= at+span {
			at += span
			continue
		}
		col := (off - at) / size
		entry, err := h.f.at(table+(uint64(row)*h.width+col)*uint64(h.f.osize), uint64(h.f.osize))
		if err != nil {
			return 0, fmt.Errorf("fractal heap: %w", err)
		}
		block, start := entry.addr(), at+col*size
		if size <= h.maxDirect {
			return block + (off - start), nil
		}
		return h.inBlock(block, h.rowsFor(size), start, off, depth+1)
	}
	return 0, fmt.Errorf("offset %d lies outside of the fractal heap", off)
}

// rowsFor is how many rows an indirect block that covers size bytes has.
func (h *heap) rowsFor(size uint64) int {
	covered := uint64(0)
	for row := range 64 {
		covered += h.rowSize(row) * h.width
		if covered >= size {
			return row + 1
		}
	}
	return 64
}
