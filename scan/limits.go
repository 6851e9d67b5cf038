package scan

import (
	"runtime"
	"time"
)

// Limits bounds what a hostile input can make the engine do. The zero value of
// each field stands for its default.
type Limits struct {
	Workers int           // files scanned at once. Optional, default: one per CPU
	Depth   int           // files inside files inside files. Optional, default 16
	Members int           // derived files per file on disk. Optional, default 1,000,000
	Spool   int64         // bytes of derived content per file on disk. Optional, default 512 MiB + 100 times its size, at most 64 GiB
	Memory  int           // bytes of one derived file kept in memory before it goes to a temporary file. Optional, default 1 MiB
	Time    time.Duration // per file on disk. Optional, default 15 minutes
}

func (l Limits) withDefaults() Limits {
	if l.Workers <= 0 {
		l.Workers = runtime.GOMAXPROCS(0)
	}
	if l.Depth <= 0 {
		l.Depth = 16
	}
	if l.Members <= 0 {
		l.Members = 1_000_000
	}
	if l.Memory <= 0 {
		l.Memory = 1 << 20
	}
	if l.Time <= 0 {
		l.Time = 15 * time.Minute
	}
	return l
}

// spoolFor is the budget of derived bytes for a file of the given size. Weights
// compress little; what expands a hundredfold and past half a GiB is a bomb.
func (l Limits) spoolFor(size int64) int64 {
	if l.Spool > 0 {
		return l.Spool
	}
	const most = 64 << 30
	if size >= most/100 {
		return most
	}
	return 512<<20 + 100*size
}
