package cli

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// byteProgress shows on a terminal how much was read; nothing anywhere else.
type byteProgress struct {
	what string
	done atomic.Int64 // bytes
	quit chan struct{}
	wg   sync.WaitGroup
}

func startByteProgress(w io.Writer, what string) *byteProgress {
	p := &byteProgress{what: what}
	if !isTerminal(w) {
		return p
	}
	p.quit = make(chan struct{})
	p.wg.Go(func() {
		const clear = "\r\x1b[K"
		timer := time.NewTimer(progressAfter)
		defer timer.Stop()
		shown := false
		for {
			select {
			case <-p.quit:
				if shown {
					fmt.Fprint(w, clear)
				}
				return
			case <-timer.C:
				timer.Reset(200 * time.Millisecond)
				fmt.Fprintf(w, "%s%s: %s", clear, p.what, byteCount(p.done.Load()))
				shown = true
			}
		}
	})
	return p
}

// add may be called from several goroutines.
func (p *byteProgress) add(n int64) { p.done.Add(n) }

func (p *byteProgress) stop() {
	if p.quit != nil {
		close(p.quit)
		p.wg.Wait()
	}
}
