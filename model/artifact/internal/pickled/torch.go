package pickled

import (
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/pickle/graph"
)

// tensor reads the arguments of the functions that put tensors together (torch/
// _utils.py, torch/_tensor.py).
func tensor(callable string, args []*graph.Value, depth int) *asset.Tensor {
	if depth > 4 {
		return nil
	}
	switch callable {
	case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v3", "torch._utils._rebuild_qtensor":
		return dense(args)
	case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
		if len(args) > 0 {
			return Of(args[0])
		}
	case "torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type":
		// (function, type, its arguments, state)
		if len(args) >= 3 && args[0].Kind == graph.Global && args[2].Kind == graph.Tuple {
			return tensor(args[0].Text, args[2].Items, depth+1)
		}
	case "torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_sparse_csr_tensor":
		if len(args) >= 2 {
			return sparse(args[1].Items)
		}
	case "torch._utils._rebuild_meta_tensor_no_storage": // (dtype, size, ...): no bytes at all
		if len(args) >= 2 && args[0].Kind == graph.Global {
			if shape, _, ok := shapeOf(args[1]); ok {
				return &asset.Tensor{DType: strings.TrimPrefix(args[0].Text, "torch."), Shape: shape}
			}
		}
	}
	return nil
}

// dense reads (storage, offset, size, stride, ...): the storage is the persistent object
// ("storage", class, key, location, number of items).
func dense(args []*graph.Value) *asset.Tensor {
	if len(args) < 3 || args[0].Kind != graph.Persistent || len(args[0].Args) != 1 {
		return nil
	}
	id := args[0].Args[0].Items
	if len(id) < 5 || id[1].Kind != graph.Global {
		return nil
	}
	kind := storageType(id[1].Text)
	if strings.HasSuffix(kind, "UntypedStorage") { // _rebuild_tensor_v3 names the type itself
		for _, a := range args[3:] {
			if name, ok := strings.CutPrefix(a.Text, "torch."); ok && a.Kind == graph.Global {
				kind = name
			}
		}
	}
	shape, n, ok := shapeOf(args[2])
	if !ok {
		return nil
	}
	return &asset.Tensor{DType: kind, Shape: shape, Bytes: n * itemSize(kind)}
}

// sparse reads (indices, values, size[, coalesced]) or (row pointers, columns, values,
// size): tensors, then the shape.
func sparse(parts []*graph.Value) *asset.Tensor {
	t := &asset.Tensor{}
	for _, p := range parts {
		if x := Of(p); x != nil {
			t.DType = x.DType // the values come last
			t.Bytes += x.Bytes
			continue
		}
		shape, _, ok := shapeOf(p)
		if ok && t.DType != "" {
			t.Shape = shape
			return t
		}
	}
	return nil
}

// storageType names the type of a storage class as PyTorch does.
func storageType(class string) string {
	names := map[string]string{"Float": "float32", "Half": "float16", "BFloat16": "bfloat16", "Double": "float64", "Long": "int64",
		"Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool", "ComplexFloat": "complex64",
		"ComplexDouble": "complex128", "QInt8": "qint8", "QUInt8": "quint8", "QInt32": "qint32", "QUInt4x2": "quint4x2", "QUInt2x4": "quint2x4"}
	_, short, _ := cutLast(class)
	if n, ok := names[strings.TrimSuffix(short, "Storage")]; ok {
		return n
	}
	return class
}

// itemSize gives the bytes of an item, 0 for an unknown type.
func itemSize(dtype string) int64 {
	switch dtype {
	case "bool", "int8", "uint8", "qint8", "quint8", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu",
		"float4_e2m1fn_x2", "float8_e4m3", "float8_e4m3b11fnuz", "float8_e3m4", "int4", "uint4", "int2", "uint2", "float4_e2m1fn":
		return 1
	case "float16", "bfloat16", "int16", "uint16":
		return 2
	case "float32", "int32", "uint32", "qint32":
		return 4
	case "float64", "int64", "uint64", "complex64":
		return 8
	case "complex128":
		return 16
	}
	return 0
}
