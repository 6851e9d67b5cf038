package git

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/klauspost/compress/zlib"
)

// Read returns an object. The error wraps [ErrMissing] when it is not there.
func (r *Repo) Read(id ID) (Kind, []byte, error) { return r.readExcept(id, nil) }

// readExcept does not look into one pack, which asked for the base of a delta.
func (r *Repo) readExcept(id ID, not *pack) (Kind, []byte, error) {
	for _, p := range r.packs {
		if p == not {
			continue
		}
		if at, ok := p.find(id); ok {
			if not != nil {
				return 0, nil, fmt.Errorf("object %s: delta on another pack", id)
			}
			return p.object(r, at)
		}
	}
	return r.loose(id)
}

// place orders objects by where they lie, so that neighbours are read together.
func (r *Repo) place(id ID) (pack int, at int64) {
	for i, p := range r.packs {
		if at, ok := p.find(id); ok {
			return i, at
		}
	}
	return len(r.packs), 0
}

// loose reads an object from a file of its own.
func (r *Repo) loose(id ID) (Kind, []byte, error) {
	name := id.String()
	var f *os.File
	err := error(os.ErrNotExist)
	for _, dir := range r.objects {
		if f, err = os.Open(filepath.Join(dir, name[:2], name[2:])); err == nil {
			break
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil, fmt.Errorf("%s: %w", name, ErrMissing)
	}
	if err != nil {
		return 0, nil, fmt.Errorf("object %s: %w", name, err)
	}
	defer f.Close()
	z, err := zlib.NewReader(f)
	if err != nil {
		return 0, nil, fmt.Errorf("object %s: %w", name, err)
	}
	head := make([]byte, 0, 32)
	for len(head) < 32 {
		var b [1]byte
		if _, err := io.ReadFull(z, b[:]); err != nil {
			return 0, nil, fmt.Errorf("object %s: %w", name, err)
		}
		if b[0] == 0 {
			break
		}
		head = append(head, b[0])
	}
	word, length, _ := bytes.Cut(head, []byte(" "))
	size, err := strconv.ParseInt(string(length), 10, 64)
	if err != nil || size < 0 {
		return 0, nil, fmt.Errorf("object %s: broken header", name)
	}
	if size > MaxObject {
		return 0, nil, fmt.Errorf("object %s of %d bytes: %w", name, size, ErrTooLarge)
	}
	kind := map[string]Kind{"commit": CommitKind, "tree": TreeKind, "blob": BlobKind, "tag": TagKind}[string(word)]
	if kind == 0 {
		return 0, nil, fmt.Errorf("object %s: unknown kind", name)
	}
	b, err := readExactly(z, size)
	if err != nil {
		return 0, nil, fmt.Errorf("object %s: %w", name, err)
	}
	return kind, b, nil
}

var zlibPool sync.Pool

// inflate reads size bytes that are compressed.
func inflate(src io.Reader, size int64) ([]byte, error) {
	z, _ := zlibPool.Get().(io.ReadCloser)
	var err error
	if z == nil {
		z, err = zlib.NewReader(src)
	} else {
		err = z.(zlib.Resetter).Reset(src, nil)
	}
	if err != nil {
		return nil, err
	}
	b, err := readExactly(z, size)
	if err == nil {
		zlibPool.Put(z)
	}
	return b, err
}

// readExactly reads size bytes without believing size before they are there.
func readExactly(r io.Reader, size int64) ([]byte, error) {
	if size <= 1<<20 {
		b := make([]byte, size)
		_, err := io.ReadFull(r, b)
		return b, err
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, size))
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

// apply makes an object of its base and a delta.
func apply(base, delta []byte) ([]byte, error) {
	errBroken := errors.New("delta is broken")
	number := func() (n int64, ok bool) {
		for shift := 0; len(delta) > 0 && shift < 63; shift += 7 {
			c := delta[0]
			delta = delta[1:]
			n |= int64(c&0x7f) << shift
			if c&0x80 == 0 {
				return n, true
			}
		}
		return 0, false
	}
	from, ok := number()
	to, ok2 := number()
	if !ok || !ok2 || from != int64(len(base)) {
		return nil, errBroken
	}
	if to > MaxObject {
		return nil, fmt.Errorf("object of %d bytes: %w", to, ErrTooLarge)
	}
	out := make([]byte, 0, min(to, 16<<20))
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		if op&0x80 == 0 {
			if op == 0 || int(op) > len(delta) {
				return nil, errBroken
			}
			out, delta = append(out, delta[:op]...), delta[op:]
		} else {
			off, size := 0, 0
			for i := range 7 {
				if op&(1<<i) == 0 {
					continue
				}
				if len(delta) == 0 {
					return nil, errBroken
				}
				if i < 4 {
					off |= int(delta[0]) << (8 * i)
				} else {
					size |= int(delta[0]) << (8 * (i - 4))
				}
				delta = delta[1:]
			}
			if size == 0 {
				size = 0x10000
			}
			if off+size > len(base) {
				return nil, errBroken
			}
			out = append(out, base[off:off+size]...)
		}
		if int64(len(out)) > to {
			return nil, errBroken
		}
	}
	if int64(len(out)) != to {
		return nil, errBroken
	}
	return out, nil
}
