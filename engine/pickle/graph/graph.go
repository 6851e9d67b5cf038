// Package graph reads a Python pickle into a bounded graph of values, for those who
// want to know what data it holds: names, shapes, types. Nothing is imported or
// called; a call is kept as the name of what would be called and its arguments.
//
// The package pickle above it interprets the same streams for judging them, and keeps
// exact account of what Python does. This one is lenient and keeps more of the data:
// whole dicts, the states of objects. What it cannot keep it drops and says so.
//
// Sources: PEP 307, PEP 3154, PEP 574; CPython 3.14 Lib/pickletools.py.
package graph

import (
	"errors"
	"io"
)

// Kind classifies a [Value].
type Kind uint8

// The kinds of values.
const (
	Opaque     Kind = iota // None, a float, a buffer, or what was dropped
	Int                    // Num; of a bool 0 or 1
	Str                    // Text
	Bytes                  // Num is their length, At where they begin; Text has them if there are at most 64
	Tuple                  // Items
	List                   // Items; also of a set
	Dict                   // Items: keys and values in turn
	Global                 // Text is "module.name"
	Object                 // Text is the callable, Args its arguments, State what BUILD sets; Items like those of a list, Pairs like those of a dict
	Persistent             // Args holds the id
)

// Value is a value of a pickle. Values may share others, so they form a graph, and it
// may be circular.
type Value struct {
	Kind  Kind
	Cut   bool // items are missing
	Num   int64
	At    int64 // Bytes: offset of the first
	Text  string
	Items []*Value
	*Call
}

// Call is what a [Value] of kind Object or Persistent has beyond others.
type Call struct {
	Args  []*Value
	State *Value   // nil without BUILD
	Pairs []*Value // keys and values in turn
}

// Options of [Read].
type Options struct {
	Offset int64 // of the first opcode
	End    int64 // one past the last byte
	// Build is called for a BUILD, with the offset of the next opcode, and gives where
	// to go on: loaders such as joblib's read raw data there. Optional.
	Build func(target *Value, next int64) int64
	// Budget is shared by pickles that end up in one graph. Optional.
	Budget *Budget
}

// Budget counts what is kept. The zero value is ready for use.
type Budget struct{ values, items, texts int }

// Result is what [Read] found.
type Result struct {
	Root    *Value
	Proto   int      // the highest announced
	Imports []string // "module.name", each once, in order, at most [MaxImports]
	End     int64    // offset behind STOP
	Dropped bool     // values were not kept
}

// The bounds of what is kept: together about 64 MB. A pickle beyond them is read to its
// end nevertheless.
const (
	MaxImports = 10_000
	maxValues  = 3 << 17 // values with a place of their own
	maxItems   = 1 << 20 // references between values
	maxStack   = 1 << 19
	maxMemo    = 1 << 20
	maxText    = 1 << 12 // bytes of a text
	maxTexts   = 8 << 20
	maxOps     = 1 << 27 // opcodes
)

// ErrPickle is the error for data that are no complete pickle.
var ErrPickle = errors.New("not a complete pickle")

// Read reads the pickle at o.Offset. With an error the result holds what was read up to it; its Root may be nil.
func Read(r io.ReaderAt, o Options) (*Result, error) {
	m := &reader{source: source{r: r, at: o.Offset, end: o.End}, build: o.Build, seen: map[string]bool{}, spent: o.Budget}
	if m.spent == nil {
		m.spent = &Budget{}
	}
	err := m.run()
	m.res.End = m.at
	return &m.res, err
}
