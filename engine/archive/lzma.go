package archive

import (
	"errors"
	"io"
)

// lzmaDecoder decodes raw LZMA (LZMA specification, Igor Pavlov, 2015). It differs
// from libraries in what a scanner needs: everything before damage is delivered,
// and the dictionary grows with the content, so that a header which asks for a
// gigabyte costs nothing.
type lzmaDecoder struct {
	in       io.ByteReader
	rng      uint32
	code     uint32
	lc, lp   uint
	pb       uint
	state    int
	rep      [4]uint32
	probs    lzmaProbs
	literals []uint16

	dict     []byte // a ring once it has reached its full size
	dictSize int    // the full size
	pos      int    // where the next byte goes
	filled   int    // bytes of history
	pending  int    // of these, not yet delivered
	total    uint32 // bytes since the history began; contexts use its low bits

	left int64 // bytes of content still to come, -1 when a marker ends it
	err  error
}

// lzmaProbs holds the adaptive probabilities, 11 bits each.
type lzmaProbs struct {
	match, rep0Long          [12 << 4]uint16
	rep, repG0, repG1, repG2 [12]uint16
	slot                     [4][64]uint16
	special                  [115]uint16
	align                    [16]uint16
	length, repLength        lzmaLength
}

type lzmaLength struct {
	choice, choice2 uint16
	low, mid        [16][8]uint16
	high            [256]uint16
}

const (
	lzmaHalf    = 1 << 10
	lzmaFlush   = 16 << 10 // bytes decoded before they are delivered
	lzmaMinDict = 64 << 10
)

var errLZMA = errors.New("damaged LZMA data")

// newLZMADecoder returns a decoder for content of size bytes, -1 when an end
// marker says where it ends.
func newLZMADecoder(in io.ByteReader, props byte, dictSize int, size int64) (*lzmaDecoder, error) {
	d := &lzmaDecoder{in: in, dictSize: max(dictSize, lzmaMinDict), left: size}
	d.dict = make([]byte, lzmaMinDict)
	if !d.properties(props) {
		return nil, errLZMA
	}
	d.reset()
	d.start()
	return d, nil
}

// properties sets lc, lp and pb from their byte.
func (d *lzmaDecoder) properties(b byte) bool {
	if b >= 9*5*5 {
		return false
	}
	d.lc, d.lp, d.pb = uint(b%9), uint(b/9%5), uint(b/45)
	d.literals = make([]uint16, 0x300<<(d.lc+d.lp))
	return true
}

// reset forgets everything but the history.
func (d *lzmaDecoder) reset() {
	d.state, d.rep = 0, [4]uint32{}
	for i := range d.literals {
		d.literals[i] = lzmaHalf
	}
	p := &d.probs
	for _, s := range [][]uint16{p.match[:], p.rep0Long[:], p.rep[:], p.repG0[:], p.repG1[:], p.repG2[:], p.special[:], p.align[:]} {
		half(s)
	}
	for i := range p.slot {
		half(p.slot[i][:])
	}
	for _, l := range []*lzmaLength{&p.length, &p.repLength} {
		l.choice, l.choice2 = lzmaHalf, lzmaHalf
		for i := range l.low {
			half(l.low[i][:])
			half(l.mid[i][:])
		}
		half(l.high[:])
	}
}

func half(p []uint16) {
	for i := range p {
		p[i] = lzmaHalf
	}
}

// start begins a run of range coded data.
func (d *lzmaDecoder) start() {
	d.rng, d.code = 0xffffffff, 0
	if d.byte() != 0 && d.err == nil {
		d.err = errLZMA
	}
	for range 4 {
		d.code = d.code<<8 | uint32(d.byte())
	}
}

func (d *lzmaDecoder) byte() byte {
	b, err := d.in.ReadByte()
	if err != nil && d.err == nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		d.err = err
	}
	return b
}

