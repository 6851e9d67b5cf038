package pickle

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/merlon-security/merlon/asset"
	machine "github.com/merlon-security/merlon/engine/pickle"
)

const (
	maxDepth  = 6        // pickles inside pickles
	maxOpen   = 64 << 20 // bytes of the decoded strings that lie in each other
	maxFollow = 64 << 20 // bytes of one argument that is unpickled
)

// Nested implements [machine.Visitor]: a string that is a complete pickle is judged like a stream of its own.
func (j *judge) Nested(m *machine.Machine, at machine.Site, c machine.Candidate) {
	if j.depth >= maxDepth {
		j.s.tooDeep = true
		return
	}
	if !j.s.try(c.Length) {
		j.lower(asset.Failed)
		if j.fresh(ruleBomb, "nested") {
			j.report(ruleBomb, at, "nested", "holds more nested data than is analysed", nil)
		}
		return
	}
	r, size, err := m.Open(c, min(maxOpen-j.s.held, j.s.budget))
	if errors.Is(err, machine.ErrTooLarge) && j.s.held > 0 {
		j.s.tooLarge = true // what surrounds it took the memory that it would need
		return
	}
	if err != nil || c.Encoding != machine.EncodingNone && !j.s.spend(size) {
		return // not wholly in that encoding: an ordinary string
	}
	if _, view := r.(*io.SectionReader); !view {
		j.s.held += size
		defer func() { j.s.held -= size }()
	}
	in := j.child(c.Offset)
	res := in.run(r, 0, size)
	if !in.convincing(res, size) {
		return
	}
	in.finish(res)
	j.adopt(in)
	j.nests++
	if j.nests > maxEvents {
		return
	}
	j.report(ruleNested, at, fmt.Sprint("nested-", j.nests), fmt.Sprintf("a string of %d bytes (%s) is a pickle that uses %d names", c.Length, c.Encoding, len(in.names)), nil)
}

// convincing reports whether a trial run found a pickle and not data that look like one: it imports something under plausible names, and is complete,
// or begins unmistakably.
func (j *judge) convincing(res machine.Result, size int64) bool {
	if !j.code {
		return false
	}
	if !j.odd && res.Stopped && res.End >= size-1 && len(res.Issues) == 0 {
		return true
	}
	return j.known && (res.Stopped || res.Proto >= 2 || j.verdict == asset.Malicious)
}

// identifier reports whether s may be the name of a module or an attribute path.
func identifier(s string) bool {
	if s == "" || len(s) > 500 {
		return false
	}
	start := true
	for _, r := range s {
		switch {
		case r == '_', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r > 0x7f && r != 0xfffd:
			start = false
		case r >= '0' && r <= '9':
			if start {
				return false
			}
		case r == '.':
			if start {
				return false
			}
			start = true
		case r == '<' || r == '>': // <lambda>, <locals>
		default:
			return false
		}
	}
	return !start
}

// child makes the judge of a stream that lies at off inside this one.
func (j *judge) child(off int64) *judge {
	in := j.s.newJudge(j.depth + 1)
	in.ref = j.ref.Join(asset.Step{Kind: asset.Nested, N: int(off)})
	return in
}

// adopt takes over the findings of a nested stream.
func (j *judge) adopt(in *judge) {
	j.lower(in.verdict)
	j.code = true
	j.s.keep(in)
}

// follow judges the bytes that a call unpickles; it reports what is wrong with them, "" if nothing.
func (j *judge) follow(m *machine.Machine, at machine.Site, v machine.Value) string {
	if j.depth >= maxDepth {
		return "pickles are nested too deep in it"
	}
	r, size, ok := j.bytesOf(m, v)
	if !ok {
		return "its bytes are not known"
	}
	if !j.s.spend(size) {
		return "its bytes exceed the budget"
	}
	if zipped(r) {
		return j.derive(r, size, at)
	}
	in := j.child(at.Offset)
	in.torch = true
	streams := &stream{s: j.s, j: in, r: r, size: size, torch: true}
	streams.all()
	j.adopt(in)
	if in.verdict != asset.OK {
		return "the pickle in its argument is " + string(in.verdict)
	}
	return ""
}

// bytesOf gives the content of a literal, or of a call that only spells bytes.
func (j *judge) bytesOf(m *machine.Machine, v machine.Value) (io.ReaderAt, int64, bool) {
	if off, n, op, ok := m.Span(v); ok && n <= m.End()-off && op != machine.STRING && op != machine.UNICODE {
		return m.Section(off, n), n, true
	}
	s, ok := m.Text(v, maxFollow)
	return bytes.NewReader([]byte(s)), int64(len(s)), ok
}

func zipped(r io.ReaderAt) bool {
	var b [4]byte
	n, _ := r.ReadAt(b[:], 0)
	return n == 4 && string(b[:]) == "PK\x03\x04"
}

// derive hands a torch file in the zip format to the scanner of that format.
func (j *judge) derive(r io.ReaderAt, size int64, at machine.Site) string {
	if j.s.o.Derive == nil {
		return "the torch file in its argument was not looked at"
	}
	ref := j.ref.Join(asset.Step{Kind: asset.Nested, N: int(at.Offset)})
	if err := j.s.o.Derive(ref, "torch-zip", io.NewSectionReader(r, 0, size)); err != nil {
		j.s.err = err
		return "the torch file in its argument could not be looked at"
	}
	return ""
}

// unpickles reports a call of pickle.loads and its like whose argument is harmless: nothing writes such calls, so it stays unverified.
func (j *judge) unpickles(m *machine.Machine, at machine.Site, c machine.Call, shown string) {
	j.lower(asset.Unverified)
	if id, ok := c.Callable.Global(); ok {
		j.name(m, id).followed = true
	}
	j.report(ruleUnverified, at, "unpickles", "unpickles a string that was found harmless: "+shown, nil)
}
