"""Writes the names of the operations that TensorFlow registers by itself.

usage: python operators.py > ../../../model/artifact/tensorflow/operators.txt

Needs the packages of requirements.txt. The list is that of the C library, internal
operations included, which is what a saved graph is checked against.
"""
import tensorflow as tf
from tensorflow.core.framework import op_def_pb2
from tensorflow.python.client import pywrap_tf_session as c

ops = op_def_pb2.OpList()
ops.ParseFromString(c.TF_GetBuffer(c.TF_GetAllOpList()))
print(f"# tensorflow {tf.__version__}; made by bench/formats/tensorflow/operators.py")
for name in sorted({o.name for o in ops.op}):
    stateful = next(o for o in ops.op if o.name == name).is_stateful
    print(name, "stateful" if stateful else "")
