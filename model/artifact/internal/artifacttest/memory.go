package artifacttest

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// Peak returns how many bytes of heap f needs at most, above what is in use before it:
// objects that are alive, and a fifth of garbage. It looks every millisecond.
func Peak(t testing.TB, f func()) int64 {
	t.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	runtime.GC()
	look := func() int64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return int64(s[0].Value.Uint64())
	}
	before, stop, peak := look(), make(chan struct{}), make(chan int64)
	go func() {
		most, tick := int64(0), time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				peak <- most
				return
			case <-tick.C:
				most = max(most, look())
			}
		}
	}()
	f()
	close(stop)
	return max(<-peak-before, 0)
}
