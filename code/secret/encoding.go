package secret

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/merlon-security/merlon/scan"
)

// Byte order marks (Unicode 16, section 23.8).
var marks = []struct {
	mark  string
	order binary.ByteOrder
	size  int // bytes of a code unit
}{
	{"\xff\xfe\x00\x00", binary.LittleEndian, 4},
	{"\x00\x00\xfe\xff", binary.BigEndian, 4},
	{"\xff\xfe", binary.LittleEndian, 2},
	{"\xfe\xff", binary.BigEndian, 2},
}

// wide reports whether text is in UTF-16 or UTF-32 with its mark.
func wide(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) || bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff"))
}

// narrow converts such text to UTF-8. Lines stay lines.
func narrow(text []byte) []byte {
	for _, m := range marks {
		rest, ok := bytes.CutPrefix(text, []byte(m.mark))
		if !ok {
			continue
		}
		out := make([]byte, 0, len(rest))
		if m.size == 4 {
			for ; len(rest) >= 4; rest = rest[4:] {
				out = utf8.AppendRune(out, rune(m.order.Uint32(rest)))
			}
			return out
		}
		for len(rest) >= 2 {
			r := rune(m.order.Uint16(rest))
			rest = rest[2:]
			if utf16.IsSurrogate(r) && len(rest) >= 2 {
				if both := utf16.DecodeRune(r, rune(m.order.Uint16(rest))); both != utf8.RuneError {
					r, rest = both, rest[2:]
				}
			}
			out = utf8.AppendRune(out, r)
		}
		return out
	}
	return text
}

// maxHeader is the longest header of a model that is looked at, in bytes.
const maxHeader = 64 << 20

// safetensors returns where the header of a safetensors file lies: 8 bytes hold the
// length of a JSON object, which may carry metadata of any kind.
func safetensors(f scan.File) (at, n int64) {
	head := f.Head()
	if len(head) < 10 || head[8] != '{' {
		return 0, 0
	}
	size := binary.LittleEndian.Uint64(head)
	if size > maxHeader || int64(size) > f.Size()-8 {
		return 0, 0
	}
	return 8, int64(size)
}
