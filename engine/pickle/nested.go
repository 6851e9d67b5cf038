package pickle

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
)

// Encoding is how a nested stream is wrapped in a string.
type Encoding uint8

// The encodings that are recognised.
const (
	EncodingNone Encoding = iota
	EncodingZlib
	EncodingGzip
	EncodingBzip2
	EncodingBase64
	EncodingHex
)

// String is the common name.
func (e Encoding) String() string {
	return [...]string{"plain", "zlib", "gzip", "bzip2", "base64", "hex"}[e]
}

// Candidate is a string literal whose first bytes look like a pickle. Nothing beyond them was checked.
type Candidate struct {
	Offset   int64 // of the raw bytes in the data of the run
	Length   int64
	Op       Opcode // that pushed the literal
	Encoding Encoding
}

// minNested is the length of the shortest string that is looked at: "cos\nx\n." is as short as an import can be.
const minNested = 8

// nestedStart tells the first bytes for which it is worth looking further: PROTO, the usual first opcodes of protocols 0 and 1, zlib, gzip and bzip2, and
// the characters with which base64 and hex of all these begin.
var nestedStart = [256]bool{
	0x80: true, '(': true, 'c': true, ']': true, '}': true, 'x': true, 0x1f: true, 'B': true,
	'g': true, 'K': true, 'Y': true, 'X': true, 'f': true, 'e': true, 'H': true, 'Q': true,
	'8': true, '2': true, '6': true, '5': true, '7': true, '1': true, '4': true,
}

const sniffLen = 24

// nested looks at a string of n bytes at off and tells the visitor if it may hold a pickle.
func (m *Machine) nested(op Opcode, off int64, n uint64) {
	if n > uint64(m.end-off) {
		return
	}
	var buf [sniffLen]byte
	if off == m.offset() {
		m.fill(sniffLen)
	}
	b := buf[:min(n, sniffLen)]
	b = b[:m.readAt(b, off)]
	enc, ok := sniff(b, true)
	if !ok {
		return
	}
	if enc == EncodingNone && b[0] != byte(PROTO) {
		var last [1]byte
		if m.peek(last[:], off+int64(n)-1) < 1 || last[0] != byte(STOP) && last[0] != '\n' {
			return
		}
	}
	m.vis.Nested(m, Site{m.op, m.at}, Candidate{off, int64(n), op, enc})
}

// sniff judges the first bytes of a string.
func sniff(b []byte, text bool) (Encoding, bool) {
	if len(b) < 4 {
		return 0, false
	}
	switch {
	case b[0] == byte(PROTO):
		return EncodingNone, b[1] >= 1 && b[1] <= highestProtocol && Opcode(b[2]).Known()
	case b[0] == 0x78 && (int(b[0])<<8|int(b[1]))%31 == 0 && b[1]&0x20 == 0:
		return EncodingZlib, true
	case b[0] == 0x1f && b[1] == 0x8b && b[2] == 8:
		return EncodingGzip, true
	case b[0] == 'B' && b[1] == 'Z' && b[2] == 'h' && b[3] >= '1' && b[3] <= '9':
		return EncodingBzip2, true
	case plausibleText(b):
		return EncodingNone, true
	}
	if !text {
		return 0, false
	}
	var dec [sniffLen]byte
	if n, err := hex.Decode(dec[:], b[:len(b)&^1]); err == nil && n >= 4 {
		_, ok := sniff(dec[:n], false)
		return EncodingHex, ok
	}
	if n := decode64(dec[:], b[:len(b)&^3]); n >= 4 {
		_, ok := sniff(dec[:n], false)
		return EncodingBase64, ok
	}
	return 0, false
}

// plausibleText reports whether b may begin a stream of protocol 0 or 1.
func plausibleText(b []byte) bool {
	next := Opcode(b[1])
	switch Opcode(b[0]) {
	case GLOBAL:
		return next == '_' || next >= 'a' && next <= 'z' || next >= 'A' && next <= 'Z'
	case MARK, EMPTYLIST, EMPTYDICT:
		return next.Known() && next != STOP
	}
	return false
}

