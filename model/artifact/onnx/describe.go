package onnx

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/onnx"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// Describe lists the initializers of the main graph and of subgraphs, and the
// operators. It does not read weights.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	src := open(ctx, f)
	if src.form == otherForm {
		return &asset.Description{Format: string(textForm)}, nil
	}
	d := &asset.Description{Format: string(src.form)}
	operators := map[string]int64{}
	parameters := int64(0)
	m, err := src.read(ctx, onnx.Visitor{
		Node: func(n *onnx.Node) {
			if name := label(operator{normal(n.Domain), n.Op}); len(operators) < 10_000 || operators[name] > 0 {
				operators[name]++
			}
		},
		Tensor: func(t *onnx.Tensor) {
			if t.Role == onnx.Attribute {
				return
			}
			if n, err := onnx.Elements(t.Dims); err == nil {
				parameters += n
			}
			if len(d.Tensors) == asset.MaxTensors {
				d.Omitted++
				return
			}
			d.Tensors = append(d.Tensors, describe(t))
		},
	})
	if err != nil {
		return nil, fmt.Errorf("ONNX model: %w", err)
	}
	d.Version = "IR " + strconv.FormatInt(m.IRVersion, 10)
	fact := func(kind string, v any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: v, Proved: proved, At: f.Ref()})
	}
	if m.Runtime != "" {
		fact("metadata", asset.Pair{Name: "ORT format", Value: verdict.Show(m.Runtime)}, true)
	}
	if m.Producer != "" {
		fact("library", strings.TrimSpace(verdict.Show(m.Producer)+" "+verdict.Show(m.ProducerVersion)), false)
	}
	fact("parameters", parameters, true)
	pair := func(name, value string, proved bool) {
		if value != "" {
			fact("metadata", asset.Pair{Name: name, Value: value}, proved)
		}
	}
	for _, o := range m.Opsets {
		pair("opset", label(operator{name: orDefault(o.Domain)})+" "+strconv.FormatInt(o.Version, 10), true)
	}
	pair("domain", verdict.Show(m.Domain), false)
	pair("description", verdict.Show(m.Doc), false)
	pair("nodes", strconv.FormatInt(m.Nodes, 10), true)
	if len(m.Functions) > 0 {
		pair("functions", strconv.Itoa(len(m.Functions)), true)
	}
	if m.Training > 0 {
		pair("training_info", strconv.Itoa(m.Training), true)
	}
	for _, p := range m.Metadata {
		pair(verdict.Show(p.Key), verdict.Show(p.Value), false)
	}
	names := make([]string, 0, len(operators))
	for name := range operators {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fact("operator", asset.Pair{Name: name, Value: strconv.FormatInt(operators[name], 10)}, true)
	}
	return d, nil
}

func orDefault(domain string) string {
	if domain == "" {
		return "ai.onnx"
	}
	return domain
}

func describe(t *onnx.Tensor) asset.Tensor {
	out := asset.Tensor{Name: t.Name, DType: t.Type(), Shape: slices.Clone(t.Dims), Bytes: t.Inline}
	if out.Shape == nil {
		out.Shape = []int64{}
	}
	if n, err := t.Bytes(); err == nil {
		out.Bytes = n
	}
	if t.Location == 1 {
		for _, p := range t.External {
			if p.Key == "location" {
				out.File = verdict.Show(p.Value)
			}
		}
	}
	return out
}

var _ scan.Describer = scanner{}
