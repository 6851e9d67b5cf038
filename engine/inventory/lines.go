package inventory

import "strings"

// lineFinder gives the lines of texts that are looked for in the order in which they
// stand in a file; one that does not follow is looked for from the start.
type lineFinder struct {
	text string
	at   int // offset
	line int // number of the line at that offset, from 1
}

func newLineFinder(content []byte) *lineFinder { return &lineFinder{text: string(content), line: 1} }

// find gives the line of the next text, 0 where there is none.
func (l *lineFinder) find(text string) int {
	if text == "" {
		return 0
	}
	if i := strings.Index(l.text[l.at:], text); i >= 0 {
		l.line += strings.Count(l.text[l.at:l.at+i], "\n")
		l.at += i
		return l.line
	}
	i := strings.Index(l.text[:l.at], text)
	if i < 0 {
		return 0
	}
	return 1 + strings.Count(l.text[:i], "\n")
}

// headers gives the lines that are exactly header, as "[[package]]" of TOML.
func headers(content []byte, header string) []int {
	var lines []int
	n := 0
	for line := range strings.Lines(string(content)) {
		n++
		if strings.TrimSpace(line) == header {
			lines = append(lines, n)
		}
	}
	return lines
}

func nth(lines []int, i int) int {
	if i < len(lines) {
		return lines[i]
	}
	return 0
}
