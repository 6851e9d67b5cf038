"""Writes the built-in operators of TensorFlow Lite with their numbers.

usage: python operators.py > ../../../model/artifact/tflite/operators.txt
"""
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as s

print(f"# tensorflow {tf.__version__}; made by bench/formats/tflite/operators.py")
for name, number in sorted(((k, v) for k, v in vars(s.BuiltinOperator).items() if not k.startswith("_")), key=lambda r: r[1]):
    print(number, name)
