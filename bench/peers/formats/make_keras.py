"""Keras 3 archives and HDF5 files, read back by h5py; the weights are those that Keras counts."""
import io
import os
import zipfile

os.environ["KERAS_BACKEND"] = "tensorflow"
import h5py
import keras
import numpy as np
from keras import layers

import kit


def kind(d):
    if h5py.check_string_dtype(d) or d.kind == "S":
        return "string"
    if d.kind == "b" or h5py.check_enum_dtype(d):
        return "bool"
    if d.kind == "V":  # Keras stores bfloat16 as two bytes without a meaning
        return "compound" if d.names else "opaque"
    return {"f": "float", "i": "int", "u": "uint"}[d.kind] + str(8 * d.itemsize)


def read(file):
    rows = []
    with h5py.File(file, "r") as f:
        f.visititems(lambda n, o: rows.append(("/" + n, kind(o.dtype), o.shape or ())) if isinstance(o, h5py.Dataset) else None)
    return rows


def archive(name):
    with zipfile.ZipFile(kit.path(name)) as z:
        return read(io.BytesIO(z.read("model.weights.h5")))


def seq(*l, **kw):
    return keras.Sequential(list(l), **kw)


inp = keras.Input((8, 8, 3), name="image")
x = layers.Conv2D(4, 3, name="conv")(inp)
x = layers.BatchNormalization()(x)
y = layers.Add()([x, layers.DepthwiseConv2D(1)(x)])
functional = keras.Model(inp, [layers.Dense(2, name="a")(layers.Flatten()(y)), layers.Dense(1, name="b")(layers.GlobalAveragePooling2D()(y))])
text = keras.Input((12,), dtype="int32")
t = layers.Embedding(30, 8)(text)
t = layers.MultiHeadAttention(2, 4)(t, t)
transformer = keras.Model(text, layers.LayerNormalization()(t))
half = seq(keras.Input((4,)), layers.Dense(3, dtype="mixed_float16"), layers.Dense(2, dtype="float64"), layers.Dense(2, dtype="bfloat16"))
models = {
    "dense": seq(keras.Input((4,)), layers.Dense(3, activation="relu"), layers.Dropout(0.5), layers.Dense(1)), "functional": functional,
    "recurrent": seq(keras.Input((5, 3)), layers.Bidirectional(layers.LSTM(4, return_sequences=True)), layers.GRU(2), layers.Dense(1)), "transformer": transformer, "mixed": half,
    "nested": seq(keras.Input((4,)), seq(layers.Dense(3), layers.Dense(2), name="inner"), layers.Dense(1)), "normal": seq(keras.Input((4,)), layers.Normalization(), layers.Dense(1)),
    "none": seq(keras.Input((4,)), layers.Activation("relu")),
}
models["dense"].compile("adam", "mse")
models["dense"].fit(np.zeros((8, 4)), np.zeros((8, 1)), verbose=0)
for name, m in models.items():
    for file, save, reader in ((name + ".keras", m.save, archive), (name + ".h5", m.save, lambda n: read(kit.path(n))), (name + ".weights.h5", m.save_weights, lambda n: read(kit.path(n)))):
        if kit.attempt(file, lambda: save(kit.path(file)) or True):
            kit.model(file, reader(file))
for quantiser in ("int8", "int4", "float8"):
    m = seq(keras.Input((16,)), layers.Dense(8), layers.Dense(4))
    m.build()
    file = "quantised-%s.keras" % quantiser
    if kit.attempt(file, lambda: (m.quantize(quantiser), m.save(kit.path(file))) and True):
        kit.model(file, archive(file))
m = seq(keras.Input((4,)), layers.Lambda(lambda v: v * 2))
m.save(kit.path("lambda.keras"))
kit.model("lambda.keras", archive("lambda.keras"), verdict="unverified")

# What other programs put in HDF5 files.
with h5py.File(kit.path("other.h5"), "w", libver="latest") as f:
    for i, t in enumerate(("i1", "u2", "<i4", ">i8", "f2", ">f4", "f8", "?")):
        f.create_dataset("types/%s%d" % (t.strip("<>?"), i), data=np.zeros((3, 2), t))
    f["scalar"] = 1.0
    f.create_dataset("empty", shape=(0, 4), dtype="f4")
    f.create_dataset("chunked", data=np.zeros((100, 10), "f4"), chunks=(10, 10), compression="gzip")
    for i in range(300):
        f["many/%03d" % i] = np.zeros(i % 4, "f4")
kit.model("other.h5", read(kit.path("other.h5")))
import tf_keras

old = tf_keras.Sequential([tf_keras.layers.Input((4,)), tf_keras.layers.Dense(3), tf_keras.layers.BatchNormalization(), tf_keras.layers.Dense(1)])
for file in ("keras2.h5", "keras2.keras"):
    old.save(kit.path(file))
    kit.model(file, read(kit.path(file)) if file.endswith("h5") else archive(file))
kit.uses(keras=keras.__version__, h5py=h5py.__version__, **{"tf-keras": tf_keras.__version__})
kit.finish()
