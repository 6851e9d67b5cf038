package table

import (
	"bufio"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/text"
)

// page is where the lines go. The errors of its writes come out at the end, when
// the writer is flushed.
type page struct {
	w     *bufio.Writer
	color bool
	width int // 0: lines are not wrapped
}

// style holds the parameters of an SGR sequence (ECMA-48, 8.3.117). Only the eight
// colours that every terminal's theme adapts to its background are used.
type style string

const (
	plain    style = ""
	bold     style = "1"
	dim      style = "2"
	red      style = "31"
	green    style = "32"
	yellow   style = "33"
	cyan     style = "36"
	boldRed  style = "1;31"
	critical style = "1;7;31"
)

func severityStyle(s finding.Severity) style {
	switch s {
	case finding.Critical:
		return critical
	case finding.High:
		return boldRed
	case finding.Medium:
		return yellow
	case finding.Low:
		return cyan
	}
	return dim
}

func verdictStyle(v asset.Verdict) style {
	switch v {
	case asset.Malicious:
		return critical
	case asset.Failed, asset.Unverified:
		return yellow
	case asset.OK:
		return green
	}
	return plain
}

// paint colours s, which must be visible text already.
func (p *page) paint(st style, s string) string {
	if !p.color || st == plain || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}

func (p *page) line(s string) {
	_, _ = p.w.WriteString(s)
	_ = p.w.WriteByte('\n')
}

// wrap prints s behind indent, and its further lines below its first.
func (p *page) wrap(indent, s string) { p.wrapPainted(indent, indent, s) }

// wrapPainted is wrap with an indent that has colours in it, and its plain form.
func (p *page) wrapPainted(indent, painted, s string) {
	cols := 0
	if p.width > 0 {
		cols = max(20, p.width-text.Width(indent))
	}
	for i, l := range text.Wrap(s, cols) {
		if i == 1 {
			painted = strings.Repeat(" ", text.Width(indent))
		}
		p.line(strings.TrimRight(painted+l, " "))
	}
}

// pad fills s with spaces up to cols columns.
func pad(s string, cols int) string {
	return s + strings.Repeat(" ", max(0, cols-text.Width(s)))
}
