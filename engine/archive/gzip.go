package archive

import (
	"bufio"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

// deflated decodes streams of deflate data in a frame: gzip (RFC 1952) or zlib
// (RFC 1950), any number of them one after the other, as joblib and gzip read them.
// It is more forgiving than the standard library, as CPython is: header checksums
// and lengths of names do not matter, and a wrong checksum at the end comes after
// everything has been delivered.
type deflated struct {
	br   *bufio.Reader
	zlib bool
	dec  io.ReadCloser
	sum  hash.Hash32
	n    uint32
	bad  int
	any  bool // a first frame has begun
	err  error
}

func (d *deflated) Read(p []byte) (int, error) {
	for d.err == nil {
		if d.dec == nil {
			if d.err = d.header(); d.err != nil {
				break
			}
		}
		n, err := d.dec.Read(p)
		d.sum.Write(p[:n])
		d.n += uint32(n)
		if err == io.EOF {
			err = d.trailer()
		}
		d.err = err
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
	return 0, d.err
}

func (d *deflated) badChecks() int { return d.bad }

// header reads the next frame's header. After the first frame, bytes that are no
// header are left as trailing data.
func (d *deflated) header() error {
	if d.any && !d.zlib { // tape padding
		for {
			b, _ := d.br.Peek(1)
			if len(b) == 0 || b[0] != 0 {
				break
			}
			d.br.Discard(1)
		}
	}
	b, err := d.br.Peek(2)
	if d.any && (len(b) < 2 || d.zlib && !zlibHeader(b) || !d.zlib && (b[0] != 0x1f || b[1] != 0x8b)) {
		return io.EOF
	}
	if err != nil {
		return io.ErrUnexpectedEOF
	}
	d.any = true
	if d.zlib {
		d.sum = adler32.New()
		if b[1]&0x20 != 0 {
			return failf(Unsupported, "zlib data with a preset dictionary")
		}
		d.br.Discard(2)
	} else {
		d.sum = crc32.NewIEEE()
		if err := d.gzipHeader(); err != nil {
			return err
		}
	}
	d.n = 0
	d.dec = flate.NewReader(d.br)
	return nil
}

func (d *deflated) gzipHeader() error {
	var b [10]byte
	if _, err := io.ReadFull(d.br, b[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if b[2] != 8 {
		return failf(Unsupported, "gzip method %d", b[2])
	}
	flags := b[3]
	if flags&4 != 0 {
		if _, err := io.ReadFull(d.br, b[:2]); err != nil {
			return io.ErrUnexpectedEOF
		}
		if _, err := d.br.Discard(int(le.Uint16(b[:]))); err != nil {
			return io.ErrUnexpectedEOF
		}
	}
	for _, bit := range []byte{8, 16} { // name and comment end with NUL
		if flags&bit == 0 {
			continue
		}
		for {
			c, err := d.br.ReadByte()
			if err != nil {
				return io.ErrUnexpectedEOF
			}
			if c == 0 {
				break
			}
		}
	}
	if flags&2 != 0 {
		if _, err := d.br.Discard(2); err != nil {
			return io.ErrUnexpectedEOF
		}
	}
	return nil
}

func (d *deflated) trailer() error {
	d.dec.Close()
	d.dec = nil
	var b [8]byte
	n := 8
	if d.zlib {
		n = 4
	}
	if _, err := io.ReadFull(d.br, b[:n]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if d.zlib {
		if be := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]); be != d.sum.Sum32() {
			d.bad++
		}
	} else if le.Uint32(b[:]) != d.sum.Sum32() || le.Uint32(b[4:]) != d.n {
		d.bad++
	}
	return nil
}

// zlibHeader reports whether b starts with a zlib header (RFC 1950, 2.2).
func zlibHeader(b []byte) bool {
	return len(b) >= 2 && b[0]&0x0f == 8 && b[0]>>4 <= 7 && (uint(b[0])<<8|uint(b[1]))%31 == 0
}