// decode64 decodes either alphabet; 0 if b is no base64.
func decode64(dst, b []byte) int {
	enc := base64.StdEncoding
	if bytes.ContainsAny(b, "-_") {
		enc = base64.URLEncoding
	}
	n, err := enc.Decode(dst, b)
	if err != nil {
		return 0
	}
	return n
}

var (
	// ErrTooLarge is returned by [Machine.Open] for data that are longer than the limit
	// when decoded.
	ErrTooLarge = errors.New("nested data larger than the limit")
	errEncoding = errors.New("not wholly in the encoding that its first bytes suggest")
)

// Open gives the decoded bytes of a candidate. A plain one is a view of the data, valid while the run lasts; the others are decoded in
// memory, up to limit bytes and three encodings deep. It fails if the string is not wholly in its encoding.
func (m *Machine) Open(c Candidate, limit int64) (r io.ReaderAt, size int64, err error) {
	if c.Encoding == EncodingNone && c.Op != STRING && c.Op != UNICODE && c.Op != PERSID {
		return io.NewSectionReader(m.r, c.Offset, c.Length), c.Length, nil
	}
	if c.Length > limit {
		return nil, 0, ErrTooLarge
	}
	b := make([]byte, c.Length)
	if m.peek(b, c.Offset) < len(b) {
		return nil, 0, io.ErrUnexpectedEOF
	}
	ok := true
	var s string
	switch c.Op {
	case STRING:
		s, ok = unescapeString(b)
		b = []byte(s)
	case UNICODE:
		s, ok = unescapeUnicode(b)
		b = []byte(s)
	}
	if !ok {
		return nil, 0, errEncoding
	}
	b, err = Decode(b, limit)
	return bytes.NewReader(b), int64(len(b)), err
}

// Section gives a view of n bytes of the data at off, valid while the run lasts.
func (m *Machine) Section(off, n int64) *io.SectionReader { return io.NewSectionReader(m.r, off, n) }

// Decode unwraps b while its first bytes suggest one of the encodings, up to three times and limit bytes in all.
func Decode(b []byte, limit int64) ([]byte, error) {
	for range 3 {
		enc, ok := sniff(b[:min(len(b), sniffLen)], true)
		if !ok || enc == EncodingNone {
			break
		}
		out, err := decode(b, enc, limit)
		if err != nil {
			return nil, err
		}
		limit -= int64(len(out))
		b = out
	}
	return b, nil
}

func decode(b []byte, enc Encoding, limit int64) ([]byte, error) {
	var r io.Reader
	var err error
	switch enc {
	case EncodingZlib:
		r, err = zlib.NewReader(bytes.NewReader(b))
	case EncodingGzip:
		r, err = gzip.NewReader(bytes.NewReader(b))
	case EncodingBzip2:
		r = bzip2.NewReader(bytes.NewReader(b))
	case EncodingHex:
		out := make([]byte, hex.DecodedLen(len(b)))
		if n, err := hex.Decode(out, b); err != nil || n != len(out) {
			return nil, errEncoding
		}
		return out, nil
	case EncodingBase64:
		b = bytes.TrimRight(b, "\r\n")
		out := make([]byte, base64.StdEncoding.DecodedLen(len(b)))
		n := decode64(out, b)
		if n == 0 {
			return nil, errEncoding
		}
		return out[:n], nil
	}
	if err != nil {
		return nil, errEncoding
	}
	out, err := io.ReadAll(io.LimitReader(r, limit+1))
	if int64(len(out)) > limit {
		return nil, ErrTooLarge
	}
	// Data before a broken end are worth interpreting: a stream may do its work before it breaks.
	if err != nil && len(out) == 0 {
		return nil, errEncoding
	}
	return out, nil
}
