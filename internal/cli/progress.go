package cli

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/merlon-security/merlon/scan"
)

// progressAfter is how long a scan may take before it says how far it is.
const progressAfter = 2 * time.Second

// progress shows one line on a terminal, and nothing anywhere else.
type progress struct {
	last atomic.Pointer[scan.Progress]
	quit chan struct{}
	wg   sync.WaitGroup
}

func startProgress(w io.Writer) *progress {
	p := &progress{}
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
				if s := p.last.Load(); s != nil {
					more := ""
					if s.Walking {
						more = "+"
					}
					fmt.Fprintf(w, "%sscanning: %d of %d%s files", clear, s.Done, s.Seen, more)
					shown = true
				}
			}
		}
	})
	return p
}

func (p *progress) update(s scan.Progress) {
	if p.quit != nil {
		p.last.Store(&s)
	}
}

func (p *progress) stop() {
	if p.quit != nil {
		close(p.quit)
		p.wg.Wait()
	}
}
