// Package cel reads and evaluates conditions in a subset of CEL, the Common Expression
// Language (https://github.com/google/cel-spec): what it accepts means the same there.
//
// For most uses make an [Env] of the variables, compile a text with [Env.Compile], and
// hold it against values with [Program.Bool].
//
// # The subset
//
// Types are bool, int, double, string, timestamp, duration, lists and maps of one type,
// and objects, whose fields are those of a Go struct. There is no null, no uint, no
// bytes, no dyn: every expression has one type, known before anything is evaluated.
//
// There are the operators of CEL; the macros has, all, exists, exists_one, filter and
// map; size, the conversions bool, int, double, string, timestamp and duration, the
// getters of times, and functions of text (see [Functions]). The pattern of matches is
// written out, so that no data chooses it.
//
// # Bounds
//
// A text has at most [MaxText] bytes and is nested at most [MaxNesting] deep. What
// evaluation costs is counted, and the memory that it takes is part of the count: it
// ends after [MaxCost] steps with an error.
package cel

// The bounds of an expression.
const (
	MaxText    = 8 << 10    // bytes
	MaxNesting = 64         // parentheses, lists, calls inside each other
	MaxCost    = 10_000_000 // steps, each about one comparison: about a second
)
