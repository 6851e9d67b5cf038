package notebook

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/engine/strictjson"
)

// Notebook is what a file holds.
type Notebook struct {
	Format   int    // nbformat
	Language string // of the kernel, lower case; empty when it does not say
	Cells    []Cell
	Meta     Block // everything outside the cells
}

// Cell is one cell.
type Cell struct {
	Kind    string // "code", "markdown", "raw", "heading"
	Source  string // lines end with \n
	Outputs []Output
	Meta    Block
}

// Output is one output of a cell, or one attachment.
type Output struct {
	Kind  string // "stream", "display_data", "execute_result", "error", "pyout", "pyerr", "attachment"
	Parts []Part
	Meta  Block
}

// Part is one form of an output. Images and other binary content are left out.
type Part struct {
	Type string // media type, "text/html"
	Text string
}

// Block is free JSON as lines of text, with its scalars by their dotted paths.
type Block struct {
	Text   string
	Values map[string]string // at most maxValues
}

const (
	maxText   = 64 << 20 // bytes of text of one notebook
	maxCells  = 200_000
	maxValues = 2000
)

// errNot is wrapped by the error of a file that is no notebook.
var errNot = errors.New("not a notebook")

// reader reads one notebook.
type reader struct {
	*strictjson.Stream
	left int // bytes of text still allowed
}

// Read reads a notebook from the start to the end. The error of what is no JSON says
// where, in bytes.
func Read(r io.Reader) (*Notebook, error) {
	rd := &reader{Stream: strictjson.NewStream(r, strictjson.Options{Python: true}), left: maxText}
	nb := &Notebook{}
	cells := false
	if k := rd.Kind(); k != strictjson.Object {
		return nil, fmt.Errorf("%w: it begins with %s, not with {", errNot, k)
	}
	err := rd.Object(func(key []byte, _ int) error {
		switch string(key) {
		case "cells":
			cells = true
			return rd.cells(nb)
		case "worksheets": // nbformat 3
			cells = true
			return rd.array(func() error {
				return rd.object(func(key string) error {
					if key == "cells" {
						return rd.cells(nb)
					}
					return rd.block(&nb.Meta, "worksheet."+key)
				})
			})
		}
		return rd.block(&nb.Meta, string(key))
	})
	if err == nil {
		err = rd.End()
	}
	if err != nil {
		return nb, fmt.Errorf("%w: %w", errNot, err)
	}
	if !cells {
		return nb, fmt.Errorf("%w: it has no list \"cells\"", errNot)
	}
	for _, c := range nb.Meta.Values["nbformat"] {
		nb.Format = int(c - '0')
	}
	for _, path := range []string{"metadata.kernelspec.language", "metadata.language_info.name", "metadata.application/vnd.databricks.v1+notebook.language"} {
		if l := nb.Meta.Values[path]; l != "" {
			nb.Language = strings.ToLower(l)
		}
	}
	return nb, nil
}

func (r *reader) cells(nb *Notebook) error {
	return r.array(func() error {
		if len(nb.Cells) == maxCells {
			return fmt.Errorf("more than %d cells", maxCells)
		}
		var c Cell
		err := r.object(func(key string) (err error) {
			switch key {
			case "cell_type":
				c.Kind, err = r.text()
			case "source", "input":
				c.Source, err = r.text()
			case "language": // nbformat 3
				var l string
				if l, err = r.text(); nb.Language == "" {
					nb.Language = strings.ToLower(l)
				}
			case "outputs":
				err = r.array(func() error { return r.output(&c) })
			case "attachments":
				err = r.object(func(name string) error {
					o := Output{Kind: "attachment"}
					err := r.object(func(mime string) error { return r.part(&o, mime) })
					c.Outputs = append(c.Outputs, o)
					return err
				})
			default:
				err = r.block(&c.Meta, key)
			}
			return err
		})
		c.Source = lineEnds.Replace(c.Source)
		nb.Cells = append(nb.Cells, c)
		return err
	})
}

