package notebook

import (
	"errors"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/python"
	"github.com/merlon-security/merlon/scan"
)

// virtual is a file that is put together from parts of a notebook, which remembers
// where each line comes from.
type virtual struct {
	text  strings.Builder
	line  int // of the next part, from 1
	lines scan.LineMap
}

// add appends a part whose first line is line 1 of ref.
func (v *virtual) add(ref asset.Ref, text string) {
	if text == "" {
		return
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if v.line == 0 {
		v.line = 1
	}
	v.lines = append(v.lines, scan.LineSpan{From: v.line, Ref: ref, Line: 1})
	v.text.WriteString(text)
	v.line += strings.Count(text, "\n")
}

func (v *virtual) derive(s *scan.Sink, ref asset.Ref, hint string) error {
	if v.text.Len() == 0 {
		return nil
	}
	return s.Derive(scan.Derived{Ref: ref, Hint: hint, Body: strings.NewReader(v.text.String()), Lines: v.lines})
}

// derive hands the code on as one Python file and everything else as text.
//
// A cell that is no valid Python would take the cells after it along (a string that
// does not end), so it is handed on alone.
func (r *report) derive(nb *Notebook) error {
	var code, rest virtual
	var errs []error
	databricks, isPython := nb.databricks(), nb.python()
	for i := range nb.Cells {
		c, ref := &nb.Cells[i], r.cell(i)
		if c.Kind != "code" || !isPython {
			rest.add(ref, c.Source)
		} else {
			src, commands := toPython(c.Source, databricks)
			switch tree := python.Parse([]byte(src)); {
			case tree.ErrorCount() == 0:
				code.add(ref, src)
			case len(tree.Body()) > 0:
				var alone virtual
				alone.add(ref, src)
				errs = append(errs, alone.derive(r.sink, ref, "python"))
			default:
				rest.add(ref, c.Source)
				commands = nil
			}
			rest.escapes(ref, c.Source, commands)
		}
		for j, o := range c.Outputs {
			for _, p := range o.Parts {
				rest.add(r.output(i, j), p.Text)
			}
			rest.add(r.output(i, j), o.Meta.Text)
		}
		rest.add(ref, c.Meta.Text)
	}
	rest.add(r.ref, nb.Meta.Text)
	return errors.Join(append(errs, code.derive(r.sink, r.ref, "python"), rest.derive(r.sink, r.ref, "text"))...)
}

// escapes adds the lines of a cell that are not in its Python, each where it stands.
func (v *virtual) escapes(ref asset.Ref, source string, commands []command) {
	lines := strings.Split(source, "\n")
	for _, c := range commands {
		n := 1 + strings.Count(c.text, "\n")
		if c.cell && strings.HasPrefix(strings.TrimSpace(lines[c.line-1]), "%") && !isPythonMagic(c.magic) {
			n = len(lines) - c.line + 1
		} else if c.cell {
			n = 1
		}
		end := min(c.line-1+n, len(lines))
		before := len(v.lines)
		v.add(ref, strings.Join(lines[c.line-1:end], "\n"))
		if len(v.lines) > before {
			v.lines[before].Line = c.line
		}
	}
}
