package notebook

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/text"
)

// MaxClean is the longest notebook that [Clean] takes, in bytes.
const MaxClean = 512 << 20

// volatile are keys of metadata that running or viewing a notebook writes: state of
// widgets, times, who ran it, what was folded.
var volatile = []string{"widgets", "signature", "trusted", "execution", "ExecuteTime", "executionInfo", "outputId", "colab_output", "collapsed", "scrolled", "outputExpanded", "ipub_cache"}

// Edit replaces the bytes [Start, End) of a document.
type Edit struct {
	Start, End int
	New        string
}

// Clean removes outputs, execution counts and the state of widgets from a notebook
// and leaves every other byte as it is. It returns the new document and what it
// changed, in order; none: the notebook is clean.
func Clean(doc []byte) ([]byte, []Edit, error) {
	c := &cleaner{p: strictjson.New(doc, strictjson.Options{Python: true, Depth: 128}), doc: doc}
	cells := false
	err := c.p.Object(func(key []byte, _ int) error {
		switch string(key) {
		case "cells":
			cells = true
			return c.cells()
		case "worksheets":
			cells = true
			return c.array(func() error {
				return c.object(func(key string) error {
					if key == "cells" {
						return c.cells()
					}
					return nil
				})
			})
		case "metadata":
			return c.metadata()
		}
		return nil
	})
	if err == nil {
		err = c.p.End()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errNot, err)
	}
	if !cells {
		return nil, nil, fmt.Errorf("%w: it has no list \"cells\"", errNot)
	}
	slices.SortFunc(c.edits, func(a, b Edit) int { return a.Start - b.Start })
	var out bytes.Buffer
	at := 0
	for _, e := range c.edits {
		out.Write(doc[at:e.Start])
		out.WriteString(e.New)
		at = e.End
	}
	out.Write(doc[at:])
	return out.Bytes(), c.edits, nil
}

// cleaner walks a notebook and notes what goes.
type cleaner struct {
	p     *strictjson.Parser
	doc   []byte
	edits []Edit
}

func (c *cleaner) cells() error {
	return c.array(func() error {
		return c.object(func(key string) error {
			switch key {
			case "outputs":
				return c.replace("[]")
			case "execution_count", "prompt_number":
				return c.replace("null")
			case "metadata":
				return c.metadata()
			}
			return nil
		})
	})
}

// metadata removes members that running a notebook writes.
func (c *cleaner) metadata() error {
	if c.p.Kind() != strictjson.Object {
		return nil
	}
	type member struct {
		from, to int // from the key to the end of the value
		goes     bool
	}
	open := c.p.Offset()
	var all []member
	err := c.p.Object(func(key []byte, at int) error {
		goes := slices.Contains(volatile, string(key))
		if err := c.p.Skip(); err != nil {
			return err
		}
		all = append(all, member{at, c.end(), goes})
		return nil
	})
	if err != nil {
		return err
	}
	kept := slices.IndexFunc(all, func(m member) bool { return !m.goes })
	if kept < 0 {
		if len(all) > 0 {
			c.edits = append(c.edits, Edit{open + 1, bytes.IndexByte(c.doc[all[len(all)-1].to:], '}') + all[len(all)-1].to, ""})
		}
		return nil
	}
	for i, m := range all {
		if !m.goes {
			continue
		}
		if i < kept { // up to the next member
			c.edits = append(c.edits, Edit{m.from, all[i+1].from, ""})
		} else { // from the comma before
			c.edits = append(c.edits, Edit{all[i-1].to, m.to, ""})
		}
	}
	return nil
}

// replace puts something else in the place of the next value.
func (c *cleaner) replace(with string) error {
	start := c.p.Offset()
	if err := c.p.Skip(); err != nil {
		return err
	}
	end := c.end()
	if strings.Join(strings.Fields(string(c.doc[start:min(end, start+64)])), "") != with {
		c.edits = append(c.edits, Edit{start, end, with})
	}
	return nil
}

// end is where the value that was just read ends.
func (c *cleaner) end() int {
	end := c.p.Offset()
	for end > 0 && strings.IndexByte(" \t\r\n", c.doc[end-1]) >= 0 {
		end--
	}
	return end
}

func (c *cleaner) object(each func(key string) error) error {
	if c.p.Kind() != strictjson.Object {
		return c.p.Skip()
	}
	return c.p.Object(func(key []byte, _ int) error { return each(string(key)) })
}

func (c *cleaner) array(each func() error) error {
	if c.p.Kind() != strictjson.Array {
		return c.p.Skip()
	}
	return c.p.Array(func(int) error { return each() })
}

// Diff shows what edits change, line by line, in the format of diff -u without
// context. Of removed outputs only the first and the last line are shown: what is in
// them is nobody's business on a terminal or in a log.
func Diff(name string, doc []byte, edits []Edit) string {
	if len(edits) == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- a/%s\n+++ b/%s\n", name, name)
	shift := 0
	for i := 0; i < len(edits); {
		// Edits that share a line are one hunk.
		from := bytes.LastIndexByte(doc[:edits[i].Start], '\n') + 1
		to := lineEnd(doc, edits[i].End)
		j := i + 1
		for ; j < len(edits) && edits[j].Start < to; j++ {
			to = max(to, lineEnd(doc, edits[j].End))
		}
		var now strings.Builder
		at := from
		for _, e := range edits[i:j] {
			now.Write(doc[at:e.Start])
			now.WriteString(e.New)
			at = e.End
		}
		now.Write(doc[at:to])
		line := 1 + bytes.Count(doc[:from], []byte("\n"))
		old, fresh := linesOf(string(doc[from:to])), linesOf(now.String())
		fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@\n", line, len(old), line+shift, len(fresh))
		for n, l := range old {
			switch {
			case len(old) <= 2 || n == 0 || n == len(old)-1:
				out.WriteString("-" + shown(l) + "\n")
			case n == 1:
				fmt.Fprintf(&out, "-  ... (%d lines)\n", len(old)-2)
			}
		}
		for _, l := range fresh {
			out.WriteString("+" + shown(l) + "\n")
		}
		shift += len(fresh) - len(old)
		i = j
	}
	return out.String()
}

// shown is a line of a hostile file for a terminal.
func shown(l string) string { return text.Visible(text.Cut(l, 100)) }

func lineEnd(doc []byte, at int) int {
	if i := bytes.IndexByte(doc[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(doc)
}

func linesOf(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}
