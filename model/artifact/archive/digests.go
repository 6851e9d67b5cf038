package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"io"
	"runtime"
	"sync"
)

// digests hashes stored members, large ones beside the scan.
type digests struct {
	ctx  context.Context
	wg   sync.WaitGroup
	slot chan struct{}
}

const (
	digestBlock = 1 << 20
	// digestAlone is the size from which a goroutine is worth its start.
	digestAlone = 256 << 10
)

func newDigests(ctx context.Context) *digests {
	return &digests{ctx: ctx, slot: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// start hashes s into d, at once or later.
func (p *digests) start(s *io.SectionReader, d *digest) {
	if s.Size() < digestAlone {
		p.hash(s, d)
		return
	}
	p.slot <- struct{}{}
	p.wg.Go(func() {
		defer func() { <-p.slot }()
		p.hash(s, d)
	})
}

func (p *digests) wait() { p.wg.Wait() }

func (p *digests) hash(s *io.SectionReader, d *digest) {
	buf := digestBuffers.Get().(*[]byte)
	defer digestBuffers.Put(buf)
	h := sha256.New()
	for off, size := int64(0), s.Size(); off < size; {
		n, err := s.ReadAt((*buf)[:min(digestBlock, size-off)], off)
		h.Write((*buf)[:n])
		d.crc = crc32.Update(d.crc, crc32.IEEETable, (*buf)[:n])
		off += int64(n)
		d.size = off
		if err == io.EOF && off < size {
			err = io.ErrUnexpectedEOF
		}
		if err == nil || err == io.EOF {
			err = p.ctx.Err()
		}
		if err != nil {
			d.err = err
			return
		}
	}
	d.sum = hex.EncodeToString(h.Sum(nil))
}

var digestBuffers = sync.Pool{New: func() any { b := make([]byte, digestBlock); return &b }}
