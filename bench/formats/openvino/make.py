"""Makes the OpenVINO fixtures of model/artifact/openvino/testdata.

usage: python make.py OUTPUT_FOLDER

NAME.json: the constants that OpenVINO finds in the model that it reads back.
"""
import json
import pathlib
import sys

import numpy as np
import openvino as ov
from openvino import opset13 as op

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


def keep(name, model):
    ov.save_model(model, out / f"{name}.xml", compress_to_fp16=False)
    rows = []
    for n in ov.Core().read_model(out / f"{name}.xml").get_ops():
        if n.get_type_name() == "Constant":
            rows.append({"name": n.get_friendly_name(), "dtype": n.get_element_type().get_type_name(), "shape": list(n.get_output_shape(0))})
    (out / f"{name}.json").write_text(json.dumps(sorted(rows, key=lambda r: r["name"]), indent=1) + "\n")


x = op.parameter([1, 4], np.float32, "x")
w = op.constant(np.arange(12, dtype=np.float32).reshape(4, 3), name="w")
b = op.constant(np.zeros((1, 3), np.float16), name="b")
y = op.relu(op.add(op.matmul(x, w, False, False), op.convert(b, "f32")), "y")
keep("dense", ov.Model([y], [x], "dense"))

c = op.parameter([], np.bool_, "c")
t = op.parameter([1, 3], np.float32)
e = op.parameter([1, 3], np.float32)
branch = op.if_op(c)
branch.set_then_body(ov.Model([op.relu(t)], [t], "then"))
branch.set_else_body(ov.Model([op.add(e, op.constant(np.ones((1, 3), np.float32), name="inner"))], [e], "else"))
branch.set_input(y.output(0), t, e)
res = branch.set_output(branch.get_function(0).get_results()[0], branch.get_function(1).get_results()[0])
keep("branch", ov.Model([res], [c, x], "branch"))

nothing = op.concat([op.parameter([2, 3], np.float32, "x"), op.constant(np.zeros((0, 3), np.float32), name="nothing")], 0)
keep("empty", ov.Model([nothing], [nothing.input_value(0).get_node()], "empty"))
