package safetensors

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// The bounds of a description. The others are counted in [asset.Description.Omitted].
const (
	describedBytes = 16 << 20 // memory of the tensors that are kept: some 100,000 with the names of real models
	tensorBytes    = 112      // of one, without its name and shape
)

// Describe implements [scan.Describer]. Only the header is read.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	if isIndex(nameOf(f.Ref())) {
		return describeIndex(f)
	}
	d := &asset.Description{Format: "safetensors"}
	h, err := readHeader(f)
	if err != nil {
		if errors.Is(err, errHeaderTooLarge) && strings.HasSuffix(nameOf(f.Ref()), ".safetensors") {
			return d, err
		}
		return nil, err
	}
	fact := func(kind string, value any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
	}
	var parameters uint64
	dtypes := map[string]uint64{}
	var last string // neighbours mostly have the same type: their strings are shared
	d.Tensors = make([]asset.Tensor, 0, min(h.expect(), describedBytes/tensorBytes))
	left := describedBytes
	meta, _, err := h.parse(func(e *entry) error {
		if (len(d.Tensors)+d.Omitted)%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		n, err := e.bytes()
		if err != nil {
			return err
		}
		elements, _ := e.elements()
		parameters += elements
		if string(e.dtype) != last {
			last = string(e.dtype)
		}
		dtypes[last] += elements
		for _, dim := range e.shape {
			if dim > 1<<63-1 {
				return errOverflow
			}
		}
		if left -= tensorBytes + len(e.name) + 8*len(e.shape); left < 0 {
			d.Omitted++
			return nil
		}
		t := asset.Tensor{Name: string(e.name), DType: last, Bytes: int64(min(n, 1<<63-1)), Shape: make([]int64, len(e.shape))}
		for i, dim := range e.shape {
			t.Shape[i] = int64(dim)
		}
		d.Tensors = append(d.Tensors, t)
		return nil
	})
	if errors.Is(err, errTooMany) {
		return &asset.Description{Format: d.Format}, err
	}
	if err != nil {
		return nil, err
	}
	fact("parameters", parameters, true)
	if q := dominant(dtypes); q != "" {
		fact("quantisation", q, true)
	}
	for _, p := range meta {
		switch p.Name {
		case "format":
			if l := map[string]string{"pt": "pytorch", "tf": "tensorflow", "np": "numpy", "flax": "flax", "mlx": "mlx"}[p.Value]; l != "" {
				fact("library", l, false)
			}
		case "modelspec.architecture":
			fact("architecture", p.Value, false)
		case "modelspec.license":
			fact("licence", p.Value, false)
		}
		fact("metadata", p, false)
	}
	return d, nil
}

// dominant names the dtype that most parameters have.
func dominant(dtypes map[string]uint64) string {
	names := make([]string, 0, len(dtypes))
	for name := range dtypes {
		names = append(names, name)
	}
	slices.Sort(names)
	best := ""
	for _, name := range names {
		if best == "" || dtypes[name] > dtypes[best] {
			best = name
		}
	}
	return best
}

// describeIndex tells the shards of a model; their tensors are described with
// them.
func describeIndex(f scan.File) (*asset.Description, error) {
	doc, err := scan.Bytes(f, maxIndex)
	if err != nil {
		return nil, err
	}
	shards, _, err := parseIndex(doc)
	if err != nil {
		return nil, err
	}
	if len(shards) == 0 {
		return nil, errors.New("the index names no shard")
	}
	d := &asset.Description{Format: "safetensors-index"}
	for _, s := range shards {
		d.Facts = append(d.Facts, asset.Fact{Kind: "metadata", Value: asset.Pair{Name: "shard", Value: verdict.Show(s.name)}, Proved: true, At: f.Ref()})
	}
	return d, nil
}
