package python

import (
	"bytes"
	"errors"
	"strings"
)

// Encode writes text as the file src is written: in the encoding that src declares, and
// with a byte order mark if src has one. It is the reverse of what [Parse] makes of a
// file, [Tree.Source]. An error says that the encoding is not known or has no such text.
func Encode(src []byte, text string) ([]byte, error) {
	body, bom := bytes.CutPrefix(src, []byte("\xef\xbb\xbf"))
	if name := declared(body); name != "" {
		enc, ok := codecs()[normalizeCodec(name)]
		if !ok {
			return nil, errors.New("unknown encoding: " + name)
		}
		if enc != nil {
			out, err := enc.NewEncoder().Bytes([]byte(text))
			if err != nil {
				return nil, errors.New("the text cannot be written as " + name)
			}
			return out, nil
		}
	}
	if bom {
		return append([]byte("\xef\xbb\xbf"), text...), nil
	}
	return []byte(text), nil
}

// Offsets tells where the characters of a text, which is [Tree.Source] of the file src, stand
// in the file: it translates offsets. An error says that the encoding does not allow that,
// because what a byte means depends on others far before it.
func Offsets(src []byte, text string) (func(offset int) int, error) {
	if bytes.HasSuffix(src, []byte(text)) && len(src)-len(text) <= len("\xef\xbb\xbf") {
		shift := len(src) - len(text)
		return func(offset int) int { return offset + shift }, nil
	}
	enc := codecs()[normalizeCodec(declared(src))]
	if enc == nil {
		return nil, errors.New("the text is not that of the file")
	}
	e := enc.NewEncoder()
	at := make([]int32, len(text)+1)
	pos := 0
	for i, r := range text {
		at[i] = int32(pos)
		if r < 0x80 && pos < len(src) && src[pos] == byte(r) {
			pos++
			continue
		}
		b, err := e.String(string(r))
		if err != nil || !strings.HasPrefix(string(src[pos:min(len(src), pos+len(b))]), b) {
			return nil, errors.New("the encoding is not the same both ways")
		}
		pos += len(b)
	}
	if at[len(text)] = int32(pos); pos != len(src) {
		return nil, errors.New("the encoding is not the same both ways")
	}
	return func(offset int) int { return int(at[offset]) }, nil
}
