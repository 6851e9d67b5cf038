"""Makes the Keras and HDF5 fixtures with the libraries themselves.

usage: python make.py KERAS_FOLDER HDF5_FOLDER

NAME.json beside an HDF5 file is what h5py says about its datasets, the oracle for
merlon's own reader; attributes that are text are in it too.
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import numpy as np

out = pathlib.Path(sys.argv[1])
plain = pathlib.Path(sys.argv[2])
for folder in (out, plain):
    folder.mkdir(parents=True, exist_ok=True)


def dtype(d):
    if d.kind == "f":
        return f"float{8 * d.itemsize}"
    if d.kind == "b" or h5py.check_enum_dtype(d):
        return "bool"
    if d.kind in "iu":
        return {"i": "int", "u": "uint"}[d.kind] + str(8 * d.itemsize)
    if h5py.check_string_dtype(d) or d.kind == "S":
        return "string"
    return {"V": "compound"}.get(d.kind, d.kind)


def oracle(path):
    rows, attrs = [], []
    with h5py.File(path, "r") as f:
        def see(name, o):
            if isinstance(o, h5py.Dataset):
                rows.append({"name": "/" + name.strip("/"), "dtype": dtype(o.dtype), "shape": list(o.shape or ())})
            for k, v in o.attrs.items():
                if isinstance(v, bytes):
                    v = v.decode()
                if isinstance(v, str):
                    attrs.append({"object": "/" + name.strip("/"), "name": k, "value": v})
        see("", f)
        f.visititems(see)
    key = lambda r: (r.get("object", ""), r["name"])
    pathlib.Path(str(path) + ".json").write_text(
        json.dumps({"datasets": sorted(rows, key=key), "attributes": sorted(attrs, key=key)}, indent=1) + "\n")


def write(name, fill, **kw):
    path = plain / name
    path.unlink(missing_ok=True)
    with h5py.File(path, "w", **kw) as f:
        fill(f)
    try:
        oracle(path)
    except Exception as e:  # what h5py cannot open any more has no oracle
        print(name, "has no oracle:", e)


def simple(f):
    g = f.create_group("layers/dense/vars")
    g["0"] = np.arange(12, dtype="f4").reshape(3, 4)
    g["1"] = np.zeros(4, "f8")
    f.attrs["note"] = "plain"
    g.attrs["weight_names"] = np.array([b"kernel", b"bias"])


write("simple.h5", simple)
write("latest.h5", simple, libver="latest")
write("userblock.h5", simple, userblock_size=512)


def kinds(f):
    for t in "?bBhHiIlLefd":
        f["t_" + t + ("_" if t.isupper() else "")] = np.ones((2, 3), t)
    f["big"] = np.ones(3, ">f4")
    f["scalar"] = np.int64(5)
    f["text"] = "variable"
    f["fixed"] = np.array([b"ab", b"c"])
    f["empty"] = h5py.Empty("f4")
    f["pair"] = np.zeros(2, [("a", "f4"), ("b", "i8")])
    f.create_dataset("chunked", data=np.arange(100.0), chunks=(10,), compression="gzip")
    f["soft"] = h5py.SoftLink("/big")


write("kinds.h5", kinds)


def dense(f):
    for i in range(40):
        f.attrs[f"attr{i:02}"] = f"value {i} " + "x" * 40
    g = f.create_group("many")
    for i in range(40):
        g[f"dataset_with_a_long_name_{i:02}"] = np.float32(i)


write("dense.h5", dense, libver="latest")


def wide(f):
    for i in range(60):
        f[f"d{i:02}"] = np.float32(i)


write("wide.h5", wide)


def external(f):
    f.create_dataset("weights", (4,), "f4", external=[("/etc/hostname", 0, 16)])


write("external-storage.h5", external)


def link(f):
    f["weights"] = h5py.ExternalLink("../other.h5", "/secret")


write("external-link.h5", link)


def virtual(f):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "data", (4,))
    f.create_virtual_dataset("weights", layout)


write("virtual.h5", virtual, libver="latest")


def huge(f):
    f.create_dataset("weights", (1 << 20, 1 << 20), "f4", chunks=(1024, 1024))


write("huge.h5", huge)

import keras

keras.utils.set_random_seed(1)
L = keras.layers


def keep(name, m):
    m.save(out / f"{name}.keras")
    m.save(out / f"{name}.h5")
    oracle(out / f"{name}.h5")


m = keras.Sequential([keras.Input((4,)), L.Dense(3, "relu", name="d1"), L.Dense(1, name="d2")], name="small")
m.compile("adam", "mse", ["mae"])
keep("small", m)
(out / "small.config.json").write_text(m.to_json())
m.save_weights(out / "small.weights.h5")
oracle(out / "small.weights.h5")

x = keras.Input((8, 8, 3))
y = L.Conv2D(4, 3, activation="gelu", kernel_regularizer=keras.regularizers.L2(1e-4))(x)
y = L.BatchNormalization()(y)
z = L.Conv2D(4, 3, activation=keras.activations.swish)(x)
y = L.GlobalAveragePooling2D()(L.Add()([y, z]) * 2 + 1)
y = L.Dropout(0.1)(keras.ops.relu(y))
m = keras.Model(x, L.Dense(2, "softmax", kernel_initializer=keras.initializers.GlorotNormal(seed=3))(y), name="functional")
m.compile(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)), keras.losses.SparseCategoricalCrossentropy(), [keras.metrics.SparseCategoricalAccuracy()])
keep("functional", m)

m = keras.Sequential([keras.Input((5, 3)), L.Bidirectional(L.LSTM(2)), L.Dense(1, keras.activations.tanh)], name="recurrent")
keep("recurrent", m)

m = keras.Sequential([keras.Input((4,)), L.Lambda(lambda t: t * 2, output_shape=(4,), name="twice"), L.Dense(1)], name="lambda")
keep("lambda", m)


@keras.saving.register_keras_serializable(package="mine")
class Scale(L.Layer):
    def call(self, t):
        return t * 3


m = keras.Sequential([keras.Input((4,)), Scale(), L.Dense(1)], name="custom")
keep("custom", m)

# The same model with code that would run a harmless command; it is never run here.
import base64
import marshal
import shutil

evil = (lambda t: __import__("os").system("echo merlon-test")).__code__
shutil.copy(out / "lambda.h5", out / "danger.h5")
with h5py.File(out / "danger.h5", "r+") as f:
    c = json.loads(f.attrs["model_config"])
    for layer in c["config"]["layers"]:
        if layer["class_name"] == "Lambda":
            layer["config"]["function"]["config"]["code"] = base64.b64encode(marshal.dumps(evil)).decode()
    f.attrs["model_config"] = json.dumps(c)
oracle(out / "danger.h5")
