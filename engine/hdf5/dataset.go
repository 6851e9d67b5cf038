package hdf5

import (
	"fmt"
	"io"
	"math/bits"
)

// Dataset is an array, without its data.
type Dataset struct {
	Name     string // path
	Offset   int64  // of its object header
	Type     *Type  // nil when it could not be read
	Shape    []uint64
	Null     bool
	Layout   string // "compact", "contiguous", "chunked", "virtual"
	Stored   uint64 // bytes that a compact or contiguous layout reserves
	HasData  bool   // a place in the file, or elsewhere, holds data
	Filtered bool
	External []External // files that hold the data instead
	Virtual  []string   // files of a virtual dataset; "." is this one
	Unread   bool       // virtual, but its sources could not be read to their end

	data *io.SectionReader // of a compact or contiguous layout
	at   int64             // offset of the data
}

// External is a part of a dataset in another file.
type External struct {
	File         string
	Offset, Size uint64
}

// Bytes returns how many bytes the elements take; 2^63 stands for more.
func (d *Dataset) Bytes() uint64 {
	if d.Type == nil || d.Null {
		return 0
	}
	hi, lo := bits.Mul64(elements(d.Shape), d.Type.Size)
	if hi != 0 || lo > 1<<62 {
		return 1 << 63
	}
	return lo
}

// layout reads where the data lie (IV.A.2.i).
func (f *file) layout(d *Dataset, data *cursor) error {
	c := *data
	version := c.u8()
	if version == 1 || version == 2 {
		rank := int(c.u8())
		class := c.u8()
		c.take(5)
		addr := undefined
		if class != 0 {
			addr = c.addr()
		}
		for range rank {
			c.u32()
		}
		d.Layout, d.HasData = layoutName(class), addr != undefined || class == 0
		if class == 1 {
			d.Stored = d.Bytes()
			d.data, d.at = f.contiguous(addr, f.most(addr, undefined)), int64(f.base+addr) // the type may not be known yet
			return f.inside(addr, d.Stored)
		}
		if class == 0 {
			d.data, d.at = compact(&c, uint64(c.u32())), d.Offset
		}
		return short(&c)
	}
	if version != 3 && version != 4 && version != 5 {
		return fmt.Errorf("layout version %d", version)
	}
	class := c.u8()
	d.Layout = layoutName(class)
	switch class {
	case 0:
		d.Stored, d.HasData = uint64(c.u16()), true
		if uint64(c.left()) < d.Stored {
			return fmt.Errorf("compact data are cut off")
		}
		d.data, d.at = compact(&c, d.Stored), d.Offset
		return short(&c)
	case 1:
		addr := c.addr()
		d.Stored = c.length()
		d.HasData = addr != undefined
		if err := short(&c); err != nil {
			return err
		}
		d.data, d.at = f.contiguous(addr, d.Stored), int64(f.base+addr)
		return f.inside(addr, d.Stored)
	case 2:
		if version == 3 {
			c.u8()
			addr := c.addr()
			d.HasData = addr != undefined
			if err := short(&c); err != nil {
				return err
			}
			return f.inside(addr, 0)
		}
		d.HasData = true
		return short(&c)
	case 3:
		return f.virtual(d, &c)
	}
	return fmt.Errorf("layout class %d is unknown", class)
}

func layoutName(class byte) string {
	if int(class) < 4 {
		return [...]string{"compact", "contiguous", "chunked", "virtual"}[class]
	}
	return fmt.Sprintf("class %d", class)
}

func short(c *cursor) error {
	if c.short {
		return fmt.Errorf("it is cut off")
	}
	return nil
}

// inside checks that data lie in the file.
func (f *file) inside(addr, n uint64) error {
	if addr != undefined && (addr > f.size || n > f.size-addr) {
		return fmt.Errorf("data of %d bytes at %d, the file ends at %d", n, addr, f.size)
	}
	return nil
}

// external reads the list of files that hold the data (IV.A.2.h).
func (f *file) external(d *Dataset, data *cursor) error {
	c := *data
	if v := c.u8(); v != 1 {
		return fmt.Errorf("external file list version %d", v)
	}
	c.take(3)
	c.u16()
	n := int(c.u16())
	heap, err := f.localHeap(c.addr())
	if err != nil {
		return err
	}
	for range n {
		nameAt, off, size := c.length(), c.length(), c.length()
		if c.short {
			return fmt.Errorf("external file list is cut off")
		}
		name, err := f.inHeap(heap, nameAt)
		if err != nil {
			return err
		}
		d.External = append(d.External, External{File: name, Offset: off, Size: size})
	}
	d.HasData = n > 0
	return nil
}

// virtual reads the sources of a virtual dataset (VI, "Global Heap Block for Virtual
// Datasets"), as far as their names can be told without reading selections.
func (f *file) virtual(d *Dataset, c *cursor) error {
	addr, index := c.addr(), c.u32()
	if err := short(c); err != nil {
		return err
	}
	d.HasData = true
	if addr == undefined {
		return nil
	}
	b, err := f.global(addr, index)
	if err != nil {
		return err
	}
	g := &cursor{b: b, f: f}
	g.u8()
	n := g.length()
	if n > 0 {
		d.Virtual = append(d.Virtual, g.text())
		g.text()
	}
	d.Unread = n > 1
	return short(g)
}
