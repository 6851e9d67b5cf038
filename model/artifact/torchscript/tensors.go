package torchscript

import (
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
)

// rebuild gives the result of a call in a pickle of PyTorch (torch/_utils.py).
func rebuild(callable string, args []*literal) *literal {
	switch callable {
	case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v3":
		if t := tensorOf(args); t != nil {
			return &literal{tensor: t}
		}
	case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state", "torch._tensor._rebuild_from_type_v2":
		for _, a := range args {
			if a.tensor != nil {
				return a
			}
		}
	}
	return &literal{}
}

// tensorOf reads (storage, offset, size, stride, ...): the storage is
// ("storage", class, key, location, number of items).
func tensorOf(args []*literal) *asset.Tensor {
	if len(args) < 3 || args[0].stored == nil || len(args[0].stored.items) < 5 {
		return nil
	}
	id := args[0].stored.items
	t := &asset.Tensor{DType: storageType(id[1].global), Shape: []int64{}, File: id[2].text}
	if strings.HasSuffix(id[1].global, "UntypedStorage") { // _rebuild_tensor_v3 names the type itself
		for _, a := range args[3:] {
			if name, ok := strings.CutPrefix(a.global, "torch."); ok && itemSize(name) > 0 {
				t.DType = name
			}
		}
	}
	items := int64(1)
	for _, d := range args[2].items {
		if d.num < 0 || d.num > 0 && items > (1<<60)/d.num {
			return nil
		}
		items *= d.num
		t.Shape = append(t.Shape, d.num)
	}
	t.Bytes = items * itemSize(t.DType)
	return t
}

// storageType names the type of a storage class as PyTorch does.
func storageType(class string) string {
	names := map[string]string{"Float": "float32", "Half": "float16", "BFloat16": "bfloat16", "Double": "float64", "Long": "int64",
		"Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8", "Bool": "bool", "ComplexFloat": "complex64",
		"ComplexDouble": "complex128", "QInt8": "qint8", "QUInt8": "quint8", "QInt32": "qint32"}
	short := strings.TrimSuffix(strings.TrimPrefix(class, "torch."), "Storage")
	if n, ok := names[short]; ok {
		return n
	}
	return class
}

func itemSize(dtype string) int64 {
	switch dtype {
	case "bool", "int8", "uint8", "qint8", "quint8", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz":
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

// collect lists the tensors in a value by the keys that lead to them.
type collector struct {
	tensors []asset.Tensor
	omitted int
	seen    map[*literal]bool // being walked: values may be circular
	steps   int
}

const (
	maxSteps = 4 << 20
	maxDeep  = 200
)

func (c *collector) walk(v *literal, path string, depth int) {
	if c.steps++; c.steps > maxSteps || depth > maxDeep || c.seen[v] {
		return
	}
	if v.tensor != nil {
		if len(c.tensors) >= asset.MaxTensors {
			c.omitted++
			return
		}
		t := *v.tensor
		t.Name = path
		c.tensors = append(c.tensors, t)
		return
	}
	c.seen[v] = true
	defer delete(c.seen, v)
	for i := 0; i+1 < len(v.pairs); i += 2 {
		key := v.pairs[i].text
		if v.pairs[i].isNum {
			key = strconv.FormatInt(v.pairs[i].num, 10)
		}
		c.walk(v.pairs[i+1], join(path, key), depth+1)
	}
	for i, x := range v.items {
		c.walk(x, join(path, strconv.Itoa(i)), depth+1)
	}
}

func join(path, key string) string {
	switch {
	case path == "":
		return key
	case len(path)+len(key) > 1000:
		return path
	}
	return path + "." + key
}
