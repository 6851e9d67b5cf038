package archive

import "io"

// lzma2Reader decodes LZMA2: chunks of LZMA data or plain bytes over one history
// (liblzma, "lzma2_decoder"; xz-file-format 1.2.1, 5.3.1).
type lzma2Reader struct {
	in    io.ByteReader
	chunk chunkReader // the packed bytes of an LZMA chunk
	d     *lzmaDecoder
	plain bool
	props bool
	err   error
}

// chunkReader ends after n bytes.
type chunkReader struct {
	in io.ByteReader
	n  int
}

func (c *chunkReader) ReadByte() (byte, error) {
	if c.n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	c.n--
	return c.in.ReadByte()
}

// newLZMA2 decodes what in delivers, with the dictionary size given by its
// property byte.
func newLZMA2(in io.ByteReader, prop byte, window int64) (io.Reader, error) {
	if prop > 40 {
		return nil, failf(Corrupt, "LZMA2 dictionary size %d", prop)
	}
	dict := int64(1<<32 - 1)
	if prop < 40 {
		dict = int64(2|prop&1) << (prop/2 + 11)
	}
	if dict > window {
		return nil, failf(Limit, "LZMA2 dictionary of %d bytes, at most %d are allowed", dict, window)
	}
	l := &lzma2Reader{in: in, chunk: chunkReader{in: in}}
	l.d = &lzmaDecoder{in: &l.chunk, dictSize: max(int(dict), lzmaMinDict), dict: make([]byte, lzmaMinDict)}
	return l, nil
}

// Read implements [io.Reader].
func (l *lzma2Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for l.d.pending == 0 && l.err == nil {
		l.step()
	}
	if l.d.pending == 0 {
		return 0, l.err
	}
	return l.d.deliver(p), nil
}

// step begins a chunk or decodes some of one.
func (l *lzma2Reader) step() {
	d := l.d
	switch {
	case d.left == 0:
		l.err = l.next()
	case l.plain:
		for d.left > 0 && d.pending < lzmaFlush {
			b, err := l.in.ReadByte()
			if err != nil {
				l.err = io.ErrUnexpectedEOF
				return
			}
			d.put(b)
			d.left--
		}
	default:
		for d.left > 0 && d.pending < lzmaFlush && d.err == nil {
			d.symbol()
		}
		if d.left == 0 && d.err == nil {
			d.normalize()
			for l.chunk.n > 0 && d.err == nil {
				d.byte()
			}
		}
		if d.err == io.EOF { // markers do not belong here
			d.err = errLZMA
		}
		l.err = d.err
	}
}

// next reads the header of a chunk.
func (l *lzma2Reader) next() error {
	var b [6]byte
	read := func(p []byte) error {
		for i := range p {
			c, err := l.in.ReadByte()
			if err != nil {
				return io.ErrUnexpectedEOF
			}
			p[i] = c
		}
		return nil
	}
	if err := read(b[:1]); err != nil {
		return err
	}
	d, control := l.d, b[0]
	if control == 0 {
		return io.EOF
	}
	if control == 1 || control >= 0xe0 {
		d.filled, d.total = 0, 0
	}
	if control < 0x80 {
		if control > 2 {
			return errLZMA
		}
		if err := read(b[1:3]); err != nil {
			return err
		}
		l.plain, d.left = true, int64(b[1])<<8+int64(b[2])+1
		return nil
	}
	if err := read(b[1:5]); err != nil {
		return err
	}
	l.plain = false
	d.left = int64(control&0x1f)<<16 + int64(b[1])<<8 + int64(b[2]) + 1
	l.chunk.n = int(b[3])<<8 + int(b[4]) + 1
	if control >= 0xc0 {
		if err := read(b[5:6]); err != nil {
			return err
		}
		if !d.properties(b[5]) {
			return errLZMA
		}
		l.props = true
	}
	if !l.props {
		return errLZMA
	}
	if control >= 0xa0 {
		d.reset()
	}
	d.start()
	return d.err
}
