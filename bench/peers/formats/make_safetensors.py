"""Models in safetensors, written and read by the safetensors library."""
import ctypes
import json

import numpy as np
import safetensors
from safetensors import TensorSpec, safe_open, serialize_file
from safetensors.numpy import save_file

import kit

rng = np.random.default_rng(1)
kept = []


def spec(dtype, shape, size):
    buffer = ctypes.create_string_buffer(bytes(rng.integers(0, 255, size, dtype=np.uint8)), max(size, 1))
    kept.append(buffer)
    return TensorSpec(dtype=dtype, shape=shape, data_ptr=ctypes.addressof(buffer), data_len=size)


def read(name):
    with safe_open(kit.path(name), framework="np") as f:
        return [(k, f.get_slice(k).get_dtype(), f.get_slice(k).get_shape()) for k in f.keys()]


def transformer(layers, dtype, width=2, hidden=16):
    t = {"model.embed_tokens.weight": spec(dtype, [32, hidden], 32 * hidden * width)}
    for i in range(layers):
        for part in ("self_attn.q_proj", "self_attn.k_proj", "mlp.up_proj"):
            t["model.layers.%d.%s.weight" % (i, part)] = spec(dtype, [hidden, hidden], hidden * hidden * width)
        t["model.layers.%d.input_layernorm.weight" % i] = spec("float32", [hidden], 4 * hidden)
    return t


kinds = {t: np.dtype(t).itemsize for t in ("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float16", "float32", "float64", "complex64")}
save_file({"layer.%s" % t: np.zeros((3, 2), t) for t in kinds} | {"scalar": np.array(1.0, "f4"), "empty": np.zeros((0, 4), "f2"), "a name with é and spaces": np.zeros(1, "i1")},
          kit.path("numpy.safetensors"), metadata={"format": "np"})
kit.model("numpy.safetensors", read("numpy.safetensors"))
small = {"bfloat16": 2, "float8_e4m3fn": 1, "float8_e5m2": 1, "float8_e8m0fnu": 1, "float8_e4m3fnuz": 1, "float8_e5m2fnuz": 1}
serialize_file({"w.%s" % t: spec(t, [4, 6], 24 * n) for t, n in small.items()} | {"packed": spec("float4_e2m1fn_x2", [4, 6], 24)}, kit.path("low.safetensors"), {"format": "pt"})
kit.model("low.safetensors", read("low.safetensors"))
serialize_file(transformer(12, "bfloat16"), kit.path("bf16.safetensors"), None)
kit.model("bf16.safetensors", read("bf16.safetensors"))
serialize_file(transformer(4, "float8_e4m3fn", 1) | {"model.scale_inv": spec("float32", [], 4)}, kit.path("fp8.safetensors"), {})
kit.model("fp8.safetensors", read("fp8.safetensors"))
serialize_file({}, kit.path("none.safetensors"), {"note": "no tensors"})
kit.model("none.safetensors", read("none.safetensors"))

# A sharded model as transformers lays it out.
weights, index, rows, size = transformer(6, "float16"), {}, [], 0
names = sorted(weights)
for i in range(3):
    part = {n: weights[n] for n in names[i::3]}
    name = "model-%05d-of-00003.safetensors" % (i + 1)
    serialize_file(part, kit.path("sharded/" + name), {"format": "pt"})
    index |= {n: name for n in part}
    size += sum(p.data_len for p in part.values())
    rows += read("sharded/" + name)
with open(kit.path("sharded/model.safetensors.index.json"), "w") as f:
    json.dump({"metadata": {"total_size": size}, "weight_map": index}, f)
with open(kit.path("sharded/config.json"), "w") as f:
    json.dump({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float16"}, f)
kit.model("sharded", rows)
kit.uses(safetensors=safetensors.__version__, numpy=np.__version__)
kit.finish()
