package archive

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/pierrec/lz4/v4"
)

// Format is a kind of archive or compressed stream that is known by its content.
type Format struct {
	Name string // "zip", "tar", "gzip"
	Kind FormatKind

	match func(head []byte) bool
	open  codec
}

// FormatKind says what a [Format] holds.
type FormatKind uint8

// The kinds of format.
const (
	Many   FormatKind = iota // members: open with [ReadZip], [ReadTar] or [Open7z]
	One                      // one stream: open with [OpenStream]
	Opaque                   // recognised, and not readable here
)

// Formats lists what [Detect] knows, in the order in which it asks. The list must not
// be changed.
func Formats() []Format { return formats() }

var formats = sync.OnceValue(func() []Format {
	magic := func(m string) func([]byte) bool {
		return func(head []byte) bool { return bytes.HasPrefix(head, []byte(m)) }
	}
	return []Format{
		{Name: "zip", Kind: Many, match: func(h []byte) bool { return bytes.HasPrefix(h, sigLocal) || bytes.HasPrefix(h, sigEnd) }},
		{Name: "7z", Kind: Many, match: magic("7z\xbc\xaf\x27\x1c")},
		{Name: "gzip", Kind: One, match: magic("\x1f\x8b"), open: openDeflated(false)},
		{Name: "xz", Kind: One, match: magic("\xfd7zXZ\x00"), open: codecFor(methodXZ)},
		{Name: "zstd", Kind: One, match: matchZstd, open: zstdCodec},
		{Name: "lz4", Kind: One, match: matchLZ4, open: openLZ4},
		{Name: "bzip2", Kind: One, match: matchBzip2, open: codecFor(methodBzip2)},
		{Name: "rar", Kind: Opaque, match: magic("Rar!\x1a\x07")},
		{Name: "lzip", Kind: Opaque, match: magic("LZIP\x01")},
		{Name: "tar", Kind: Many, match: matchTar},
		{Name: "zlib", Kind: One, match: matchZlib, open: openDeflated(true)},
		{Name: "lzma", Kind: One, match: matchLZMA, open: openLZMA},
	}
})

// Detect recognises a format by the first bytes, of which 4096 are enough. Formats
// without a signature are tried, so that text that starts like one is not taken
// for it.
func Detect(head []byte) (Format, bool) {
	for _, f := range Formats() {
		if f.match(head) {
			return f, true
		}
	}
	return Format{}, false
}

// DetectAll returns every format whose signature fits: a file can be a zip and a tar
// at once.
func DetectAll(head []byte) []Format {
	var out []Format
	for _, f := range Formats() {
		if f.match(head) {
			out = append(out, f)
		}
	}
	return out
}

// HasZipEnd reports whether the last bytes of a file hold the end record of a zip,
// which may then follow any other content.
func HasZipEnd(tail []byte) bool { return bytes.Contains(tail, sigEnd) }

// OpenStream decodes the compressed stream of the given format in r, which is size
// bytes long.
func OpenStream(f Format, r io.ReaderAt, size int64, lim Limits) (*Stream, error) {
	lim = lim.withDefaults(size)
	if f.open == nil {
		return nil, failf(Unsupported, "%s", f.Name)
	}
	s := &Stream{src: &source{r: r, end: size}}
	s.br = bufio.NewReaderSize(s.src, 64<<10)
	dec, err := f.open(s.br, &codecParams{size: -1, window: lim.Window})
	if err != nil {
		return nil, asError(err)
	}
	s.r = dec
	return s, nil
}

func openDeflated(zlib bool) codec {
	return func(br *bufio.Reader, _ *codecParams) (io.Reader, error) {
		return &deflated{br: br, zlib: zlib}, nil
	}
}

func openLZ4(br *bufio.Reader, _ *codecParams) (io.Reader, error) { return lz4.NewReader(br), nil }

// openLZMA reads the .lzma format: properties, length of the content or -1, data.
func openLZMA(br *bufio.Reader, p *codecParams) (io.Reader, error) {
	var head [13]byte
	if _, err := io.ReadFull(br, head[:]); err != nil {
		return nil, err
	}
	return newLZMA(br, head[:5], int64(le.Uint64(head[5:])), p.window)
}

func matchZstd(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	m := le.Uint32(head)
	return m == 0xfd2fb528 || m&^0xf == 0x184d2a50
}

func matchLZ4(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	m := le.Uint32(head)
	return m == 0x184d2204 || m == 0x184c2102
}

func matchBzip2(head []byte) bool {
	return len(head) >= 10 && string(head[:3]) == "BZh" && head[3] >= '1' && head[3] <= '9' &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17rE8P\x90")
}

func matchZlib(head []byte) bool {
	return zlibHeader(head) && head[1]&0x20 == 0 && decodes(flate.NewReader(bytes.NewReader(head[2:])), len(head))
}

func matchLZMA(head []byte) bool {
	if len(head) < 14 || head[0] > 224 || head[13] != 0 {
		return false
	}
	dict, size := le.Uint32(head[1:]), int64(le.Uint64(head[5:]))
	if size == 0 {
		return false
	}
	if head[0] != 0x5d { // anything but the properties that all writers choose must look right otherwise
		low := dict & (dict - 1) // a power of two, or the sum of two neighbours, or no limit
		if dict < 4096 || dict != 1<<32-1 && low != 0 && dict != low|low>>1 || size < -1 || size >= 1<<38 {
			return false
		}
	}
	props := bytes.Clone(head[:5])
	le.PutUint32(props[1:], 64<<10)
	r, err := newLZMA(bufio.NewReader(bytes.NewReader(head[13:])), props, max(size, -1), 1<<30)
	return err == nil && (head[0] == 0x5d || !mat4(head)) && decodes(r, len(head))
}

// mat4 reports whether head is that of a MATLAB 4 matrix: type, rows, columns, complex or not, length of the name, name (MAT-File Format, "Level 4").
// Its small numbers look like the header of an LZMA stream with unusual properties.
func mat4(head []byte) bool {
	if len(head) < 21 {
		return false
	}
	n := le.Uint32(head[16:])
	if le.Uint32(head) > 4052 || le.Uint32(head[12:]) > 1 || n == 0 || n > 64 || int(20+n) > len(head) || head[20+n-1] != 0 {
		return false
	}
	for _, c := range head[20 : 20+n-1] {
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// decodes reports whether r, which decodes a head of n bytes, gives something that a
// loader could act on: a stream may well be damaged behind its payload. The shortest
// harmful pickle has a dozen bytes; a text that happens to begin like a stream seldom
// gives as many.
func decodes(r io.Reader, n int) bool {
	got, err := io.CopyN(io.Discard, guard{r}, 12)
	return err == nil || err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) && (n >= headLen || got >= 12)
}

// headLen is how much of a file callers of [Detect] have, when the file is longer.
const headLen = 4096

// ByName returns the format of a name that [Formats] lists.
func ByName(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}
