package archive

import (
	"bufio"
	"compress/bzip2"
	"io"
	"strconv"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// Compression methods of zip, 4.4.5.
const (
	methodStore     = 0
	methodDeflate   = 8
	methodDeflate64 = 9
	methodBzip2     = 12
	methodLZMA      = 14
	methodZstdOld   = 20
	methodZstd      = 93
	methodXZ        = 95
	methodAES       = 99
)

func methodName(m uint16) string {
	switch m {
	case methodStore:
		return "stored"
	case methodDeflate:
		return "deflate"
	case methodDeflate64:
		return "deflate64"
	case methodBzip2:
		return "bzip2"
	case methodLZMA:
		return "lzma"
	case methodZstd, methodZstdOld:
		return "zstd"
	case methodXZ:
		return "xz"
	case methodAES:
		return "AES"
	}
	return "method " + strconv.Itoa(int(m))
}

// codecParams is what a decoder may need to know beside the bytes.
type codecParams struct {
	size   int64  // bytes of the content, -1 when unknown
	flags  uint16 // zip: general purpose bits
	window int64  // bytes of the largest dictionary
}

// codec starts decoding what br delivers. It takes no more bytes from br than the
// stream has.
type codec func(br *bufio.Reader, p *codecParams) (io.Reader, error)

// codecFor returns the decoder of a zip method, nil when there is none.
func codecFor(method uint16) codec {
	switch method {
	case methodStore:
		return func(br *bufio.Reader, _ *codecParams) (io.Reader, error) { return br, nil }
	case methodDeflate:
		return func(br *bufio.Reader, _ *codecParams) (io.Reader, error) { return flate.NewReader(br), nil }
	case methodDeflate64:
		return func(br *bufio.Reader, _ *codecParams) (io.Reader, error) { return newInflate64(br), nil }
	case methodBzip2:
		return func(br *bufio.Reader, _ *codecParams) (io.Reader, error) { return bzip2.NewReader(br), nil }
	case methodLZMA:
		return zipLZMA
	case methodZstd, methodZstdOld:
		return zstdCodec
	case methodXZ:
		return func(br *bufio.Reader, p *codecParams) (io.Reader, error) {
			return &xzReader{br: br, window: p.window}, nil
		}
	}
	return nil
}

func zstdCodec(br *bufio.Reader, p *codecParams) (io.Reader, error) {
	d, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(uint64(p.window)), zstd.WithDecoderMaxMemory(uint64(4*p.window)))
	if err != nil {
		return nil, err
	}
	return zstdStream{d}, nil
}

// zstdStream gives the decoder the Close that [io.Closer] asks for.
type zstdStream struct{ *zstd.Decoder }

func (z zstdStream) Close() error {
	z.Decoder.Close()
	return nil
}

// zipLZMA reads the LZMA data of a zip: version, length of the properties, the
// properties, then the stream (5.8.8). Bit 1 says that an end marker closes it.
func zipLZMA(br *bufio.Reader, p *codecParams) (io.Reader, error) {
	var head [9]byte
	if _, err := io.ReadFull(br, head[:]); err != nil {
		return nil, err
	}
	if n := le.Uint16(head[2:]); n != 5 {
		return nil, failf(Corrupt, "LZMA properties of %d bytes", n)
	}
	size := p.size
	if p.flags&(1<<1) != 0 {
		size = -1
	}
	return newLZMA(br, head[4:9], size, p.window)
}

// newLZMA decodes a raw LZMA stream with the five property bytes given. A
// dictionary larger than window is refused, unless the content is no larger.
func newLZMA(br *bufio.Reader, props []byte, size, window int64) (io.Reader, error) {
	dict := int64(le.Uint32(props[1:]))
	if size >= 0 {
		dict = min(dict, size)
	}
	if dict > window {
		return nil, failf(Limit, "LZMA dictionary of %d bytes, at most %d are allowed", dict, window)
	}
	return newLZMADecoder(br, props[0], int(dict), size)
}
