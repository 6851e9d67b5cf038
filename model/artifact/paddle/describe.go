package paddle

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/protowalk"
	"github.com/merlon-security/merlon/engine/strictjson"
	"github.com/merlon-security/merlon/model/artifact/internal/verdict"
	"github.com/merlon-security/merlon/scan"
)

// description is one under construction.
type description struct {
	*asset.Description
	used  map[string]int
	count int64
}

func (d *description) tensor(name, dtype string, dims []int64, size uint64) {
	n := int64(1)
	for _, x := range dims {
		n = min(n*min(max(x, 0), 1<<30), 1<<32)
	}
	d.count += n
	if len(d.Tensors) == asset.MaxTensors {
		d.Omitted++
		return
	}
	d.Tensors = append(d.Tensors, asset.Tensor{Name: verdict.Show(name), DType: dtype, Shape: append([]int64{}, dims...), Bytes: int64(size)})
}

func (d *description) operator(name string) {
	if len(d.used) < 10_000 || d.used[name] > 0 {
		d.used[name]++
	}
}

// Describe lists parameters and operators. Combined parameters have no names: those
// are in the program.
func (scanner) Describe(ctx context.Context, f scan.File) (*asset.Description, error) {
	d := &description{Description: &asset.Description{}, used: map[string]int{}}
	var err error
	switch kindOf(f.Ref(), f.Head()) {
	case program:
		d.Format = "paddle-program"
		p := &programReader{w: protowalk.New(ctx, f, f.Size(), protowalk.Limits{}),
			operator: func(name, _ string, _ int64) { d.operator(name) },
			variable: func(name string, dtype int64, dims []int64) {
				n, _ := bytesOf(dtype, dims)
				d.tensor(name, typeName(dtype), dims, n)
			}}
		err = p.read()
	case pir:
		d.Format = "paddle-pir"
		_, err = readPIR(f, func(op *strictjson.Value) {
			d.opPIR(op)
			d.pir(op)
		})
	case parameters:
		d.Format = "paddle-parameters"
		err = readParameters(ctx, f, f.Size(), func(off, dtype int64, dims []int64, need uint64) error {
			d.tensor("offset "+strconv.FormatInt(off, 10), typeName(dtype), dims, need)
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("PaddlePaddle model: %w", err)
	}
	fact := func(kind string, v any) {
		d.Facts = append(d.Facts, asset.Fact{Kind: kind, Value: v, Proved: true, At: f.Ref()})
	}
	fact("parameters", d.count)
	names := make([]string, 0, len(d.used))
	for n := range d.used {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fact("operator", asset.Pair{Name: verdict.Show(n), Value: strconv.Itoa(d.used[n])})
	}
	return d.Description, nil
}

func (d *description) pir(v *strictjson.Value) {
	for _, m := range v.Members {
		if m.Key == "ops" {
			for i := range m.Value.Items {
				d.opPIR(&m.Value.Items[i])
			}
		}
		d.pir(&m.Value)
	}
	for i := range v.Items {
		d.pir(&v.Items[i])
	}
}

// pirTypes are the element types that the JSON form spells in its own way.
var pirTypes = map[string]int64{"bool": 0, "i16": 1, "i32": 2, "i64": 3, "f16": 4, "f32": 5, "f64": 6, "ui8": 20, "i8": 21, "bf16": 22, "c64": 23, "c128": 24}

func (d *description) opPIR(op *strictjson.Value) {
	name := op.Get("#").String()
	if name != "p" {
		d.operator(name)
		return
	}
	a, t := op.Get("A"), op.Get("O").Get("TT").Get("D")
	if a == nil || len(a.Items) < 4 || t == nil || len(t.Items) < 2 {
		return
	}
	var dims []int64
	for _, x := range t.Items[1].Items {
		n, _ := strconv.ParseInt(x.Text, 10, 64)
		dims = append(dims, n)
	}
	spelled := strings.TrimPrefix(t.Items[0].Get("#").String(), "0.t_")
	number, ok := pirTypes[spelled]
	if !ok {
		d.tensor(a.Items[3].Text, spelled, dims, 0)
		return
	}
	size, _ := bytesOf(number, dims)
	d.tensor(a.Items[3].Text, typeName(number), dims, size)
}

var _ scan.Describer = scanner{}
