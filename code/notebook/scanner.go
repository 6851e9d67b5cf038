package notebook

import (
	"bytes"
	"context"
	"io"
	"path"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/finding"
	"github.com/merlon-security/merlon/scan"
	"github.com/merlon-security/merlon/text/pii"
)

// New returns the scanner of notebooks.
func New() scan.Scanner { return scanner{} }

type scanner struct{}

// databricksHead begins a notebook that Databricks exported as source.
const databricksHead = "# Databricks notebook source"

// Info implements [scan.Scanner].
func (scanner) Info() scan.Info {
	return scan.Info{ID: "notebook", Version: "2", Rules: rules(), Interest: &scan.Interest{
		Suffixes: []string{".ipynb"}, Magics: scan.At(0, databricksHead),
	}}
}

// Wants takes notebooks by their name, as Jupyter does, and Databricks' by their first
// line. A notebook that was handed on as text is not looked at twice.
func (scanner) Wants(fi scan.FileInfo) scan.Need {
	switch {
	case fi.Hint != "":
		return scan.No
	case strings.EqualFold(path.Ext(fi.Ref.Name()), ".ipynb"):
		return scan.Yes
	case fi.Head == nil:
		return scan.Head
	}
	return scan.YesIf(bytes.HasPrefix(fi.Head, []byte(databricksHead)))
}

// Scan implements [scan.Scanner].
func (scanner) Scan(_ context.Context, f scan.File, s *scan.Sink) error {
	if bytes.HasPrefix(f.Head(), []byte(databricksHead)) {
		return exported(f, s)
	}
	r := &report{ref: f.Ref(), sink: s}
	var body io.Reader = io.NewSectionReader(f, 0, f.Size())
	if bom := "\xef\xbb\xbf"; bytes.HasPrefix(f.Head(), []byte(bom)) {
		body = io.NewSectionReader(f, int64(len(bom)), f.Size()-int64(len(bom)))
	}
	nb, err := Read(body)
	if err != nil {
		// What is no notebook is still text; nothing in it is lost.
		return joined(err, s.Derive(scan.Derived{Ref: f.Ref(), Hint: "text", Body: io.NewSectionReader(f, 0, f.Size())}))
	}
	r.notebook(nb)
	return r.derive(nb)
}

func joined(err, more error) error {
	if more != nil {
		return more
	}
	return err
}

// report collects what is found in one notebook.
type report struct {
	ref    asset.Ref
	sink   *scan.Sink
	home   []finding.Location
	user   string
	acts   []finding.Location
	people map[pii.Class]*personal
}

// cell is the reference to a cell.
func (r *report) cell(i int) asset.Ref { return r.ref.Join(asset.Step{Kind: asset.Cell, N: i}) }

// output is the reference to an output of a cell.
func (r *report) output(i, j int) asset.Ref {
	return r.cell(i).Join(asset.Step{Kind: asset.Output, N: j})
}

// notebook judges cells, outputs and flags.
func (r *report) notebook(nb *Notebook) {
	databricks := nb.databricks()
	trusted := []finding.Location{}
	if nb.Meta.Values["metadata.trusted"] == "true" {
		trusted = append(trusted, finding.At(r.ref))
	}
	r.widgets(nb)
	for i := range nb.Cells {
		c := &nb.Cells[i]
		if c.Meta.Values["metadata.trusted"] == "true" {
			trusted = append(trusted, finding.At(r.cell(i)))
		}
		if c.Kind == "code" {
			_, commands := toPython(c.Source, databricks)
			for _, cmd := range commands {
				r.command(r.cell(i), cmd)
			}
		} else {
			r.active(r.cell(i), "text/markdown", c.Source)
		}
		r.homes(r.cell(i), c.Source)
		for j, o := range c.Outputs {
			for _, p := range o.Parts {
				r.active(r.output(i, j), p.Type, p.Text)
				r.homes(r.output(i, j), p.Text)
				r.persons(r.output(i, j), p.Type, p.Text)
			}
		}
	}
	r.flush(trusted)
}

func (nb *Notebook) databricks() bool {
	for path := range nb.Meta.Values {
		if strings.Contains(path, "application/vnd.databricks.v1+notebook") {
			return true
		}
	}
	return false
}

// Python reports whether the cells are Python, as far as the notebook says. Without
// a word they are: that is what Jupyter starts.
func (nb *Notebook) python() bool {
	switch l := nb.Language; {
	case l == "", strings.HasPrefix(l, "python"), l == "ipython", l == "sage", l == "pyspark":
		return true
	}
	return false
}

var _ scan.Scanner = scanner{}
