package torchscript

import (
	"slices"
	"strings"
)

// hostOps are the registered operators that act outside of tensors, with what they
// do. They were found among the 3,600 schemas that
// torch._C._jit_get_all_schemas() lists in PyTorch 1.13 and 2.6.
var hostOps = map[string]string{
	"aten::save":              "writes a file of any name",
	"aten::from_file":         "opens or creates a file of any name and maps it into memory",
	"debugprims::load_tensor": "reads a file of any name",
	"prim::rpc_async":         "runs a function on another machine",
	"prim::rpc_sync":          "runs a function on another machine",
	"prim::rpc_remote":        "runs a function on another machine",
	"prim::PythonOp":          "calls a Python function",
	"prim::IgnoredPythonOp":   "calls a Python function",
}

// ownNamespaces hold operators that come with PyTorch itself and only compute.
func ownNamespace(ns string) bool {
	switch ns {
	case "aten", "prim", "prims", "quantized", "_quantized", "quantized_decomposed", "mkldnn", "mkldnn_prepacked",
		"sparse", "profiler", "rngprims", "static_runtime", "higher_order", "_caffe2", "cuda":
		return true
	}
	return false
}

// ownClass reports whether a custom class comes with PyTorch itself.
func ownClass(name string) bool {
	ns, _, _ := strings.Cut(name, ".")
	return slices.Contains([]string{"quantized", "rnn", "xnnpack", "mkldnn", "sparse", "profiler", "vulkan", "metal"}, ns)
}

// foreign lists the operators and classes that need a library besides PyTorch.
func (p *program) foreign() []string {
	var list []string
	for op := range p.ops {
		if ns, _, _ := strings.Cut(op, "::"); !ownNamespace(ns) && hostOps[op] == "" {
			list = append(list, op)
		}
	}
	for c := range p.classes {
		if !ownClass(c) {
			list = append(list, "torch.classes."+c)
		}
	}
	slices.Sort(list)
	return list
}

// operators lists every operator by name.
func (p *program) operators() []string {
	list := make([]string, 0, len(p.ops))
	for op := range p.ops {
		list = append(list, op)
	}
	slices.Sort(list)
	return list
}
