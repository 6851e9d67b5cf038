"""Write the GGUF fixtures of merlon's tests, and what gguf-py reads back:
python make.py ../../../model/artifact/gguf/testdata
"""
import json
import pathlib
import sys
from importlib.metadata import version

import numpy as np
from gguf import GGUFEndian, GGUFReader, GGUFWriter, quants
from gguf.constants import GGMLQuantizationType as T

out = pathlib.Path(sys.argv[1])
TEMPLATE = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
            "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def write(path, endian):
    w = GGUFWriter(path, "llama", endianess=endian)
    w.add_name("merlon test")
    w.add_license("apache-2.0")
    w.add_context_length(128)
    w.add_float32("llama.rope.freq_base", 10000.0)
    w.add_float64("test.f64", 0.5)
    w.add_bool("test.bool", True)
    for bits in (8, 16, 32, 64):
        getattr(w, f"add_uint{bits}")(f"test.u{bits}", 2**bits - 1)
        getattr(w, f"add_int{bits}")(f"test.i{bits}", -(2 ** (bits - 1)))
    w.add_tokenizer_model("llama")
    w.add_token_list(["<unk>", "<s>", "</s>", "é", "猫"])
    w.add_token_scores([0.0, 0.0, 0.0, -1.0, -2.0])
    w.add_array("test.empty.ints", [1, -2, 3])
    w.add_chat_template([{"name": "default", "template": TEMPLATE}, {"name": "tool_use", "template": TEMPLATE}])
    rng = np.random.default_rng(1)
    w.add_tensor("token_embd.weight", rng.standard_normal((5, 32)).astype(np.float32))
    w.add_tensor("blk.0.attn_q.weight", rng.standard_normal((4, 2, 32)).astype(np.float16))
    w.add_tensor("blk.0.ffn_up.weight", rng.integers(-5, 5, (3,)).astype(np.int8))
    for kind in (T.Q4_0, T.Q5_1, T.Q8_0):
        data = quants.quantize(rng.standard_normal((2, 64)).astype(np.float32), kind)
        w.add_tensor(f"blk.0.{kind.name.lower()}", data, raw_dtype=kind)
    for kind, size in ((T.Q4_K, 144), (T.Q6_K, 210), (T.IQ2_XXS, 66), (T.TQ1_0, 54)):
        w.add_tensor(f"blk.1.{kind.name.lower()}", np.zeros((1, size), dtype=np.uint8), raw_dtype=kind)
    w.add_tensor("output_norm.weight", np.ones(7, dtype=np.float64))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


oracle = {"library": "gguf " + version("gguf"), "files": {}}
for name, endian in (("real.gguf", GGUFEndian.LITTLE), ("real-be.gguf", GGUFEndian.BIG)):
    write(out / name, endian)
    r = GGUFReader(out / name)
    oracle["files"][name] = {
        "keys": [k for k in r.fields if not k.startswith("GGUF.")],
        "tensors": [{"name": t.name, "dtype": t.tensor_type.name, "shape": [int(d) for d in reversed(t.shape)],
                     "bytes": int(t.n_bytes)} for t in r.tensors]}
(out / "oracle.json").write_text(json.dumps(oracle, indent=1) + "\n")
