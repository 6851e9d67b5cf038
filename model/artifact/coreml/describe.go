package coreml

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/protowalk"
	"github.com/merlon-security/merlon/model/artifact/internal/beside"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// Describe lists the kinds of model, the operations and the weights.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	d := &asset.Description{Format: "coreml"}
	if path.Base(beside.Name(f.Ref())) == "Manifest.json" {
		return d, nil
	}
	used := map[string]int{}
	var kinds []string
	var parameters int64
	v := &visitor{w: protowalk.New(ctx, f, f.Size(), protowalk.Limits{}),
		version: func(n int64) { d.Version = strconv.FormatInt(n, 10) },
		model: func(kind, _ string, _ int64) {
			if len(kinds) < 1000 {
				kinds = append(kinds, kind)
			}
		},
		operation: func(op string, _ int64) {
			if len(used) < 10_000 || used[op] > 0 {
				used[op]++
			}
		},
		tensor: func(name, dtype string, shape []int64, bytes int64) {
			if strings.HasPrefix(dtype, "float") || dtype == "quantised" {
				n := int64(1)
				for _, x := range shape {
					n = min(n*max(min(x, 1<<30), 0), 1<<32)
				}
				parameters += n
			}
			if len(d.Tensors) == asset.MaxTensors {
				d.Omitted++
				return
			}
			d.Tensors = append(d.Tensors, asset.Tensor{Name: verdict.Show(name), DType: dtype, Shape: shape, Bytes: bytes})
		}}
	if err := v.walk(v.w.All(), prefix+"Model", ""); err != nil {
		return nil, fmt.Errorf("Core ML model: %w", err)
	}
	fact := func(kind string, v any) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: v, Proved: true, At: f.Ref()})
	}
	if len(kinds) > 0 {
		fact("architecture", strings.Join(kinds, ", "))
	}
	fact("parameters", parameters)
	names := make([]string, 0, len(used))
	for name := range used {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fact("operator", asset.Pair{Name: verdict.Show(name), Value: strconv.Itoa(used[name])})
	}
	return d, nil
}

var _ scan.Describer = scanner{}
