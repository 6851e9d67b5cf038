package pickle

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	machine "github.com/merlon-security/merlon/engine/pickle"
	"github.com/merlon-security/merlon/engine/pickle/graph"
	"github.com/merlon-security/merlon/model/artifact/internal/pickled"
	"github.com/merlon-security/merlon/scan"
)

// maxDescribed bounds the pickles of one file.
const maxDescribed = 1000

// torchPickles is how many pickles precede the storages of an old file of PyTorch:
// magic number, protocol version, system information, the object, keys of the storages.
const torchPickles = 5

// Describe implements [scan.Describer]: the class of the object, what is imported, and
// the arrays and tensors by the attributes, keys and positions that lead to them.
func (*Scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	d := &description{Description: &asset.Description{Format: "pickle"}, ref: f.Ref(), seen: map[string]bool{}}
	legacy := TorchLegacy(f.Head())
	if legacy {
		d.Format = "torch-legacy"
	}
	off, end := int64(0), f.Size()
	for off < end && d.count < maxDescribed && ctx.Err() == nil {
		var first [1]byte
		if n, _ := f.ReadAt(first[:], off); d.count > 0 && (n != 1 || machine.Opcode(first[0]) != machine.PROTO) {
			break // not a pickle of protocol 2 or later
		}
		res, err := pickled.Read(f, off, end)
		if err != nil && d.count == 0 && res.Proto == 0 {
			return nil, nil // text that begins like a pickle
		}
		if err == nil && d.count == 0 && res.Proto == 0 && len(res.Imports) == 0 && res.End < end {
			return nil, nil
		}
		d.add(res, legacy)
		if err != nil {
			return d.finish(), fmt.Errorf("the pickle cannot be read to its end: %w", err)
		}
		off = res.End
		if legacy && d.count == torchPickles {
			break // storages follow
		}
	}
	return d.finish(), ctx.Err()
}

// description is one under construction.
type description struct {
	*asset.Description
	ref     asset.Ref
	count   int
	proto   int
	root    *graph.Value // of the first
	imports []string
	seen    map[string]bool
	dropped bool
}

// add takes what one pickle holds. Of an old file of PyTorch only the fourth is the model.
func (d *description) add(res *graph.Result, legacy bool) {
	d.count++
	d.proto = max(d.proto, res.Proto)
	d.dropped = d.dropped || res.Dropped
	for _, name := range res.Imports {
		if !d.seen[name] && len(d.seen) < graph.MaxImports {
			d.seen[name] = true
			d.imports = append(d.imports, name)
		}
	}
	if res.Root == nil || legacy && d.count != 4 {
		return
	}
	if d.root == nil {
		d.root = res.Root
	}
	tensors, omitted := pickled.Tensors(res.Root)
	if d.count > 1 && !legacy {
		for i := range tensors {
			tensors[i].Name = strings.TrimSuffix("#"+strconv.Itoa(d.count)+"."+tensors[i].Name, ".")
		}
	}
	keep := min(len(tensors), asset.MaxTensors-len(d.Tensors))
	d.Tensors = append(d.Tensors, tensors[:keep]...)
	d.Omitted += omitted + len(tensors) - keep
}

func (d *description) finish() *asset.Description {
	d.Version = "protocol " + strconv.Itoa(d.proto)
	d.Facts = pickled.Facts(d.root, d.imports, d.ref)
	pair := func(name, value string) {
		d.Facts = append(d.Facts, asset.Fact{Kind: "metadata", Value: asset.Pair{Name: name, Value: value}, Proved: true, At: d.ref})
	}
	pair("pickles", strconv.Itoa(d.count))
	if d.dropped {
		pair("not described", "values beyond what is kept")
	}
	if len(d.Tensors) > 0 {
		d.Facts = append(d.Facts, asset.Fact{Kind: "parameters", Value: pickled.Parameters(d.Tensors), Proved: true, At: d.ref})
	}
	return d.Description
}

var _ scan.Describer = (*Scanner)(nil)
