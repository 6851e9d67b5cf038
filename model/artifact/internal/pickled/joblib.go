package pickled

import (
	"io"

	"github.com/merlon-security/merlon/engine/pickle/graph"
)

// Read reads a pickle, and as joblib writes it, too: there the bytes of each array lie
// in the stream, behind the object that stands for it (joblib/numpy_pickle.py,
// NumpyArrayWrapper).
func Read(r io.ReaderAt, offset, end int64) (*graph.Result, error) {
	x := &arrays{r: r, end: end, budget: maxTries, seen: map[string]bool{}}
	res, err := x.read(offset, 0)
	res.Imports = x.imports
	return res, err
}

type arrays struct {
	r       io.ReaderAt
	end     int64
	budget  int64 // bytes of data that turn out to be no pickle
	spent   graph.Budget
	imports []string
	seen    map[string]bool
}

const (
	maxTries  = 64 << 20
	maxNested = 8
)

func (x *arrays) read(offset int64, depth int) (*graph.Result, error) {
	res, err := graph.Read(x.r, graph.Options{Offset: offset, End: x.end, Budget: &x.spent, Build: func(v *graph.Value, next int64) int64 { return x.behind(v, next, depth) }})
	for _, name := range res.Imports {
		if !x.seen[name] && len(x.imports) < graph.MaxImports {
			x.seen[name] = true
			x.imports = append(x.imports, name)
		}
	}
	return res, err
}

// behind gives where the stream goes on after the data of an array.
func (x *arrays) behind(v *graph.Value, next int64, depth int) int64 {
	if v.Kind != graph.Object || !wrapper(v.Text) {
		return next
	}
	t := array(v)
	if t == nil {
		return next
	}
	if t.DType == "|O" { // a pickle
		if depth >= maxNested || x.budget <= 0 {
			return next
		}
		res, err := x.read(next, depth+1)
		if err != nil {
			x.budget -= max(res.End-next, 4<<10)
			return next
		}
		v.Items = append(v.Items, res.Root) // the array of objects
		return res.End
	}
	if a := attribute(v, "numpy_array_alignment_bytes"); a != nil && a.Kind == graph.Int {
		// Since joblib 1.3 a byte tells how many bytes of padding follow it.
		var pad [1]byte
		if n, _ := x.r.ReadAt(pad[:], next); n == 1 {
			next += 1 + int64(pad[0])
		}
	}
	if t.Bytes > x.end-next {
		return x.end
	}
	return next + t.Bytes
}
