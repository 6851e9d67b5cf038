package hdf5

import (
	"fmt"
	"path"
)

// message is one message of an object header (IV.A.2).
type message struct {
	kind  uint16
	flags byte
	data  *cursor
	off   uint64 // address
}

// Kinds of message that matter here.
const (
	msgNil          = 0x00
	msgDataspace    = 0x01
	msgLinkInfo     = 0x02
	msgDatatype     = 0x03
	msgLink         = 0x06
	msgExternal     = 0x07
	msgLayout       = 0x08
	msgFilters      = 0x0b
	msgAttribute    = 0x0c
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
	msgAttrInfo     = 0x15
	lastMessage     = 0x18
)

// object reads an object header and everything below it.
func (f *file) object(name string, addr uint64) {
	if f.seen[addr] || f.ctx.Err() != nil {
		return // hard links may share objects, and form cycles
	}
	if len(f.seen) == maxObjects {
		f.fail(addr, "more than %d objects: %w", maxObjects, ErrLimit)
		return
	}
	f.seen[addr] = true
	if f.sub++; f.sub > maxNesting {
		f.fail(addr, "groups nested deeper than %d: %w", maxNesting, ErrLimit)
		f.sub--
		return
	}
	defer func() { f.sub-- }()
	messages, err := f.messages(addr)
	if err != nil {
		f.fail(addr, "object %q: %w", name, err)
	}
	f.interpret(name, addr, messages)
}

// messages collects the messages of an object header with its continuations.
func (f *file) messages(addr uint64) ([]message, error) {
	c, err := f.at(addr, f.most(addr, 16))
	if err != nil {
		return nil, err
	}
	if len(c.b) >= 4 && string(c.b[:4]) == "OHDR" {
		return f.messages2(addr)
	}
	if v := c.u8(); v != 1 {
		return nil, fmt.Errorf("object header version %d", v)
	}
	c.u8()
	count := int(c.u16())
	c.u32() // references
	size := uint64(c.u32())
	if c.short {
		return nil, fmt.Errorf("object header is cut off")
	}
	var list []message
	type block struct{ addr, size uint64 }
	blocks := []block{{addr + 16, size}}
	for i := 0; i < len(blocks); i++ {
		if i > 1000 {
			return list, fmt.Errorf("more than 1000 continuations: %w", ErrLimit)
		}
		c, err := f.at(blocks[i].addr, blocks[i].size)
		if err != nil {
			return list, err
		}
		for c.left() >= 8 && len(list) < count {
			at := blocks[i].addr + uint64(c.pos)
			m := message{kind: c.u16(), off: at}
			n := int(c.u16())
			m.flags = c.u8()
			c.take(3)
			m.data = &cursor{b: c.take(n), f: f}
			if c.short {
				return list, fmt.Errorf("message %#x is cut off", m.kind)
			}
			list = append(list, m)
			if m.kind == msgContinuation {
				d := *m.data
				blocks = append(blocks, block{d.addr(), d.length()})
			}
		}
	}
	if len(list) < count {
		return list, fmt.Errorf("object header has %d of %d messages", len(list), count)
	}
	return list, nil
}

