package xmldoc

import "strings"

// Beginning is what the first bytes of a file say about the XML in it.
type Beginning struct {
	text string // without the zero bytes of UTF-16
}

// Begin looks at the first bytes of a file.
func Begin(head []byte) Beginning {
	text := strings.ReplaceAll(string(head), "\x00", "")
	// Byte order marks and space, byte by byte: the text need not be UTF-8.
	for text != "" && strings.IndexByte("\xef\xbb\xbf\xff\xfe \t\r\n", text[0]) >= 0 {
		text = text[1:]
	}
	return Beginning{text}
}

// IsXML reports whether it begins like XML.
func (b Beginning) IsXML() bool { return strings.HasPrefix(b.text, "<") }

// Has reports whether one of the texts is there.
func (b Beginning) Has(texts ...string) bool {
	for _, t := range texts {
		if strings.Contains(b.text, t) {
			return true
		}
	}
	return false
}

// Hides reports whether the root element may be one of which nothing is seen: behind a
// document type, or behind comments, instructions and spaces that fill the beginning.
func (b Beginning) Hides() bool {
	for rest := b.text; ; rest = strings.TrimLeft(rest, " \t\r\n") {
		end := ""
		switch {
		case rest == "", strings.HasPrefix(rest, "<!DOCTYPE"):
			return true
		case strings.HasPrefix(rest, "<?"):
			end = "?>"
		case strings.HasPrefix(rest, "<!--"):
			end = "-->"
		default:
			return false
		}
		_, after, closed := strings.Cut(rest[2:], end)
		if !closed {
			return true
		}
		rest = after
	}
}
