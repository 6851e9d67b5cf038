package hdf5

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Value is a run of bytes in which a program may keep something else: the text of an
// attribute or dataset, its opaque bytes, or an element of variable length.
type Value struct {
	Object string // path of the object; "" in the global heap, which has no paths
	Name   string // of the attribute; "" for the data of a dataset
	Offset int64  // of the bytes in the file; that of the object's message for an attribute
	Data   *io.SectionReader
}

const (
	leastValue    = 6        // bytes; shorter ones hold nothing
	maxElements   = 4096     // elements of an array that are values of their own
	maxHeapObject = 20 << 20 // objects of global heaps
	maxWindow     = 1 << 20
)

// bytesLike reports whether elements of a type are plain bytes to a program.
func (t *Type) bytesLike() bool {
	switch t.Class {
	case 3, 5:
		return true
	case 0, 4, 8:
		return t.Size == 1
	}
	return t.Class == 10 && t.Base != nil && t.Base.bytesLike()
}

// mayRefer reports whether elements may lie in the global heap. The members of
// compound types are not told apart.
func (t *Type) mayRefer() bool {
	return t.Class == 9 || t.Class == 6 || t.Class == 10 && t.Base != nil && t.Base.mayRefer()
}

// attributeValues hands out the values of an attribute, of which data holds the bytes.
func (f *file) attributeValues(a *Attribute, data []byte) {
	if f.v.Value == nil {
		return
	}
	n, ok := elements(a.Shape), a.Type.Size > 0
	switch {
	case a.Type.Class == 9:
		// Elements are found by their heap, which is read once: see [file.heaps].
		size := 8 + f.osize
		for i := 0; i+size <= len(data) && uint64(i/size) < n; i += size {
			c := &cursor{b: data[i : i+size], f: f}
			if c.u32() > 0 {
				f.collect[c.addr()] = true
			}
		}
	case a.Type.mayRefer():
		f.sweep = true
	case ok && a.Type.bytesLike() && n <= uint64(len(data))/a.Type.Size:
		data = data[:n*a.Type.Size]
		f.values(Value{Object: a.Object, Name: a.Name, Offset: a.Offset}, a.Type, n, io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data))), false)
	}
}

// datasetValues hands out the values of a dataset that lies in one piece.
func (f *file) datasetValues(d *Dataset) {
	if f.v.Value == nil || d.Type == nil || d.Null {
		return
	}
	if d.Type.mayRefer() {
		f.sweep = true
	}
	if n := d.Bytes(); d.data != nil && n <= uint64(d.data.Size()) && d.Type.bytesLike() {
		f.values(Value{Object: d.Name, Offset: d.at}, d.Type, elements(d.Shape), io.NewSectionReader(d.data, 0, int64(n)), true)
	}
}

// values hands out the bytes of an array as one value, and those of its elements where
// they are few texts or opaque ones.
func (f *file) values(v Value, t *Type, n uint64, data *io.SectionReader, inFile bool) {
	give := func(off, size int64) {
		if size >= leastValue {
			x := v
			if inFile {
				x.Offset += off
			}
			x.Data = io.NewSectionReader(data, off, size)
			f.v.Value(&x)
		}
	}
	give(0, data.Size())
	if n > 1 && n <= maxElements && (t.Class == 3 || t.Class == 5) {
		for i := range int64(n) {
			if i > 0 { // the first begins where all do
				give(i*int64(t.Size), int64(t.Size))
			}
		}
	}
}

// heaps hands out the objects of the global heaps that attributes refer to, and of all
// in the file where a dataset has elements of variable length: those elements lie
// there in the clear, even if the chunks that refer to them are compressed.
func (f *file) heaps() {
	if f.v.Value == nil {
		return
	}
	f.heapBytes = 4*int64(f.size) + 64<<20 // heaps may overlap in a hostile file
	if !f.sweep {
		for _, addr := range slices.Sorted(maps.Keys(f.collect)) {
			if addr <= f.size && f.heap(f.base+addr) != nil {
				return
			}
		}
		return
	}
	for at := uint64(0); at < f.size; at += maxWindow {
		b, err := f.bytes(at, min(maxWindow+3, f.size-at))
		if err != nil {
			f.fail(at, "%w", err)
			return
		}
		for i := 0; ; i += 4 {
			j := bytes.Index(b[i:], []byte("GCOL"))
			if j < 0 {
				break
			}
			i += j
			if err := f.heap(at + uint64(i)); err != nil {
				return
			}
		}
		if f.ctx.Err() != nil {
			return
		}
	}
}

// heap hands out the objects of the global heap collection at an offset (III.E), if
// there is one. An error ends the search; it has been told.
func (f *file) heap(at uint64) error {
	stop := func(what string) error {
		f.v.Odd(int64(at), what)
		return ErrLimit
	}
	head := uint64(8 + f.lsize)
	b, err := f.bytes(at, head)
	if err != nil || string(b[:4]) != "GCOL" || b[4] != 1 {
		return nil
	}
	c := &cursor{b: b[8:], f: f}
	end := at + min(c.length(), f.size-at)
	window, start := []byte(nil), uint64(0)
	for at += head; at+head <= end; {
		if at < start || at+head > start+uint64(len(window)) {
			n := min(maxWindow, end-at)
			if f.heapBytes -= int64(n); f.heapBytes < 0 {
				return stop("global heaps that overlap")
			}
			if window, err = f.bytes(at, n); err != nil {
				return nil
			}
			start = at
		}
		c := &cursor{b: window[at-start : at-start+head], f: f}
		id := c.u16()
		c.take(6)
		size := c.length()
		at += head
		if id == 0 || size > end-at {
			return nil // free space, or what only looks like a heap
		}
		if f.objects++; f.objects > maxHeapObject || f.ctx.Err() != nil {
			return stop(fmt.Sprintf("more than %d elements of variable length", maxHeapObject))
		}
		if size >= leastValue {
			f.v.Value(&Value{Offset: int64(at), Data: io.NewSectionReader(f.r, int64(at), int64(size))})
		}
		at += (size + 7) &^ 7
	}
	return nil
}

// compact returns the data of a compact layout.
func compact(c *cursor, n uint64) *io.SectionReader {
	n = min(n, uint64(c.left()))
	return io.NewSectionReader(bytes.NewReader(c.b[c.pos:c.pos+int(n)]), 0, int64(n))
}

// contiguous returns the data at an address, nil if they are not in the file.
func (f *file) contiguous(addr, n uint64) *io.SectionReader {
	if addr == undefined || addr > f.size-f.base || n > f.size-f.base-addr {
		return nil
	}
	return io.NewSectionReader(f.r, int64(f.base+addr), int64(n))
}
