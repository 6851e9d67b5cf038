"""ONNX models made by the onnx package and by skl2onnx, read back by the onnx package."""

import warnings

import numpy as np
import onnx
from onnx import TensorProto as T, helper as h, numpy_helper as nh

import kit

warnings.simplefilter("ignore")
rng = np.random.default_rng(1)


def graphs(g):
    yield g
    for n in g.node:
        for a in n.attribute:
            for s in ([a.g] if a.HasField("g") else []) + list(a.graphs):
                yield from graphs(s)


def read(name):
    rows = []
    for g in graphs(onnx.load(kit.path(name), load_external_data=False).graph):
        rows += [(t.name, T.DataType.Name(t.data_type), t.dims) for t in g.initializer]
        for s in g.sparse_initializer:
            rows.append((s.values.name, T.DataType.Name(s.values.data_type), s.values.dims))
            rows.append((s.indices.name or s.values.name + " (indices)", T.DataType.Name(s.indices.data_type), s.indices.dims))
    return rows


def keep(name, graph, check=True, **how):
    m = h.make_model(graph, opset_imports=[h.make_opsetid("", 23)], ir_version=11) if isinstance(graph, onnx.GraphProto) else graph
    if check:
        onnx.checker.check_model(m)
    onnx.save(m, kit.path(name), **how)
    kit.model(name, read(name))


def value(name, shape, t=T.FLOAT):
    return h.make_tensor_value_info(name, t, shape)


types = [T.DataType.Value(n) for n in T.DataType.keys() if n not in ("UNDEFINED", "STRING")]
tensors = []
for t in types:
    made = kit.attempt("type " + T.DataType.Name(t), h.make_tensor, "w.%s" % T.DataType.Name(t), t, [2, 4], [1] * 8)
    tensors += [made] if made is not None else []
tensors += [h.make_tensor("text", T.STRING, [2], [b"a", b"bc"]), h.make_tensor("scalar", T.FLOAT, [], [1.0]), h.make_tensor("empty", T.INT64, [0, 3], []),
            nh.from_array(rng.standard_normal((3, 2)).astype("f4"), "raw")]
keep("types.onnx", h.make_graph([h.make_node("Identity", ["raw"], ["y"])], "types", [], [value("y", [3, 2])], tensors), check=False)

layers, nodes, last = [], [], "x"
for i in range(24):
    layers += [nh.from_array(rng.standard_normal((16, 16)).astype("f2" if i % 2 else "f4"), "encoder.layer.%d.weight" % i), nh.from_array(np.zeros(16, "f4"), "encoder.layer.%d.bias" % i)]
    nodes += [h.make_node("Cast", [layers[-2].name], ["c%d" % i], to=T.FLOAT), h.make_node("MatMul", [last, "c%d" % i], ["m%d" % i]), h.make_node("Add", ["m%d" % i, layers[-1].name], ["o%d" % i])]
    last = "o%d" % i
deep = h.make_graph(nodes, "deep", [value("x", ["n", 16])], [value(last, ["n", 16])], layers)
keep("deep.onnx", deep)
keep("external/model.onnx", deep, save_as_external_data=True, location="weights.bin", size_threshold=0)
keep("parts/model.onnx", deep, save_as_external_data=True, all_tensors_to_one_file=False, size_threshold=0)

quantised = [h.make_tensor("q.weight", T.INT4, [4, 4], [1] * 16), h.make_tensor("q.scale", T.FLOAT, [], [0.1]), h.make_tensor("q.zero", T.INT4, [], [0])]
keep("int4.onnx", h.make_graph([h.make_node("DequantizeLinear", ["q.weight", "q.scale", "q.zero"], ["y"])], "q", [], [value("y", [4, 4])], quantised))
body = h.make_graph([h.make_node("Add", ["v", "step"], ["v2"]), h.make_node("Identity", ["c"], ["c2"])], "body", [value("i", [], T.INT64), value("c", [], T.BOOL), value("v", [2])],
                    [value("c2", [], T.BOOL), value("v2", [2])], [h.make_tensor("step", T.FLOAT, [2], [1, 1])])
keep("loop.onnx", h.make_graph([h.make_node("Loop", ["n", "", "v0"], ["v"], body=body)], "loop", [value("v0", [2])], [value("v", [2])], [h.make_tensor("n", T.INT64, [], [3])]))
sparse = h.make_sparse_tensor(h.make_tensor("s", T.FLOAT, [3], [1, 2, 3]), h.make_tensor("i", T.INT64, [3], [0, 4, 8]), [3, 3])
keep("sparse.onnx", h.make_graph([h.make_node("Add", ["x", "s"], ["y"])], "sparse", [value("x", [3, 3])], [value("y", [3, 3])], [], sparse_initializer=[sparse]), check=False)

# The other forms: text, and the format of ONNX Runtime, whose own reader names only the inputs; the weights are the model's.
from google.protobuf import text_format

with open(kit.path("deep.textproto"), "w") as f:
    f.write(text_format.MessageToString(h.make_model(deep, opset_imports=[h.make_opsetid("", 23)], ir_version=11)))
with open(kit.path("deep.textproto")) as f:
    text = text_format.Parse(f.read(), onnx.ModelProto())
kit.model("deep.textproto", [(t.name, T.DataType.Name(t.data_type), t.dims) for t in text.graph.initializer])


def runtime():
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.optimized_model_filepath = kit.path("deep.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    ort.InferenceSession(kit.path("deep.onnx"), options, providers=["CPUExecutionProvider"])
    ort.InferenceSession(kit.path("deep.ort"), providers=["CPUExecutionProvider"])
    kit.uses(onnxruntime=ort.__version__)
    kit.model("deep.ort", read("deep.onnx"))


kit.attempt("deep.ort", runtime)

from skl2onnx import to_onnx
from sklearn import ensemble, linear_model, neural_network, pipeline, preprocessing, svm, cluster

X = rng.standard_normal((60, 4)).astype("f4")
y = (X[:, 0] > 0).astype(int)
for name, m in {"logistic": linear_model.LogisticRegression(), "forest": ensemble.RandomForestClassifier(5), "mlp": neural_network.MLPClassifier((8, 4), max_iter=20),
                "svc": svm.SVC(probability=False), "pipeline": pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.Ridge()), "kmeans": cluster.KMeans(3)}.items():
    made = kit.attempt("skl2onnx " + name, lambda: to_onnx(m.fit(X, y), X[:1], target_opset=20, options={"zipmap": False} if hasattr(m, "predict_proba") else None))
    if made is not None:
        keep("sklearn/%s.onnx" % name, made)
kit.uses(onnx=onnx.__version__, skl2onnx=__import__("skl2onnx").__version__)
kit.finish()
