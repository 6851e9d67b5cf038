package archive

import (
	"bufio"
	"errors"
	"io"
)

// inflate64 decodes Deflate64, zip method 9: deflate (RFC 1951) with a window of
// 64 KiB, length code 285 for 3 to 65538, and distance codes 30 and 31. Writers of
// large zip files on Windows use it, and no library here reads it.
type inflate64 struct {
	br    *bufio.Reader
	acc   uint32
	n     uint
	win   []byte
	pos   int // next byte of the window to write
	out   int // next byte of the window to deliver
	state int
	last  bool
	left  int // bytes left of a stored block
	lit   huffman64
	dist  huffman64
	copy  int
	from  int
	err   error
}

const (
	window64 = 1 << 16
	stHeader = iota
	stStored
	stCodes
)

var errInflate64 = errors.New("damaged deflate64 data")

func newInflate64(br *bufio.Reader) *inflate64 {
	return &inflate64{br: br, win: make([]byte, 2*window64), pos: window64, out: window64, state: stHeader}
}

// Read implements [io.Reader].
func (d *inflate64) Read(p []byte) (int, error) {
	for d.out == d.pos {
		if d.err != nil {
			return 0, d.err
		}
		if d.pos == len(d.win) { // delivered: keep the last window
			copy(d.win, d.win[window64:])
			d.pos, d.out = window64, window64
		}
		d.err = d.step()
	}
	n := copy(p, d.win[d.out:d.pos])
	d.out += n
	return n, nil
}

func (d *inflate64) need(n uint) error {
	for d.n < n {
		c, err := d.br.ReadByte()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		d.acc |= uint32(c) << d.n
		d.n += 8
	}
	return nil
}

func (d *inflate64) bits(n uint) (int, error) {
	if err := d.need(n); err != nil {
		return 0, err
	}
	v := d.acc & (1<<n - 1)
	d.acc >>= n
	d.n -= n
	return int(v), nil
}

// step fills the window or ends a block.
func (d *inflate64) step() error {
	switch d.state {
	case stHeader:
		if d.last {
			return io.EOF
		}
		return d.header()
	case stStored:
		for d.left > 0 && d.pos < len(d.win) {
			c, err := d.bits(8)
			if err != nil {
				return err
			}
			d.win[d.pos] = byte(c)
			d.pos++
			d.left--
		}
		if d.left == 0 {
			d.state = stHeader
		}
		return nil
	}
	return d.codes()
}

func (d *inflate64) header() error {
	h, err := d.bits(3)
	if err != nil {
		return err
	}
	d.last = h&1 != 0
	switch h >> 1 {
	case 0:
		d.acc >>= d.n & 7
		d.n -= d.n & 7
		n, err := d.bits(16)
		if err != nil {
			return err
		}
		c, err := d.bits(16)
		if err != nil {
			return err
		}
		if n != c^0xffff {
			return errInflate64
		}
		d.left, d.state = n, stStored
		return nil
	case 1:
		var l [288]byte
		for i := range l {
			switch {
			case i < 144:
				l[i] = 8
			case i < 256:
				l[i] = 9
			case i < 280:
				l[i] = 7
			default:
				l[i] = 8
			}
		}
		var s [32]byte
		for i := range s {
			s[i] = 5
		}
		d.state = stCodes
		return errors.Join(d.lit.build(l[:]), d.dist.build(s[:]))
	case 2:
		d.state = stCodes
		return d.dynamic()
	}
	return errInflate64
}

var codeOrder64 = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

func (d *inflate64) dynamic() error {
	v, err := d.bits(14)
	if err != nil {
		return err
	}
	nlit, ndist, ncode := v&31+257, v>>5&31+1, v>>10+4
	var l [320]byte
	for i := range ncode {
		c, err := d.bits(3)
		if err != nil {
			return err
		}
		l[codeOrder64[i]] = byte(c)
	}
	var h huffman64
	if err := h.build(l[:19]); err != nil {
		return err
	}
	clear(l[:])
	for i := 0; i < nlit+ndist; {
		sym, err := d.symbol(&h)
		if err != nil {
			return err
		}
		if sym < 16 {
			l[i] = byte(sym)
			i++
			continue
		}
		var rep int
		var val byte
		switch sym {
		case 16:
			if i == 0 {
				return errInflate64
			}
			rep, err = d.bits(2)
			rep, val = rep+3, l[i-1]
		case 17:
			rep, err = d.bits(3)
			rep += 3
		default:
			rep, err = d.bits(7)
			rep += 11
		}
		if err != nil {
			return err
		}
		if i+rep > nlit+ndist {
			return errInflate64
		}
		for ; rep > 0; rep-- {
			l[i] = val
			i++
		}
	}
	return errors.Join(d.lit.build(l[:nlit]), d.dist.build(l[nlit:nlit+ndist]))
}

func (d *inflate64) codes() error {
	for d.pos < len(d.win) {
		if d.copy > 0 {
			d.win[d.pos] = d.win[d.pos-d.from]
			d.pos++
			d.copy--
			continue
		}
		sym, err := d.symbol(&d.lit)
		if err != nil {
			return err
		}
		switch {
		case sym < 256:
			d.win[d.pos] = byte(sym)
			d.pos++
		case sym == 256:
			d.state = stHeader
			return nil
		default:
			if err := d.match(sym - 257); err != nil {
				return err
			}
		}
	}
	return nil
}

// match reads the rest of a length and a distance.
func (d *inflate64) match(c int) error {
	var err error
	var extra int
	switch {
	case c < 8:
		d.copy = c + 3
	case c < 28:
		n := uint(c/4 - 1)
		extra, err = d.bits(n)
		d.copy = (4+c%4)<<n + extra + 3
	case c == 28:
		extra, err = d.bits(16)
		d.copy = extra + 3
	default:
		return errInflate64
	}
	if err != nil {
		return err
	}
	s, err := d.symbol(&d.dist)
	if err != nil {
		return err
	}
	d.from = s + 1
	if s >= 4 {
		n := uint(s/2 - 1)
		extra, err = d.bits(n)
		d.from = (2+s%2)<<n + extra + 1
	}
	if err == nil && d.from > window64 {
		err = errInflate64
	}
	return err
}

// huffman64 is a canonical code, decoded bit by bit: counts per length, symbols in
// order of code.
type huffman64 struct {
	count  [16]uint16
	symbol [288]uint16
}

func (h *huffman64) build(lengths []byte) error {
	*h = huffman64{}
	for _, l := range lengths {
		h.count[l]++
	}
	h.count[0] = 0
	left := 1
	var offs [16]uint16
	for l := 1; l < 16; l++ {
		left = left<<1 - int(h.count[l])
		if left < 0 {
			return errInflate64
		}
		if l < 15 {
			offs[l+1] = offs[l] + h.count[l]
		}
	}
	for s, l := range lengths {
		if l != 0 {
			h.symbol[offs[l]] = uint16(s)
			offs[l]++
		}
	}
	return nil
}

func (d *inflate64) symbol(h *huffman64) (int, error) {
	code, first, index := 0, 0, 0
	for l := 1; l < 16; l++ {
		b, err := d.bits(1)
		if err != nil {
			return 0, err
		}
		code |= b
		n := int(h.count[l])
		if code-n < first {
			return int(h.symbol[index+code-first]), nil
		}
		index += n
		first = (first + n) << 1
		code <<= 1
	}
	return 0, errInflate64
}
