package safeio

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// fanOut fetches [from, to) of c once and shows each block to every sink, in order.
// The sinks run beside each other and beside the fetching.
func fanOut(ctx context.Context, c Content, from, to int64, sinks []func(off int64, b []byte)) error {
	if to <= from {
		return nil
	}
	src := newBlocks(c)
	defer src.close()
	if to-from <= hashBlock {
		b, err := src.at(from, to-from)
		if err != nil {
			return err
		}
		defer b.release()
		for _, sink := range sinks {
			if err := show(sink, b); err != nil {
				return err
			}
		}
		return nil
	}
	var failed atomic.Pointer[error]
	queues := make([]chan *shared, len(sinks))
	var wg sync.WaitGroup
	for i, sink := range sinks {
		queues[i] = make(chan *shared, aheadBlocks)
		wg.Go(func() {
			for s := range queues[i] {
				if failed.Load() == nil {
					if err := show(sink, s.block); err != nil {
						failed.Store(&err)
					}
				}
				s.done()
			}
		})
	}
	err := feed(ctx, src, from, to, queues, &failed)
	for _, q := range queues {
		close(q)
	}
	wg.Wait()
	if p := failed.Load(); p != nil && err == nil {
		err = *p
	}
	return err
}

// aheadBlocks is how far a sink may be ahead of another.
const aheadBlocks = 4

// shared is a block that several goroutines read; the last one releases it.
type shared struct {
	block
	left atomic.Int32
}

func (s *shared) done() {
	if s.left.Add(-1) == 0 {
		s.release()
	}
}

func feed(ctx context.Context, src blocks, from, to int64, queues []chan *shared, failed *atomic.Pointer[error]) error {
	for off := from; off < to && failed.Load() == nil; {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := src.at(off, to-off)
		if err != nil {
			return err
		}
		s := &shared{block: b}
		s.left.Store(int32(len(queues)))
		for _, q := range queues {
			q <- s
		}
		off += int64(len(b.b))
	}
	return nil
}

// show lets a sink see a block. Mapped memory of a file that shrinks faults when
// it is read; that is an error of the file, not the end of the program.
func show(sink func(off int64, b []byte), b block) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(runtime.Error)
			if !ok {
				panic(p)
			}
			if _, fault := e.(interface{ Addr() uintptr }); !fault {
				panic(p)
			}
			err = errShrank
		}
	}()
	sink(b.off, b.b)
	return nil
}
