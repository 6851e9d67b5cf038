package tfcheckpoint

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/s2"
)

const (
	footerLen = 48
	magic     = 0xdb4775248b80fb57
	trailer   = 5        // of a block: its compression and its checksum
	maxBlock  = 16 << 20 // bytes; TensorFlow begins a new block after 256 KB
)

var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// Mask makes of a CRC-32C what LevelDB and TensorFlow store (lib/hash/crc32c.h).
func Mask(crc uint32) uint32 { return (crc>>15 | crc<<17) + 0xa282ead8 }

// handle is where a block lies.
type handle struct{ off, size uint64 }

// table is a sorted string table, read block by block
// (https://github.com/google/leveldb/blob/main/doc/table_format.md).
type table struct {
	r    io.ReaderAt
	size int64
	buf  []byte
}

func (t *table) footer() (meta, index handle, err error) {
	if t.size < footerLen {
		return meta, index, fmt.Errorf("a table of %d bytes: %w", t.size, io.ErrUnexpectedEOF)
	}
	var b [footerLen]byte
	if n, err := t.r.ReadAt(b[:], t.size-footerLen); n < footerLen {
		return meta, index, fmt.Errorf("footer: %w", err)
	}
	if binary.LittleEndian.Uint64(b[40:]) != magic {
		return meta, index, errors.New("it does not end like a table; it may be cut off")
	}
	rest := b[:40]
	if meta, rest, err = takeHandle(rest); err == nil {
		index, rest, err = takeHandle(rest)
	}
	if err == nil && len(bytes.Trim(rest, "\x00")) > 0 {
		err = errors.New("footer: padding that is not empty")
	}
	return meta, index, err
}

func takeHandle(b []byte) (h handle, rest []byte, err error) {
	var n, m int
	if h.off, n = binary.Uvarint(b); n > 0 {
		h.size, m = binary.Uvarint(b[n:])
	}
	if n <= 0 || m <= 0 {
		return h, nil, errors.New("the place of a block cannot be read")
	}
	return h, b[n+m:], nil
}

// block reads and checks one block. What it returns is valid until the next call.
func (t *table) block(h handle) ([]byte, error) {
	fail := func(format string, args ...any) ([]byte, error) {
		return nil, fmt.Errorf("offset %d: block of %d bytes: %w", h.off, h.size, fmt.Errorf(format, args...))
	}
	end := uint64(t.size - footerLen)
	if h.off > end || h.size > end-h.off || trailer > end-h.off-h.size {
		return fail("it lies outside of the file")
	}
	if h.size > maxBlock {
		return fail("more than %d are not read", maxBlock)
	}
	n := int(h.size) + trailer
	if cap(t.buf) < n {
		t.buf = make([]byte, n)
	}
	b := t.buf[:n]
	if k, err := t.r.ReadAt(b, int64(h.off)); k < n {
		return fail("%w", err)
	}
	body := b[:h.size]
	if want := binary.LittleEndian.Uint32(b[h.size+1:]); Mask(crc32.Checksum(b[:h.size+1], castagnoli())) != want {
		return fail("wrong checksum")
	}
	switch b[h.size] {
	case 0:
		return body, nil
	case 1:
		size, err := s2.DecodedLen(body)
		if err != nil {
			return fail("%w", err)
		}
		if size > maxBlock {
			return fail("%d bytes when unpacked, more than %d are not read", size, maxBlock)
		}
		if body, err = s2.Decode(nil, body); err != nil {
			return fail("%w", err)
		}
		return body, nil
	}
	return fail("unknown compression %d", b[h.size])
}

// each calls f for the entries of a block. Readers that look for one key begin at a
// restart point, so these must lead to entries that are listed as well.
func each(ctx context.Context, b []byte, f func(key, value []byte) error) error {
	if len(b) < 4 {
		return io.ErrUnexpectedEOF
	}
	count := uint64(binary.LittleEndian.Uint32(b[len(b)-4:]))
	if 4*count > uint64(len(b)-4) {
		return fmt.Errorf("%d restart points in a block of %d bytes", count, len(b))
	}
	end := len(b) - 4 - 4*int(count)
	restarts := b[end : len(b)-4]
	next := func() int {
		if len(restarts) == 0 {
			return -1
		}
		return int(binary.LittleEndian.Uint32(restarts))
	}
	var key, last []byte
	for at, n := 0, 0; at < end; n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		var v [3]uint64 // bytes shared with the last key, further bytes of the key, bytes of the value
		start := at
		for i := range v {
			var w int
			if v[i], w = binary.Uvarint(b[at:end]); w <= 0 {
				return fmt.Errorf("entry %d cannot be read", n)
			}
			at += w
		}
		if left := uint64(end - at); v[0] > uint64(len(key)) || v[1] > left || v[2] > left-v[1] {
			return fmt.Errorf("entry %d lies outside of its block", n)
		}
		if next() == start {
			if restarts = restarts[4:]; v[0] != 0 {
				return fmt.Errorf("entry %d follows a restart point and shares bytes of its key", n)
			}
		} else if n == 0 && end > 0 {
			return errors.New("no restart point at the first entry")
		}
		last = append(last[:0], key...)
		key = append(key[:v[0]], b[at:at+int(v[1])]...)
		if n > 0 && bytes.Compare(key, last) <= 0 {
			return fmt.Errorf("entry %d is not after the one before it", n)
		}
		at += int(v[1])
		if err := f(key, b[at:at+int(v[2])]); err != nil {
			return err
		}
		at += int(v[2])
	}
	if len(restarts) > 4 || len(restarts) == 4 && (end > 0 || next() != 0) {
		return errors.New("a restart point that leads to no entry")
	}
	return nil
}
