// Package pickled finds the arrays of NumPy and the tensors of PyTorch in the graph of
// values that a pickle describes, by the keys, attributes and positions that lead to
// them. Their bytes are not read.
package pickled

import (
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/pickle/graph"
)

const (
	maxSteps = 4 << 20
	maxDepth = 200
	maxName  = 1000     // bytes of a name, beyond which parts are left out
	maxNames = 32 << 20 // bytes of all names
)

// Tensors lists the arrays and tensors below root. What several names lead to is listed
// under each. omitted counts those beyond [asset.MaxTensors] and other bounds.
func Tensors(root *graph.Value) (tensors []asset.Tensor, omitted int) {
	c := collector{above: map[*graph.Value]bool{}, barren: map[*graph.Value]bool{}}
	c.walk(root, "", 0)
	return c.tensors, c.omitted
}

type collector struct {
	tensors []asset.Tensor
	omitted int
	above   map[*graph.Value]bool // being walked: values may be circular
	barren  map[*graph.Value]bool // without tensors
	cut     int                   // times that something was not looked at
	steps   int
	names   int
}

func (c *collector) walk(v *graph.Value, path string, depth int) {
	switch v.Kind {
	case graph.Opaque, graph.Int, graph.Str, graph.Bytes, graph.Global, graph.Persistent:
		return
	}
	if c.barren[v] {
		return
	}
	if c.steps++; c.steps > maxSteps || depth > maxDepth || c.above[v] {
		c.cut++
		return
	}
	before, cut := len(c.tensors)+c.omitted, c.cut
	c.above[v] = true
	c.inside(v, path, depth+1)
	delete(c.above, v)
	if len(c.tensors)+c.omitted == before && c.cut == cut {
		c.barren[v] = true
	}
}

func (c *collector) inside(v *graph.Value, path string, depth int) {
	if v.Kind == graph.Dict {
		c.pairs(v.Items, path, depth)
		return
	}
	if v.Kind != graph.Object {
		c.list(v.Items, path, depth)
		return
	}
	if t := Of(v); t != nil {
		c.add(*t, path)
		if t.DType != "|O" {
			return
		}
		if wrapper(v.Text) && len(v.Items) == 1 {
			v = v.Items[0] // the array that joblib keeps behind it
		}
		if v.Kind == graph.Object && v.State != nil && v.State.Kind == graph.Tuple && len(v.State.Items) > 4 {
			c.walk(v.State.Items[4], path, depth) // the objects
		}
		return
	}
	if strings.HasPrefix(v.Text, "torch.jit._pickle.") && len(v.Args) > 0 {
		c.walk(v.Args[0], path, depth) // build_tensorlist and its like: the list, with its type
		return
	}
	for i, a := range v.Args {
		c.walk(a, join(path, "args."+strconv.Itoa(i)), depth)
	}
	if s := v.State; s != nil {
		if s.Kind == graph.Tuple && len(s.Items) == 2 && (s.Items[0].Kind == graph.Dict || s.Items[1].Kind == graph.Dict) {
			c.walk(s.Items[0], path, depth) // attributes, and slots
			c.walk(s.Items[1], path, depth)
		} else {
			c.walk(s, path, depth)
		}
	}
	c.list(v.Items, path, depth)
	c.pairs(v.Pairs, path, depth)
}

func (c *collector) list(items []*graph.Value, path string, depth int) {
	for i, x := range items {
		switch x.Kind {
		case graph.Tuple, graph.List, graph.Dict, graph.Object:
			c.walk(x, join(path, strconv.Itoa(i)), depth)
		}
	}
}

func (c *collector) pairs(items []*graph.Value, path string, depth int) {
	for i := 0; i+1 < len(items); i += 2 {
		key := "?"
		switch k := items[i]; k.Kind {
		case graph.Str:
			key = k.Text
		case graph.Int:
			key = strconv.FormatInt(k.Num, 10)
		}
		c.walk(items[i+1], join(path, key), depth)
	}
}

func (c *collector) add(t asset.Tensor, path string) {
	if c.names += len(path); len(c.tensors) >= asset.MaxTensors || c.names > maxNames {
		c.omitted++
		return
	}
	t.Name = path
	c.tensors = append(c.tensors, t)
}

func join(path, key string) string {
	switch {
	case path == "":
		return key
	case len(path)+len(key) > maxName:
		return path
	}
	return path + "." + key
}

// Of describes v if it is an array or a tensor, without a name.
func Of(v *graph.Value) *asset.Tensor {
	if v == nil || v.Kind != graph.Object {
		return nil
	}
	if strings.HasPrefix(v.Text, "torch.") {
		return tensor(v.Text, v.Args, 0)
	}
	return array(v)
}

// shapeOf reads a tuple of dimensions; n is their product.
func shapeOf(v *graph.Value) (shape []int64, n int64, ok bool) {
	if v.Kind == graph.Object && v.Text == "torch.Size" && len(v.Args) == 1 {
		v = v.Args[0]
	}
	if v.Kind != graph.Tuple && v.Kind != graph.List || v.Cut {
		return nil, 0, false
	}
	shape, n = []int64{}, 1
	for _, d := range v.Items {
		if d.Kind != graph.Int || d.Num < 0 || d.Num > 0 && n > (1<<56)/d.Num {
			return nil, 0, false
		}
		n *= d.Num
		shape = append(shape, d.Num)
	}
	return shape, n, true
}
