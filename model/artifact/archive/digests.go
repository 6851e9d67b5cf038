package archive

import (
	"cmp"
	"slices"

	"github.com/merlon-security/merlon/engine/archive"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/scan"
)

// inPlace hashes the members that are stored as they are, in passes over the file
// beside everything else that is done with it. The first pass also gives the file its
// own digest. Members that overlap need further passes.
type inPlace struct {
	sink *scan.Sink
	plan [][]part
	done chan struct{}
}

// part is a member's place and where its digest goes.
type part struct {
	safeio.Range
	d *digest
}

// maxPasses bounds what overlapping members can cost: honest archives have none.
const maxPasses = 4

// planInPlace lays the members out over passes. What does not fit gets no plan; ok is
// then false.
func planInPlace(sink *scan.Sink, c archive.Container, results []*digest) (p *inPlace, ok bool) {
	p = &inPlace{sink: sink, done: make(chan struct{})}
	var parts []part
	for i, d := range results {
		if d == nil {
			continue
		}
		if s := c.Section(i); s != nil {
			m := &c.Members()[i]
			d.inPlace = true
			parts = append(parts, part{safeio.Range{Off: m.Offset, Len: s.Size()}, d})
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.Off, b.Off) })
	ends := make([]int64, maxPasses)
	p.plan = make([][]part, maxPasses)
	ok = true
next:
	for _, x := range parts {
		for k := range ends {
			if x.Off >= ends[k] {
				p.plan[k] = append(p.plan[k], x)
				ends[k] = x.Off + x.Len
				continue next
			}
		}
		ok = false
		x.d.overlap, x.d.err = true, errOverlap
	}
	return p, ok
}

// start runs the passes beside the caller; wait ends when they have.
func (p *inPlace) start() {
	go func() {
		defer close(p.done)
		for _, pass := range p.plan {
			if len(pass) > 0 {
				p.run(pass)
			}
		}
	}()
}

func (p *inPlace) wait() { <-p.done }

func (p *inPlace) run(pass []part) {
	ranges := make([]safeio.Range, len(pass))
	for i, x := range pass {
		ranges[i] = x.Range
	}
	digests, err := p.sink.Digests(ranges)
	for i, x := range pass {
		if err != nil {
			x.d.err = err
			continue
		}
		x.d.size, x.d.sum, x.d.crc = x.Len, digests[i].SHA256, digests[i].CRC32
	}
}
