package archive

import "io"

// delta undoes the Delta filter: each byte is a difference to the one dist bytes
// before.
type delta struct {
	r    io.Reader
	hist [256]byte
	pos  byte
	dist byte
}

func newDelta(r io.Reader, dist int) io.Reader { return &delta{r: r, dist: byte(dist)} }

func (d *delta) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	for i := range p[:n] {
		p[i] += d.hist[byte(d.pos+d.dist)]
		d.hist[d.pos] = p[i]
		d.pos--
	}
	return n, err
}

// bcj undoes the x86 branch filter of 7z and xz: absolute targets of CALL and JMP
// become relative again.
type bcj struct {
	r    io.Reader
	buf  []byte // read, the first done bytes are converted
	done int
	pos  uint32 // of buf[0] in the stream
	mask uint32
	prev uint32 // position of the last opcode, wraps
	err  error
}

func newBCJ(r io.Reader) io.Reader {
	return &bcj{r: r, buf: make([]byte, 0, 64<<10), prev: ^uint32(4)}
}

func (b *bcj) Read(p []byte) (int, error) {
	for b.done == 0 {
		if b.err != nil {
			if len(b.buf) == 0 {
				return 0, b.err
			}
			b.done = len(b.buf) // the last bytes are never a whole instruction
			break
		}
		n, err := b.r.Read(b.buf[len(b.buf):cap(b.buf)])
		b.buf = b.buf[:len(b.buf)+n]
		b.err = err
		b.done = b.convert()
	}
	n := copy(p, b.buf[:b.done])
	b.buf = b.buf[:copy(b.buf, b.buf[n:])]
	b.done -= n
	b.pos += uint32(n)
	return n, nil
}

// convert undoes the filter in buf as far as whole instructions reach, and returns
// how many bytes are final.
func (b *bcj) convert() int {
	buf := b.buf
	if len(buf) < 5 {
		return 0
	}
	limit := len(buf) - 5
	i := 0
	for ; i <= limit; i++ {
		if buf[i]&0xfe != 0xe8 {
			continue
		}
		at := b.pos + uint32(i)
		if gap := at - b.prev; gap > 3 {
			b.mask = 0
		} else {
			b.mask = b.mask << (gap - 1) & 7
			if b.mask != 0 {
				c := buf[i+4-bcjShift[b.mask]]
				if !bcjAllowed[b.mask] || c == 0 || c == 0xff {
					b.prev = at
					b.mask = b.mask<<1 | 1
					continue
				}
			}
		}
		b.prev = at
		if c := buf[i+4]; c != 0 && c != 0xff {
			b.mask = b.mask<<1 | 1
			continue
		}
		src := le.Uint32(buf[i+1:])
		var dst uint32
		for {
			dst = src - (at + 5)
			if b.mask == 0 {
				break
			}
			k := bcjShift[b.mask] * 8
			if c := byte(dst >> (24 - k)); c != 0 && c != 0xff {
				break
			}
			src = dst ^ (1<<(32-k) - 1)
		}
		if dst&(1<<24) != 0 {
			dst |= 0xff000000
		} else {
			dst &= 0x01ffffff
		}
		le.PutUint32(buf[i+1:], dst)
		i += 4
	}
	return min(i, len(buf))
}

// For the bits of the mask, which of the last three bytes looked like the top byte
// of an address.
var (
	bcjAllowed = [8]bool{true, true, true, false, true, false, false, false}
	bcjShift   = [8]int{0, 1, 2, 2, 3, 3, 3, 3}
)
