"""TensorFlow Lite models, read back by the reader that TensorFlow generates from its schema and by its interpreter."""
import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as s

import kit

types = {v: k for k, v in vars(s.TensorType).items() if not k.startswith("_")}
rng = np.random.default_rng(1)


def read(name):
    with open(kit.path(name), "rb") as f:
        b = f.read()
    m = s.ModelT.InitFromObj(s.Model.GetRootAsModel(b, 0))
    return [(t.name.decode(), types[t.type], t.shape if t.shape is not None else []) for g in m.subgraphs for t in g.tensors]


def keep(name, fn, *specs, verdict="ok", run=True, **options):
    c = tf.lite.TFLiteConverter.from_concrete_functions([tf.function(fn).get_concrete_function(*specs)])
    for k, v in options.items():
        setattr(c, k, v)
    with open(kit.path(name), "wb") as f:
        f.write(c.convert())
    rows = read(name)
    if run:  # the interpreter, too, for the main graph
        interpreter = tf.lite.Interpreter(kit.path(name))
        names = {t[0] for t in rows}
        assert all(d["name"] in names for d in interpreter.get_tensor_details()), name
    kit.model(name, rows, verdict=verdict)


def weights(*shape):
    return tf.constant(rng.standard_normal(shape), tf.float32)


w, w2, big = weights(4, 3), weights(3, 2), weights(4, 2048)
k = weights(3, 3, 1, 4)
x = tf.TensorSpec((1, 4), tf.float32)
image = tf.TensorSpec((1, 8, 8, 1), tf.float32)
sample = lambda: ([rng.standard_normal((1, 8, 8, 1)).astype("f4")] for _ in range(4))
net = lambda v: tf.nn.softmax(tf.reshape(tf.nn.relu(tf.nn.conv2d(v, k, 1, "SAME")), (1, -1)))
keep("dense.tflite", lambda x: tf.nn.softmax(tf.nn.relu(x @ w) @ w2), x)
keep("conv.tflite", net, image)
keep("dynamic.tflite", lambda x: tf.nn.relu(x @ big), x, optimizations=[tf.lite.Optimize.DEFAULT])
keep("float16.tflite", net, image, optimizations=[tf.lite.Optimize.DEFAULT], target_spec=tf.lite.TargetSpec(supported_types=[tf.float16]))
keep("int8.tflite", net, image, optimizations=[tf.lite.Optimize.DEFAULT], representative_dataset=sample, target_spec=tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS_INT8]), inference_input_type=tf.int8, inference_output_type=tf.int8)
keep("loop.tflite", lambda x: tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * 2), (0, x))[1], x)
keep("scalar.tflite", lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: x * 2.0, lambda: x - 1.0), x)
keep("flex.tflite", lambda x: tf.linalg.det(tf.reshape(x, (2, 2))), x, verdict="ok", run=False, target_spec=tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]))
import keras

for name, m in (("lstm", keras.Sequential([keras.Input((5, 3), batch_size=1), keras.layers.LSTM(4), keras.layers.Dense(2)])),
                ("attention", None)):
    if m is None:
        i = keras.Input((6, 8), batch_size=1)
        m = keras.Model(i, keras.layers.LayerNormalization()(keras.layers.MultiHeadAttention(2, 4)(i, i)))
    spec = tf.TensorSpec(m.inputs[0].shape, tf.float32)
    kit.attempt(name, keep, name + ".tflite", lambda v, m=m: m(v), spec)
kit.uses(tensorflow=tf.__version__)
kit.finish()
