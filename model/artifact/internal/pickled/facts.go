package pickled

import (
	"slices"
	"strconv"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/pickle/graph"
	"github.com/merlon-security/merlon/text"
)

// maxShown is how many imports are facts of their own.
const maxShown = 200

// Facts tells what the object is, which names Python imports for it, and which version
// of scikit-learn it says it is of.
func Facts(root *graph.Value, imports []string, at asset.Ref) []asset.Fact {
	var out []asset.Fact
	fact := func(kind string, v any, proved bool) {
		out = append(out, asset.Fact{Kind: kind, Value: v, Proved: proved, At: at})
	}
	if root != nil {
		if class := classOf(root); class != "" {
			fact("architecture", show(class), true)
		}
		if root.Kind == graph.Object {
			if v := attribute(root, "_sklearn_version"); v != nil && v.Kind == graph.Str {
				fact("library", "scikit-learn "+show(v.Text), false)
			}
		}
	}
	imports = slices.Sorted(slices.Values(imports))
	for _, name := range imports[:min(len(imports), maxShown)] {
		fact("import", show(name), true)
	}
	if n := len(imports) - maxShown; n > 0 {
		fact("metadata", asset.Pair{Name: "further imports", Value: strconv.Itoa(n)}, true)
	}
	return out
}

func show(s string) string { return text.Cut(text.Visible(s), 200) }

// classOf names what an object is.
func classOf(v *graph.Value) string {
	switch v.Kind {
	case graph.Object:
		if v.Text == "" {
			return "an object"
		}
		return v.Text
	case graph.Global:
		return v.Text
	case graph.Dict:
		return "dict"
	case graph.List:
		return "list"
	case graph.Tuple:
		return "tuple"
	}
	return ""
}

// Parameters counts the numbers in arrays of numbers: those of objects, texts, dates and
// structures do not count.
func Parameters(tensors []asset.Tensor) (n int64) {
	for _, t := range tensors {
		if len(t.DType) > 1 && (t.DType[0] == '<' || t.DType[0] == '>' || t.DType[0] == '|') {
			switch t.DType[1] {
			case 'b', 'i', 'u', 'f', 'c':
			default:
				continue
			}
		}
		x := int64(1)
		for _, d := range t.Shape {
			if x *= max(d, 0); x > 1<<50 { // shapes have at most 2^56 elements
				break
			}
		}
		n = min(n+x, 1<<60)
	}
	return n
}
