package hdf5

import (
	"fmt"
	"strings"
)

// Attribute is a named value of an object.
type Attribute struct {
	Object, Name string
	Offset       int64
	Type         *Type
	Shape        []uint64
	// Texts are the elements of a string attribute that was wanted.
	Texts []string
	Err   error // why they could not be read
}

// attribute reads an attribute message (IV.A.2.m).
func (f *file) attribute(object string, m *message) error {
	c := *m.data
	version := c.u8()
	flags := c.u8()
	nameLen, typeLen, spaceLen := int(c.u16()), int(c.u16()), int(c.u16())
	switch version {
	case 1:
	case 2:
	case 3:
		c.u8()
	default:
		return fmt.Errorf("attribute version %d", version)
	}
	field := func(n int) *cursor {
		b := c.take(n)
		if version == 1 {
			c.take(-n & 7)
		}
		return &cursor{b: b, f: f}
	}
	a := &Attribute{Object: object, Offset: int64(f.base + m.off)}
	a.Name = strings.TrimRight(string(field(nameLen).b), "\x00")
	typ := field(typeLen)
	space := field(spaceLen)
	if c.short {
		return fmt.Errorf("attribute %q is cut off", a.Name)
	}
	if version > 1 && flags&1 != 0 { // the datatype is a committed one
		shared, err := f.shared(&message{kind: msgDatatype, data: typ, off: m.off})
		if err != nil {
			f.v.Odd(a.Offset, fmt.Sprintf("datatype of attribute %q of %s: %v", a.Name, object, err))
			return nil
		}
		typ = shared.data
	}
	if version > 1 && flags&2 != 0 {
		f.v.Odd(a.Offset, fmt.Sprintf("shared dataspace of attribute %q of %s", a.Name, object))
		return nil
	}
	var err error
	if a.Type, err = datatype(typ, 0); err != nil {
		return fmt.Errorf("attribute %q: %w", a.Name, err)
	}
	null, data := false, c.b[c.pos:]
	if a.Shape, null, err = dataspace(space); err != nil {
		return fmt.Errorf("attribute %q: %w", a.Name, err)
	}
	if !null && f.v.Want != nil && f.v.Want(object, a.Name) {
		a.Texts, a.Err = f.texts(a, &c)
		if a.Err != nil {
			f.fail(m.off, "attribute %q of %q: %w", a.Name, object, a.Err)
		}
	}
	if f.v.Attribute != nil {
		f.v.Attribute(a)
	}
	if !null {
		f.attributeValues(a, data)
	}
	return nil
}

// texts reads the elements of a string attribute.
func (f *file) texts(a *Attribute, c *cursor) ([]string, error) {
	if a.Type.Class != 3 && !a.Type.VLen {
		return nil, nil
	}
	n, size := elements(a.Shape), a.Type.Size
	if a.Type.VLen {
		size = uint64(8 + f.osize)
	}
	if size == 0 || n > uint64(c.left())/size {
		return nil, fmt.Errorf("%d elements of %d bytes in %d", n, size, c.left())
	}
	var out []string
	for range n {
		e := &cursor{b: c.take(int(size)), f: f}
		if !a.Type.VLen {
			out = append(out, cutNUL(string(e.b)))
			continue
		}
		length, addr, index := uint64(e.u32()), e.addr(), e.u32()
		if length == 0 {
			out = append(out, "")
			continue
		}
		b, err := f.global(addr, index)
		if err != nil {
			return out, err
		}
		if length > uint64(len(b)) {
			return out, fmt.Errorf("text of %d bytes in an object of %d", length, len(b))
		}
		out = append(out, cutNUL(string(b[:length])))
	}
	return out, nil
}

func cutNUL(s string) string {
	if i := strings.IndexByte(s, 0); i >= 0 {
		return s[:i]
	}
	return s
}

// global returns an object of a global heap collection (III.E).
func (f *file) global(addr uint64, index uint32) ([]byte, error) {
	head, err := f.at(addr, uint64(8+f.lsize))
	if err != nil {
		return nil, fmt.Errorf("global heap: %w", err)
	}
	if string(head.take(4)) != "GCOL" {
		return nil, fmt.Errorf("global heap at %d without its signature", addr)
	}
	head.take(4)
	total := head.length()
	at := addr + uint64(8+f.lsize)
	if total > f.size || addr > f.size-total {
		return nil, fmt.Errorf("global heap of %d bytes at %d ends beyond the file", total, addr)
	}
	end := addr + total
	for at+uint64(8+f.lsize) <= end {
		if err := f.node(); err != nil {
			return nil, err
		}
		c, err := f.at(at, uint64(8+f.lsize))
		if err != nil {
			return nil, fmt.Errorf("global heap: %w", err)
		}
		id := uint32(c.u16())
		c.take(6)
		size := c.length()
		at += uint64(8 + f.lsize)
		if size > end-min(at, end) {
			return nil, fmt.Errorf("object %d of %d bytes in a global heap that ends before", id, size)
		}
		if id == index && id != 0 {
			if f.left -= int64(size); size > maxValue || f.left < 0 {
				return nil, fmt.Errorf("attributes of more than %d bytes: %w", maxValue, ErrLimit)
			}
			data, err := f.at(at, size)
			if err != nil {
				return nil, err
			}
			return data.b, nil
		}
		if id == 0 {
			break // the rest is free
		}
		at += (size + 7) &^ 7
	}
	return nil, fmt.Errorf("object %d is not in the global heap at %d", index, addr)
}
