package torchscript

import (
	"slices"
	"strconv"
	"strings"

	"github.com/merlon-security/merlon/asset"
	"github.com/merlon-security/merlon/engine/strictjson"
)

// exported is what the JSON of an exported program says (torch/_export/serde/
// schema.py).
type exported struct {
	targets map[string]int // what the nodes call, "torch.ops.aten.relu.default"
	exprs   []string       // distinct symbolic expressions
	seen    map[string]bool
	tensors []asset.Tensor
	omitted int
	names   map[string]string // graph name to parameter name
	pickled []string          // weights that are loaded with pickle
	torch   string
	dups    int
}

func newExported() *exported {
	return &exported{targets: map[string]int{}, seen: map[string]bool{}, names: map[string]string{}}
}

const (
	maxExprs   = 100_000
	maxTargets = 100_000
)

// read adds one JSON document. Everything is looked at, whatever its place: loaders
// resolve targets and expressions in nested graphs too.
func (e *exported) read(doc []byte) error {
	p := strictjson.New(doc, strictjson.Options{Python: true})
	err := e.value(p, "")
	if err == nil {
		err = p.End()
	}
	e.dups += len(p.Duplicates)
	return err
}

func (e *exported) value(p *strictjson.Parser, key string) error {
	switch p.Kind() {
	case strictjson.Object:
		if key == "tensor_values" {
			return e.tensorValues(p)
		}
		return p.Object(func(k []byte, _ int) error { return e.value(p, string(k)) })
	case strictjson.Array:
		return p.Array(func(int) error { return e.value(p, "") })
	case strictjson.String:
		text, err := p.Text()
		if err != nil {
			return err
		}
		switch key {
		case "target":
			if len(e.targets) < maxTargets {
				e.targets[text]++
			}
		case "expr_str", "expr":
			e.expr(text)
		case "torch_version":
			e.torch = text
		}
		return nil
	}
	return p.Skip()
}

func (e *exported) expr(text string) {
	if !e.seen[text] && len(e.exprs) < maxExprs {
		e.seen[text] = true
		e.exprs = append(e.exprs, text)
	}
}

// tensorValues reads the map from names in the graph to what is known of tensors.
func (e *exported) tensorValues(p *strictjson.Parser) error {
	return p.Object(func(k []byte, _ int) error {
		t := asset.Tensor{Name: string(k)}
		if p.Kind() != strictjson.Object {
			return e.value(p, "")
		}
		err := p.Object(func(k []byte, _ int) error {
			switch {
			case string(k) == "dtype" && p.Kind() == strictjson.Number:
				n, err := p.Number()
				t.DType = scalarType(n)
				return err
			case string(k) == "sizes" && p.Kind() == strictjson.Array:
				return p.Array(func(int) error {
					n, err := e.dimension(p)
					t.Shape = append(t.Shape, n)
					return err
				})
			}
			return e.value(p, string(k))
		})
		if len(e.tensors) < asset.MaxTensors {
			e.tensors = append(e.tensors, t)
		} else {
			e.omitted++
		}
		return err
	})
}

// dimension reads {"as_int": 3} or {"as_expr": {...}}, which gives -1.
func (e *exported) dimension(p *strictjson.Parser) (int64, error) {
	if p.Kind() != strictjson.Object {
		return -1, p.Skip()
	}
	size := int64(-1)
	err := p.Object(func(k []byte, _ int) error {
		if string(k) == "as_int" && p.Kind() == strictjson.Number {
			text, err := p.Number()
			if n, bad := strconv.ParseInt(text, 10, 64); bad == nil {
				size = n
			}
			return err
		}
		return e.value(p, string(k))
	})
	return size, err
}

// scalarType names the values of ScalarType in torch/_export/serde/schema.py.
func scalarType(n string) string {
	names := []string{"unknown", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64",
		"complex32", "complex64", "complex128", "bool", "bfloat16"}
	if i, err := strconv.Atoi(n); err == nil && i >= 0 && i < len(names) {
		return names[i]
	}
	return "type " + n
}

// threat says what a target or expression means for who loads it.
type threat struct {
	verdict asset.Verdict
	what    string
}

// judgeTarget resolves a target as GraphModuleDeserializer.deserialize_operator
// does: attribute by attribute from the modules torch, operator or math.
func judgeTarget(target string) threat {
	parts := strings.Split(target, ".")
	for _, p := range parts {
		if strings.HasPrefix(p, "__") && !arithmeticDunder(p) {
			return threat{asset.Malicious, "reaches the internals of Python through " + p}
		}
	}
	switch {
	case len(parts) >= 4 && len(parts) <= 5 && parts[0] == "torch" && parts[1] == "ops":
		op := parts[2] + "::" + parts[3]
		if why := hostOps[op]; why != "" {
			return threat{asset.Malicious, why}
		}
		if parts[2] == "higher_order" && !ownHigherOrder(parts[3]) || !ownNamespace(parts[2]) {
			return threat{asset.Unverified, "needs a library besides PyTorch"}
		}
		return threat{asset.OK, ""}
	case len(parts) == 2 && parts[0] == "torch" && (strings.HasPrefix(parts[1], "sym_") || strings.HasPrefix(parts[1], "_sym_")):
		return threat{asset.OK, ""}
	case len(parts) == 2 && parts[0] == "math":
		return threat{asset.OK, ""}
	case len(parts) == 2 && parts[0] == "_operator" && arithmetic(parts[1]):
		return threat{asset.OK, ""}
	case parts[0] == "_operator":
		return threat{asset.Malicious, "calls or looks up whatever its arguments name"}
	case parts[0] == "torch":
		return threat{asset.Malicious, "resolves to a Python function of the torch module, not to an operator"}
	}
	return threat{asset.Unverified, "is not resolved by the loaders of PyTorch 2.6"}
}

func arithmeticDunder(p string) bool {
	return slices.Contains([]string{"__and__", "__or__", "__xor__", "__lshift__", "__rshift__"}, p)
}

func arithmetic(name string) bool {
	return slices.Contains([]string{"add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "neg", "pos", "abs", "eq", "ne", "lt", "le",
		"gt", "ge", "and_", "or_", "xor", "not_", "lshift", "rshift", "invert", "getitem", "index", "iadd", "imul", "isub"}, name)
}

func ownHigherOrder(name string) bool {
	return slices.Contains([]string{"cond", "while_loop", "map_impl", "map", "scan", "associative_scan", "wrap_with_set_grad_enabled",
		"wrap_with_autocast", "auto_functionalized", "auto_functionalized_v2", "with_effects", "out_dtype", "flex_attention",
		"strict_mode", "run_const_graph", "foreach_map", "invoke_subgraph"}, name)
}
