package pickle

import "fmt"

// IssueKind classifies what is wrong with a stream.
type IssueKind uint8

// The kinds of issues. IsLimit tells those that come from the machine's own bounds.
const (
	IssueTruncated   IssueKind = iota + 1 // the data ends inside an opcode or before STOP
	IssueRead                             // reading the data failed
	IssueBadOpcode                        // a byte that is no opcode
	IssueUnderflow                        // an opcode pops below the fence
	IssueNoMark                           // an opcode needs a mark and there is none
	IssueMemo                             // GET of an index that was never set
	IssueArgument                         // a malformed argument: number, quoting, length, code, protocol
	IssueType                             // an operand of a type for which Python raises
	IssueFrame                            // an opcode crosses the end of a frame: readers disagree on what follows, see Result.Splice
	IssueLongName                         // a module or name of more than 4096 bytes: cut
	IssueManyGlobals                      // more distinct globals than are kept apart
	IssueManyMarks                        // nesting deeper than is kept
	IssueMemoLost                         // memo indices so many or so sparse that MEMOIZE's index is not certain
	IssueManyReads                        // so many distant literals were needed that the rest was not read
	IssueCancelled                        // the context was cancelled
	IssueExpansion                        // tuples that share their items expand to far more than the stream has
)

// String is a short description.
func (k IssueKind) String() string {
	names := [...]string{"", "truncated stream", "read error", "undecodable opcode", "stack underflow", "no mark", "memo value not found",
		"malformed argument", "operand of the wrong type", "opcode across the end of a frame", "name too long", "too many distinct globals", "nesting too deep", "memo too large or too sparse",
		"too many distant literals", "cancelled", "tuples expand far beyond the stream"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown issue"
}

// IsLimit reports whether the issue is a bound of the machine and not an error of the stream.
func (k IssueKind) IsLimit() bool { return k >= IssueLongName }

// Issue is one place where Python would stop, or where the machine gave up exactness.
type Issue struct {
	Kind   IssueKind
	Op     Opcode
	Offset int64
	Detail string // optional
}

// String is the description with opcode and offset.
func (i Issue) String() string {
	s := fmt.Sprintf("%v at %v (offset %d)", i.Kind, i.Op, i.Offset)
	if i.Detail != "" {
		s += ": " + i.Detail
	}
	return s
}

const maxIssues = 32

// Result tells how a run ended.
type Result struct {
	Start, End int64   // first byte; byte after the last one that was interpreted
	Stopped    bool    // STOP was reached
	Proto      int     // of the last PROTO opcode; 0 without
	Ops        int64   // opcodes run
	Issues     []Issue // the first 32, in order, at most a few of one kind
	Suppressed int     // further issues
	Splice     Splice  // set with the first IssueFrame
}

// Clean reports whether Python would run the stream without an error that the machine can see, and nothing was given up.
func (r *Result) Clean() bool { return r.Stopped && len(r.Issues) == 0 }

// Limited gives the first issue that is a bound of the machine.
func (r *Result) Limited() (Issue, bool) {
	for _, i := range r.Issues {
		if i.Kind.IsLimit() {
			return i, true
		}
	}
	return Issue{}, false
}

func (m *Machine) issue(k IssueKind, detail string) {
	m.failed = true
	bit := uint32(1) << k
	if len(m.res.Issues) >= maxIssues || (m.seen&bit != 0 && len(m.res.Issues) >= maxIssues/2) {
		m.res.Suppressed++
		if m.seen&bit != 0 {
			return
		}
		// A kind that was not seen yet always finds room: it replaces the last one.
		m.res.Issues = m.res.Issues[:maxIssues-1]
	}
	m.seen |= bit
	m.res.Issues = append(m.res.Issues, Issue{Kind: k, Op: m.op, Offset: m.at, Detail: detail})
}