// lineEnds makes one kind of them, so that everybody counts the same lines.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// output reads one output. In nbformat 3 its forms stand beside its other keys.
func (r *reader) output(c *Cell) error {
	var o Output
	err := r.object(func(key string) (err error) {
		switch key {
		case "output_type":
			o.Kind, err = r.text()
		case "data":
			err = r.object(func(mime string) error { return r.part(&o, mime) })
		case "text", "traceback", "evalue":
			err = r.part(&o, "text/plain")
		case "html", "svg", "javascript", "latex", "json", "png", "jpeg", "pdf":
			err = r.part(&o, short[key])
		default:
			err = r.block(&o.Meta, key)
		}
		return err
	})
	c.Outputs = append(c.Outputs, o)
	return err
}

// short are the names that nbformat 3 has for media types.
var short = map[string]string{"html": "text/html", "svg": "image/svg+xml", "javascript": "application/javascript", "latex": "text/latex",
	"json": "application/json", "png": "image/png", "jpeg": "image/jpeg", "pdf": "application/pdf"}

// part reads one form of an output and leaves out what no scanner of text can use.
func (r *reader) part(o *Output, mime string) error {
	mime = strings.ToLower(mime)
	top, _, _ := strings.Cut(mime, "/")
	if mime == "application/pdf" || mime != "image/svg+xml" && (top == "image" || top == "audio" || top == "video" || top == "font") {
		return r.Skip()
	}
	if r.Kind() == strictjson.Object {
		var b Block
		if err := r.block(&b, ""); err != nil {
			return err
		}
		o.Parts = append(o.Parts, Part{mime, b.Text})
		return nil
	}
	text, err := r.text()
	o.Parts = append(o.Parts, Part{mime, lineEnds.Replace(text)})
	return err
}

// text reads a string, or a list of strings that belong together. Anything else is
// passed over.
func (r *reader) text() (string, error) {
	switch r.Kind() {
	case strictjson.String:
		b, err := r.Bytes()
		if err != nil {
			return "", err
		}
		return string(b), r.take(len(b))
	case strictjson.Array:
		var all strings.Builder
		err := r.Array(func(int) error {
			if r.Kind() != strictjson.String {
				return r.Skip()
			}
			b, err := r.Bytes()
			if err != nil {
				return err
			}
			all.Write(b)
			return r.take(len(b))
		})
		return all.String(), err
	}
	return "", r.Skip()
}

func (r *reader) take(n int) error {
	if r.left -= n; r.left < 0 {
		return fmt.Errorf("more than %d MB of text; clear the outputs", maxText>>20)
	}
	return nil
}

// object reads an object; another kind of value is passed over.
func (r *reader) object(each func(key string) error) error {
	if r.Kind() != strictjson.Object {
		return r.Skip()
	}
	return r.Object(func(key []byte, _ int) error { return each(string(key)) })
}

// array reads an array; another kind of value is passed over.
func (r *reader) array(each func() error) error {
	if r.Kind() != strictjson.Array {
		return r.Skip()
	}
	return r.Array(func(int) error { return each() })
}

// block reads any value as text: one line for each scalar, `"key": "value"`.
func (r *reader) block(b *Block, path string) error {
	var out strings.Builder
	err := r.lines(b, &out, path, path[strings.LastIndexByte(path, '.')+1:])
	b.Text += out.String()
	return err
}

func (r *reader) lines(b *Block, out *strings.Builder, path, key string) error {
	var value string
	var err error
	switch r.Kind() {
	case strictjson.Object:
		return r.Object(func(k []byte, _ int) error {
			name := string(k)
			sub := name
			if path != "" {
				sub = path + "." + name
			}
			return r.lines(b, out, sub, name)
		})
	case strictjson.Array:
		return r.Array(func(int) error { return r.lines(b, out, path, key) })
	case strictjson.String:
		var raw []byte
		raw, err = r.Bytes()
		value = string(raw)
		fmt.Fprintf(out, "%q: \"%s\"\n", key, lineEnds.Replace(value))
	case strictjson.Number:
		value, err = r.Number()
		fmt.Fprintf(out, "%q: %s\n", key, value)
	case strictjson.Bool:
		var yes bool
		yes, err = r.Bool()
		value = strconv.FormatBool(yes)
		fmt.Fprintf(out, "%q: %s\n", key, value)
	default:
		return r.Skip()
	}
	if err != nil {
		return err
	}
	if b.Values == nil {
		b.Values = map[string]string{}
	}
	if len(b.Values) < maxValues && (len(value) < 4096 || strings.HasSuffix(path, ".state.value") && len(value) < 1<<20) {
		b.Values[path] = value
	}
	return r.take(len(value) + len(key) + 8)
}
