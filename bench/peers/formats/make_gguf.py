"""Models in GGUF, written and read by gguf-py."""
import os

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as T, GGUFEndian, GGUFReader, GGUFWriter, quants
from importlib.metadata import version

import kit

rng = np.random.default_rng(1)


def read(*names):
    rows = []
    for name in names:
        for t in GGUFReader(kit.path(name)).tensors:
            rows.append((t.name, t.tensor_type.name, reversed([int(d) for d in t.shape])))
    return rows


def finish(w):
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def llama(w, layers, kind):
    w.add_block_count(layers)
    w.add_context_length(64)
    w.add_embedding_length(256)
    w.add_token_list(["<unk>", "a", "b"])
    block, size = GGML_QUANT_SIZES[kind]

    def add(name, rows, cols):
        if kind in (T.F32, T.F16):
            w.add_tensor(name, rng.standard_normal((rows, cols)).astype(np.float32 if kind == T.F32 else np.float16))
        else:
            w.add_tensor(name, rng.integers(0, 255, (rows, cols // block * size), dtype=np.uint8), raw_dtype=kind)
    add("token_embd.weight", 3, 256)
    for i in range(layers):
        for part in ("attn_q", "attn_k", "attn_v", "ffn_up"):
            add("blk.%d.%s.weight" % (i, part), 4, 256)
        w.add_tensor("blk.%d.attn_norm.weight" % i, np.ones(256, np.float32))


for name, kind, endian in (("llama-f32", T.F32, GGUFEndian.LITTLE), ("llama-f16-be", T.F16, GGUFEndian.BIG), ("llama-q4_k", T.Q4_K, GGUFEndian.LITTLE), ("llama-q8_0", T.Q8_0, GGUFEndian.LITTLE)):
    w = GGUFWriter(kit.path(name + ".gguf"), "llama", endianess=endian)
    llama(w, 6, kind)
    finish(w)
    kit.model(name + ".gguf", read(name + ".gguf"))

# Every type there is; blocks of zeros are valid for all.
w = GGUFWriter(kit.path("types.gguf"), "test")
for kind, (block, size) in GGML_QUANT_SIZES.items():
    plain = {T.F32: np.float32, T.F16: np.float16, T.F64: np.float64, T.I8: np.int8, T.I16: np.int16, T.I32: np.int32, T.I64: np.int64}.get(kind)
    if plain:
        w.add_tensor("plain.%s" % kind.name, np.zeros((2, 3, 4), plain))
    else:
        kit.attempt(kind.name, w.add_tensor, "t.%s" % kind.name, np.zeros((2, 2 * size), np.uint8), raw_dtype=kind)
finish(w)
kit.model("types.gguf", read("types.gguf"))

# One value, one dimension, four dimensions.
w = GGUFWriter(kit.path("shapes.gguf"), "test")
w.add_tensor("one", np.zeros(1, np.float32))
w.add_tensor("four", np.zeros((2, 3, 4, 32), np.float16))
w.add_tensor("quantised.from.float", quants.quantize(rng.standard_normal((4, 64)).astype(np.float32), T.BF16), raw_dtype=T.BF16)
finish(w)
kit.model("shapes.gguf", read("shapes.gguf"))

w = GGUFWriter(kit.path("split/model.gguf"), "llama", split_max_tensors=10)
llama(w, 5, T.Q8_0)
finish(w)
parts = sorted(n for n in os.listdir(kit.path("split/x")[:-2]) if n.endswith(".gguf"))
kit.model("split", read(*("split/" + n for n in parts)))
kit.uses(gguf=version("gguf"))
kit.finish()
