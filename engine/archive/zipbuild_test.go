package archive

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// zipBuilder writes zips byte by byte, lies included.
type zipBuilder struct {
	bytes.Buffer
	dir   bytes.Buffer
	count int
}

// zipFile is one member as each view shall describe it.
type zipFile struct {
	name, localName        string
	data                   []byte // as it lies in the archive
	method, localMethod    uint16
	flags, localFlags      uint16
	crc, localCRC          uint32
	size, packed           int
	localSize, localPacked int
	extra, localExtra      []byte
	descriptor             []byte
	noCentral, noLocal     bool
	attributes             uint32
	host                   byte
	offset                 int // of the local header, when not here
	ownOffset              bool
}

// plain is an honest stored member.
func plain(name, content string) zipFile {
	crc := crc32.ChecksumIEEE([]byte(content))
	return zipFile{name: name, localName: name, data: []byte(content), crc: crc, localCRC: crc,
		size: len(content), packed: len(content), localSize: len(content), localPacked: len(content)}
}

func (b *zipBuilder) add(f zipFile) {
	off := b.Len()
	w := func(to *bytes.Buffer, vs ...any) {
		for _, v := range vs {
			binary.Write(to, binary.LittleEndian, v)
		}
	}
	if !f.noLocal {
		b.WriteString("PK\x03\x04")
		w(&b.Buffer, uint16(20), f.localFlags, f.localMethod, uint32(0), f.localCRC, uint32(f.localPacked), uint32(f.localSize),
			uint16(len(f.localName)), uint16(len(f.localExtra)))
		b.WriteString(f.localName)
		b.Write(f.localExtra)
		b.Write(f.data)
		b.Write(f.descriptor)
	}
	if f.ownOffset {
		off = f.offset
	}
	if !f.noCentral {
		b.dir.WriteString("PK\x01\x02")
		b.dir.Write([]byte{20, f.host})
		w(&b.dir, uint16(20), f.flags, f.method, uint32(0), f.crc, uint32(f.packed), uint32(f.size),
			uint16(len(f.name)), uint16(len(f.extra)), uint16(0), uint16(0), uint16(0), f.attributes, uint32(off))
		b.dir.WriteString(f.name)
		b.dir.Write(f.extra)
		b.count++
	}
}

// end writes the directory and its end record, and returns everything.
func (b *zipBuilder) end(comment string) []byte {
	start := b.Len()
	size := b.dir.Len()
	b.Write(b.dir.Bytes())
	b.WriteString("PK\x05\x06")
	for _, v := range []any{uint16(0), uint16(0), uint16(b.count), uint16(b.count), uint32(size), uint32(start), uint16(len(comment))} {
		binary.Write(b, binary.LittleEndian, v)
	}
	b.WriteString(comment)
	b.dir.Reset()
	b.count = 0
	return bytes.Clone(b.Bytes())
}
