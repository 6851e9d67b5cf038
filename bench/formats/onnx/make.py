"""Makes the ONNX fixtures of model/artifact/onnx/testdata with the libraries themselves.

usage: python make.py OUTPUT_FOLDER

Beside every model NAME.onnx lies NAME.json: what the onnx package says about its
initializers (name, element type, shape), the oracle for merlon's own reader.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper as nh

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(1)


def value(name, shape, t=T.FLOAT):
    return h.make_tensor_value_info(name, t, shape)


def graphs(g):
    yield g
    for n in g.node:
        for a in n.attribute:
            for s in ([a.g] if a.HasField("g") else []) + list(a.graphs):
                yield from graphs(s)


def tensors(model):
    rows = []
    for g in graphs(model.graph):
        for t in g.initializer:
            rows.append((t.name, T.DataType.Name(t.data_type), list(t.dims)))
        for s in g.sparse_initializer:
            rows.append((s.values.name, T.DataType.Name(s.values.data_type), list(s.values.dims)))
            rows.append((s.values.name + " (indices)", T.DataType.Name(s.indices.data_type), list(s.indices.dims)))
    return [{"name": n, "dtype": d, "shape": s} for n, d, s in sorted(rows)]


def save(name, model, check=True, **kw):
    if check:
        onnx.checker.check_model(model)
    rows = tensors(model)
    onnx.save(model, out / f"{name}.onnx", **kw)
    (out / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n")


def model(graph, opsets=(("", 21),), **kw):
    m = h.make_model(graph, opset_imports=[h.make_opsetid(d, v) for d, v in opsets], ir_version=10, **kw)
    m.producer_name, m.producer_version = "merlon-fixtures", "1"
    return m


w = nh.from_array(rng.standard_normal((4, 3), dtype=np.float32), "w")
b = h.make_tensor("b", T.FLOAT, [3], [0.1, 0.2, 0.3])
nodes = [h.make_node("MatMul", ["x", "w"], ["y"], "mul"), h.make_node("Add", ["y", "b"], ["z"], "add")]
m = model(h.make_graph(nodes, "linear", [value("x", ["n", 4])], [value("z", ["n", 3])], [w, b]))
h.set_model_props(m, {"author": "merlon", "licence": "Apache-2.0"})
m.doc_string = "A linear layer."
save("linear", m)

# Control flow: a graph in a graph in a graph, each with weights.
inner = h.make_graph([h.make_node("Add", ["x", "deep"], ["o2"])], "inner", [], [value("o2", [3])],
                     [h.make_tensor("deep", T.FLOAT, [3], [1, 2, 3])])
other = h.make_graph([h.make_node("Identity", ["x"], ["o3"])], "other", [], [value("o3", [3])])
outer = h.make_graph([h.make_node("If", ["c"], ["o1"], then_branch=inner, else_branch=other)], "outer", [], [value("o1", [3])])
still = h.make_graph([h.make_node("Constant", [], ["o4"], value=h.make_tensor("k", T.FLOAT, [3], [0, 0, 0]))], "still", [], [value("o4", [3])])
g = h.make_graph([h.make_node("If", ["c"], ["o"], then_branch=outer, else_branch=still)], "control",
                 [value("c", [], T.BOOL), value("x", [3])], [value("o", [3])])
save("control", model(g))

# Model-local functions that call each other.
f1 = h.make_function("local", "Twice", ["a"], ["b"], [h.make_node("Add", ["a", "a"], ["b"])], [h.make_opsetid("", 21)])
f2 = h.make_function("local", "Four", ["a"], ["b"], [h.make_node("Twice", ["a"], ["t"], domain="local"), h.make_node("Twice", ["t"], ["b"], domain="local")],
                     [h.make_opsetid("", 21), h.make_opsetid("local", 1)])
g = h.make_graph([h.make_node("Four", ["x"], ["y"], domain="local")], "functions", [value("x", [2])], [value("y", [2])])
save("functions", model(g, (("", 21), ("local", 1)), functions=[f1, f2]))

# Every element type, in raw and in typed fields.
init = []
skip = {"UNDEFINED", "STRING"}
for name, number in T.DataType.items():
    if name in skip:
        continue
    for raw in (True, False):
        if not raw and name in ("COMPLEX64", "COMPLEX128", "FLOAT6E2M3", "FLOAT6E3M2"):
            continue
        try:
            t = h.make_tensor(f"{name}_{'raw' if raw else 'typed'}", number, [2, 4], [1, 0, 1, 1, 0, 1, 0, 1])
            if raw:
                t = nh.from_array(nh.to_array(t), t.name)
                if not t.HasField("raw_data"):
                    continue
        except Exception as e:
            print("left out", name, raw, e)
            continue
        init.append(t)
init.append(h.make_tensor("STRING_typed", T.STRING, [2], [b"a", b"bc"]))
init.append(h.make_tensor("scalar", T.INT64, [], [7]))
init.append(h.make_tensor("empty", T.FLOAT, [0, 4], []))
init.append(nh.from_array(np.array([1 + 2j, 3], dtype=np.complex64), "complex64"))
init.append(nh.from_array(np.array([1 + 2j, 3], dtype=np.complex128), "complex128"))
g = h.make_graph([h.make_node("Identity", ["x"], ["y"])], "types", [value("x", [1])], [value("y", [1])], init)
save("types", model(g), check=False)

# Sparse weights.
s = h.make_sparse_tensor(h.make_tensor("sparse", T.FLOAT, [2], [1, 2]), h.make_tensor("", T.INT64, [2], [3, 11]), [3, 4])
g = h.make_graph([h.make_node("MatMul", ["x", "sparse"], ["y"])], "sparse", [value("x", [1, 3])], [value("y", [1, 4])], [], sparse_initializer=[s])
save("sparse", model(g))

# Weights beside the model.
big = nh.from_array(rng.standard_normal((64, 8), dtype=np.float32), "big")
g = h.make_graph([h.make_node("MatMul", ["x", "big"], ["y"])], "external", [value("x", [1, 64])], [value("y", [1, 8])], [big])
save("external", model(g), save_as_external_data=True, location="external.data", size_threshold=0)

# Operators of ONNX Runtime.
g = h.make_graph([h.make_node("FusedMatMul", ["x", "w"], ["y"], domain="com.microsoft", alpha=0.5),
                  h.make_node("BiasGelu", ["y", "b"], ["z"], domain="com.microsoft")],
                 "microsoft", [value("x", [1, 4])], [value("z", [1, 3])], [w, b])
save("microsoft", model(g, (("", 21), ("com.microsoft", 1))), check=False)

# scikit-learn, by its own converter.
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skl2onnx import to_onnx

x = rng.standard_normal((60, 4)).astype(np.float32)
y = (x[:, 0] > 0).astype(int)
save("sklearn", to_onnx(make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y), x[:1]))
save("forest", to_onnx(RandomForestClassifier(4, max_depth=3, random_state=1).fit(x, y), x[:1]))
