// Package pyflow follows data through Python programs: from where it comes in, through
// assignments, containers, attributes, calls, closures and modules, to where it is
// used. It knows nothing about what is dangerous: a [Spec] says which calls and
// attributes are sources, sinks and cleaners, and an [Analysis] reports the flows.
//
// # How it works
//
// Every function is interpreted once over abstract values, with its parameters as
// symbols, and leaves a summary: what it returns, what it stores in its arguments,
// which sinks its parameters reach, and which of its parameters it calls. A call
// applies the summary to the values at hand. Functions that read class attributes or
// globals are interpreted again when tainted data arrives there, a bounded number of
// times. Work is linear in the size of the program, and the order in which files are
// added makes no difference.
//
// What is not understood is handled so that little is lost: an unknown call returns
// what its arguments carry, marked as weak.
package pyflow
