package inventory

import (
	"bytes"
	"fmt"

	"github.com/BurntSushi/toml"
)

// Bounds of what is given to the library that reads TOML: it recurses and makes a map
// for each part of a key, whatever the file asks for.
const (
	maxTOML      = 64 << 20 // bytes
	maxTOMLDepth = 64       // brackets within brackets, parts of a key
)

// decodeTOML reads a document into v, after it was found to be no more deeply nested
// than any that a tool writes.
func decodeTOML(content []byte, v any) error {
	if len(content) > maxTOML {
		return fmt.Errorf("%d bytes, more than %d", len(content), maxTOML)
	}
	if line := tooDeep(content); line > 0 {
		return fmt.Errorf("line %d: nested deeper than %d", line, maxTOMLDepth)
	}
	return toml.Unmarshal(content, v)
}

// tooDeep gives the line on which brackets or the parts of a key pass the bound, 0 where
// none does. Strings and comments are passed over; where it misreads them it counts too
// much rather than too little.
func tooDeep(b []byte) (line int) {
	depth, dots := 0, 0
	line = 1
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case '\n':
			line++
			dots = 0
		case '#':
			end := bytes.IndexByte(b[i:], '\n')
			if end < 0 {
				return 0
			}
			i += end - 1
		case '[', '{':
			if depth++; depth > maxTOMLDepth {
				return line
			}
			dots = 0
		case ']', '}':
			depth = max(depth-1, 0)
			dots = 0
		case '.':
			if dots++; dots > maxTOMLDepth {
				return line
			}
		case '=', ',':
			dots = 0
		case '"', '\'':
			n, lines := stringTOML(b[i:], c)
			i += n - 1
			line += lines
		}
	}
	return 0
}

// stringTOML gives the length of the string that b begins with, and how many lines end
// in it.
func stringTOML(b []byte, quote byte) (n, lines int) {
	three := bytes.Repeat([]byte{quote}, 3)
	if bytes.HasPrefix(b, three) {
		for i := 3; i < len(b); i++ {
			switch {
			case b[i] == '\n':
				lines++
			case b[i] == '\\' && quote == '"':
				i++
				if i < len(b) && b[i] == '\n' {
					lines++
				}
			case bytes.HasPrefix(b[i:], three):
				return i + 3, lines
			}
		}
		return len(b), lines
	}
	for i := 1; i < len(b); i++ {
		switch {
		case b[i] == '\\' && quote == '"':
			i++
		case b[i] == quote:
			return i + 1, 0
		case b[i] == '\n':
			return i, 0 // not closed: the reader will say so
		}
	}
	return len(b), 0
}
