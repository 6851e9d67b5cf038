package sast

import (
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/python"
)

// arguments of a call in the order of the text, each with the parentheses around it.
func (c *changer) arguments() []python.Node {
	all := slices.Concat(c.call.Args, c.call.Keywords)
	slices.SortFunc(all, func(a, b python.Node) int { return c.t.Start(a) - c.t.Start(b) })
	return all
}

// gap is what stands between two arguments, or between the last one and the end.
type gap struct {
	end     int  // where the argument before ends, with its parentheses
	comma   int  // -1: there is none
	comment bool // a comment stands after end
	lines   bool // so does the end of a line
	rest    int  // the first byte that is no space, comment or comma: an argument or the end
}

// gapAfter reads on from the end of an argument; close is where the call's last
// parenthesis stands.
func (c *changer) gapAfter(end, close int) gap {
	src := c.t.Source()
	g := gap{end: end, comma: -1, rest: close}
	for i := end; i < close; i++ {
		switch src[i] {
		case ')':
			g = gap{end: i + 1, comma: -1, rest: close}
		case ',':
			g.comma = i
		case '#':
			g.comment = true
			for i+1 < close && src[i+1] != '\n' && src[i+1] != '\r' {
				i++
			}
		case '\n', '\r':
			g.lines = true
		case ' ', '\t', '\f', '\\':
		default:
			g.rest = i
			return g
		}
	}
	return g
}

// add writes a keyword behind the last argument, in the layout that is there.
func (c *changer) add(text string) bool {
	t, src := c.t, c.t.Source()
	open, close := t.End(c.call.Func), t.End(c.node)-1
	for open < close && src[open] != '(' {
		if src[open] == '#' {
			return false
		}
		open++
	}
	if close >= len(src) || src[close] != ')' || open >= close {
		return false
	}
	all := c.arguments()
	if len(all) == 0 {
		c.replace(open+1, open+1, text)
		return true
	}
	last := all[len(all)-1]
	if t.Kind(last) == python.KindGeneratorExp && len(all) == 1 && t.Start(last) == open {
		return false // the parentheses are those of the generator
	}
	g := c.gapAfter(t.End(last), close)
	indent, own := c.ownLine(last, open)
	switch {
	case g.comma < 0 && !own:
		c.replace(g.end, g.end, ", "+text)
	case g.comma < 0:
		at := g.end
		if line := src[at : at+strings.IndexAny(src[at:]+"\n", "\r\n")]; strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") {
			c.replace(at, at, ",")
			at += len(line)
			c.replace(at, at, newline(src)+indent+text)
		} else {
			c.replace(at, at, ","+newline(src)+indent+text)
		}
	case !own:
		c.replace(g.comma+1, g.comma+1, " "+text+",")
	default:
		at := g.comma + 1
		for at < close && src[at] != '\n' && src[at] != '\r' {
			at++ // behind a comment about the last argument
		}
		if at == close {
			at = g.comma + 1
		}
		c.replace(at, at, newline(src)+indent+text+",")
	}
	return true
}

// ownLine reports whether the last argument begins a line, and with what indentation. open
// is where the call's first parenthesis stands.
func (c *changer) ownLine(last python.Node, open int) (indent string, own bool) {
	src, at := c.t.Source(), c.t.Start(last)
	for {
		before := strings.TrimRight(src[open+1:at], " \t\f\r\n")
		if !strings.HasSuffix(before, "(") {
			break
		}
		at = open + len(before) // a parenthesis around the argument
	}
	from := strings.LastIndexAny(src[:at], "\r\n") + 1
	indent = src[from:at]
	return indent, strings.Trim(indent, " \t") == "" && from > open
}

// drop leaves a keyword out that has a constant value.
func (c *changer) drop(name string) bool {
	t := c.t
	all := c.arguments()
	close := t.End(c.node) - 1
	for i, n := range all {
		if t.Kind(n) != python.KindKeyword || t.Keyword(n).Name != name {
			continue
		}
		if t.Kind(t.Keyword(n).Value) != python.KindConstant {
			return false
		}
		c.did = append(c.did, "remove "+strings.Join(strings.Fields(t.Text(n)), " "))
		from := t.Start(n)
		g := c.gapAfter(t.End(n), close)
		before := gap{comma: -1}
		if i > 0 {
			before = c.gapAfter(t.End(all[i-1]), from)
		}
		switch {
		case g.comma >= 0 && g.rest == close && before.comma >= 0 && !g.lines && !before.lines:
			c.replace(before.comma, g.comma, "")
		case g.comma >= 0:
			from, to := c.withLine(from, g.comma+1)
			c.replace(from, to, "")
		case i == 0:
			c.replace(from, g.end, "")
		default:
			// The last one without a comma behind it takes the comma before.
			if before.comma < 0 {
				return false
			}
			if before.comment {
				c.replace(before.comma, before.comma+1, "")
				from, to := c.withLine(from, g.end)
				c.replace(from, to, "")
			} else {
				c.replace(before.comma, g.end, "")
			}
		}
		return true
	}
	return false
}

// withLine widens a piece to its whole line if nothing else stands there, or else to the
// spaces behind it.
func (c *changer) withLine(from, to int) (int, int) {
	src := c.t.Source()
	end := to
	for end < len(src) && (src[end] == ' ' || src[end] == '\t') {
		end++
	}
	switch {
	case end < len(src) && src[end] == '#':
		if line := src[:from]; strings.TrimSpace(line[strings.LastIndexAny(line, "\r\n")+1:]) != "" {
			return from, to
		}
		return from, end // the comment takes its place
	case end == len(src) || src[end] != '\n' && src[end] != '\r':
		return from, end
	}
	start := from
	for start > 0 && (src[start-1] == ' ' || src[start-1] == '\t') {
		start--
	}
	if start > 0 && src[start-1] != '\n' && src[start-1] != '\r' {
		return from, to
	}
	if strings.HasPrefix(src[end:], "\r\n") {
		end++
	}
	return start, end + 1
}
