"""Writes the operations of OpenVINO's operation sets.

usage: python operators.py > ../../../model/artifact/openvino/operators.txt

A line names an operation; in which sets it is does not matter to a scanner.
"""
import pathlib
import re

import openvino

names = set()
for f in pathlib.Path(openvino.__file__).parent.glob("include/openvino/opsets/opset*_tbl.hpp"):
    names |= set(re.findall(r"_OPENVINO_OP_REG\((\w+), *ov::", f.read_text()))
# Names that the intermediate representation spells differently.
names |= {"Const", "Parameter", "Result", "ReadValue", "Assign", "TensorIterator", "Loop", "If"}
print(f"# openvino {openvino.__version__}; made by bench/formats/openvino/operators.py")
for n in sorted(names):
    print(n)
