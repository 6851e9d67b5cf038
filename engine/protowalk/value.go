package protowalk

import (
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Text reads a string or bytes field of which at most limit bytes are returned; cut
// says that there are more.
func (w *Walker) Text(f Field, limit int) (s string, cut bool, err error) {
	b, cut, err := w.Bytes(f, limit)
	return string(b), cut, err
}

// Bytes is [Walker.Text] for bytes, which the caller may keep.
func (w *Walker) Bytes(f Field, limit int) (b []byte, cut bool, err error) {
	if f.Type != protowire.BytesType {
		return nil, false, &Error{f.At, fmt.Sprintf("field %d is not length-delimited: it", f.Num), ErrMalformed}
	}
	n := min(f.Body.Len(), int64(limit))
	b = make([]byte, 0, n)
	for at := f.Body.Start; int64(len(b)) < n; {
		step := min(n-int64(len(b)), window, w.size)
		part, err := w.peek(at, f.Body.End, step)
		if err != nil {
			return b, false, err
		}
		b = append(b, part...)
		at += step
	}
	return b, f.Body.Len() > n, nil
}

// Numbers calls f for each number of a repeated field, be it packed or not: of
// varints, or of fixed 32- or 64-bit numbers as typ says. It returns how many there
// are; f may be nil, and then fixed numbers are counted without being read.
func (w *Walker) Numbers(field Field, typ protowire.Type, f func(uint64) error) (int64, error) {
	if field.Type == typ {
		if f == nil {
			return 1, nil
		}
		return 1, f(field.Value)
	}
	if field.Type != protowire.BytesType {
		return 0, &Error{field.At, fmt.Sprintf("field %d of wire type %d", field.Num, field.Type), ErrMalformed}
	}
	size := map[protowire.Type]int64{protowire.Fixed32Type: 4, protowire.Fixed64Type: 8}[typ]
	if size > 0 && field.Body.Len()%size != 0 {
		return 0, &Error{field.At, fmt.Sprintf("packed field %d of %d bytes", field.Num, field.Body.Len()), ErrMalformed}
	}
	if size > 0 && f == nil {
		return field.Body.Len() / size, nil
	}
	var n int64
	for at := field.Body.Start; at < field.Body.End; n++ {
		if n&0xfffff == 0xfffff && w.ctx.Err() != nil {
			return n, w.ctx.Err()
		}
		var v uint64
		step := size
		if size == 0 {
			var err error
			if v, step, err = w.varint(at, field.Body.End); err != nil {
				return n, err
			}
		} else {
			b, err := w.peek(at, field.Body.End, size)
			if err != nil {
				return n, err
			}
			if size == 4 {
				v = uint64(binary.LittleEndian.Uint32(b))
			} else {
				v = binary.LittleEndian.Uint64(b)
			}
		}
		at += step
		if f != nil {
			if err := f(v); err != nil {
				return n + 1, err
			}
		}
	}
	return n, nil
}
