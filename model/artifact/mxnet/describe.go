package mxnet

import (
	"context"
	"fmt"
	"slices"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/scan"
)

// Describe implements [scan.Describer].
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	d := &asset.Description{Format: "mxnet-params"}
	fact := func(kind string, value any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: value, Proved: proved, At: f.Ref()})
	}
	if isList(f.Head()) {
		fact("library", "mxnet", true)
		var problem error
		tensors, err := readList(ctx, f, f.Size(), func(_, _ string, _ int64, msg string) { problem = fmt.Errorf("%s", msg) })
		d.Tensors = tensors
		if problem != nil {
			err = problem
		}
		return d, err
	}
	d.Format = "mxnet-symbol"
	g, is, err := readGraph(f)
	if !is && !named(f.Ref()) {
		return nil, nil // other JSON
	}
	fact("library", "mxnet", true)
	if g.version != "" {
		fact("metadata", asset.Pair{Name: "mxnet_version", Value: g.version}, false)
	}
	var ops []string
	for _, n := range g.nodes {
		if n.op != "null" {
			ops = append(ops, n.op)
		}
	}
	slices.Sort(ops)
	for _, op := range slices.Compact(ops) {
		fact("operator", op, true)
	}
	return d, err
}
