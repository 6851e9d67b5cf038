"""Makes checkpoints and text forms with TensorFlow for model/artifact/tensorflow/testdata.

usage: python text.py OUTPUT_FOLDER, after make.py

checkpoint/model.index and its data: variables of several types, a text, an empty one.
checkpoint.json: what tf.train.load_checkpoint says. *.pbtxt: the binary fixtures of
OUTPUT_FOLDER in text form.
"""
import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import graph_pb2
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

out = pathlib.Path(sys.argv[1])
(out / "checkpoint").mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(1)
names = {"layer/kernel": rng.standard_normal((4, 3)).astype("float32"), "layer/bias": np.zeros(3, "float32"), "step": np.int64(7),
         "half": rng.standard_normal(5).astype("float16"), "flags": np.array([True, False]), "text": np.array([b"a", b"merlon", b""]),
         "complex": np.ones((2, 1), "complex64"), "none": np.zeros((0, 4), "float32"), "bytes": np.arange(10, dtype="uint8")}
prefix = str(out / "checkpoint/model")
tf.raw_ops.SaveV2(prefix=prefix, tensor_names=list(names), shape_and_slices=[""] * len(names),
                  tensors=[tf.constant(v) for v in names.values()] )
tf.raw_ops.SaveV2(prefix=str(out / "checkpoint/sliced"), tensor_names=["w"], shape_and_slices=["8 3 0,4:0,3"],
                  tensors=[tf.constant(names["layer/kernel"])])


class M(tf.Module):
    def __init__(self):
        self.w = tf.Variable(tf.ones((4, 3)), dtype=tf.float32)
        self.b = tf.Variable(tf.cast(tf.zeros(3), tf.bfloat16))


tf.train.Checkpoint(model=M()).write(str(out / "checkpoint/object"))
rows = {}
for p in ("model", "sliced", "object"):
    r = tf.train.load_checkpoint(str(out / "checkpoint" / p))
    d = r.get_variable_to_dtype_map()
    rows[p] = [{"name": n, "dtype": d[n].name, "shape": s} for n, s in sorted(r.get_variable_to_shape_map().items())]
(out / "checkpoint.json").write_text(json.dumps(rows, indent=1) + "\n")
for name, message in (("files/saved_model.pb", saved_model_pb2.SavedModel), ("graph.pb", graph_pb2.GraphDef), ("graph.meta", meta_graph_pb2.MetaGraphDef),
                      ("module/saved_model.pb", saved_model_pb2.SavedModel)):
    m = message()
    m.ParseFromString((out / name).read_bytes())
    t = text_format.MessageToString(m)
    path = out / name
    path.with_name(path.name.replace(".", "-") + ".pbtxt").write_text(t) if name.startswith("graph") else path.with_suffix(".pbtxt").write_text(t)
