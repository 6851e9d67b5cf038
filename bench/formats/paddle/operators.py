"""Writes the operators that PaddlePaddle registers by itself, in its old and new
intermediate representation.

usage: python operators.py > ../../../model/artifact/paddle/operators.txt
"""
import paddle
from paddle import _C_ops
from paddle.base import core

names = set(core.get_all_op_names()) | set(core._get_all_register_op_kernels()) | {n for n in dir(_C_ops) if not n.startswith("__")}
# What the new representation has besides operators with kernels.
names |= {"combine", "split", "slice", "parameter", "set_parameter", "shadow_output", "constant", "module", "data", "fetch", "feed", "if", "while", "yield",
          "tuple_push", "tuple_pop", "stack_create", "condition", "has_elements", "assert", "select_input", "full_int_array", "builtin_tensor"}
print(f"# paddlepaddle {paddle.__version__}; made by bench/formats/paddle/operators.py")
for n in sorted(names):
    print(n)
