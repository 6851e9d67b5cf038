package archive

import (
	"bytes"
	"hash/crc32"
	"math"
)

// centralEntry is a central file header (4.3.12) with its Zip64 values resolved.
type centralEntry struct {
	dir          int
	pos          int64
	flags        uint16
	method       uint16
	crc          uint32
	packed, size int64
	local        int64  // offset of the local header; the directory's base is added
	rawName      string // as written
	unicodeName  string // of the Unicode path extra field, when it is valid; otherwise empty
	mode         uint32 // Unix mode, 0 when not given
	oddExtra     bool
	alternative  *centralEntry // the same entry for readers that take another Zip64 field
}

// localHeader is a local file header (4.3.7) with its Zip64 values resolved.
type localHeader struct {
	off          int64
	data         int64 // offset of the data
	flags        uint16
	method       uint16
	crc          uint32
	packed, size int64
	rawName      string
	unicodeName  string
	oddExtra     bool
	named        bool // a directory names it
}

const localLen = 30

// General purpose bits, 4.4.4.
const (
	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3
	flagStrong     = 1 << 6
	flagUTF8       = 1 << 11
	flagMasked     = 1 << 13
)

// entry reads the central file header at pos and returns the offset after it, 0
// when there is none.
func (p *zipParser) entry(pos int64) (centralEntry, int64) {
	b := p.w.at(pos, entryLen)
	if len(b) < entryLen || !bytes.HasPrefix(b, sigEntry) {
		return centralEntry{}, 0
	}
	e := centralEntry{
		pos: pos, flags: le.Uint16(b[8:]), method: le.Uint16(b[10:]), crc: le.Uint32(b[16:]),
		packed: int64(le.Uint32(b[20:])), size: int64(le.Uint32(b[24:])), local: int64(le.Uint32(b[42:])),
	}
	if host := b[5]; host == 3 || host == 19 {
		e.mode = le.Uint32(b[38:]) >> 16
	}
	nameLen, extraLen, commentLen := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	next := pos + entryLen + int64(nameLen) + int64(extraLen) + int64(commentLen)
	e.rawName = string(p.w.at(pos+entryLen, nameLen))
	x := readExtra(p.w.at(pos+entryLen+int64(nameLen), extraLen), e.rawName)
	e.unicodeName, e.oddExtra = x.unicodeName, x.odd
	alt := e
	wide := len(x.zip64) > 0 && resolve64(x.zip64[0], &e.size, &e.packed, &e.local)
	if len(x.zip64) > 1 {
		last := x.zip64[len(x.zip64)-1]
		if resolve64(last, &alt.size, &alt.packed, &alt.local) != wide || alt.size != e.size || alt.packed != e.packed || alt.local != e.local {
			alt.oddExtra, e.oddExtra = true, true
			e.alternative = &alt
		}
	}
	return e, next
}

// localAt reads the local header at off; nil when there is none.
func (p *zipParser) localAt(off int64) *localHeader {
	if h, ok := p.locals[off]; ok {
		return h
	}
	b := p.w.at(off, localLen)
	if len(b) < localLen || !bytes.HasPrefix(b, sigLocal) {
		return nil
	}
	h := &localHeader{
		off: off, flags: le.Uint16(b[6:]), method: le.Uint16(b[8:]), crc: le.Uint32(b[14:]),
		packed: int64(le.Uint32(b[18:])), size: int64(le.Uint32(b[22:])),
	}
	nameLen, extraLen := int(le.Uint16(b[26:])), int(le.Uint16(b[28:]))
	h.data = off + localLen + int64(nameLen) + int64(extraLen)
	h.rawName = string(p.w.at(off+localLen, nameLen))
	x := readExtra(p.w.at(off+localLen+int64(nameLen), extraLen), h.rawName)
	h.unicodeName, h.oddExtra = x.unicodeName, x.odd
	if len(x.zip64) > 0 {
		resolve64(x.zip64[0], &h.size, &h.packed, new(int64))
	}
	return h
}

// extra holds what the extra fields (4.5) say about sizes and names.
type extra struct {
	zip64       [][]byte
	unicodeName string
	odd         bool
}

// readExtra walks extra fields. Padding of zero bytes at the end, which alignment
// tools write, is no field.
func readExtra(b []byte, rawName string) extra {
	var x extra
	for len(b) >= 4 {
		id, n := le.Uint16(b), int(le.Uint16(b[2:]))
		if n > len(b)-4 {
			x.odd = true
			n = len(b) - 4
		}
		field := b[4 : 4+n]
		switch id {
		case 0x0001: // Zip64
			x.zip64 = append(x.zip64, bytes.Clone(field))
		case 0x7075: // Info-ZIP Unicode path, valid for the name whose checksum it holds
			if n > 5 && field[0] == 1 && le.Uint32(field[1:]) == crc32.ChecksumIEEE([]byte(rawName)) {
				x.unicodeName = string(field[5:])
			}
		}
		b = b[4+n:]
	}
	return x
}

// resolve64 replaces the values that are all ones by those of a Zip64 extra field
// (4.5.3), in its order. It reports whether the field held all it must.
func resolve64(field []byte, size, packed, local *int64) bool {
	for _, v := range []*int64{size, packed, local} {
		if *v != math.MaxUint32 {
			continue
		}
		if len(field) < 8 {
			return false
		}
		*v = int64(min(le.Uint64(field), math.MaxInt64/4))
		field = field[8:]
	}
	return true
}
