package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
)

// xzReader decodes concatenated .xz streams (The .xz File Format 1.2.1), with the
// filters LZMA2, Delta and BCJ x86. Checks that fail are counted, not fatal: by then
// the content has been read.
type xzReader struct {
	br     *bufio.Reader
	window int64

	started bool
	check   byte // type of the blocks' check
	block   io.Reader
	raw     *countingReader
	sum     hash.Hash
	bad     int // checks that failed
	err     error
}

// countingReader counts what is taken from a buffered reader.
type countingReader struct {
	br *bufio.Reader
	n  int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.br.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *countingReader) ReadByte() (byte, error) {
	b, err := c.br.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

var (
	xzMagic  = []byte("\xfd7zXZ\x00")
	errXZ    = errors.New("damaged xz data")
	errXZEnd = errors.New("xz data end early")
)

// Read implements [io.Reader].
func (x *xzReader) Read(p []byte) (int, error) {
	for x.err == nil {
		if x.block == nil {
			if x.err = x.next(); x.err != nil {
				break
			}
		}
		n, err := x.block.Read(p)
		x.sum.Write(p[:n])
		if err == io.EOF {
			err = x.endBlock()
		}
		x.err = err
		if n > 0 || x.err == nil && len(p) == 0 {
			return n, nil
		}
	}
	return 0, x.err
}

func (x *xzReader) badChecks() int { return x.bad }

// next reads up to the data of the next block. It returns [io.EOF] when the last
// stream has ended.
func (x *xzReader) next() error {
	for {
		if !x.started {
			if err := x.header(); err != nil {
				return err
			}
		}
		size, err := x.br.ReadByte()
		if err != nil {
			return errXZEnd
		}
		if size != 0 {
			return x.blockHeader(size)
		}
		if err := x.index(); err != nil {
			return err
		}
		x.started = false
		for { // stream padding, then another stream or the end
			b, err := x.br.Peek(4)
			if len(b) == 4 && bytes.Equal(b, zeros[:4]) {
				x.br.Discard(4)
				continue
			}
			if err != nil || !bytes.HasPrefix(xzMagic, b) {
				return io.EOF // what is left, if anything, is trailing data
			}
			break
		}
	}
}

func (x *xzReader) header() error {
	var b [12]byte
	if _, err := io.ReadFull(x.br, b[:]); err != nil {
		return errXZEnd
	}
	if !bytes.HasPrefix(b[:], xzMagic) || b[6] != 0 || b[7] > 15 {
		return errXZ
	}
	if crc32.ChecksumIEEE(b[6:8]) != le.Uint32(b[8:]) {
		x.bad++
	}
	x.started, x.check = true, b[7]
	return nil
}

// blockHeader reads a block header (3.1) and sets up its filters.
func (x *xzReader) blockHeader(size byte) error {
	b := make([]byte, (int(size)+1)*4)
	b[0] = size
	if _, err := io.ReadFull(x.br, b[1:]); err != nil {
		return errXZEnd
	}
	body := b[:len(b)-4]
	if crc32.ChecksumIEEE(body) != le.Uint32(b[len(b)-4:]) {
		x.bad++
	}
	flags := body[1]
	rest := body[2:]
	for _, bit := range []byte{0x40, 0x80} { // sizes, which the data tell again
		if flags&bit != 0 {
			_, n := binary.Uvarint(rest)
			if n <= 0 {
				return errXZ
			}
			rest = rest[n:]
		}
	}
	type filter struct {
		id    uint64
		props []byte
	}
	var filters []filter
	for range int(flags&3) + 1 {
		id, n := binary.Uvarint(rest)
		if n <= 0 {
			return errXZ
		}
		size, k := binary.Uvarint(rest[n:])
		if k <= 0 || size > uint64(len(rest)-n-k) {
			return errXZ
		}
		filters = append(filters, filter{id, rest[n+k:][:size]})
		rest = rest[n+k+int(size):]
	}
	last := filters[len(filters)-1]
	if last.id != 0x21 || len(last.props) != 1 {
		return failf(Unsupported, "xz filter %#x", last.id)
	}
	x.raw = &countingReader{br: x.br}
	r, err := newLZMA2(x.raw, last.props[0], x.window)
	if err != nil {
		return err
	}
	for i := len(filters) - 2; i >= 0; i-- {
		switch f := filters[i]; {
		case f.id == 0x03 && len(f.props) == 1:
			r = newDelta(r, int(f.props[0])+1)
		case f.id == 0x04 && (len(f.props) == 0 || len(f.props) == 4 && le.Uint32(f.props) == 0):
			r = newBCJ(r)
		default:
			return failf(Unsupported, "xz filter %#x", f.id)
		}
	}
	x.block = r
	x.sum = newXZCheck(x.check)
	return nil
}

// endBlock reads the padding and the check of a block.
func (x *xzReader) endBlock() error {
	x.block = nil
	pad := int(-x.raw.n & 3)
	b := make([]byte, pad+xzCheckSize(x.check))
	if _, err := io.ReadFull(x.br, b); err != nil {
		return errXZEnd
	}
	want := b[pad:]
	got := x.sum.Sum(nil)
	if x.check == 1 || x.check == 4 { // little-endian, unlike Sum
		for i, j := 0, len(got)-1; i < j; i, j = i+1, j-1 {
			got[i], got[j] = got[j], got[i]
		}
	}
	if len(got) == len(want) && !bytes.Equal(got, want) {
		x.bad++
	}
	return nil
}

// xzCheckSize is the size of a check in bytes, 2.1.1.2.
func xzCheckSize(id byte) int {
	if id == 0 {
		return 0
	}
	return 4 << ((id - 1) / 3)
}

func newXZCheck(id byte) hash.Hash {
	switch id {
	case 1:
		return crc32.NewIEEE()
	case 4:
		return crc64.New(crc64.MakeTable(crc64.ECMA))
	case 10:
		return sha256.New()
	}
	return noHash{}
}

// noHash stands for a check that is absent or unknown.
type noHash struct{}

func (noHash) Write(p []byte) (int, error) { return len(p), nil }
func (noHash) Sum(b []byte) []byte         { return b }
func (noHash) Reset()                      {}
func (noHash) Size() int                   { return 0 }
func (noHash) BlockSize() int              { return 1 }

// index reads the index and the stream footer (4 and 2.1.2) after the index
// indicator. Their values repeat what was read; only their length matters.
func (x *xzReader) index() error {
	c := &countingReader{br: x.br, n: 1}
	count, err := binary.ReadUvarint(c)
	if err != nil {
		return errXZEnd
	}
	for range count {
		for range 2 {
			if _, err := binary.ReadUvarint(c); err != nil {
				return errXZEnd
			}
		}
	}
	b := make([]byte, int(-c.n&3)+4+12)
	if _, err := io.ReadFull(x.br, b); err != nil {
		return errXZEnd
	}
	if !bytes.HasSuffix(b, []byte("YZ")) {
		return errXZ
	}
	return nil
}
