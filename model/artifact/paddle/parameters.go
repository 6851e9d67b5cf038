package paddle

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/protowalk"
)

// dtypes are VarType.Type with the bytes of an element.
var dtypes = map[int64]struct {
	name string
	size uint64
}{
	0: {"bool", 1}, 1: {"int16", 2}, 2: {"int32", 4}, 3: {"int64", 8}, 4: {"float16", 2}, 5: {"float32", 4}, 6: {"float64", 8}, 19: {"uint64", 8},
	20: {"uint8", 1}, 21: {"int8", 1}, 22: {"bfloat16", 2}, 23: {"complex64", 8}, 24: {"complex128", 16}, 32: {"float8_e4m3fn", 1}, 33: {"float8_e5m2", 1},
}

func typeName(t int64) string {
	if d, ok := dtypes[t]; ok {
		return d.name
	}
	return fmt.Sprintf("type %d", t)
}

// maxDesc is how long the description of a tensor may be.
const maxDesc = 4096

// isParameters reports whether the first bytes are those of combined parameters: no
// versions and levels, then a short description of a tensor.
func isParameters(head []byte) bool {
	if len(head) < 24 || !bytes.Equal(head[:16], make([]byte, 16)) {
		return false
	}
	n := int64(binary.LittleEndian.Uint32(head[16:]))
	if n < 2 || n > 256 || 20+n > int64(len(head)) {
		return false
	}
	fields, ok := protowalk.Prefix(head[20:20+n], schema()[prefix+"VarType.TensorDesc"].Shape())
	if !ok || fields[0].Num != 1 {
		return false
	}
	_, known := dtypes[int64(fields[0].Value)]
	return known
}

// readParameters calls f for each tensor of a file of combined parameters
// (paddle/fluid/framework/lod_tensor.cc, SerializeToStream).
func readParameters(ctx context.Context, r io.ReaderAt, size int64, f func(off int64, dtype int64, dims []int64, need uint64) error) error {
	at := int64(0)
	buf := make([]byte, 32<<10)
	base, have := int64(0), 0               // what of the file is in buf
	take := func(n int64) ([]byte, error) { // at most maxDesc bytes, valid until the next call
		if n > size-at {
			return nil, fmt.Errorf("offset %d: %d bytes are missing", at, n-(size-at))
		}
		if at < base || at+n > base+int64(have) {
			m, err := r.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
			if base, have = at, m; int64(m) < n {
				if err == nil || errors.Is(err, io.EOF) {
					err = io.ErrUnexpectedEOF
				}
				return nil, err
			}
		}
		at += n
		return buf[at-n-base : at-base], nil
	}
	for count := 0; at < size; count++ {
		if count&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		start := at
		b, err := take(12)
		if err != nil {
			return err
		}
		levels := binary.LittleEndian.Uint64(b[4:])
		if v := binary.LittleEndian.Uint32(b); v != 0 || levels > 64 {
			return fmt.Errorf("offset %d: a tensor of version %d with %d levels", start, v, levels)
		}
		for range levels {
			if b, err = take(8); err != nil {
				return err
			}
			n := binary.LittleEndian.Uint64(b)
			if n > uint64(size-at) {
				return fmt.Errorf("offset %d: a level of %d bytes", at, n)
			}
			at += int64(n)
		}
		if b, err = take(8); err != nil {
			return err
		}
		n := int64(binary.LittleEndian.Uint32(b[4:]))
		if v := binary.LittleEndian.Uint32(b); v != 0 || n > maxDesc {
			return fmt.Errorf("offset %d: a tensor of version %d with a description of %d bytes", start, v, n)
		}
		if b, err = take(n); err != nil {
			return err
		}
		p := &programReader{w: protowalk.New(ctx, bytes.NewReader(b), n, protowalk.Limits{})}
		dtype, dims, err := p.tensorDesc(p.w.All())
		if err != nil {
			return fmt.Errorf("offset %d: description of a tensor: %w", start, err)
		}
		need, err := bytesOf(dtype, dims)
		if err == nil && need > uint64(size-at) {
			err = fmt.Errorf("%d bytes declared by type and shape, %d are left", need, size-at)
		}
		if err != nil {
			return &sizeError{start, err}
		}
		if err := f(start, dtype, dims, need); err != nil {
			return err
		}
		at += int64(need)
	}
	return nil
}

// sizeError is about a tensor whose data cannot be what it declares.
type sizeError struct {
	off int64
	err error
}

func (e *sizeError) Error() string { return fmt.Sprintf("tensor at %d: %v", e.off, e.err) }
func (e *sizeError) Unwrap() error { return e.err }

func bytesOf(dtype int64, dims []int64) (uint64, error) {
	t, ok := dtypes[dtype]
	if !ok {
		return 0, fmt.Errorf("element type %d is unknown", dtype)
	}
	n := t.size
	for _, d := range dims {
		if d < 0 {
			return 0, fmt.Errorf("dimension %d is negative", d)
		}
		hi, lo := bits.Mul64(n, uint64(d))
		if hi != 0 || lo > 1<<62 {
			return 0, fmt.Errorf("shape %v is too large to be counted", dims)
		}
		n = lo
	}
	return n, nil
}

func (j *judge) parameters(ctx context.Context) error {
	tensors := 0
	err := readParameters(ctx, j.file, j.file.Size(), func(int64, int64, []int64, uint64) error { tensors++; return nil })
	var bad *sizeError
	switch {
	case errors.As(err, &bad):
		j.report(asset.Failed, ruleSize, fmt.Sprintf("tensor %d", tensors), bad.off, "Tensor %d: %v.", tensors, bad.err)
		return fmt.Errorf("PaddlePaddle parameters: %w", err)
	case err != nil:
		return fmt.Errorf("PaddlePaddle parameters: %w", err)
	case tensors == 0:
		return errors.New("PaddlePaddle parameters: there is no tensor in it")
	}
	return nil
}
