// Package flate decompresses short zlib streams that are at hand as a whole and whose
// length is known, as the objects in a pack of git are (RFC 1950, RFC 1951). There are
// many of them, so it does nothing else: no windows, no readers, one buffer.
//
// Input is hostile. What is broken is an error; nothing is read or written outside of
// the slices, and work is bounded by their lengths.
package flate

import (
	"encoding/binary"
	"errors"
	"hash/adler32"
	"sync"
)

// ErrBroken is returned for what is no zlib stream of the length asked for.
var ErrBroken = errors.New("compressed data are broken")

// MaxRatio is how many bytes one compressed byte can become: a longer result cannot be.
const MaxRatio = 1032

// Decompress fills dst with what the stream at the beginning of src holds. It is an
// error when that is shorter or longer, or its checksum differs.
func Decompress(dst, src []byte) error {
	if len(src) < 6 || src[0]&15 != 8 || (uint(src[0])<<8|uint(src[1]))%31 != 0 || src[1]&0x20 != 0 {
		return ErrBroken
	}
	d, _ := pool.Get().(*decoder)
	if d == nil {
		d = &decoder{}
	}
	defer pool.Put(d)
	n, err := d.inflate(dst, src[2:])
	if err != nil {
		return err
	}
	if sum := src[2+n:]; len(sum) < 4 || binary.BigEndian.Uint32(sum) != adler32.Checksum(dst) {
		return ErrBroken
	}
	return nil
}

var pool sync.Pool

// decoder is the state of one stream.
type decoder struct {
	src  []byte
	pos  int    // of the next byte that is not in bits
	bits uint64 // the next bits, the first one lowest
	n    int    // how many of them count
	lit  table
	dist table
	lens [320]uint8
}

// refill brings at least 48 bits, or all that there are. Bits above n are those that
// come next, or zero.
func (d *decoder) refill() {
	if len(d.src)-d.pos >= 8 {
		d.bits |= binary.LittleEndian.Uint64(d.src[d.pos:]) << uint(d.n)
		d.pos += (63 - d.n) >> 3
		d.n |= 56
		return
	}
	for d.n <= 56 && d.pos < len(d.src) {
		d.bits |= uint64(d.src[d.pos]) << uint(d.n)
		d.pos++
		d.n += 8
	}
}

// take returns the next n bits, at most 16.
func (d *decoder) take(n int) (int, bool) {
	if d.n < n {
		if d.refill(); d.n < n {
			return 0, false
		}
	}
	v := int(d.bits & (1<<uint(n) - 1))
	d.bits >>= uint(n)
	d.n -= n
	return v, true
}

// inflate decodes all blocks and returns how many bytes of src they take.
func (d *decoder) inflate(dst, src []byte) (int, error) {
	d.src, d.pos, d.bits, d.n = src, 0, 0, 0
	defer func() { d.src = nil }()
	out := 0
	for {
		head, ok := d.take(3)
		if !ok {
			return 0, ErrBroken
		}
		switch head >> 1 {
		case 0:
			if out, ok = d.stored(dst, out); !ok {
				return 0, ErrBroken
			}
		case 1:
			t := fixed()
			if out, ok = d.block(dst, out, &t[0], &t[1]); !ok {
				return 0, ErrBroken
			}
		case 2:
			if !d.tables() {
				return 0, ErrBroken
			}
			if out, ok = d.block(dst, out, &d.lit, &d.dist); !ok {
				return 0, ErrBroken
			}
		default:
			return 0, ErrBroken
		}
		if head&1 != 0 {
			break
		}
	}
	if out != len(dst) {
		return 0, ErrBroken
	}
	return d.pos - d.n>>3, nil
}

// stored copies a block that is not compressed.
func (d *decoder) stored(dst []byte, out int) (int, bool) {
	at := d.pos - d.n>>3 // whole bytes that were not needed go back
	d.bits, d.n = 0, 0
	if len(d.src)-at < 4 {
		return 0, false
	}
	n := int(binary.LittleEndian.Uint16(d.src[at:]))
	if n^0xffff != int(binary.LittleEndian.Uint16(d.src[at+2:])) || len(d.src)-at-4 < n || len(dst)-out < n {
		return 0, false
	}
	copy(dst[out:], d.src[at+4:at+4+n])
	d.pos = at + 4 + n
	return out + n, true
}

// block decodes up to the end of a block.
func (d *decoder) block(dst []byte, out int, lit, dist *table) (int, bool) {
	for {
		d.refill()
		e := lit.find(d.bits)
		used := int(e & 31)
		if d.n < used || used == 0 {
			return 0, false
		}
		d.bits >>= uint(used)
		d.n -= used
		if e&kindMask == literal {
			if out >= len(dst) {
				return 0, false
			}
			dst[out] = byte(e >> 16)
			out++
			// Three codes are at most 45 bits: often the next are literals, too.
			for range 2 {
				e = lit.find(d.bits)
				used = int(e & 31)
				if e&kindMask != literal || d.n < used || used == 0 || out >= len(dst) {
					break
				}
				d.bits >>= uint(used)
				d.n -= used
				dst[out] = byte(e >> 16)
				out++
			}
			continue
		}
		if e&kindMask == end {
			return out, true
		}
		extra := int(e >> 8 & 15)
		length := int(e>>16) + int(d.bits&(1<<uint(extra)-1))
		d.bits >>= uint(extra)
		d.n -= extra
		e = dist.find(d.bits)
		used = int(e & 31)
		if used == 0 {
			return 0, false
		}
		d.bits >>= uint(used)
		extra = int(e >> 8 & 15)
		back := int(e>>16) + int(d.bits&(1<<uint(extra)-1))
		d.bits >>= uint(extra)
		if d.n -= used + extra; d.n < 0 || back > out || length > len(dst)-out {
			return 0, false
		}
		switch from := out - back; {
		case back >= 8 && len(dst)-out >= length+8:
			for i := 0; i < length; i += 8 { // what is too much is written over
				binary.LittleEndian.PutUint64(dst[out+i:], binary.LittleEndian.Uint64(dst[from+i:]))
			}
		case back >= length:
			copy(dst[out:out+length], dst[from:from+length])
		default:
			for i := range length {
				dst[out+i] = dst[from+i]
			}
		}
		out += length
	}
}
