package pickle

import (
	"context"
	"io"
)

// Machine interprets pickle streams. It may be used for many runs, one after the other; it is not safe for concurrent use.
// Its memory is bounded whatever the stream: at most about 50 MB, 200 KB for a small stream. The zero value is ready for use.
type Machine struct {
	source
	stack
	memo    memo
	globals globals
	cells   ring    // tuples, lists, dicts, sets
	records ring    // call results
	first   []Value // the first call results, which stay: types that everything after them refers to
	lits    literals
	ext     map[int64]GlobalID
	frame   frame

	vis       Visitor
	ctx       context.Context
	res       Result
	op        Opcode // running
	at        int64  // its offset
	seen      uint32 // issue kinds
	failed    bool   // an issue was recorded
	steps     int    // of resolving and folding, in the run
	once      int    // and for the present question
	nest      bool   // candidates for nested streams are wanted
	moved     uint64 // position of the cells when keepStack last ran
	lostWrite bool   // a forgotten container was changed
	jump      int64  // where Jump wants to go on; -1: here
}

const (
	maxCells   = 1 << 19 // words: 4 MB
	maxRecords = 1 << 18 // words: 2 MB
	maxFirst   = 1 << 16 // words of the records that are never forgotten: 512 KB
)

// Options of a run.
type Options struct {
	Start  int64 // offset of the first opcode
	End    int64 // offset one past the last byte that may be read
	Nested bool  // call Visitor.Nested for string literals that begin like a pickle
}

// Run interprets one stream up to its STOP, the first undecodable byte or the end. The result's Issues are valid until the next run.
// It never returns an error: reading errors and a cancelled context are issues of the result.
func (m *Machine) Run(ctx context.Context, r io.ReaderAt, o Options, v Visitor) Result {
	m.source.open(r, o.Start, o.End)
	m.stack.reset()
	m.memo.reset()
	m.globals.reset()
	m.cells.reset(maxCells)
	m.records.reset(maxRecords)
	m.first = m.first[:0]
	m.lits.reset()
	m.frame.reset()
	clear(m.ext)
	m.vis, m.ctx, m.nest = v, ctx, o.Nested
	m.res = Result{Start: o.Start, Issues: m.res.Issues[:0]}
	m.op, m.at, m.seen, m.failed, m.steps, m.jump, m.moved, m.lostWrite = 0, o.Start, 0, false, 0, -1, 0, false
	m.loop()
	if m.source.err != nil {
		m.issue(IssueRead, m.source.err.Error())
	}
	m.res.End = m.offset()
	m.vis, m.ctx, m.r = nil, nil, nil
	return m.res
}

// Offset is the position of the next opcode. During a Visitor call it is the byte after the running opcode.
func (m *Machine) Offset() int64 { return m.offset() }

// End is the offset one past the data of the run.
func (m *Machine) End() int64 { return m.end }

// Jump makes the machine go on at off after the running BUILD: raw data that a loader such as joblib's reads itself lie in between.
// It has an effect only inside [Visitor.Build] and only forwards.
func (m *Machine) Jump(off int64) {
	if off >= m.offset() && off <= m.end {
		m.jump = off
	}
}

// Failed reports whether an issue was recorded: Python would have stopped before here, or exactness was given up.
func (m *Machine) Failed() bool { return m.failed }

// Proto is the protocol announced so far.
func (m *Machine) Proto() int { return m.res.Proto }

// GlobalName gives the name of an imported global.
func (m *Machine) GlobalName(id GlobalID) Global { return m.globals.get(id) }

// Tail shrinks the machine's memory to that of a small stream; call it before putting a machine back into a pool.
func (m *Machine) Tail() {
	if len(m.cells.words) > 1<<14 {
		m.cells.words = nil
	}
	if len(m.records.words) > 1<<14 {
		m.records.words = nil
	}
	if cap(m.first) > 1<<14 {
		m.first = nil
	}
	if cap(m.st) > 1<<14 {
		m.st = nil
	}
	m.memo.reset()
	m.memo.spare = m.memo.spare[:min(len(m.memo.spare), 2)]
	m.globals.reset()
	m.lits.reset()
	if len(m.globals.key) > 1<<14 || cap(m.lits.scratch) > 1<<16 {
		m.globals.key, m.lits.scratch = nil, nil
	}
}
