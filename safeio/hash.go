package safeio

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"sync"
)

// hashBlock is how much is read at once: large enough that a system call costs
// nothing, small enough to stay in the second-level cache.
const hashBlock = 512 << 10

// SHA256 returns the digest of a content in lower-case hex. Reading runs one
// block ahead of hashing, so that the slower of the two sets the pace.
func SHA256(ctx context.Context, c Content) (string, error) {
	h := sha256.New()
	if err := CopyAhead(ctx, h, c); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// CopyAhead writes a content to w, reading one block ahead in another goroutine.
func CopyAhead(ctx context.Context, w io.Writer, c Content) error {
	size := c.Size()
	if size <= hashBlock {
		_, err := io.Copy(w, io.NewSectionReader(c, 0, size))
		return err
	}
	type block struct {
		buf *[]byte
		n   int
		err error
	}
	blocks := make(chan block, 2)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(blocks)
		for off := int64(0); off < size; {
			b := block{buf: hashBuffers.Get().(*[]byte)}
			b.n, b.err = c.ReadAt((*b.buf)[:min(hashBlock, size-off)], off)
			off += int64(b.n)
			if errors.Is(b.err, io.EOF) {
				b.err = nil
				if off < size {
					b.err = io.ErrUnexpectedEOF
				}
			}
			if ctx.Err() != nil {
				b.err = ctx.Err()
			}
			select {
			case blocks <- b:
			case <-done:
				return
			}
			if b.err != nil {
				return
			}
		}
	})
	defer wg.Wait()
	defer close(done)
	for b := range blocks {
		if b.err != nil {
			return b.err
		}
		_, err := w.Write((*b.buf)[:b.n])
		hashBuffers.Put(b.buf)
		if err != nil {
			return err
		}
	}
	return nil
}

var hashBuffers = sync.Pool{New: func() any { b := make([]byte, hashBlock); return &b }}
