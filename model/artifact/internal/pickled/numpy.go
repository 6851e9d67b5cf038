package pickled

import (
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/pickle/graph"
)

// array reads what ndarray.__reduce__ and its like give (numpy/_core/src/multiarray/
// methods.c), and the placeholder that joblib puts in the place of an array.
func array(v *graph.Value) *asset.Tensor {
	var shape, kind *graph.Value
	module, name, _ := cutLast(v.Text)
	switch {
	case name == "_reconstruct" && strings.HasPrefix(module, "numpy.") || name == "_mareconstruct" && strings.HasPrefix(module, "numpy."):
		s := v.State // (version, shape, dtype, is_fortran, data, ...), and without a version before NumPy 1.0
		if s == nil || s.Kind != graph.Tuple || len(s.Items) < 4 {
			return nil
		}
		at := 0
		if s.Items[0].Kind == graph.Int {
			at = 1
		}
		shape, kind = s.Items[at], s.Items[at+1]
	case name == "_frombuffer" && strings.HasPrefix(module, "numpy.") && len(v.Args) >= 3:
		shape, kind = v.Args[2], v.Args[1]
	case wrapper(v.Text):
		shape, kind = attribute(v, "shape"), attribute(v, "dtype")
	}
	if shape == nil || kind == nil {
		return nil
	}
	dims, n, ok := shapeOf(shape)
	if !ok {
		return nil
	}
	spelled, width := dtype(kind)
	if spelled == "" || width > 0 && n > (1<<62)/width {
		return nil
	}
	return &asset.Tensor{DType: spelled, Shape: dims, Bytes: n * width}
}

// wrapper reports whether joblib puts objects of this class where an array was.
func wrapper(class string) bool {
	return class == "joblib.numpy_pickle.NumpyArrayWrapper" || class == "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper"
}

// attribute is what BUILD gives an object; nil without it.
func attribute(v *graph.Value, name string) *graph.Value {
	if v.State == nil || v.State.Kind != graph.Dict {
		return nil
	}
	for i := 0; i+1 < len(v.State.Items); i += 2 {
		if k := v.State.Items[i]; k.Kind == graph.Str && k.Text == name {
			return v.State.Items[i+1]
		}
	}
	return nil
}

// dtype spells a numpy.dtype as its attribute str does, and gives the bytes of an item:
// 0 for objects. It is made as dtype(code, align, copy), and its state is (version,
// byte order, subarray, names, fields, item size, alignment, flags[, metadata]).
func dtype(v *graph.Value) (spelled string, width int64) {
	if v.Kind != graph.Object || v.Text != "numpy.dtype" || len(v.Args) == 0 {
		return "", 0
	}
	code := v.Args[0]
	if code.Kind == graph.Global { // a type of another package: ml_dtypes
		_, name, _ := cutLast(code.Text)
		return name, itemSize(name)
	}
	if code.Kind != graph.Str || code.Text == "" {
		return "", 0
	}
	order, size, unit := "<", int64(-1), ""
	if s := v.State; s != nil && s.Kind == graph.Tuple && len(s.Items) >= 8 {
		if o := s.Items[1]; o.Kind == graph.Str && (o.Text == ">" || o.Text == "|") {
			order = o.Text
		}
		if n := s.Items[5]; n.Kind == graph.Int {
			size = n.Num
		}
		if len(s.Items) > 8 {
			unit = timeUnit(s.Items[8])
		}
	}
	kind := code.Text[0]
	n, err := strconv.ParseInt(code.Text[1:], 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		n = 0
	}
	switch kind {
	case 'O':
		return "|O", 0
	case 'S', 'a', 'V':
		if size < 0 {
			size = n
		}
		return "|" + string(kind) + strconv.FormatInt(size, 10), size
	case 'U':
		if size < 0 {
			size = 4 * n
		}
		return order + "U" + strconv.FormatInt(size/4, 10), size
	case 'M', 'm':
		return order + code.Text + unit, n
	case 'b', 'i', 'u', 'f', 'c':
		if n == 1 {
			order = "|"
		}
		if n > 0 && n <= 32 {
			return order + code.Text, n
		}
	}
	return "", 0
}

// timeUnit reads the metadata of a date or a duration: (dict, (unit, count, ...)).
func timeUnit(v *graph.Value) string {
	if v.Kind != graph.Tuple || len(v.Items) < 2 || len(v.Items[1].Items) < 2 {
		return ""
	}
	name, n := v.Items[1].Items[0], v.Items[1].Items[1]
	unit := name.Text
	if name.Kind == graph.Object && len(name.Args) > 0 { // bytes, as protocol 2 writes them
		unit = name.Args[0].Text
	}
	switch {
	case unit == "" || unit == "generic":
		return ""
	case n.Kind == graph.Int && n.Num != 1:
		return "[" + strconv.FormatInt(n.Num, 10) + unit + "]"
	}
	return "[" + unit + "]"
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+1:], true
}
