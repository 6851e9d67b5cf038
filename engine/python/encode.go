package python

import (
	"bytes"
	"errors"
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
