"""Programs of ExecuTorch: its exporter needs a PyTorch of its own, so programs are written as JSON in the terms of its
schema, turned into FlatBuffers by the compiler (flatc) and schema of its wheel, and read back by both.

usage: make_executorch.py OUT WHEEL
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import kit

wheel = pathlib.Path(sys.argv[2]) / "executorch"
flatc, schema = wheel / "data" / "bin" / "flatc", wheel / "schema" / "program.fbs"
TYPES = {"BYTE": ("uint8", 1), "CHAR": ("int8", 1), "SHORT": ("int16", 2), "INT": ("int32", 4), "LONG": ("int64", 8), "HALF": ("float16", 2), "FLOAT": ("float32", 4), "DOUBLE": ("float64", 8), "BOOL": ("bool", 1), "BFLOAT16": ("bfloat16", 2)}


def tensor(sizes, kind="FLOAT", buffer=0, name=None):
    t = {"scalar_type": kind, "sizes": sizes, "dim_order": list(range(len(sizes))), "data_buffer_idx": buffer, "layout": 0}
    if name:
        t["extra_tensor_info"] = {"fully_qualified_name": name}
    return {"val_type": "Tensor", "val": t}


def program(operators, weights, delegates=()):
    buffers, values = [{"storage": []}], [tensor([1, 3])]
    for name, kind, sizes in weights:
        size = TYPES[kind][1]
        for d in sizes:
            size *= d
        values.append(tensor(sizes, kind, len(buffers), name))
        buffers.append({"storage": [0] * size})
    values += [tensor([1, 2]), {"val_type": "Int", "val": {"int_val": 7}}]
    calls = [{"instr_args_type": "KernelCall", "instr_args": {"op_index": i, "args": [0, 1, len(values) - 2]}} for i in range(len(operators))]
    calls += [{"instr_args_type": "DelegateCall", "instr_args": {"delegate_index": i, "args": [0, len(values) - 2]}} for i in range(len(delegates))]
    return {"version": 0, "execution_plan": [{"name": "forward", "container_meta_type": {"encoded_inp_str": "", "encoded_out_str": ""}, "values": values, "inputs": [0], "outputs": [len(values) - 2],
            "chains": [{"inputs": [], "outputs": [], "instructions": calls}], "operators": [{"name": n, "overload": o} for n, o in operators],
            "delegates": [{"id": d, "processed": {"location": "INLINE", "index": 0}, "compile_specs": []} for d in delegates], "non_const_buffer_sizes": [0, 32]}],
            "constant_buffer": buffers, "backend_delegate_data": [{"data": [1, 2, 3]}] if delegates else []}


def keep(name, verdict, value):
    with tempfile.TemporaryDirectory() as d:
        source = pathlib.Path(d) / (name + ".json")
        source.write_text(json.dumps(value))
        subprocess.run([flatc, "--binary", "-o", d, schema, source], check=True)
        made = (pathlib.Path(d) / (name + ".pte")).read_bytes()
        pathlib.Path(kit.path(name + ".pte")).write_bytes(made)
        source.unlink()
        subprocess.run([flatc, "--json", "--strict-json", "--raw-binary", "-o", d, schema, "--", kit.path(name + ".pte")], check=True)
        read = json.loads(source.read_text())
    rows = []
    for plan in read["execution_plan"]:
        for v in plan["values"]:
            t = v.get("val", {})
            if v.get("val_type") == "Tensor" and t.get("data_buffer_idx", 0):
                rows.append((t["extra_tensor_info"]["fully_qualified_name"], TYPES[t.get("scalar_type", "BYTE")][0], t.get("sizes", [])))
    kit.model(name + ".pte", rows, verdict=verdict)


layers = [(n, k, s) for i in range(6) for n, k, s in (("layers.%d.weight" % i, "FLOAT", [4, 3]), ("layers.%d.bias" % i, "FLOAT", [4]))]
keep("linear", "ok", program([("aten::addmm", "out"), ("aten::relu", "out")], layers))
keep("types", "ok", program([("aten::add", "out")], [("w." + TYPES[k][0], k, [2, 3]) for k in TYPES] + [("scalar", "FLOAT", []), ("empty", "FLOAT", [0, 3])]))
keep("delegate", "unverified", program([("aten::relu", "out")], layers[:2], ["XnnpackBackend"]))
keep("custom", "unverified", program([("merlon_test::process", "out")], layers[:1]))
kit.uses(executorch="1.5.1 (schema and flatc)")
kit.finish()
