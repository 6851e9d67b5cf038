package jinja

import "fmt"

// tokenKind classifies a token inside of a tag.
type tokenKind uint8

const (
	tEOF      tokenKind = iota
	tText               // what lies outside of tags
	tVarBegin           // {{
	tVarEnd             // }}
	tTagBegin           // {%
	tTagEnd             // %}
	tName
	tString // decoded
	tInt
	tFloat
	tOp
)

// token is one lexical unit. s holds the text, decoded for strings.
type token struct {
	kind tokenKind
	s    string
	pos  int // bytes from the start of the template
}

func (t token) String() string {
	switch t.kind {
	case tEOF:
		return "the end of the template"
	case tVarEnd:
		return `"}}"`
	case tTagEnd:
		return `"%}"`
	case tText:
		return "text"
	case tString:
		return "a string"
	}
	return fmt.Sprintf("%.40q", t.s)
}

// Error is a mistake in a template.
type Error struct {
	Pos  int // bytes from the start
	Line int // from 1
	Msg  string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Msg) }
