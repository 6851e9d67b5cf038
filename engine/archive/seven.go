package archive

import (
	"bufio"
	"compress/bzip2"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// Seven is a 7z archive. Its streams are to be read one after the other, in the
// order of the members: content that was compressed together is then decoded once.
type Seven struct {
	r         io.ReaderAt
	size      int64
	lim       Limits
	st        *s7Streams
	members   []Member
	anomalies []Anomaly

	open    io.Reader // the folder that is being decoded
	folder  int
	pos     int64
	openErr error
}

const (
	s7SignatureLen = 32
	s7MaxHeader    = 64 << 20
)

// Members implements [Container].
func (z *Seven) Members() []Member { return z.members }

// Anomalies implements [Container].
func (z *Seven) Anomalies() []Anomaly { return z.anomalies }

// Open7z reads the header of the 7z archive in r, which is size bytes long.
func Open7z(r io.ReaderAt, size int64, lim Limits) (*Seven, error) {
	z := &Seven{r: r, size: size, lim: lim.withDefaults(size), folder: -1}
	head := make([]byte, s7SignatureLen)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, failf(Corrupt, "7z archive of %d bytes", size)
	}
	off, n := int64(le.Uint64(head[12:])), int64(le.Uint64(head[20:]))
	if off < 0 || n < 0 || off > size-s7SignatureLen || n > size-s7SignatureLen-off {
		return nil, failf(Corrupt, "7z header lies outside of the archive")
	}
	if n > s7MaxHeader {
		return nil, failf(Limit, "7z header of %d bytes, at most %d are read", n, s7MaxHeader)
	}
	if n == 0 {
		return z, nil
	}
	if after := size - s7SignatureLen - off - n; after > 0 {
		z.note(KindTrailing, size-after, "%d bytes after the end of the archive", after)
	}
	b := make([]byte, n)
	if _, err := r.ReadAt(b, s7SignatureLen+off); err != nil {
		return nil, failf(Corrupt, "7z header: %w", err)
	}
	if crc32.ChecksumIEEE(b) != le.Uint32(head[28:]) {
		z.note(KindChecksum, s7SignatureLen+off, "the header does not have its checksum")
	}
	if err := z.header(b, 0); err != nil {
		return nil, asError(err)
	}
	return z, nil
}

func (z *Seven) note(k Kind, off int64, format string, args ...any) {
	z.anomalies = append(z.anomalies, Anomaly{Kind: k, Detail: fmt.Sprintf(format, args...), Offset: off})
}

// header reads a header, or decodes an encoded one first.
func (z *Seven) header(b []byte, depth int) error {
	r := &s7Reader{b: b, max: z.lim.Members}
	switch r.byte() {
	case s7Encoded:
		st, err := r.streams()
		if err != nil {
			return err
		}
		if depth > 2 || len(st.folders) != 1 || st.folders[0].unpacked() > s7MaxHeader {
			return errS7
		}
		z.st = st
		dec, err := z.decode(0)
		if err != nil {
			return err
		}
		plain, err := io.ReadAll(io.LimitReader(guard{dec}, st.folders[0].unpacked()))
		if err != nil {
			return err
		}
		return z.header(plain, depth+1)
	case s7Header:
	default:
		return errS7
	}
	z.st = &s7Streams{}
	last := byte(0)
	for id := r.byte(); id != s7End; id = r.byte() {
		if id <= last { // they come in this order, each once
			return errS7
		}
		last = id
		var err error
		switch id {
		case s7ArchiveProperties:
			for p := r.byte(); p != s7End && !r.bad; p = r.byte() {
				r.bytes(r.number())
			}
		case s7AdditionalStreams:
			_, err = r.streams()
		case s7MainStreams:
			z.st, err = r.streams()
		case s7Files:
			var files []s7Entry
			if files, err = r.files(); err == nil {
				err = z.list(files)
			}
		default:
			err = errS7
		}
		if err != nil {
			return err
		}
		if r.bad {
			return errS7
		}
	}
	return nil
}

// list makes members of the files and of content that no file names.
func (z *Seven) list(files []s7Entry) error {
	sub := 0
	for _, f := range files {
		m := Member{Header: -1, Offset: -1, Views: Central, index: -1}
		m.nameIt(f.name, "", flagUTF8)
		if f.empty {
			m.Dir = !f.file
		} else {
			if sub >= len(z.st.subs) {
				return errS7
			}
			z.content(&m, sub)
			sub++
		}
		if f.attributes&0x8000 != 0 && f.attributes>>16&0xf000 == 0xa000 {
			m.Symlink = true
		}
		z.members = append(z.members, m)
	}
	for ; sub < len(z.st.subs); sub++ {
		m := Member{Header: -1, Offset: -1}
		m.note(KindLocalOnly, -1, "content without a name")
		z.content(&m, sub)
		z.members = append(z.members, m)
	}
	duplicates(z.members)
	return nil
}

func (z *Seven) content(m *Member, sub int) {
	s := z.st.subs[sub]
	m.index, m.Size, m.Packed, m.CRC, m.HasCRC = sub, s.size, s.size, s.crc, s.hasCRC
	for _, c := range z.st.folders[s.folder].coders {
		m.Encrypted = m.Encrypted || c.id == s7AES
	}
}

