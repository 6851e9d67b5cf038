package inventory

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml"
)

// Bounds of what is given to the library that reads YAML: its memory grows with the
// square of the depth, and with every alias.
const (
	maxYAML        = 16 << 20 // bytes
	maxYAMLDepth   = 64       // brackets within brackets, indentations within indentations
	maxYAMLAliases = 20       // each may double what it stands for
)

// decodeYAML reads a document into v, after it was found to be no more deeply nested
// than any that a tool writes.
func decodeYAML(content []byte, v any) error {
	if len(content) > maxYAML {
		return fmt.Errorf("%d bytes, more than %d", len(content), maxYAML)
	}
	if err := plainYAML(content); err != nil {
		return err
	}
	return yaml.Unmarshal(content, v)
}

// plainYAML counts brackets, indentations and aliases, also those in strings: it refuses
// too much rather than too little.
func plainYAML(content []byte) error {
	depth, aliases, n := 0, 0, 0
	var indents []int
	for line := range bytes.Lines(content) {
		n++
		text := bytes.TrimLeft(line, " ")
		if len(bytes.TrimSpace(text)) == 0 || text[0] == '#' {
			continue
		}
		indent := len(line) - len(text)
		for len(indents) > 0 && indents[len(indents)-1] >= indent {
			indents = indents[:len(indents)-1]
		}
		indents = append(indents, indent)
		nested := len(indents)
		// "- - - x" and "? ? ? x" nest within one line.
		for rest := text; len(rest) > 1 && (rest[0] == '-' || rest[0] == '?' || rest[0] == ':') && (rest[1] == ' ' || rest[1] == '\t'); {
			nested++
			rest = bytes.TrimLeft(rest[1:], " \t")
		}
		for i, c := range text {
			switch c {
			case 0:
				return fmt.Errorf("line %d: a NUL byte: not a text file", n)
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(depth-1, 0)
			case '*':
				if i == 0 || text[i-1] == ' ' || text[i-1] == ',' || text[i-1] == '[' {
					aliases++
				}
			}
			if depth > maxYAMLDepth {
				nested = depth
				break
			}
		}
		if nested > maxYAMLDepth {
			return fmt.Errorf("line %d: nested deeper than %d", n, maxYAMLDepth)
		}
	}
	if aliases > maxYAMLAliases && bytes.Contains(content, []byte("&")) {
		return fmt.Errorf("%d aliases, more than %d: write the values out", aliases, maxYAMLAliases)
	}
	return nil
}
