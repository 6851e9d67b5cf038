// Package archive reads hostile archives and compressed streams.
//
// A scanner of archives must see what every reader of the same bytes could see,
// and readers disagree. So this package gives no single answer where there are
// several: [ReadZip] returns the union of what the central directories and the
// local headers of a zip say, [ReadTar] goes on after damage and end markers,
// [Open7z] bounds every count before it allocates, and [OpenStream] delivers
// what was decoded before an error. Where two readers would differ, the member
// carries an [Anomaly]. Anomalies are observations; how bad they are is for the
// caller to say.
//
// # Bounds
//
// Work is linear in the size of the archive and memory in the number of its
// members, both capped by [Limits]. Decoded content is never kept: the caller
// reads it as a stream and owns the budget for it. Nothing is written to disk.
package archive

import (
	"errors"
	"fmt"
	"io"
)

// Limits bounds the work of a reader. The zero value of a field stands for its
// default.
type Limits struct {
	Members int   // members of one archive. Optional, default 1,000,000, of a zip 100,000
	Window  int64 // bytes of the largest dictionary of LZMA and Zstandard. Optional, default 128 MiB
	Sizing  int64 // bytes decoded only to find where members of unknown size end. Optional, default 256 MiB + the archive's size
}

func (l Limits) withDefaults(size int64) Limits {
	if l.Members <= 0 {
		l.Members = 1_000_000
	}
	if l.Window <= 0 {
		l.Window = 128 << 20
	}
	if l.Sizing <= 0 {
		l.Sizing = 256<<20 + size
	}
	return l
}

// Anomaly is something in an archive that a careful writer does not produce, or
// in which two readers of it would differ.
type Anomaly struct {
	Kind   Kind
	Detail string // for people: the values that differ
	Offset int64  // where in the archive, in bytes; -1 when it has no place
}

// Member is one stream of bytes inside an archive, with everything any reader
// would call it. A name under which two readers see different bytes gives two
// members.
type Member struct {
	Name    string   // decoded as the preferred reader does, otherwise as written; may traverse, may be empty
	Aliases []string // other names under which some reader sees the same bytes
	Dir     bool     // a directory without content
	Link    string   // target of a hard or symbolic link of a tar archive
	Symlink bool     // a symbolic link; in a zip its content is the target
	Special bool     // a device or a pipe

	Views     View
	Variant   bool  // a second reading of a header that gave another member too
	Header    int64 // offset of the local header; -1 when it has none
	Offset    int64 // offset of the data; -1 for a member without a place of its own (7z)
	Packed    int64 // bytes of the data in the archive
	Size      int64 // bytes of the content as declared; -1 when unknown
	Method    uint16
	Flags     uint16 // zip: general purpose bits of both views
	CRC       uint32 // CRC-32 of the content as declared, where HasCRC
	HasCRC    bool
	Encrypted bool // some view says so

	Anomalies []Anomaly

	index int // 7z: position in the list of files
}

func (m *Member) note(k Kind, off int64, format string, args ...any) {
	if len(m.Anomalies) < maxPerMember {
		m.Anomalies = append(m.Anomalies, Anomaly{Kind: k, Detail: fmt.Sprintf(format, args...), Offset: off})
	}
}

// maxPerMember caps what is remembered about one member: a thousand others of its
// name say no more than twenty.
const maxPerMember = 20

// View says which parts of a zip describe a member.
type View uint8

// The views of a zip.
const (
	Central View = 1 << iota
	Local
)

// Container is an archive whose members are known.
type Container interface {
	// Members lists them in the order of the archive's directory.
	Members() []Member
	// Anomalies concern the archive as a whole.
	Anomalies() []Anomaly
	// Open decodes member i. It fails with an [*Error] when the bytes cannot be
	// decoded at all; damage further in is returned by Read, after what could be
	// decoded.
	Open(i int) (*Stream, error)
	// Section gives the bytes of member i in place when they are stored as they
	// are, nil otherwise.
	Section(i int) *io.SectionReader
}

// Reason says why bytes could not be decoded.
type Reason string

// The reasons.
const (
	Corrupt     Reason = "corrupt"
	Encrypted   Reason = "encrypted"
	Unsupported Reason = "unsupported"
	Limit       Reason = "limit"
)

// Error is returned for bytes that cannot be decoded.
type Error struct {
	Reason Reason
	Err    error
}

func (e *Error) Error() string { return string(e.Reason) + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func failf(r Reason, format string, args ...any) error {
	return &Error{Reason: r, Err: fmt.Errorf(format, args...)}
}

// asError gives err a reason, unless it already has one.
func asError(err error) error {
	var e *Error
	if err == nil || err == io.EOF || errors.As(err, &e) {
		return err
	}
	return &Error{Reason: Corrupt, Err: err}
}
