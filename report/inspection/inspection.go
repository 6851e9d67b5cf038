// Package inspection writes what is known about a model: for a person at a
// terminal, as JSON for programs (schema.json), and as one self-contained page with
// a picture of the weights.
package inspection

import (
	"fmt"
	"io"
	"slices"

	"github.com/merlon-security/merlon/asset"
)

// Options say how much to write and what the place of output allows.
type Options struct {
	Tensors bool   // list every tensor
	Color   bool   // ANSI colours
	Width   int    // columns; 0: unknown
	Version string // of merlon
}

// Formats lists the names of the formats.
func Formats() []string { return []string{"table", "json", "html"} }

// Write writes an inspection in one of [Formats].
func Write(w io.Writer, format string, x *asset.Inspection, o Options) error {
	switch format {
	case "table":
		return writeTable(w, x, o)
	case "json":
		return writeJSON(w, x, o)
	case "html":
		return writeHTML(w, x, o)
	}
	return fmt.Errorf("unknown format %q", format)
}

// labels orders and names the kinds of facts that sum up a model. A kind that is
// not here is shown by its own name, after these.
var labels = []struct{ kind, label string }{
	{"architecture", "architecture"}, {"model_type", "model type"}, {"library", "library"}, {"parameters", "parameters"},
	{"tensors", "tensors"}, {"types", "types"}, {"dtype", "type"}, {"quantisation", "quantisation"}, {"trees", "trees"},
	{"features", "features"}, {"classes", "classes"}, {"objective", "objective"}, {"tokenizer", "tokenizer"}, {"task", "task"},
	{"licence", "licence"}, {"base_model", "base model"}, {"adapter", "adapter"}, {"pipeline", "pipeline"}, {"code", "code"},
	{"handler", "handler"}, {"program", "program"}, {"language", "language"}, {"dataset", "dataset"},
}

// long kinds are lists by nature; a summary counts them.
func long(kind string) bool {
	return slices.Contains([]string{"operator", "function", "member", "metadata", "type", "target", "variable"}, kind)
}

func label(kind string) string {
	for _, l := range labels {
		if l.kind == kind {
			return l.label
		}
	}
	return kind
}

// group is the facts of one kind, in order.
type group struct {
	kind  string
	facts []asset.Fact
}

// groups orders the facts by kind, short ones first.
func groups(facts []asset.Fact) (short, lists []group) {
	at := map[string]int{}
	var all []group
	for _, f := range facts {
		i, ok := at[f.Kind]
		if !ok {
			i = len(all)
			at[f.Kind] = i
			all = append(all, group{kind: f.Kind})
		}
		all[i].facts = append(all[i].facts, f)
	}
	order := func(kind string) int {
		for i, l := range labels {
			if l.kind == kind {
				return i
			}
		}
		return len(labels)
	}
	slices.SortStableFunc(all, func(a, b group) int { return order(a.kind) - order(b.kind) })
	for _, g := range all {
		if long(g.kind) {
			lists = append(lists, g)
		} else {
			short = append(short, g)
		}
	}
	return short, lists
}

// value prints the value of a fact.
func value(f asset.Fact) string {
	switch v := f.Value.(type) {
	case asset.Pair:
		return v.Name + " = " + v.Value
	case nil:
		return ""
	}
	s := fmt.Sprint(f.Value)
	if f.Kind == "parameters" {
		return count(s)
	}
	return s
}

// count adds a short form to a long number: "7241732096 (7.24 billion)".
func count(digits string) string {
	n := len(digits)
	names := []string{"", " thousand", " million", " billion", " trillion"}
	group := (n - 1) / 3
	if n < 5 || group >= len(names) || !isDigits(digits) {
		return digits
	}
	lead := digits[:n-3*group]
	rest := digits[len(lead):]
	return fmt.Sprintf("%s (%s.%s%s)", digits, lead, rest[:2], names[group])
}

func isDigits(s string) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// Size prints a number of bytes as people read it.
func Size(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	div, exp := int64(unit), 0
	for m := n / unit; m >= unit; m /= unit {
		div *= unit
		exp++
	}
	return fmt.Sprintf("%.1f %cB", float64(n)/float64(div), "kMGTPE"[exp])
}

func total(x *asset.Inspection) (bytes int64) {
	for _, f := range x.Files {
		bytes += f.Size
	}
	return bytes
}

// shape prints a shape as frameworks do; -1 is a size that is not fixed.
func shape(dims []int64) string {
	if len(dims) == 0 {
		return "scalar"
	}
	s := "["
	for i, d := range dims {
		if i > 0 {
			s += ", "
		}
		if d < 0 {
			s += "?"
		} else {
			s += fmt.Sprint(d)
		}
	}
	return s + "]"
}
