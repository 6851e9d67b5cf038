"""Makes the TensorFlow fixtures of model/artifact/tensorflow/testdata with TensorFlow.

usage: TF_USE_LEGACY_KERAS=1 python make.py OUTPUT_FOLDER

Next to each file, NAME.json: variables (SavedModel) or constants and variables (graph)
as TensorFlow's own messages give them. No operation is run that touches files.
"""
import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2
from tensorflow.core.framework import graph_pb2

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


def shape(s):
    return [d.size for d in s.dim]


def graph_rows(g):
    rows = []
    for n in list(g.node) + [n for f in g.library.function for n in f.node_def]:
        if n.op == "Const":
            t = n.attr["value"].tensor
            rows.append({"name": n.name, "dtype": tf.dtypes.as_dtype(t.dtype).name, "shape": shape(t.tensor_shape)})
        elif n.op in ("VariableV2", "VarHandleOp", "Variable"):
            rows.append({"name": n.name, "dtype": tf.dtypes.as_dtype(n.attr["dtype"].type).name, "shape": shape(n.attr["shape"].shape)})
    return rows


def describe(path, message):
    m = message()
    m.ParseFromString(path.read_bytes())
    rows = []
    metas = m.meta_graphs if message is saved_model_pb2.SavedModel else [m] if message is meta_graph_pb2.MetaGraphDef else []
    for meta in metas:
        for o in meta.object_graph_def.nodes:
            if o.WhichOneof("kind") == "variable":
                v = o.variable
                rows.append({"name": v.name, "dtype": tf.dtypes.as_dtype(v.dtype).name, "shape": shape(v.shape)})
    if not rows:
        for g in [meta.graph_def for meta in metas] or [m]:
            rows += graph_rows(g)
    path.with_suffix(".json").write_text(json.dumps(sorted(rows, key=lambda r: (r["name"], str(r["shape"]))), indent=1) + "\n")


class Module(tf.Module):
    def __init__(self):
        self.w = tf.Variable(tf.ones((4, 3)), name="w")
        self.b = tf.Variable(tf.zeros(3), name="b")
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(vocab, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER), -1)

    @tf.function(input_signature=[tf.TensorSpec((None, 4))])
    def __call__(self, x):
        return tf.nn.relu(x @ self.w + self.b)

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def lookup(self, s):
        return self.table.lookup(s)


vocab = str(out / "vocab.txt")
pathlib.Path(vocab).write_text("a\nb\n")
tf.saved_model.save(Module(), str(out / "module"))
os.remove(vocab)
describe(out / "module/saved_model.pb", saved_model_pb2.SavedModel)


class Evil(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec((None, 4))])
    def __call__(self, x):
        s = tf.io.read_file("/etc/hostname")
        tf.io.write_file("/tmp/merlon-test", s)
        return x


tf.saved_model.save(Evil(), str(out / "files"))
describe(out / "files/saved_model.pb", saved_model_pb2.SavedModel)


class Python(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec((None, 4))])
    def __call__(self, x):
        return tf.py_function(lambda v: v, [x], tf.float32)


tf.saved_model.save(Python(), str(out / "python"))
describe(out / "python/saved_model.pb", saved_model_pb2.SavedModel)

g = tf.Graph()
with g.as_default():
    x = tf.compat.v1.placeholder(tf.float32, (None, 4), "x")
    w = tf.compat.v1.get_variable("w", (4, 2), use_resource=False)
    v = tf.compat.v1.get_variable("v", (2,), use_resource=True)
    y = tf.nn.softmax(tf.matmul(x, w) + v + tf.constant([1.0, 2.0], name="c"), name="y")
    saver = tf.compat.v1.train.Saver()
    saver.export_meta_graph(str(out / "graph.meta"), as_text=False)
    (out / "graph.pb").write_bytes(g.as_graph_def().SerializeToString(deterministic=True))
describe(out / "graph.meta", meta_graph_pb2.MetaGraphDef)
os.rename(out / "graph.json", out / "graph.meta.json")
describe(out / "graph.pb", graph_pb2.GraphDef)

if os.environ.get("TF_USE_LEGACY_KERAS"):
    import tf_keras as keras
    m = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2), keras.layers.Lambda(lambda t: t * 2)])
    m.save(str(out / "keras"), save_format="tf")
    describe(out / "keras/saved_model.pb", saved_model_pb2.SavedModel)
for p in list(out.glob("*/variables/*")):
    p.unlink()
for p in out.glob("*/*"):
    if p.is_dir() and not list(p.iterdir()):
        p.rmdir()
    elif p.name == "fingerprint.pb":
        p.unlink()