// Read implements [io.Reader].
func (d *lzmaDecoder) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if d.pending == 0 {
		d.decode()
	}
	if d.pending == 0 {
		return 0, d.err
	}
	return d.deliver(p), nil
}

// deliver copies what is pending.
func (d *lzmaDecoder) deliver(p []byte) int {
	total := 0
	for d.pending > 0 && len(p) > 0 {
		from := d.pos - d.pending
		if from < 0 {
			from += len(d.dict)
		}
		n := copy(p, d.dict[from:min(from+d.pending, len(d.dict))])
		p = p[n:]
		d.pending -= n
		total += n
	}
	return total
}

// put appends a byte to the history.
func (d *lzmaDecoder) put(b byte) {
	if d.pos == len(d.dict) {
		if len(d.dict) < d.dictSize {
			bigger := make([]byte, min(2*len(d.dict), d.dictSize))
			copy(bigger, d.dict)
			d.dict = bigger
		} else {
			d.pos = 0
		}
	}
	d.dict[d.pos] = b
	d.pos++
	d.pending++
	d.total++
	if d.filled < len(d.dict) {
		d.filled++
	}
}

// back returns the byte dist before the next one, dist counting from 1.
func (d *lzmaDecoder) back(dist uint32) byte {
	i := d.pos - int(dist)
	if i < 0 {
		i += len(d.dict)
	}
	return d.dict[i]
}

// decode decodes symbols until enough is pending, the content ends or is damaged.
func (d *lzmaDecoder) decode() {
	for d.err == nil && d.pending < lzmaFlush {
		if d.left == 0 {
			d.finish()
			return
		}
		d.symbol()
	}
}

// finish ends content of known size; a marker may follow it all the same.
func (d *lzmaDecoder) finish() {
	d.normalize()
	if d.code != 0 && d.err == nil {
		d.left = -1
		pending, pos, filled := d.pending, d.pos, d.filled
		d.symbol()
		d.pending, d.pos, d.filled = pending, pos, filled
	}
	d.err = io.EOF
}

func (d *lzmaDecoder) normalize() {
	if d.rng < 1<<24 {
		d.rng <<= 8
		d.code = d.code<<8 | uint32(d.byte())
	}
}

func (d *lzmaDecoder) bit(p *uint16) uint32 {
	d.normalize()
	v := uint32(*p)
	bound := (d.rng >> 11) * v
	if d.code < bound {
		d.rng = bound
		*p += uint16((1<<11 - v) >> 5)
		return 0
	}
	d.rng -= bound
	d.code -= bound
	*p -= uint16(v >> 5)
	return 1
}

func (d *lzmaDecoder) tree(p []uint16, bits uint) uint32 {
	m := uint32(1)
	for range bits {
		m = m<<1 | d.bit(&p[m])
	}
	return m - 1<<bits
}

func (d *lzmaDecoder) reverse(p []uint16, bits uint) uint32 {
	m, v := uint32(1), uint32(0)
	for i := range bits {
		b := d.bit(&p[m])
		m = m<<1 | b
		v |= b << i
	}
	return v
}

func (d *lzmaDecoder) direct(bits uint) uint32 {
	var v uint32
	for range bits {
		d.normalize()
		d.rng >>= 1
		d.code -= d.rng
		t := -(d.code >> 31)
		d.code += d.rng & t
		v = v<<1 + t + 1
	}
	return v
}

