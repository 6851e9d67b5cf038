"""Makes the TensorFlow Lite fixtures of model/artifact/tflite/testdata.

usage: python make.py OUTPUT_FOLDER

NAME.json: the tensors of all subgraphs, as the generated reader of TensorFlow's own
schema gives them.
"""
import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as s

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
types = {v: k for k, v in vars(s.TensorType).items() if not k.startswith("_")}


def keep(name, fn, *specs, **options):
    c = tf.lite.TFLiteConverter.from_concrete_functions([tf.function(fn).get_concrete_function(*specs)])
    for k, v in options.items():
        setattr(c, k, v)
    b = c.convert()
    (out / f"{name}.tflite").write_bytes(b)
    m = s.ModelT.InitFromObj(s.Model.GetRootAsModel(b, 0))
    rows = [{"name": t.name.decode(), "dtype": types[t.type], "shape": [int(x) for x in (t.shape if t.shape is not None else [])]} for g in m.subgraphs for t in g.tensors]
    (out / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n")


w = tf.constant(np.random.default_rng(1).standard_normal((4, 3)), tf.float32)
x = tf.TensorSpec((1, 4), tf.float32)
keep("dense", lambda x: tf.nn.softmax(x @ w), x)
keep("quantised", lambda x: tf.nn.relu(x @ tf.constant(np.ones((4, 2048)), tf.float32)), x, optimizations=[tf.lite.Optimize.DEFAULT])
keep("loop", lambda x: tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * 2), (0, x))[1], x)
keep("flex", lambda x: tf.linalg.det(tf.reshape(x, (2, 2))), x,
     target_spec=tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]))
