package evasion

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
)

// zipFile is one member as each view of a zip shall describe it.
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
	mode                   uint32 // Unix mode
	noCentral, noLocal     bool
	ownOffset              bool
	offset                 int // of the local header, with ownOffset
}

// stored is an honest member.
func stored(name string, content []byte) zipFile {
	crc := crc32.ChecksumIEEE(content)
	return zipFile{name: name, localName: name, data: content, crc: crc, localCRC: crc,
		size: len(content), packed: len(content), localSize: len(content), localPacked: len(content)}
}

// packedAs is an honest compressed member.
func packedAs(name string, content, packed []byte, method uint16) zipFile {
	f := stored(name, content)
	f.data, f.packed, f.localPacked, f.method, f.localMethod = packed, len(packed), len(packed), method, method
	return f
}

func deflated(name string, content []byte) zipFile {
	return packedAs(name, content, deflateBytes(content), 8)
}

func deflateBytes(content []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	if err != nil {
		panic(err) // the level is valid
	}
	w.Write(content)
	w.Close()
	return b.Bytes()
}

// zipWriter writes zips byte by byte, lies included.
type zipWriter struct {
	bytes.Buffer
	dir   bytes.Buffer
	count int
}

func put(to *bytes.Buffer, values ...any) {
	for _, v := range values {
		if err := binary.Write(to, binary.LittleEndian, v); err != nil {
			panic(err) // fixed-size values into memory
		}
	}
}

func (w *zipWriter) add(f zipFile) {
	off := w.Len()
	if !f.noLocal {
		w.WriteString("PK\x03\x04")
		put(&w.Buffer, uint16(20), f.localFlags, f.localMethod, uint32(0x210000), f.localCRC, uint32(f.localPacked), uint32(f.localSize),
			uint16(len(f.localName)), uint16(len(f.localExtra)))
		w.WriteString(f.localName)
		w.Write(f.localExtra)
		w.Write(f.data)
		w.Write(f.descriptor)
	}
	if f.ownOffset {
		off = f.offset
	}
	if f.noCentral {
		return
	}
	w.dir.WriteString("PK\x01\x02")
	put(&w.dir, uint16(20|3<<8), uint16(20), f.flags, f.method, uint32(0x210000), f.crc, uint32(f.packed), uint32(f.size),
		uint16(len(f.name)), uint16(len(f.extra)), uint16(0), uint16(0), uint16(0), f.mode<<16, uint32(off))
	w.dir.WriteString(f.name)
	w.dir.Write(f.extra)
	w.count++
}

// end writes the directory and its end record.
func (w *zipWriter) end() []byte { return w.endAt(w.Len(), w.count, "") }

// endAt writes an end record that may lie about the directory's place and count.
func (w *zipWriter) endAt(start, count int, comment string) []byte {
	size := w.dir.Len()
	w.Write(w.dir.Bytes())
	w.WriteString("PK\x05\x06")
	put(&w.Buffer, uint16(0), uint16(0), uint16(count), uint16(count), uint32(size), uint32(start), uint16(len(comment)))
	w.WriteString(comment)
	return bytes.Clone(w.Bytes())
}

func zipOf(files ...zipFile) []byte {
	var w zipWriter
	for _, f := range files {
		w.add(f)
	}
	return w.end()
}

// descriptor is the record behind the data of a member whose size was not known.
func descriptor(crc uint32, packed, size int) []byte {
	var b bytes.Buffer
	b.WriteString("PK\x07\x08")
	put(&b, crc, uint32(packed), uint32(size))
	return b.Bytes()
}
