package archive

import (
	"errors"
	"math/bits"
	"unicode/utf16"
)

// The header of a 7z archive, as 7zFormat.txt of the LZMA SDK describes it.

// Property ids.
const (
	s7End = iota
	s7Header
	s7ArchiveProperties
	s7AdditionalStreams
	s7MainStreams
	s7Files
	s7PackInfo
	s7UnpackInfo
	s7SubStreams
	s7Size
	s7CRC
	s7Folder
	s7UnpackSize
	s7NumUnpack
	s7EmptyStream
	s7EmptyFile
	s7Anti
	s7Name
	s7CTime
	s7ATime
	s7MTime
	s7Attributes
	s7Comment
	s7Encoded
)

// s7Streams describes packed data and how it is unpacked.
type s7Streams struct {
	packPos   int64
	packSizes []int64
	folders   []s7Block
	subs      []s7Sub // content of all folders, in order
}

// s7Block is a folder in the language of the format: data that are compressed
// together.
type s7Block struct {
	coders []s7Coder
	bind   map[int]int // input of a coder -> output of another
	packed []int       // inputs that are read from the archive
	sizes  []int64     // content of each coder's output
	crc    uint32
	hasCRC bool
	streams,
	firstPack int
}

// s7Coder is one step of unpacking.
type s7Coder struct {
	id      uint64
	in, out int
	props   []byte
}

// s7Sub is the content of one file.
type s7Sub struct {
	folder int
	offset int64
	size   int64
	crc    uint32
	hasCRC bool
}

var errS7 = errors.New("damaged 7z header")

// s7Reader reads numbers from a header. After an error it stays failed; counts are
// bounded by what the header could hold.
type s7Reader struct {
	b   []byte
	max int // the most members there may be
	bad bool
}

