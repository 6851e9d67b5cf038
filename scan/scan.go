// Package scan walks what it is pointed at once, shows every file to the
// scanners that want it, and collects what they report.
//
// For most uses implement [Scanner], put it into a table and call [Run]. A
// scanner that finds files inside files hands them back with [Sink.Derive]; they
// pass through the same table. A scanner that needs to see everything before it
// can speak implements [ProjectScanner].
//
// # What the engine promises
//
// It walks once, opens each wanted file once, never leaves the given roots, and
// bounds depth, expansion and time. A panic becomes an error of that file. What
// was not looked at is recorded with its reason: the absence of findings means
// something only together with [Coverage].
package scan

import (
	"context"
	"io"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
)

// Need is a scanner's answer to whether it wants a file.
type Need uint8

// The answers.
const (
	No   Need = iota
	Head      // decide after the first 4 KB (and the last, on request)
	Yes
)

// Info describes a scanner.
type Info struct {
	ID      string // "pickle": lower case, unique in the table
	Version string // changes when the same input may give other results
	Rules   []finding.Rule

	// Vendored scanners are also shown virtual environments, node_modules and
	// other trees that somebody else wrote.
	Vendored bool

	// Verdicts says that the scanner judges models: a wanted file that it cannot
	// finish gets the verdict "error", and the digest of the file is computed.
	Verdicts bool

	// Interest says as data which files the scanner may want. Nil: it is asked about
	// every file, by name and then by its first bytes. Optional, and worth the effort:
	// whoever is asked about every file makes every scan slower.
	Interest *Interest
}

// FileInfo is what a scanner decides by.
type FileInfo struct {
	Ref  asset.Ref
	Hint string // what the deriving scanner knows about the content; empty for files on disk
	Size int64  // bytes; -1 while Head is nil
	// Head holds the first bytes, at most [HeadSize]. A scanner that declares its
	// [Interest] is asked once, with it. Any other is asked before the file is opened,
	// when Head is nil, and if it answers [Head] then a second time.
	Head []byte
	src  *file
}

// HeadSize is how many bytes of a file are read before anybody has wanted it.
const HeadSize = 4096

// TailSize is how many bytes of the end of a file are read: as far back as any reader
// looks for the end record of a zip, which has 22 bytes and a comment.
const TailSize = 22 + 1<<16

// Tail returns the last bytes, at most [TailSize]; nil before Head is known. It
// costs a read the first time, so scanners call it last.
func (fi FileInfo) Tail() []byte {
	if fi.src == nil {
		return nil
	}
	return fi.src.lastBytes()
}

// File is an opened file, on disk or derived. It is safe for concurrent reads
// and valid until Scan returns, its head included. [Bytes] returns a short file as a
// whole, read once for all scanners; formats that can be long are read by ReadAt.
type File interface {
	io.ReaderAt
	Size() int64
	Ref() asset.Ref
	Head() []byte
}

// Hinter is implemented by a [File] that was derived with a hint.
type Hinter interface{ Hint() string }

// Scanner checks single files. One value serves all files, concurrently.
type Scanner interface {
	Info() Info
	// Wants answers from the name alone when fi.Head is nil, and otherwise, with [Yes]
	// or [No], from the bytes. It must be cheap: it is asked about every candidate of
	// the scanner's [Interest], or about every file there is.
	Wants(fi FileInfo) Need
	// Scan reports what it finds. An error means that the file was not fully
	// looked at; what was reported before still counts.
	Scan(ctx context.Context, f File, s *Sink) error
}

// ProjectScanner does work across files, after all of them have been seen.
type ProjectScanner interface {
	Scanner
	Finish(ctx context.Context, p *Project, s *Sink) error
}

// Project is what a [ProjectScanner] may know about the whole.
type Project struct {
	Roots []string
	Facts []asset.Fact
	// Assets are those of the files, in the order of their references. What project
	// scanners add is not among them.
	Assets []asset.Asset
	Cache  Cache // nil: nothing is kept
}

// Derived is a file found inside another.
type Derived struct {
	Ref  asset.Ref
	Hint string // what is known about the content, for [FileInfo.Hint]
	// Body is read once. A body that is also an [io.ReaderAt] with a Size method
	// (an [io.SectionReader]) is used in place; any other is kept in memory or a
	// temporary file while it is scanned, within the budget of the file on disk.
	Body  io.Reader
	Lines LineMap
}

// LineMap says where the lines of a derived file come from: span i holds for
// lines from its From up to the next span's From. Nil: lines are the file's own.
type LineMap []LineSpan

// LineSpan maps derived line From to Line of Ref.
type LineSpan struct {
	From int
	Ref  asset.Ref
	Line int
}

// Locate maps a location in the derived file to its origin.
func (m LineMap) Locate(l finding.Location) finding.Location {
	for i := len(m) - 1; i >= 0; i-- {
		if s := m[i]; l.Line >= s.From {
			shift := s.Line - s.From
			l.Ref, l.Line, l.Offset = s.Ref, l.Line+shift, nil
			if l.EndLine > 0 {
				l.EndLine += shift
			}
			break
		}
	}
	return l
}

// Describer is implemented by a scanner that can tell what a model is. Describe
// is called for files the scanner wants; it reads headers only. Of a file that turns
// out to be of another format it returns neither a description nor an error.
type Describer interface {
	Describe(ctx context.Context, f File) (*asset.Description, error)
}
