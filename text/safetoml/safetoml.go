// Package safetoml reads TOML that somebody else wrote. The library behind it recurses
// and makes a map for each part of a key, whatever the document asks for: here its size
// and its depth are looked at first.
package safetoml

import (
	"bytes"
	"fmt"

	"github.com/BurntSushi/toml"
)

// Bounds of a document.
const (
	MaxSize  = 64 << 20 // bytes
	MaxDepth = 100      // brackets and parts of keys, one within another
)

// Unmarshal decodes a document into v. One that is larger or more deeply nested than any
// that people and tools write is an error.
func Unmarshal(doc []byte, v any) error {
	if len(doc) > MaxSize {
		return fmt.Errorf("%d bytes, more than %d", len(doc), MaxSize)
	}
	if line := tooDeep(doc); line > 0 {
		return fmt.Errorf("line %d: nested deeper than %d", line, MaxDepth)
	}
	return toml.Unmarshal(doc, v)
}

// tooDeep gives the line on which brackets and the parts of the keys around them pass
// the bound, 0 where they do not. Strings and comments are passed over; where it
// misreads them it counts too much rather than too little.
func tooDeep(b []byte) (line int) {
	var open []int // what each open bracket adds: itself, and the parts of the key before it
	depth, parts := 0, 0
	line = 1
	for i := 0; i < len(b); i++ {
		switch c := b[i]; c {
		case '\n':
			line++
			if len(open) == 0 {
				parts = 0
			}
		case '#':
			end := bytes.IndexByte(b[i:], '\n')
			if end < 0 {
				return 0
			}
			i += end - 1
		case '[', '{':
			open = append(open, 1+parts)
			depth += 1 + parts
			parts = 0
		case ']', '}':
			if n := len(open); n > 0 {
				depth -= open[n-1]
				open = open[:n-1]
			}
			parts = 0
		case '.':
			parts++
		case ',':
			parts = 0
		case '"', '\'':
			n, lines := stringLength(b[i:], c)
			i += n - 1
			line += lines
		}
		if depth+parts > MaxDepth {
			return line
		}
	}
	return 0
}

// stringLength gives the length of the string that b begins with, and how many lines
// end in it.
func stringLength(b []byte, quote byte) (n, lines int) {
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