func (r *s7Reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *s7Reader) bytes(n int64) []byte {
	if n < 0 || n > int64(len(r.b)) {
		r.bad = true
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// number reads a number of 1 to 9 bytes: the leading ones of the first byte say
// how many follow.
func (r *s7Reader) number() int64 {
	first := r.byte()
	n := bits.LeadingZeros8(^first)
	var v uint64
	for i := range n {
		v |= uint64(r.byte()) << (8 * i)
	}
	if n < 7 {
		v |= uint64(first&(1<<(7-n)-1)) << (8 * n)
	}
	if v > 1<<60 {
		r.bad = true
		return 0
	}
	return int64(v)
}

// count reads a number of things of which there can be at most limit.
func (r *s7Reader) count(limit int) int {
	v := r.number()
	if v > int64(limit) {
		r.bad = true
		return 0
	}
	return int(v)
}

func (r *s7Reader) uint32() uint32 {
	b := r.bytes(4)
	if b == nil {
		return 0
	}
	return le.Uint32(b)
}

// flags reads n bits.
func (r *s7Reader) flags(n int) []bool {
	b := r.bytes(int64(n+7) / 8)
	out := make([]bool, n)
	for i := range out {
		out[i] = b != nil && b[i/8]&(0x80>>(i%8)) != 0
	}
	return out
}

// optional reads n bits, or one byte that says they are all set.
func (r *s7Reader) optional(n int) []bool {
	if r.byte() == 0 {
		return r.flags(n)
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// streams reads a StreamsInfo.
func (r *s7Reader) streams() (*s7Streams, error) {
	s := &s7Streams{}
	id := r.byte()
	if id == s7PackInfo {
		s.packPos = r.number()
		n := r.count(r.max)
		for id = r.byte(); id != s7End && !r.bad; id = r.byte() {
			switch id {
			case s7Size:
				for range n {
					s.packSizes = append(s.packSizes, r.number())
					if r.bad {
						break
					}
				}
			case s7CRC:
				for _, def := range r.optional(n) {
					if def {
						r.uint32()
					}
				}
			default:
				return nil, errS7
			}
		}
		id = r.byte()
	}
	if id == s7UnpackInfo {
		if err := r.unpackInfo(s); err != nil {
			return nil, err
		}
		id = r.byte()
	}
	if err := r.subStreams(s, id); err != nil {
		return nil, err
	}
	return s, nil
}

func (r *s7Reader) unpackInfo(s *s7Streams) error {
	if r.byte() != s7Folder {
		return errS7
	}
	n := r.count(r.max)
	if r.byte() != 0 {
		return failf(Unsupported, "7z folders kept elsewhere")
	}
	pack := 0
	for range n {
		f := r.folder()
		if r.bad {
			return errS7
		}
		f.firstPack = pack
		pack += len(f.packed)
		f.streams = 1
		s.folders = append(s.folders, f)
	}
	if r.byte() != s7UnpackSize {
		return errS7
	}
	for i := range s.folders {
		for range s.folders[i].coders {
			s.folders[i].sizes = append(s.folders[i].sizes, r.number())
		}
		if r.bad {
			return errS7
		}
	}
	for id := r.byte(); id != s7End; id = r.byte() {
		if id != s7CRC || r.bad {
			return errS7
		}
		for i, def := range r.optional(n) {
			if def {
				s.folders[i].crc, s.folders[i].hasCRC = r.uint32(), true
			}
		}
	}
	if pack > len(s.packSizes) {
		return errS7
	}
	return nil
}

// maxCoders is more than any writer chains.
const maxCoders = 8

func (r *s7Reader) folder() s7Block {
	f := s7Block{bind: map[int]int{}}
	in := 0
	for range r.count(maxCoders) {
		flag := r.byte()
		c := s7Coder{in: 1, out: 1}
		for _, b := range r.bytes(int64(flag & 0x0f)) {
			c.id = c.id<<8 | uint64(b)
		}
		if flag&0x10 != 0 {
			c.in, c.out = r.count(maxCoders), r.count(maxCoders)
		}
		if flag&0x20 != 0 {
			c.props = r.bytes(r.number())
		}
		if c.out != 1 || flag&0x80 != 0 {
			r.bad = true
		}
		in += c.in
		f.coders = append(f.coders, c)
	}
	if len(f.coders) == 0 {
		r.bad = true
		return f
	}
	for range len(f.coders) - 1 {
		i := r.count(maxCoders * maxCoders)
		f.bind[i] = r.count(maxCoders)
	}
	packed := in - (len(f.coders) - 1)
	if packed == 1 {
		for i := range in {
			if _, bound := f.bind[i]; !bound {
				f.packed = append(f.packed, i)
			}
		}
		if len(f.packed) != 1 {
			r.bad = true
		}
		return f
	}
	for range packed {
		f.packed = append(f.packed, r.count(maxCoders*maxCoders))
	}
	return f
}

// subStreams reads a SubStreamsInfo, when there is one, and divides the folders.
func (r *s7Reader) subStreams(s *s7Streams, id byte) error {
	have := id == s7SubStreams
	if have {
		id = r.byte()
	}
	total := 0
	if have && id == s7NumUnpack {
		for i := range s.folders {
			s.folders[i].streams = r.count(r.max - total)
			total += s.folders[i].streams
		}
		id = r.byte()
	}
	if r.bad {
		return errS7
	}
	sizes := have && id == s7Size
	for i := range s.folders {
		f := &s.folders[i]
		var off int64
		for k := range f.streams {
			size := f.unpacked() - off
			if k < f.streams-1 {
				if !sizes {
					return errS7
				}
				size = r.number()
			}
			if size < 0 || r.bad {
				return errS7
			}
			s.subs = append(s.subs, s7Sub{folder: i, offset: off, size: size, crc: f.crc, hasCRC: f.hasCRC && f.streams == 1})
			off += size
		}
	}
	if sizes {
		id = r.byte()
	}
	for have && id != s7End {
		if id != s7CRC || r.bad {
			return errS7
		}
		var unknown []int
		for i := range s.subs {
			if !s.subs[i].hasCRC {
				unknown = append(unknown, i)
			}
		}
		for k, def := range r.optional(len(unknown)) {
			if def {
				s.subs[unknown[k]].crc, s.subs[unknown[k]].hasCRC = r.uint32(), true
			}
		}
		id = r.byte()
	}
	if have {
		id = r.byte()
	}
	if id != s7End || r.bad {
		return errS7
	}
	return nil
}

// unpacked is the size of a folder's content.
func (f *s7Block) unpacked() int64 {
	if i := f.main(); i >= 0 {
		return f.sizes[i]
	}
	return 0
}

// main is the coder whose output nobody reads.
func (f *s7Block) main() int {
	for i := range f.coders {
		used := false
		for _, out := range f.bind {
			used = used || out == i
		}
		if !used {
			return i
		}
	}
	return -1
}

// s7Entry is one file of the list of files.
type s7Entry struct {
	name        string
	empty, file bool // without content; and then a file, not a directory
	attributes  uint32
}

func (r *s7Reader) files() ([]s7Entry, error) {
	n := r.count(min(r.max, 8*len(r.b)+8))
	files := make([]s7Entry, n)
	var empty []int
	for {
		id := r.byte()
		if id == s7End || r.bad {
			break
		}
		p := &s7Reader{b: r.bytes(r.number()), max: r.max}
		switch id {
		case s7EmptyStream:
			for i, e := range p.flags(n) {
				if files[i].empty = e; e {
					empty = append(empty, i)
				}
			}
		case s7EmptyFile:
			for k, e := range p.flags(len(empty)) {
				files[empty[k]].file = e
			}
		case s7Name:
			if p.byte() != 0 {
				return nil, failf(Unsupported, "7z names kept elsewhere")
			}
			for i := range files {
				files[i].name = p.utf16()
			}
		case s7Attributes:
			def := p.optional(n)
			p.byte()
			for i := range files {
				if def[i] {
					files[i].attributes = p.uint32()
				}
			}
		}
		if p.bad {
			return nil, errS7
		}
	}
	if r.bad {
		return nil, errS7
	}
	return files, nil
}

func (r *s7Reader) utf16() string {
	var u []uint16
	for {
		b := r.bytes(2)
		if b == nil {
			return ""
		}
		c := le.Uint16(b)
		if c == 0 {
			return string(utf16.Decode(u))
		}
		u = append(u, c)
	}
}
