"""Writes the operators that ONNX and ONNX Runtime themselves define.

usage: python operators.py > ../../../model/artifact/onnx/operators.txt

One line per operator: its domain ("ai.onnx" for the default one) and its name, every
version it ever had. Needs the packages of requirements.txt.
"""
import onnx
import onnxruntime
import onnxruntime.capi.onnxruntime_pybind11_state as ort
from onnx import defs

names = {(s.domain, s.name) for s in defs.get_all_schemas_with_history()}
names |= {(s.domain, s.name) for s in ort.get_all_operator_schema()}
print(f"# onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}; made by bench/formats/onnx/operators.py")
for domain, name in sorted(names):
    print(domain or "ai.onnx", name)
