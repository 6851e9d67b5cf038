// Package pyflow follows data through Python programs: from where it comes in, through
// assignments, containers, attributes, calls, closures and modules, to where it is
// used. It knows nothing about what is dangerous: a [Spec] says which calls and
// attributes are sources, sinks and cleaners, and an [Analysis] reports the flows.
//
// # How it works
//
// Every function is interpreted over abstract values, with its parameters as symbols, and
// leaves a summary: what it returns, what it stores in its arguments and in what others
// see, which sinks its parameters reach, which of its parameters it calls, and what it
// proves about them before it returns something true or false. A call applies the summary
// to the values at hand. Functions that read class attributes, globals or the items of
// shared containers are interpreted again when more arrives there, their callers when
// their summary grew, a bounded number of times. Work is linear in the size of the
// program, and the order in which files are added makes no difference.
//
// A value may be one of several functions, classes or constants: the entries of a table,
// the overriding methods of a few classes below, an option that one branch sets.
//
// What is not understood is handled so that little is lost: an unknown call returns
// what its arguments carry, marked as weak.
package pyflow
