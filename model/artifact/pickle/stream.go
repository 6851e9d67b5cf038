package pickle

import (
	"bytes"
	"fmt"
	"io"

	"github.com/merlon-security/merlon/asset"
	machine "github.com/merlon-security/merlon/engine/pickle"
)

// stream walks over the pickles that lie one behind the other in some data.
type stream struct {
	s        *session
	j        *judge
	r        io.ReaderAt
	size     int64
	off      int64 // where the next one may begin
	end      int64 // of the last one
	count    int
	single   bool
	required bool // the first must be complete
	torch    bool // the data are what torch.load reads
}

const maxStreams = 100_000

// maxIdle bounds the streams without any effect that are passed over to find out whether some data are pickles at all.
const maxIdle = 100_000

// all judges the first stream and those behind it.
func (st *stream) all() {
	if !st.first() || st.single {
		return
	}
	for st.count < maxStreams && st.s.ctx.Err() == nil {
		gap := st.skipPadding()
		if st.off >= st.size {
			return
		}
		if !st.next(gap) {
			st.raw()
			return
		}
	}
	if st.s.ctx.Err() == nil {
		st.j.lower(asset.Failed)
		st.j.report(ruleBomb, machine.Site{Offset: st.off}, "streams", fmt.Sprintf("more than %d pickles in one file", maxStreams), nil)
	}
}

// first judges the stream at the beginning. Without the header of protocol 2 and later, and unless it is required, data that are no pickle are left alone.
func (st *stream) first() bool {
	res := st.j.run(st.r, st.off, st.size)
	var head [2]byte
	n, _ := st.r.ReadAt(head[:], st.off)
	header := n == 2 && head[0] == byte(machine.PROTO) && head[1] <= 5
	if !st.required && !st.torch && !header {
		// Complete streams that do nothing may lie in front of one that does.
		for i := 0; i < maxIdle && !st.j.code && res.Stopped && len(res.Issues) == 0 && res.End < st.size; i++ {
			st.off = res.End
			res = st.j.run(st.r, st.off, st.size)
		}
		if !st.isPickle(res) {
			return false
		}
	}
	st.end = res.End
	st.count++
	st.off = res.End
	st.j.finish(res)
	st.splice(res)
	return res.Stopped
}

// isPickle decides about data without a header: text may happen to be a few opcodes.
func (st *stream) isPickle(res machine.Result) bool {
	if !st.j.code {
		return false
	}
	return st.j.convincing(res, res.End)
}

// splice judges what readers see that drop the rest of a frame which an opcode crosses.
func (st *stream) splice(res machine.Result) {
	if res.Splice.To == 0 {
		return
	}
	in := st.j.child(res.Start)
	r, size := res.Splice.Reader(st.r, st.size)
	in.run(r, res.Start, size)
	if in.code {
		// How this reading ends does not matter: that the stream is whole was judged.
		in.finish(machine.Result{Stopped: true})
		st.j.adopt(in)
	}
}

// skipPadding moves over bytes between streams that are no opcodes of their own and gives their number.
func (st *stream) skipPadding() int64 {
	var buf [4096]byte
	start := st.off
	for st.off < st.size {
		n, _ := st.r.ReadAt(buf[:min(int64(len(buf)), st.size-st.off)], st.off)
		if n <= 0 {
			break
		}
		rest := buf[:n]
		for len(rest) > 0 && (rest[0] == 0 || rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\r' || rest[0] == '\t') {
			rest = rest[1:]
		}
		st.off += int64(n - len(rest))
		if len(rest) > 0 {
			break
		}
	}
	return st.off - start
}

