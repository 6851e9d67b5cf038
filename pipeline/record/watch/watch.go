// Package watch sees which files a program and everything it starts open, on Linux,
// without privileges and without ptrace: a filter of system calls (seccomp) hands those
// that open, replace or remove files to the watcher, which reads the path, notes it and
// lets them go on (seccomp_unotify(2)). Programs without libc are seen too.
//
// It is a record of what an honest program did and no sandbox: a program that wants to
// deceive can exchange a path between the look and the call.
package watch

import "errors"

// ErrUnsupported is returned by [Start] where files cannot be watched.
var ErrUnsupported = errors.New("files that programs open cannot be observed here")

// Op is what happens to a file.
type Op uint8

// The operations, seen before they happen.
const (
	Read      Op = iota // opened for reading, or executed
	Write               // opened for writing, or created
	ReadWrite           // opened for both
	Remove
	Rename // or linked: Path becomes To
)

// Event is an operation on a file. Paths are absolute and clean; whether there is a
// file at the path, and whether the operation succeeds, is not known yet.
type Event struct {
	Op   Op
	Path string
	To   string // of Rename
}
