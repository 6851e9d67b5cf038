package cel

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is a mistake in an expression, or the reason why it has no value. Line and
// column count from 1, the column in characters.
type Error struct {
	Line, Col int
	Msg       string
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Msg) }

// errCost ends an evaluation; no operator absorbs it.
var errCost = errors.New("cost limit: it takes too many steps; look at fewer elements, or nest fewer macros")

// failure is an error at an offset of the text.
type failure struct {
	pos int
	msg string
}

func (e *failure) Error() string { return e.msg }

func failf(pos int, format string, args ...any) error {
	return &failure{pos, fmt.Sprintf(format, args...)}
}

// placed says where in the text an error is.
func placed(text string, err error) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	before := text[:min(f.pos, len(text))]
	line := 1 + strings.Count(before, "\n")
	return &Error{Line: line, Col: 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]), Msg: f.msg}
}
