package pickle

import (
	"io"
	"math"
)

// frame is the part of the stream that the latest FRAME opcode announced. A frame only tells a reader how much to read ahead, so it should have no meaning.
// But opcodes that cross its end do different things in different readers: from bytes, and from files with a peek method, CPython ignores the
// end; from other files (io.BytesIO, which torch.load uses) its C Unpickler drops what is left in the frame and takes the argument from behind it; its
// Python Unpickler raises. No pickler writes such streams.
type frame struct {
	end int64 // math.MaxInt64: no frame is open
}

func (f *frame) reset() { f.end = math.MaxInt64 }

// Splice is a part [From, To) of the data that some readers do not see. To is 0 if there is none.
type Splice struct{ From, To int64 }

// Reader gives the data without the part, for another run, and its size.
func (s Splice) Reader(r io.ReaderAt, size int64) (io.ReaderAt, int64) {
	return &spliced{r, s}, size - (s.To - s.From)
}

type spliced struct {
	r io.ReaderAt
	s Splice
}

// ReadAt implements [io.ReaderAt].
func (p *spliced) ReadAt(b []byte, off int64) (int, error) {
	if off >= p.s.From {
		return p.r.ReadAt(b, off+p.s.To-p.s.From)
	}
	first := min(int64(len(b)), p.s.From-off)
	n, err := p.r.ReadAt(b[:first], off)
	if int64(n) < first || first == int64(len(b)) {
		return n, err
	}
	n2, err := p.r.ReadAt(b[first:], p.s.To)
	return n + n2, err
}

// loadFrame runs FRAME.
func (m *Machine) loadFrame(n uint64) {
	at := m.offset()
	if n > uint64(m.end-at) {
		m.issue(IssueTruncated, "frame longer than the data")
		return
	}
	if m.frame.end > at && m.frame.end != math.MaxInt64 { // inside a frame
		if at+int64(n) > m.frame.end {
			m.cross(Splice{at, m.frame.end})
		}
		return
	}
	m.frame.end = at + int64(n)
}

// leaveFrame is called before the first opcode that begins at or after the frame's end; the opcode before it is still m.op.
func (m *Machine) leaveFrame(at int64) {
	end := m.frame.end
	m.frame.end = math.MaxInt64
	if at == end || m.at >= end {
		return
	}
	// The reader asks for the argument in one or two parts: find the one that crosses.
	from := m.at + 1
	if m.op == GLOBAL || m.op == INST {
		if n, ok := m.lineLen(from); ok && from+n+1 <= end {
			from += n + 1
		}
	} else if n := lengthSize(m.op); from+n <= end {
		from += n
	}
	if takesBytes(m.op) { // copied in two parts by every version of the C Unpickler: nothing is lost
		m.cross(Splice{})
		return
	}
	m.cross(Splice{from, end})
}

func (m *Machine) cross(s Splice) {
	m.issue(IssueFrame, "")
	if m.res.Splice.To == 0 {
		m.res.Splice = s
	}
}

func takesBytes(op Opcode) bool {
	return op == SHORTBINBYTES || op == BINBYTES || op == BINBYTES8 || op == BYTEARRAY8
}

// lengthSize is the size of the length field of a string or long opcode.
func lengthSize(op Opcode) int64 {
	switch op {
	case SHORTBINUNICODE, SHORTBINBYTES, SHORTBINSTRING, LONG1:
		return 1
	case BINUNICODE, BINBYTES, BINSTRING, LONG4:
		return 4
	case BINUNICODE8, BINBYTES8, BYTEARRAY8:
		return 8
	}
	return 0
}
