package inspection

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/text"
)

// table is a writer of aligned lines; its errors come out at the end.
type table struct {
	w     *bufio.Writer
	color bool
	width int
}

func (t table) style(code, s string) string {
	if !t.color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// row prints a label and a value; what is not proved says where it is from.
func (t table) row(label, v, from string) {
	v = text.Visible(v)
	if from != "" {
		from = "  (" + text.Visible(from) + ")"
	}
	if t.width > 0 {
		v = text.Cut(v, max(t.width-18-text.Width(from), 20))
	}
	fmt.Fprintf(t.w, "  %s%s%s\n", pad(label, 16), v, t.style("2", from))
}

func pad(s string, cols int) string {
	return s + strings.Repeat(" ", max(cols-text.Width(s), 1))
}

const maxListed = 12 // of a long list, without --tensors

func writeTable(w io.Writer, x *asset.Inspection, o Options) error {
	t := table{bufio.NewWriter(w), o.Color, o.Width}
	head := x.Format
	if head == "" {
		head = "no format that merlon knows"
	}
	if x.Kind == "folder" {
		head = fmt.Sprintf("%s, %d files", head, len(x.Files))
	} else if len(x.Files) == 1 && x.Files[0].Version != "" {
		head += " " + x.Files[0].Version
	}
	fmt.Fprintf(t.w, "%s  %s, %s\n", t.style("1", text.Visible(x.Name)), text.Visible(head), Size(total(x)))
	t.facts(x)
	if x.Kind == "folder" {
		t.files(x)
	} else if len(x.Files) == 1 && x.Files[0].Err != "" {
		fmt.Fprintf(t.w, "\n%s %s\n", t.style("33", "not readable to its end:"), text.Visible(x.Files[0].Err))
	}
	if x.Root != "" {
		fmt.Fprintf(t.w, "\ndigests\n")
		for _, f := range x.Files {
			fmt.Fprintf(t.w, "  sha256:%s  %s\n", f.SHA256, text.Visible(f.Path))
		}
		fmt.Fprintf(t.w, "  %s sha256:%s\n", t.style("1", "root"), x.Root)
	}
	if o.Tensors {
		t.tensors(x)
	}
	return t.w.Flush()
}

// facts prints what is proved, then what is only claimed.
func (t table) facts(x *asset.Inspection) {
	for _, proved := range []bool{true, false} {
		var some []asset.Fact
		for _, f := range x.Facts {
			if f.Proved == proved {
				some = append(some, f)
			}
		}
		if len(some) == 0 {
			continue
		}
		title := "proved by the bytes"
		if !proved {
			title = "claimed, not proved"
		}
		fmt.Fprintf(t.w, "\n%s\n", t.style("2", title))
		short, lists := groups(some)
		for _, g := range short {
			for _, f := range g.facts {
				from := ""
				if !proved && x.Kind == "folder" {
					from = f.At.Path
				}
				t.row(label(g.kind), value(f), from)
			}
		}
		for _, g := range lists {
			for i, f := range g.facts {
				name := ""
				if i == 0 {
					name = label(g.kind)
				}
				if i == maxListed {
					t.row("", fmt.Sprintf("and %d more (--format json lists them)", len(g.facts)-i), "")
					break
				}
				t.row(name, value(f), "")
			}
		}
	}
}

func (t table) files(x *asset.Inspection) {
	fmt.Fprintf(t.w, "\n%s\n", t.style("2", "files"))
	name, size := 4, 4
	for _, f := range x.Files {
		name = max(name, text.Width(text.Visible(f.Path)))
		size = max(size, len(Size(f.Size)))
	}
	name = min(name, 60)
	for _, f := range x.Files {
		what := f.Format
		if f.Index {
			what += ", index"
		}
		if n := len(f.Tensors) + f.Omitted; n > 0 {
			what += fmt.Sprintf(", %d tensors", n)
		}
		if f.Err != "" {
			what = t.style("33", strings.TrimPrefix(what+", not readable to its end: ", ", ")+text.Visible(f.Err))
		}
		line := fmt.Sprintf("  %s %s  %s", pad(text.Cut(text.Visible(f.Path), name), name+1), strings.Repeat(" ", size-len(Size(f.Size)))+Size(f.Size), what)
		fmt.Fprintln(t.w, strings.TrimRight(line, " "))
	}
}

func (t table) tensors(x *asset.Inspection) {
	for _, f := range x.Files {
		if len(f.Tensors) == 0 {
			continue
		}
		fmt.Fprintf(t.w, "\n%s\n", t.style("2", "tensors of "+text.Visible(f.Path)))
		name, kind := 4, 4
		for _, x := range f.Tensors {
			name = max(name, min(text.Width(text.Visible(x.Name)), 80))
			kind = max(kind, min(len(x.DType), 16))
		}
		for _, x := range f.Tensors {
			at := ""
			if x.File != "" {
				at = "  " + text.Visible(x.File)
			}
			fmt.Fprintf(t.w, "  %s %s %s %s%s\n", pad(text.Visible(x.Name), name+1), pad(text.Visible(x.DType), kind+1),
				pad(shape(x.Shape), 20), Size(x.Bytes), at)
		}
		if f.Omitted > 0 {
			fmt.Fprintf(t.w, "  and %d more\n", f.Omitted)
		}
	}
}