// Open implements [Container].
func (z *Seven) Open(i int) (*Stream, error) {
	m := &z.members[i]
	s := &Stream{member: m, src: &source{r: z.r}}
	s.buffered()
	if m.index < 0 {
		s.r = eofReader{}
		return s, nil
	}
	sub := z.st.subs[m.index]
	if z.folder != sub.folder || z.pos > sub.offset || z.openErr != nil {
		z.folder, z.pos = sub.folder, 0
		z.open, z.openErr = z.decode(sub.folder)
	}
	if z.openErr != nil {
		return nil, asError(z.openErr)
	}
	if skip := sub.offset - z.pos; skip > z.lim.Sizing {
		return nil, failf(Limit, "%d bytes to skip before the member", skip)
	}
	s.r = &s7File{z: z, skip: sub.offset - z.pos, left: sub.size, folder: sub.folder}
	return s, nil
}

// s7File reads one file's part of a folder.
type s7File struct {
	z          *Seven
	skip, left int64
	folder     int
}

func (f *s7File) Read(p []byte) (int, error) {
	if f.z.folder != f.folder {
		return 0, failf(Corrupt, "members of a 7z archive must be read one after the other")
	}
	for f.skip > 0 {
		n, err := io.CopyN(io.Discard, f.z.open, f.skip)
		f.skip -= n
		f.z.pos += n
		if err != nil {
			f.z.openErr = err
			return 0, io.ErrUnexpectedEOF
		}
	}
	if f.left == 0 {
		return 0, io.EOF
	}
	n, err := f.z.open.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	f.z.pos += int64(n)
	if err == io.EOF && f.left > 0 {
		err = io.ErrUnexpectedEOF
	} else if err == io.EOF {
		err = nil
	}
	if err != nil {
		f.z.openErr = err
	}
	return n, err
}

// Section implements [Container]: nothing is stored in place.
func (z *Seven) Section(int) *io.SectionReader { return nil }

var _ Container = (*Seven)(nil)

// Coder ids, Methods.txt of the LZMA SDK.
const (
	s7Copy      = 0x00
	s7Delta     = 0x03
	s7X86       = 0x04
	s7LZMA2     = 0x21
	s7LZMA      = 0x030101
	s7BCJ       = 0x03030103
	s7Deflate   = 0x040108
	s7Deflate64 = 0x040109
	s7Bzip2     = 0x040202
	s7Zstd      = 0x04f71101
	s7LZ4       = 0x04f71104
	s7AES       = 0x06f10701
)

// decode starts decoding a folder.
func (z *Seven) decode(folder int) (io.Reader, error) {
	f := &z.st.folders[folder]
	main := f.main()
	if main < 0 {
		return nil, errS7
	}
	return z.coder(f, main, 0)
}

func (z *Seven) coder(f *s7Block, i, depth int) (io.Reader, error) {
	if i >= len(f.coders) || depth > maxCoders {
		return nil, errS7
	}
	c := f.coders[i]
	if c.id == s7AES {
		return nil, failf(Encrypted, "7z with AES")
	}
	if c.in != 1 {
		return nil, failf(Unsupported, "7z coder %#x", c.id)
	}
	input := 0
	for k := range i {
		input += f.coders[k].in
	}
	var src io.Reader
	if out, bound := f.bind[input]; bound {
		var err error
		if src, err = z.coder(f, out, depth+1); err != nil {
			return nil, err
		}
	} else {
		pos := s7SignatureLen + z.st.packPos
		k := 0
		for k < len(f.packed) && f.packed[k] != input {
			k++
		}
		if k == len(f.packed) {
			return nil, errS7
		}
		for _, n := range z.st.packSizes[:f.firstPack+k] {
			pos += n
		}
		end := pos + z.st.packSizes[f.firstPack+k]
		if pos < 0 || end < pos || end > z.size {
			return nil, failf(Corrupt, "packed data lie outside of the archive")
		}
		src = &source{r: z.r, off: pos, end: end}
	}
	r, err := unpack7(c, bufio.NewReaderSize(src, 64<<10), f.sizes[i], z.lim.Window)
	if err != nil {
		return nil, err
	}
	return io.LimitReader(r, f.sizes[i]), nil
}

func unpack7(c s7Coder, br *bufio.Reader, size, window int64) (io.Reader, error) {
	switch c.id {
	case s7Copy:
		return br, nil
	case s7LZMA:
		if len(c.props) != 5 {
			return nil, errS7
		}
		return newLZMA(br, c.props, size, window)
	case s7LZMA2:
		if len(c.props) != 1 {
			return nil, errS7
		}
		return newLZMA2(br, c.props[0], window)
	case s7Delta:
		if len(c.props) != 1 {
			return nil, errS7
		}
		return newDelta(br, int(c.props[0])+1), nil
	case s7X86, s7BCJ:
		return newBCJ(br), nil
	case s7Deflate:
		return flate.NewReader(br), nil
	case s7Deflate64:
		return newInflate64(br), nil
	case s7Bzip2:
		return bzip2.NewReader(br), nil
	case s7Zstd:
		return zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(uint64(window)))
	case s7LZ4:
		return lz4.NewReader(br), nil
	}
	return nil, failf(Unsupported, "7z coder %#x", c.id)
}
