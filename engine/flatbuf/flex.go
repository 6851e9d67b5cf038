package flatbuf

import (
	"encoding/binary"
	"errors"
)

// FlexStrings reads the elements of a FlexBuffer whose root is a vector of strings or
// blobs (https://flatbuffers.dev/flexbuffers/), as TensorFlow Lite keeps the operation
// of a Flex delegate.
func FlexStrings(b []byte) ([]string, error) {
	bad := errors.New("no FlexBuffer with a vector of strings")
	if len(b) < 3 {
		return nil, bad
	}
	number := func(at int, width int) (int, bool) {
		if at < 0 || width < 1 || at+width > len(b) {
			return 0, false
		}
		switch width {
		case 1:
			return int(b[at]), true
		case 2:
			return int(binary.LittleEndian.Uint16(b[at:])), true
		case 4:
			return int(binary.LittleEndian.Uint32(b[at:])), true
		case 8:
			v := binary.LittleEndian.Uint64(b[at:])
			return int(v), v < 1<<40
		}
		return 0, false
	}
	// The last byte is the width of the root, the one before it its type.
	rootWidth, packed := int(b[len(b)-1]), b[len(b)-2]
	at := len(b) - 2 - rootWidth
	off, ok := number(at, rootWidth)
	const vector, str, blob, vectorString = 10, 5, 25, 15
	if !ok || off > at || packed>>2 != vector && packed>>2 != vectorString {
		return nil, bad
	}
	start, width := at-off, 1<<(packed&3)
	n, ok := number(start-width, width)
	if !ok || n < 0 || n > len(b) || start+n*width+n > len(b) {
		return nil, bad
	}
	var out []string
	for i := range n {
		typ := b[start+n*width+i]
		if packed>>2 == vector && typ>>2 != str && typ>>2 != blob {
			return nil, bad
		}
		place := start + i*width
		off, ok := number(place, width)
		if !ok || off > place {
			return nil, bad
		}
		text := place - off
		w := 1 << (typ & 3)
		if packed>>2 == vectorString {
			w = width
		}
		size, ok := number(text-w, w)
		if !ok || size < 0 || text < 0 || size > len(b)-text {
			return nil, bad
		}
		out = append(out, string(b[text:text+size]))
	}
	return out, nil
}
