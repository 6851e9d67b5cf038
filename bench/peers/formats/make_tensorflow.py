"""SavedModels, graphs and checkpoints of TensorFlow, read back by TensorFlow."""
import os

import tensorflow as tf
from tensorflow.core.framework import graph_pb2
from tensorflow.core.protobuf import saved_model_pb2

import kit

tf.random.set_seed(1)
TYPES = ["float32", "float16", "bfloat16", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool", "complex64", "complex128"]


def shape(s):
    return [d.size for d in s.dim]


def variables(folder):
    """The variables of a SavedModel as its own message has them."""
    m = saved_model_pb2.SavedModel()
    with open(kit.path(folder + "/saved_model.pb"), "rb") as f:
        m.ParseFromString(f.read())
    rows = []
    for meta in m.meta_graphs:
        for o in meta.object_graph_def.nodes:
            if o.WhichOneof("kind") == "variable":
                rows.append((o.variable.name, tf.dtypes.as_dtype(o.variable.dtype).name, shape(o.variable.shape)))
    return rows


def constants(file):
    g = graph_pb2.GraphDef()
    with open(kit.path(file), "rb") as f:
        g.ParseFromString(f.read())
    rows = []
    for n in list(g.node) + [n for f in g.library.function for n in f.node_def]:
        if n.op == "Const":
            t = n.attr["value"].tensor
            rows.append((n.name, tf.dtypes.as_dtype(t.dtype).name, shape(t.tensor_shape)))
        elif n.op in ("VariableV2", "VarHandleOp", "Variable"):
            rows.append((n.name, tf.dtypes.as_dtype(n.attr["dtype"].type).name, shape(n.attr["shape"].shape)))
    return rows


def checkpoint(prefix):
    """What tf.train.load_checkpoint finds."""
    r = tf.train.load_checkpoint(kit.path(prefix))
    types = r.get_variable_to_dtype_map()
    return [(n, types[n].name, s) for n, s in r.get_variable_to_shape_map().items()]


class Linear(tf.Module):
    def __init__(self, width, dtype="float32"):
        super().__init__()
        self.w = tf.Variable(tf.ones((4, width), dtype), name="w")
        self.b = tf.Variable(tf.zeros(width, dtype), name="b")

    @tf.function(input_signature=[tf.TensorSpec((None, 4))])
    def __call__(self, x):
        return tf.cast(x, self.w.dtype) @ self.w + self.b


class Kinds(tf.Module):
    def __init__(self):
        super().__init__()
        self.all = [tf.Variable(tf.cast(tf.zeros((2, 3)), t), name="v_" + t) for t in TYPES]
        self.scalar = tf.Variable(7, name="scalar")
        self.empty = tf.Variable(tf.zeros((0, 3)), name="empty")
        self.text = tf.Variable(["a", "bc"], name="text")

    @tf.function(input_signature=[])
    def __call__(self):
        return self.scalar + 1


class Nested(tf.Module):
    def __init__(self):
        super().__init__()
        self.layers = [Linear(4) for _ in range(8)]
        self.half = Linear(3, "bfloat16")

    @tf.function(input_signature=[tf.TensorSpec((None, 4))])
    def __call__(self, x):
        for layer in self.layers:
            x = tf.nn.relu(layer(x))
        return self.half(x)


for name, m in (("linear", Linear(3)), ("kinds", Kinds()), ("nested", Nested())):
    tf.saved_model.save(m, kit.path("saved/" + name))
    kit.model("saved/%s/saved_model.pb" % name, variables("saved/" + name))
    kit.model("saved/%s/variables/variables.index" % name, checkpoint("saved/%s/variables/variables" % name))
    tf.train.Checkpoint(model=m, step=tf.Variable(3, dtype=tf.int64)).write(kit.path("checkpoint/" + name))
    kit.model("checkpoint/%s.index" % name, checkpoint("checkpoint/" + name))

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras

m = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Conv2D(2, 3), keras.layers.BatchNormalization(), keras.layers.Flatten(), keras.layers.Dense(2)])
m.export(kit.path("saved/keras"), verbose=False)
kit.model("saved/keras/saved_model.pb", variables("saved/keras"))
kit.model("saved/keras/variables/variables.index", checkpoint("saved/keras/variables/variables"))

# TensorFlow 1: a frozen graph, as text and as binary, a MetaGraph and its checkpoint.
v1 = tf.compat.v1
with v1.Graph().as_default() as g, v1.Session() as s:
    with v1.variable_scope("scope"):
        w = v1.get_variable("w", (4, 2), use_resource=False)
        v = v1.get_variable("v", (2,), tf.float64, use_resource=True)
    y = tf.identity(tf.matmul(v1.placeholder(tf.float32, (None, 4), "x"), w) + tf.cast(v, tf.float32), "y")
    part = v1.get_variable("parted", (10, 2), partitioner=v1.fixed_size_partitioner(3))
    s.run(v1.global_variables_initializer())
    v1.train.Saver().save(s, kit.path("v1/model"), global_step=7)
    frozen = v1.graph_util.convert_variables_to_constants(s, g.as_graph_def(), ["y"])
    for file, graph in (("v1/frozen.pb", frozen), ("v1/graph.pb", g.as_graph_def())):
        with open(kit.path(file), "wb") as f:
            f.write(graph.SerializeToString())
        kit.model(file, constants(file))
kit.model("v1/model-7.index", checkpoint("v1/model-7"))
kit.uses(tensorflow=tf.__version__)
kit.finish()
