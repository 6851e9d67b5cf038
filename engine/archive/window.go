package archive

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
)

var le = binary.LittleEndian

// window reads small pieces of an archive. Pieces that follow each other are
// read ahead together, pieces far apart are read alone, so that neither a
// hundred thousand small members nor one of a gigabyte costs more than it must.
type window struct {
	r    io.ReaderAt
	size int64
	off  int64
	buf  []byte
	end  int64 // where the last piece ended
	mem  []byte

	scan    []byte // read by searches
	scanOff int64
}

const (
	windowFar  = 1 << 10
	windowNear = 64 << 10
)

// at returns up to n bytes at off, fewer at the end of the archive. The result is
// valid until the next call. n is at most windowNear.
func (w *window) at(off int64, n int) []byte {
	if off < 0 || off >= w.size {
		return nil
	}
	if left := w.size - off; int64(n) > left {
		n = int(left)
	}
	if off >= w.off && off+int64(n) <= w.off+int64(len(w.buf)) {
		w.end = off + int64(n)
		return w.buf[off-w.off:][:n]
	}
	want := max(n, windowFar)
	if off >= w.end && off-w.end < windowNear {
		want = windowNear
	}
	if w.mem == nil {
		w.mem = make([]byte, windowNear)
	}
	got, _ := w.r.ReadAt(w.mem[:want], off) // an error shows as a short piece
	w.off, w.buf = off, w.mem[:got]
	w.end = off + int64(min(n, got))
	return w.buf[:min(n, got)]
}

// search finds the first of the two-byte suffixes after "PK" in [from, to). It
// returns the offset and the suffix, or -1. The bytes it passed are counted into
// junk where they are not all zero.
func (w *window) search(ctx context.Context, from, to int64, junk *int64, suffixes ...[2]byte) (int64, [2]byte) {
	for from < to && ctx.Err() == nil {
		b := w.ahead(from)
		for i := 0; ; i += 2 {
			k := bytes.Index(b[i:], []byte("PK"))
			if k < 0 || i+k+4 > len(b) || from+int64(i+k) >= to {
				break
			}
			i += k
			for _, s := range suffixes {
				if b[i+2] == s[0] && b[i+3] == s[1] {
					*junk += nonZero(b[:i])
					return from + int64(i), s
				}
			}
		}
		if len(b) < 4 {
			*junk += nonZero(b[:min(int64(len(b)), to-from)])
			break
		}
		step := min(int64(len(b)-3), to-from) // a signature may lie across the end
		*junk += nonZero(b[:step])
		from += step
	}
	return -1, [2]byte{}
}

// ahead returns the bytes from off on, up to 256 KiB. Searches that follow each
// other share what was read.
func (w *window) ahead(off int64) []byte {
	const most = 256 << 10
	end := w.scanOff + int64(len(w.scan))
	if off >= w.scanOff && (off+4 <= end || end == w.size && off < end) {
		return w.scan[off-w.scanOff:]
	}
	if w.scan == nil {
		w.scan = make([]byte, min(most, w.size))
	}
	n, _ := w.r.ReadAt(w.scan[:min(int64(cap(w.scan)), w.size-off)], off)
	w.scanOff, w.scan = off, w.scan[:n]
	return w.scan
}

var zeros [4096]byte

// nonZero returns len(b) when b holds anything but zero bytes, 0 otherwise.
func nonZero(b []byte) int64 {
	for p := b; len(p) > 0; {
		n := min(len(p), len(zeros))
		if !bytes.Equal(p[:n], zeros[:n]) {
			return int64(len(b))
		}
		p = p[n:]
	}
	return 0
}
