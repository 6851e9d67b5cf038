"""Makes ORT and text forms of ONNX models for model/artifact/onnx/testdata with ONNX Runtime.

usage: python forms.py OUTPUT_FOLDER, after make.py

NAME.ort: the optimised model as ONNX Runtime writes it, with NAME.ort.json: its
initializers. linear.textproto, linear.onnxtxt: text forms that onnx.save writes.
"""
import json
import pathlib
import sys

import onnx
import onnxruntime as ort

sys.path.insert(0, str(pathlib.Path(ort.__file__).parent / "tools/ort_format_model"))
from ort_flatbuffers_py.fbs.InferenceSession import InferenceSession

out = pathlib.Path(sys.argv[1])
for name in ("linear", "control", "microsoft"):
    o = ort.SessionOptions()
    o.optimized_model_filepath = str(out / (name + ".ort"))
    o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    o.add_session_config_entry("session.save_model_format", "ORT")
    o.log_severity_level = 4
    try:
        ort.InferenceSession(str(out / (name + ".onnx")), o, providers=["CPUExecutionProvider"])
    except Exception as e:
        print(name, e)
        continue
    m = InferenceSession.GetRootAs((out / (name + ".ort")).read_bytes(), 0).Model()
    rows = []

    def walk(g):
        for i in range(g.InitializersLength()):
            t = g.Initializers(i)
            rows.append({"name": t.Name().decode(), "dtype": onnx.TensorProto.DataType.Name(t.DataType()), "shape": [t.Dims(k) for k in range(t.DimsLength())]})
        for i in range(g.NodesLength()):
            n = g.Nodes(i)
            for k in range(n.AttributesLength()):
                a = n.Attributes(k)
                for s in ([a.G()] if a.G() else []) + [a.Graphs(j) for j in range(a.GraphsLength())]:
                    walk(s)

    walk(m.Graph())
    (out / (name + ".ort.json")).write_text(json.dumps(sorted(rows, key=lambda r: r["name"]), indent=1) + "\n")
m = onnx.load(str(out / "linear.onnx"))
onnx.save(m, str(out / "linear.textproto"), format="textproto")
onnx.save(m, str(out / "linear.onnxtxt"), format="onnxtxt")
onnx.save(m, str(out / "linear.onnxjson"), format="json")