// next tries the bytes at the current offset as one more stream.
func (st *stream) next(gap int64) bool {
	in := st.s.newJudge(st.j.depth)
	in.ref = st.j.ref
	in.depth = st.j.depth
	res := in.run(st.r, st.off, st.size)
	header := res.Proto >= 2
	if !res.Stopped && !(in.code && in.convincing(res, st.size)) || res.Stopped && len(res.Issues) > 0 && !in.known ||
		res.Stopped && !header && !in.code && res.Ops < 3 {
		return false
	}
	in.finish(res)
	if gap > 0 {
		in.report(ruleHidden, machine.Site{Offset: st.off}, "gap", fmt.Sprintf("a pickle follows %d bytes behind the end of the one before it", gap), nil)
	}
	st.j.adoptStream(in)
	st.count++
	st.off, st.end = res.End, res.End
	return res.Stopped
}

// adoptStream takes over the findings of a sibling.
func (j *judge) adoptStream(in *judge) {
	j.lower(in.verdict)
	j.s.keep(in)
	j.code = j.code || in.code
	j.proto = max(j.proto, in.proto)
}

// raw looks for pickles hidden in data behind the last stream.
func (st *stream) raw() {
	const overlap = 512
	buf := make([]byte, 256<<10)
	for off := st.off; off < st.size && st.s.ctx.Err() == nil; {
		n, _ := st.r.ReadAt(buf[:min(int64(len(buf)), st.size-off)], off)
		if n <= 2 {
			return
		}
		b := buf[:n]
		limit := n
		if off+int64(n) < st.size {
			limit = n - overlap
		}
		next := off + int64(limit)
		for i := nextStart(b, 0); i >= 0 && i < limit; i = nextStart(b, i+1) {
			if st.s.budget <= 0 {
				st.j.lower(asset.Failed)
				st.j.report(ruleBomb, machine.Site{Offset: off}, "raw", "the data behind the pickles hold more beginnings of pickles than are tried", nil)
				return
			}
			if end, ok := st.hidden(off + int64(i)); ok {
				next = max(next, end)
				if end-off >= int64(limit) {
					break
				}
				i = int(end-off) - 1
			}
		}
		off = next
	}
}

// nextStart finds the next place at or after i where a pickle that imports something may begin.
func nextStart(b []byte, i int) int {
	for ; i+2 < len(b); i++ {
		for !rawStart[b[i]] {
			if i++; i+2 >= len(b) {
				return -1
			}
		}
		switch b[i] {
		case byte(machine.PROTO):
			if b[i+1] >= 2 && b[i+1] <= 5 && machine.Opcode(b[i+2]).Known() {
				return i
			}
		case byte(machine.GLOBAL):
			if twoNames(b[i+1:]) {
				return i
			}
		case byte(machine.MARK):
			if b[i+1] == byte(machine.STRING) && (b[i+2] == '\'' || b[i+2] == '"') || b[i+1] == byte(machine.GLOBAL) && twoNames(b[i+2:]) {
				return i
			}
		}
	}
	return -1
}

var rawStart = [256]bool{byte(machine.PROTO): true, byte(machine.GLOBAL): true, byte(machine.MARK): true}

// twoNames reports whether b begins with two lines that may be a module and a name.
func twoNames(b []byte) bool {
	for range 2 {
		n := bytes.IndexByte(b[:min(len(b), 200)], '\n')
		if n < 1 || !identifier(string(b[:n])) {
			return false
		}
		b = b[n+1:]
	}
	return true
}

// hidden tries one candidate: only a stream that runs to its STOP and imports something under plausible names counts.
func (st *stream) hidden(off int64) (end int64, ok bool) {
	in := st.s.newJudge(st.j.depth + 1)
	in.ref = st.j.ref
	res := in.run(st.r, off, st.size)
	if !st.s.try(res.End - off) {
		st.s.budget = 0
	}
	if !res.Stopped || !in.code || !in.convincing(res, res.End) {
		return 0, false
	}
	in.finish(res)
	in.report(ruleHidden, machine.Site{Offset: off}, "raw", "a pickle lies in the data behind the last one", nil)
	st.j.adoptStream(in)
	st.end = max(st.end, res.End)
	return res.End, true
}