// symbol decodes one literal or match.
func (d *lzmaDecoder) symbol() {
	posState := int(d.total & (1<<d.pb - 1))
	if d.bit(&d.probs.match[d.state<<4+posState]) == 0 {
		d.literal()
		return
	}
	if d.bit(&d.probs.rep[d.state]) == 0 {
		d.rep[3], d.rep[2], d.rep[1] = d.rep[2], d.rep[1], d.rep[0]
		n := d.length(&d.probs.length, posState)
		d.state = after(d.state, 7, 10)
		d.rep[0] = d.distance(n)
		if d.rep[0] == 0xffffffff {
			if d.err == nil {
				d.normalize()
			}
			if d.err == nil {
				d.err = io.EOF
				if d.left > 0 {
					d.err = errLZMA
				}
			}
			return
		}
		d.copy(n)
		return
	}
	if d.filled == 0 {
		d.err = errLZMA
		return
	}
	if d.bit(&d.probs.repG0[d.state]) == 0 {
		if d.bit(&d.probs.rep0Long[d.state<<4+posState]) == 0 {
			d.state = after(d.state, 9, 11)
			d.copy(1)
			return
		}
	} else {
		var dist uint32
		switch {
		case d.bit(&d.probs.repG1[d.state]) == 0:
			dist = d.rep[1]
		case d.bit(&d.probs.repG2[d.state]) == 0:
			dist = d.rep[2]
			d.rep[2] = d.rep[1]
		default:
			dist = d.rep[3]
			d.rep[3], d.rep[2] = d.rep[2], d.rep[1]
		}
		d.rep[1], d.rep[0] = d.rep[0], dist
	}
	n := d.length(&d.probs.repLength, posState)
	d.state = after(d.state, 8, 11)
	d.copy(n)
}

// after is the next state: the first after a literal, the second otherwise.
func after(state, literal, match int) int {
	if state < 7 {
		return literal
	}
	return match
}

func (d *lzmaDecoder) literal() {
	var prev byte
	if d.filled > 0 {
		prev = d.back(1)
	}
	ctx := (d.total&(1<<d.lp-1))<<d.lc + uint32(prev)>>(8-d.lc)
	p := d.literals[0x300*ctx:][:0x300]
	m := uint32(1)
	if d.state >= 7 {
		if d.rep[0]+1 > uint32(d.filled) {
			d.err = errLZMA
			return
		}
		b := uint32(d.back(d.rep[0] + 1))
		for m < 0x100 {
			mb := b >> 7 & 1
			b <<= 1
			bit := d.bit(&p[(1+mb)<<8+m])
			m = m<<1 | bit
			if mb != bit {
				break
			}
		}
	}
	for m < 0x100 {
		m = m<<1 | d.bit(&p[m])
	}
	if d.err != nil {
		return
	}
	d.put(byte(m))
	if d.left > 0 {
		d.left--
	}
	switch {
	case d.state < 4:
		d.state = 0
	case d.state < 10:
		d.state -= 3
	default:
		d.state -= 6
	}
}

func (d *lzmaDecoder) length(l *lzmaLength, posState int) uint32 {
	if d.bit(&l.choice) == 0 {
		return 2 + d.tree(l.low[posState][:], 3)
	}
	if d.bit(&l.choice2) == 0 {
		return 10 + d.tree(l.mid[posState][:], 3)
	}
	return 18 + d.tree(l.high[:], 8)
}

func (d *lzmaDecoder) distance(n uint32) uint32 {
	slot := d.tree(d.probs.slot[min(n-2, 3)][:], 6)
	if slot < 4 {
		return slot
	}
	bits := uint(slot>>1 - 1)
	dist := (2 | slot&1) << bits
	if slot < 14 {
		return dist + d.reverse(d.probs.special[dist-slot:], bits)
	}
	return dist + d.direct(bits-4)<<4 + d.reverse(d.probs.align[:], 4)
}

// copy repeats n bytes of the history.
func (d *lzmaDecoder) copy(n uint32) {
	if d.err != nil {
		return
	}
	if d.rep[0] >= uint32(d.filled) {
		d.err = errLZMA
		return
	}
	if d.left >= 0 && int64(n) > d.left {
		n = uint32(d.left)
		defer func() { d.err = errLZMA }()
	}
	for range n {
		d.put(d.back(d.rep[0] + 1))
	}
	if d.left > 0 {
		d.left -= int64(n)
	}
}
