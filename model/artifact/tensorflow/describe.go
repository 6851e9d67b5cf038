package tensorflow

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/tfgraph"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// Describe lists the variables of a SavedModel; where there are none, the constants
// and variables of its graphs and functions.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	if isCheckpoint(f) {
		return describeCheckpoint(ctx, f)
	}
	src := open(ctx, f)
	kind := src.kind
	if src.err != nil {
		return nil, fmt.Errorf("TensorFlow %s: %w", kind, src.err)
	}
	d := &asset.Description{Format: format(kind)}
	if kind == "" || kind == tfgraph.KerasMetadata {
		return d, nil
	}
	operations := map[string]int64{}
	var variables, graph []asset.Tensor
	var parameters [2]int64
	omitted := [2]int{}
	add := func(list *[]asset.Tensor, i int, name string, dtype int32, shape []int64, stored int64) {
		if n, err := tfgraph.Elements(shape); err == nil && n > 0 {
			parameters[i] += n
		}
		if len(*list) == asset.MaxTensors {
			omitted[i]++
			return
		}
		t := asset.Tensor{Name: name, DType: tfgraph.TypeName(dtype), Shape: append([]int64{}, shape...), Bytes: stored}
		if n, err := tfgraph.Bytes(dtype, shape); err == nil && n > 0 {
			t.Bytes = n
		}
		*list = append(*list, t)
	}
	m, err := tfgraph.Read(ctx, src, src.size, kind, tfgraph.Visitor{
		Node: func(n *tfgraph.Node) {
			if len(operations) < 10_000 || operations[n.Op] > 0 {
				operations[n.Op]++
			}
			switch n.Op {
			case "Const":
				if n.Tensor != nil {
					add(&graph, 1, n.Name, n.Tensor.DType, n.Tensor.Shape, n.Tensor.Stored)
				}
			case "VariableV2", "Variable", "VarHandleOp":
				add(&graph, 1, n.Name, n.DType, n.Shape, 0)
			}
		},
		Variable: func(v *tfgraph.Variable) { add(&variables, 0, v.Name, v.DType, v.Shape, 0) },
	})
	if err != nil {
		return nil, fmt.Errorf("TensorFlow %s: %w", kind, err)
	}
	i := 0
	if d.Tensors = variables; len(variables) == 0 {
		d.Tensors, i = graph, 1
	}
	d.Omitted = omitted[i]
	fact := func(kind string, v any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: v, Proved: proved, At: f.Ref()})
	}
	if m.Version != "" {
		fact("library", "tensorflow "+verdict.Show(m.Version), false)
	}
	fact("parameters", parameters[i], true)
	if len(m.Tags) > 0 {
		fact("metadata", asset.Pair{Name: "tags", Value: verdict.Show(strings.Join(m.Tags, ", "))}, true)
	}
	fact("metadata", asset.Pair{Name: "nodes", Value: strconv.FormatInt(m.Nodes, 10)}, true)
	fact("metadata", asset.Pair{Name: "functions", Value: strconv.FormatInt(m.Functions, 10)}, true)
	names := make([]string, 0, len(operations))
	for name := range operations {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fact("operator", asset.Pair{Name: verdict.Show(name), Value: strconv.FormatInt(operations[name], 10)}, true)
	}
	return d, nil
}

var _ scan.Describer = scanner{}
