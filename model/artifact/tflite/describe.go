package tflite

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/flatbuf"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// Describe lists the tensors of all subgraphs, and the operators.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	b := flatbuf.New(f, f.Size())
	m := b.Root(identifier)
	d := &asset.Description{Format: "tflite", Version: strconv.Itoa(int(m.U32(0)))}
	fact := func(kind string, v any, proved bool) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: v, Proved: proved, At: f.Ref()})
	}
	if s := m.String(3, 1024); s != "" {
		fact("metadata", asset.Pair{Name: "description", Value: verdict.Show(s)}, false)
	}
	codes, graphs, buffers := m.Vector(1, 4), m.Vector(2, 4), m.Vector(4, 4)
	used := map[string]int{}
	var parameters int64
	for i := range graphs.Len {
		g := graphs.Table(i)
		tensors, ops := g.Vector(0, 4), g.Vector(3, 4)
		for k := range tensors.Len {
			if b.Err() != nil || k&0xfff == 0 && ctx.Err() != nil {
				break
			}
			if len(d.Tensors) == asset.MaxTensors {
				d.Omitted++
				continue
			}
			t := tensors.Table(k)
			dims, size, known := shape(t)
			out := asset.Tensor{Name: verdict.Show(t.String(3, 512)), DType: typeName(t.U8(1)), Shape: append([]int64{}, dims...), Bytes: int64(stored(buffers, t.U32(2)))}
			if out.Bytes > 0 && known && size > 0 {
				n := int64(1)
				for _, x := range dims {
					n *= x
				}
				parameters += n
			}
			d.Tensors = append(d.Tensors, out)
		}
		for k := range ops.Len {
			if b.Err() != nil || k&0xfff == 0 && ctx.Err() != nil {
				break
			}
			number, custom := code(codes.Table(int(ops.Table(k).U32(0))))
			name := operators()[number]
			if custom != "" {
				name = "CUSTOM " + verdict.Show(custom)
			}
			if len(used) < 10_000 || used[name] > 0 {
				used[name]++
			}
		}
	}
	list := m.Vector(6, 4)
	for i := range min(list.Len, 1000) {
		fact("metadata", asset.Pair{Name: verdict.Show(list.Table(i).String(0, 256)), Value: strconv.FormatUint(stored(buffers, list.Table(i).U32(1)), 10) + " bytes"}, true)
	}
	fact("parameters", parameters, true)
	names := make([]string, 0, len(used))
	for name := range used {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fact("operator", asset.Pair{Name: name, Value: strconv.Itoa(used[name])}, true)
	}
	if err := b.Err(); err != nil {
		return nil, fmt.Errorf("TensorFlow Lite model: %w", err)
	}
	return d, ctx.Err()
}

var _ scan.Describer = scanner{}
