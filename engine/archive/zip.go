package archive

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// Zip is the union of what the readers of a zip would see in it. The format is
// described in PKWARE's APPNOTE.TXT 6.3.10; section numbers below refer to it.
type Zip struct {
	Prefix int64 // bytes before the first member, 0 for a plain zip

	r         io.ReaderAt
	size      int64
	lim       Limits
	members   []Member
	anomalies []Anomaly
}

// Members implements [Container].
func (z *Zip) Members() []Member { return z.members }

// Anomalies implements [Container].
func (z *Zip) Anomalies() []Anomaly { return z.anomalies }

func (z *Zip) note(k Kind, off int64, format string, args ...any) {
	if len(z.anomalies) < maxAnomalies {
		z.anomalies = append(z.anomalies, Anomaly{Kind: k, Detail: fmt.Sprintf(format, args...), Offset: off})
	}
}

// maxZipMembers is the default of [Limits].Members here. Twice as many entries of the
// directory and local headers are kept, about 900 bytes each with all that scanners know.
const maxZipMembers = 100_000

// maxAnomalies caps what is remembered about one archive as a whole.
const maxAnomalies = 200

// ReadZip reads the structure of the zip in r, which is size bytes long. It
// fails when nothing in r is a zip. Content is read only where members of unknown
// size must be found.
//
// # What is united
//
// Directories: the one the last end record names (CPython), at its absolute
// offset (miniz) and where it must lie to end at the end record (what is read when
// another file stands before the zip), with the Zip64 record and without; those of
// other end records outside of members. Local headers: those the directories name,
// those that follow a header when its own sizes are believed (readers of streams),
// and every one with a signature in what is left.
func ReadZip(ctx context.Context, r io.ReaderAt, size int64, lim Limits) (*Zip, error) {
	if lim.Members <= 0 {
		lim.Members = maxZipMembers
	}
	z := &Zip{r: r, size: size, lim: lim.withDefaults(size)}
	p := &zipParser{z: z, w: window{r: r, size: size}, locals: map[int64]*localHeader{}, sizing: z.lim.Sizing}
	p.directories()
	p.readLocals()
	p.gaps(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(p.dirs) == 0 && len(p.locals) == 0 {
		return nil, failf(Corrupt, "no zip: neither an end record nor a local header can be read")
	}
	p.merge()
	return z, nil
}

// zipParser holds what is known while a zip is read.
type zipParser struct {
	z       *Zip
	w       window
	dirs    []*directory
	entries []centralEntry
	locals  map[int64]*localHeader // by offset
	covered []extent               // of members and directories, as far as the views agree
	sizing  int64                  // bytes left for finding ends
	capped  bool
}

// extent is a half-open range of bytes.
type extent struct{ from, to int64 }

func (p *zipParser) cover(from, to int64) {
	if to > from {
		p.covered = append(p.covered, extent{from, to})
	}
}

// room reports whether one more member may be kept, and says so once when not.
func (p *zipParser) room() bool {
	if len(p.entries)+len(p.locals) < 2*p.z.lim.Members {
		return true
	}
	if !p.capped {
		p.capped = true
		p.z.note(KindTooManyMembers, -1, "more than %d members", p.z.lim.Members)
	}
	return false
}

// holes returns the parts of [from, to) that are not covered, in order.
func holes(covered []extent, from, to int64) []extent {
	slices.SortFunc(covered, func(a, b extent) int {
		if a.from != b.from {
			if a.from < b.from {
				return -1
			}
			return 1
		}
		return 0
	})
	var out []extent
	for _, c := range covered {
		if c.from > from {
			out = append(out, extent{from, min(c.from, to)})
		}
		from = max(from, c.to)
		if from >= to {
			return out
		}
	}
	if from < to {
		out = append(out, extent{from, to})
	}
	return out
}
