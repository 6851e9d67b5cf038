package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/merlon-security/merlon/report"
	"github.com/merlon-security/merlon/report/html"
	"github.com/merlon-security/merlon/report/jsonreport"
	"github.com/merlon-security/merlon/report/junit"
	"github.com/merlon-security/merlon/report/markdown"
	"github.com/merlon-security/merlon/report/sarif"
	"github.com/merlon-security/merlon/report/table"
	"github.com/merlon-security/merlon/safeio"
	"github.com/merlon-security/merlon/text/strictyaml"
)

// formats lists every report format. A new format is one line here.
func formats() []report.Format {
	return []report.Format{
		table.New(),
		jsonreport.New(),
		sarif.New(),
		html.New(),
		markdown.New(),
		junit.New(),
	}
}

func formatNames() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.Name())
	}
	return names
}

func findFormat(name string) (report.Format, error) {
	for _, f := range formats() {
		if f.Name() == name {
			return f, nil
		}
	}
	if near := strictyaml.Nearest(name, formatNames()); near != "" {
		return nil, usageErrorf("unknown format %q; did you mean %s? (one of %s)", name, near, strings.Join(formatNames(), ", "))
	}
	return nil, usageErrorf("unknown format %q (one of %s)", name, strings.Join(formatNames(), ", "))
}

// output is one place to write the report to.
type output struct {
	format report.Format
	file   string    // empty: w
	w      io.Writer // stdout
}

// outputs reads --format and --output. Its errors come before the scan.
func (f scanFlags) outputs(s streams) ([]output, error) {
	def, err := findFormat(f.format)
	if err != nil {
		return nil, err
	}
	var outs []output
	stdout := true
	for _, o := range f.output {
		format, file := def, o
		name, rest, found := strings.Cut(o, "=")
		switch {
		case !found || strings.ContainsAny(name, "/\\."):
			stdout = false
		default:
			if format, err = findFormat(name); err != nil {
				return nil, fmt.Errorf("--output %s: %w (a file of that name is written ./%s)", o, err, o)
			}
			file = rest
		}
		if file == "" {
			return nil, usageErrorf("--output %q names no file", o)
		}
		if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
			return nil, usageErrorf("--output %s: folder %s does not exist", o, filepath.Dir(file))
		}
		if info, err := os.Stat(file); err == nil && info.IsDir() {
			return nil, usageErrorf("--output %s: is a folder", o)
		}
		outs = append(outs, output{format: format, file: file})
	}
	if stdout {
		outs = append(outs, output{format: def, w: s.out})
	}
	return outs, nil
}

// writeAll writes the files first: what is on the screen last is what people read.
func writeAll(outs []output, doc *report.Document) error {
	for _, o := range outs {
		if o.file != "" {
			err := safeio.WriteFile(o.file, 0o644, func(w io.Writer) error {
				b := bufio.NewWriterSize(w, 1<<16)
				if err := o.format.Write(b, doc, report.Options{}); err != nil {
					return err
				}
				return b.Flush()
			})
			if err != nil {
				return err
			}
			continue
		}
		opts := report.Options{Color: useColor(o.w), Width: terminalWidth(o.w)}
		b := bufio.NewWriterSize(o.w, 1<<16)
		if err := o.format.Write(b, doc, opts); err != nil {
			return err
		}
		if err := b.Flush(); err != nil {
			return err
		}
	}
	return nil
}
