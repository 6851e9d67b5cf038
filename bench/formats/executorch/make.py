"""Writes the fixtures of model/artifact/executorch/testdata.

The exporter of ExecuTorch needs a PyTorch newer than Debian's, so the programs are
written as JSON in the terms of its schema and turned into FlatBuffers by the schema
and the compiler (flatc) of the wheel, executorch 1.5.1:

exported.pte and .json are written by that exporter (bench/peers/formats/make_exporter.py, dense.pte).

    pip install --no-deps --target WHEEL executorch==1.5.1
    python3 make.py WHEEL OUT
"""

import json
import pathlib
import subprocess
import sys
import tempfile

wheel, out = pathlib.Path(sys.argv[1]) / "executorch", pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)


def tensor(sizes, buffer=0, name=None):
    t = {"scalar_type": "FLOAT", "sizes": sizes, "dim_order": list(range(len(sizes))), "data_buffer_idx": buffer, "layout": 0}
    if name:
        t["extra_tensor_info"] = {"fully_qualified_name": name}
    return {"val_type": "Tensor", "val": t}


def program(operators, delegates=()):
    instructions = [{"instr_args_type": "KernelCall", "instr_args": {"op_index": i, "args": [0, 1, 2, 3]}} for i in range(len(operators))]
    instructions += [{"instr_args_type": "DelegateCall", "instr_args": {"delegate_index": i, "args": [0, 3]}} for i in range(len(delegates))]
    instructions += [{"instr_args_type": "MoveCall", "instr_args": {"move_from": 0, "move_to": 3}}]
    return {
        "version": 0,
        "execution_plan": [{
            "name": "forward",
            "container_meta_type": {"encoded_inp_str": "", "encoded_out_str": ""},
            "values": [tensor([1, 3]), tensor([2, 3], 1, "fc.weight"), tensor([2], 2, "fc.bias"), tensor([1, 2]), {"val_type": "Int", "val": {"int_val": 7}}],
            "inputs": [0],
            "outputs": [3],
            "chains": [{"inputs": [], "outputs": [], "instructions": instructions}],
            "operators": [{"name": n, "overload": o} for n, o in operators],
            "delegates": [{"id": d, "processed": {"location": "INLINE", "index": 0}, "compile_specs": []} for d in delegates],
            "non_const_buffer_sizes": [0, 32],
        }],
        "constant_buffer": [{"storage": []}, {"storage": [0] * 24}, {"storage": [0] * 8}],
        "backend_delegate_data": [{"data": [1, 2, 3]}] if delegates else [],
    }


with tempfile.TemporaryDirectory() as d:
    for name, value in (
        ("linear", program([("aten::addmm", "out"), ("aten::relu", "out")])),
        ("delegate", program([("aten::relu", "out")], ["XnnpackBackend"])),
        ("custom", program([("merlon_test::process", "out")])),
    ):
        path = pathlib.Path(d) / f"{name}.json"
        path.write_text(json.dumps(value))
        subprocess.run([wheel / "data" / "bin" / "flatc", "--binary", "-o", d, wheel / "schema" / "program.fbs", path], check=True)
        (out / f"{name}.pte").write_bytes((pathlib.Path(d) / f"{name}.pte").read_bytes())
