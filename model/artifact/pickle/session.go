package pickle

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/merlon-security/merlon/asset"
	machine "github.com/merlon-security/merlon/engine/pickle"
	"github.com/merlon-security/merlon/finding"
)

// Options of [Judge].
type Options struct {
	Ref      asset.Ref // of the data, for locations
	Offset   int64     // of the first stream. Optional, default 0
	Single   bool      // judge one stream only; what follows it belongs to the caller. Optional
	Storages bool      // accept persistent ids of torch storages, whose bytes the caller looks after. Optional
	Required bool      // the data must be a pickle: without a complete stream the verdict is error. Optional
	// Derive shows a file inside the stream to the other scanners. Optional: without it such files leave the stream unverified.
	Derive func(ref asset.Ref, hint string, body io.Reader) error
}

// Report is what [Judge] found.
type Report struct {
	Verdict  asset.Verdict
	Findings []finding.Finding
	Streams  int   // complete or convincing streams at the top level; 0: the data are no pickle
	Proto    int   // highest protocol announced
	Names    int   // distinct globals, nested streams included
	End      int64 // offset one past the last stream
	Ops      int64
	Code     bool // something is imported, called or referred to
}

// session is one call of Judge.
type session struct {
	o      Options
	ctx    context.Context
	budget int64 // bytes of nested streams still to be looked at
	held   int64 // bytes of decoded strings in memory: one in the other
	// tooLarge says that a decoded string held one that was not looked at for its size.
	tooLarge bool
	// tooDeep says that strings lie in each other deeper than maxDepth.
	tooDeep bool
	nested  []*judge
	dropped int // nested streams beyond maxKept
	err     error
	ops     int64
	free    []*machine.Machine
	tries   int // nested and hidden candidates
}

// nestedBudget bounds the work on nested data in proportion to the file.
func nestedBudget(size int64) int64 { return 4*size + 64<<20 }

// maxTries bounds the candidates for nested and hidden streams.
const maxTries = 1_000_000

// try counts one candidate of n bytes; false: the budget is spent.
func (s *session) try(n int64) bool {
	s.tries++
	return s.tries <= maxTries && s.spend(n)
}

// maxKept bounds the nested streams whose findings are kept apart; of the others only the verdict counts.
const maxKept = 200

// keep takes the findings of a nested stream or sibling.
func (s *session) keep(in *judge) bool {
	if len(s.nested) >= maxKept {
		s.dropped++
		return false
	}
	s.nested = append(s.nested, in)
	return true
}

func (s *session) spend(n int64) bool {
	if n > s.budget {
		s.budget = 0
		return false
	}
	s.budget -= n
	return true
}

func (s *session) newJudge(depth int) *judge {
	return &judge{s: s, ref: s.o.Ref, depth: depth, torch: s.o.Storages, verdict: asset.OK}
}

var machines = sync.Pool{New: func() any { return new(machine.Machine) }}

// machine takes an idle machine of the session: one is in use for each level of nesting.
func (s *session) machine() *machine.Machine {
	if n := len(s.free); n > 0 {
		m := s.free[n-1]
		s.free = s.free[:n-1]
		return m
	}
	return machines.Get().(*machine.Machine)
}

// close gives the machines back.
func (s *session) close() {
	for _, m := range s.free {
		m.Tail()
		machines.Put(m)
	}
	s.free = nil
}

// run interprets one stream.
func (j *judge) run(r io.ReaderAt, start, end int64) machine.Result {
	m := j.s.machine()
	res := m.Run(j.s.ctx, r, machine.Options{Start: start, End: end, Nested: true}, j)
	res.Issues = append([]machine.Issue(nil), res.Issues...)
	j.s.free = append(j.s.free, m)
	j.s.ops += res.Ops
	j.proto = max(j.proto, res.Proto)
	j.call = clearCall
	return res
}

// Judge says what loading the pickles in size bytes of r would do. An error means that r could not be read; what was found before is in the report.
func Judge(ctx context.Context, r io.ReaderAt, size int64, o Options) (Report, error) {
	s := &session{o: o, ctx: ctx, budget: nestedBudget(size)}
	defer s.close()
	j := s.newJudge(0)
	st := &stream{s: s, j: j, r: r, size: size, off: o.Offset, single: o.Single, required: o.Required}
	st.all()
	if s.tooDeep {
		j.lower(asset.Failed)
		j.report(ruleBomb, machine.Site{Offset: o.Offset}, "nested-depth", fmt.Sprintf("holds pickles in pickles deeper than %d levels", maxDepth), nil)
	}
	if s.tooLarge {
		j.lower(asset.Failed)
		j.report(ruleBomb, machine.Site{Offset: o.Offset}, "nested-size", "holds compressed data in compressed data that are larger than what is unpacked of them", nil)
	}
	rep := Report{Verdict: j.verdict, Streams: st.count, Proto: j.proto, End: st.end, Ops: s.ops, Code: j.code}
	if st.count == 0 && !o.Required {
		rep.Verdict = asset.Unknown
		return rep, s.err
	}
	rep.Names = j.nameCount
	rep.Findings = j.findings(nil)
	for _, in := range s.nested {
		rep.Names += in.nameCount
		rep.Findings = in.findings(rep.Findings)
	}
	return rep, s.err
}
