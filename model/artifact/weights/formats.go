package weights

import (
	"context"
	"fmt"
	"slices"

	onnxgraph "github.com/merlon-security/merlon/engine/onnx"
	"github.com/merlon-security/merlon/model/artifact/numpy"
	"github.com/merlon-security/merlon/model/artifact/torchzip"
	"github.com/merlon-security/merlon/scan"
)

// torchTypes are the storages of PyTorch by the names of their classes.
var torchTypes = map[string]string{"FloatStorage": "F32", "DoubleStorage": "F64", "HalfStorage": "F16", "BFloat16Storage": "BF16",
	"ByteStorage": "U8", "CharStorage": "I8", "ShortStorage": "I16", "IntStorage": "I32", "LongStorage": "I64", "BoolStorage": "BOOL"}

func torchTensors(ctx context.Context, f scan.File) (contents, error) {
	list, ok, err := torchzip.Data(ctx, f)
	if err != nil || !ok {
		return contents{}, err
	}
	c := contents{known: true}
	for _, s := range list {
		if len(c.tensors) >= maxTensors {
			return contents{}, fmt.Errorf("more than %d storages", maxTensors)
		}
		c.tensors = append(c.tensors, tensor{s.Member, torchTypes[s.Class], s.Offset, s.Size})
	}
	return c, nil
}

// numpyTypes are the floats in the order of the machines of today.
var numpyTypes = map[string]string{"<f2": "F16", "<f4": "F32", "<f8": "F64"}

func numpyTensors(f scan.File) (contents, error) {
	descr, off, n, err := numpy.Data(f, f.Size())
	if err != nil {
		return contents{}, err
	}
	if n > f.Size()-off {
		return contents{}, fmt.Errorf("array of %d bytes, the file ends after %d", n, f.Size()-off)
	}
	return contents{known: true, tensors: []tensor{{"array", numpyTypes[descr], off, n}}}, nil
}

// onnxTypes are the names of TensorProto.DataType.
var onnxTypes = map[string]string{"FLOAT": "F32", "DOUBLE": "F64", "FLOAT16": "F16", "BFLOAT16": "BF16",
	"UINT8": "U8", "INT8": "I8", "INT16": "I16", "INT32": "I32", "INT64": "I64", "BOOL": "BOOL"}

// onnxTensors lists what lies in raw_data, where all exporters put weights. Weights in
// files of their own are looked at only if these are of a format that is known.
func onnxTensors(ctx context.Context, f scan.File) (contents, error) {
	c := contents{known: true, named: true}
	var full error
	_, err := onnxgraph.Read(ctx, f, f.Size(), onnxgraph.Limits{}, onnxgraph.Visitor{Tensor: func(t *onnxgraph.Tensor) {
		switch {
		case !t.HasRaw || t.Raw.Len() == 0:
		case len(c.tensors) >= maxTensors:
			full = fmt.Errorf("more than %d tensors", maxTensors)
		default:
			c.tensors = append(c.tensors, tensor{t.Name, onnxTypes[t.Type()], t.Raw.Start, t.Raw.Len()})
		}
	}})
	if err == nil {
		err = full
	}
	return c, err
}

// gaps returns the ranges of at most most bytes between the given ones, and behind
// them up to end.
func gaps(used []span, end, most int64) []span {
	slices.SortFunc(used, func(a, b span) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	var out []span
	at := int64(0) // all before belongs to a tensor
	for i := range used {
		next := end
		if i+1 < len(used) {
			next = used[i+1].from
		}
		at = max(at, used[i].to)
		if n := next - at; n > 0 && n <= most {
			out = append(out, span{at, next})
		}
	}
	return out
}