// messages2 reads an object header of version 2 (IV.A.1.b).
func (f *file) messages2(addr uint64) ([]message, error) {
	c, err := f.at(addr, f.most(addr, 64))
	if err != nil {
		return nil, err
	}
	c.take(4)
	if v := c.u8(); v != 2 {
		return nil, fmt.Errorf("object header version %d", v)
	}
	flags := c.u8()
	if flags&0x20 != 0 {
		c.take(16)
	}
	if flags&0x10 != 0 {
		c.take(4)
	}
	size := c.uint(1 << (flags & 3))
	if c.short {
		return nil, fmt.Errorf("object header is cut off")
	}
	type block struct{ addr, size uint64 }
	blocks := []block{{addr + uint64(c.pos), size}}
	var list []message
	for i := 0; i < len(blocks); i++ {
		if i > 1000 || len(list) > maxMessages {
			return list, fmt.Errorf("more than 1000 continuations: %w", ErrLimit)
		}
		start := blocks[i].addr
		c, err := f.at(start, blocks[i].size)
		if err != nil {
			return list, err
		}
		end := len(c.b)
		if i > 0 { // continuation blocks have a signature and a checksum
			if len(c.b) < 8 || string(c.b[:4]) != "OCHK" {
				return list, fmt.Errorf("continuation without its signature")
			}
			c.take(4)
			end -= 4
		}
		head := 4
		if flags&4 != 0 {
			head = 6
		}
		for end-c.pos >= head {
			m := message{off: start + uint64(c.pos), kind: uint16(c.u8())}
			n := int(c.u16())
			m.flags = c.u8()
			c.take(head - 4)
			if n > end-c.pos {
				return list, fmt.Errorf("message %#x is cut off", m.kind)
			}
			m.data = &cursor{b: c.take(n), f: f}
			list = append(list, m)
			if m.kind == msgContinuation {
				d := *m.data
				blocks = append(blocks, block{d.addr(), d.length()})
			}
		}
	}
	return list, nil
}

// interpret makes a group or dataset of the messages of an object.
func (f *file) interpret(name string, addr uint64, list []message) {
	d := &Dataset{Name: name, Offset: int64(f.base + addr)}
	dataset := false
	for i := range list {
		m := &list[i]
		if m.flags&2 != 0 && m.kind != msgNil {
			shared, err := f.shared(m)
			if err != nil {
				f.v.Odd(int64(f.base+m.off), "shared message of "+name+": "+err.Error())
				continue
			}
			m = shared
		}
		var err error
		switch m.kind {
		case msgDataspace:
			d.Shape, d.Null, err = dataspace(m.data)
		case msgDatatype:
			d.Type, err = datatype(m.data, 0)
		case msgLayout:
			dataset = true
			err = f.layout(d, m.data)
		case msgExternal:
			err = f.external(d, m.data)
		case msgFilters:
			d.Filtered = true
		case msgAttribute:
			err = f.attribute(name, m)
		case msgAttrInfo:
			err = f.denseAttributes(name, m)
		case msgSymbolTable:
			err = f.symbolTable(name, m)
		case msgLink:
			err = f.link(name, m.data, m.off)
		case msgLinkInfo:
			err = f.denseLinks(name, m)
		default:
			if m.kind > lastMessage {
				f.v.Odd(int64(f.base+m.off), fmt.Sprintf("unknown message %#x of %s", m.kind, name))
			}
		}
		if err != nil {
			f.fail(m.off, "message %#x of %q: %w", m.kind, name, err)
		}
	}
	if dataset && f.v.Dataset != nil {
		f.v.Dataset(d)
	}
	if dataset {
		f.datasetValues(d)
	}
}

// shared follows a shared message to the committed datatype it stands for (IV.A.2,
// "Shared Message"). Those in the file's table of shared messages are not followed.
func (f *file) shared(m *message) (*message, error) {
	c := *m.data
	version, kind := c.u8(), c.u8()
	switch version {
	case 1:
		c.take(6)
	case 2:
	case 3:
		if kind != 2 {
			return nil, fmt.Errorf("in the table of shared messages")
		}
	default:
		return nil, fmt.Errorf("version %d", version)
	}
	addr := c.addr()
	if c.short {
		return nil, fmt.Errorf("cut off")
	}
	if m.kind != msgDatatype {
		return nil, fmt.Errorf("of kind %#x", m.kind)
	}
	list, err := f.messages(addr)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].kind == msgDatatype && list[i].flags&2 == 0 {
			return &list[i], nil
		}
	}
	return nil, fmt.Errorf("no datatype at %d", addr)
}

// child is the path of a link in a group.
func child(group, name string) string {
	if len(group) > 1000 {
		group = group[:1000]
	}
	if len(name) > 1000 {
		name = name[:1000]
	}
	return path.Join(group, name)
}
