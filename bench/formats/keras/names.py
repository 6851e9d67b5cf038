"""Writes the names that a Keras model may use without needing code of its own.

usage: KERAS_BACKEND=jax python names.py > ../../../model/artifact/keras/names.txt

Lines: "class NAME" for a class that Keras 3 or Keras 2 (tf_keras) builds from a
configuration, by its own name; "function NAME" for a function that configurations
refer to (activations, losses, metrics, initializers, operations on tensors);
"refused NAME" for public functions of Keras that do something else than computing.
Needs the packages of requirements.txt.
"""
import importlib
import pkgutil

import keras
import keras.src
from keras.src import api_export
from keras.src.saving.keras_saveable import KerasSaveable
from keras.src.saving import serialization_lib

for m in pkgutil.walk_packages(keras.src.__path__, "keras.src."):
    if "_test" in m.name or ".backend." in m.name or "conftest" in m.name:
        continue
    try:
        importlib.import_module(m.name)
    except Exception:
        pass

rows = set()


def subclasses(c):
    for s in c.__subclasses__():
        if s.__module__.startswith("keras.src"):
            rows.add(("class", s.__name__))
        subclasses(s)


subclasses(KerasSaveable)
pure = ("activations", "losses", "metrics", "initializers", "regularizers", "constraints", "ops", "random", "layers")
for name, obj in api_export.REGISTERED_NAMES_TO_OBJS.items():
    parts = name.split(".")
    if parts[0] != "keras" or parts[1] == "_legacy":
        continue
    if isinstance(obj, type):
        if parts[1] in pure + ("optimizers", "dtype_policies", "quantizers", "Layer", "Model", "Sequential", "Function"):
            rows.add(("class", parts[-1]))
        continue
    if parts[1] in pure and parts[-1] not in ("deserialize", "get", "serialize"):
        rows.add(("function", parts[-1]))
rows |= {("class", n) for n in ("DTypePolicy", "DTypePolicyMap", "FloatDTypePolicy", "InputLayer", "Functional")}
for name in getattr(serialization_lib, "NON_MODELING_APIS", ()):
    rows.add(("refused", name.rsplit(".", 1)[-1]))

import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tf_keras
from tf_keras.src.utils import generic_utils  # noqa: F401
for mod in ("layers", "losses", "metrics", "optimizers", "optimizers.legacy", "optimizers.schedules", "initializers", "regularizers",
            "constraints", "activations", "mixed_precision", "models", "layers.experimental", "layers.experimental.preprocessing"):
    try:
        m = importlib.import_module("tf_keras." + mod)
    except ImportError:
        continue
    for n in dir(m):
        o = getattr(m, n)
        if n.startswith("_"):
            continue
        if isinstance(o, type):
            rows.add(("class", n))
        elif callable(o) and mod in ("losses", "metrics", "activations") and n not in ("deserialize", "get", "serialize"):
            rows.add(("function", n))
from tf_keras.src.layers import serialization as ls
ls.populate_deserializable_objects()
for n in ls.LOCAL.ALL_OBJECTS:
    rows.add(("class", n) if n[0].isupper() else ("function", n))

# What a layer made of a TensorFlow function (TFOpLambda) may call: functions on tensors.
import tensorflow as tf
for ns in ("", "math", "nn", "linalg", "image", "signal", "strings", "sparse", "ragged", "bitwise", "random", "dtypes", "experimental.numpy", "sets", "quantization"):
    m = tf
    for part in filter(None, ns.split(".")):
        m = getattr(m, part)
    for n in dir(m):
        o = getattr(m, n)
        if n.startswith("_") or isinstance(o, type) or not callable(o):
            continue
        rows.add(("tf", (ns + "." if ns else "") + n))
effect = ("py_function", "numpy_function", "load_library", "load_op_library", "print", "function", "recompute_grad", "custom_gradient",
          "init_scope", "device", "Assert", "map_fn", "vectorized_map", "while_loop", "cond", "case", "switch_case", "scan", "foldl", "foldr",
          "control_dependencies", "name_scope", "variable_creator_scope", "get_logger", "get_static_value", "create_file_writer")
rows -= {("tf", n) for n in effect}
rows -= {r for r in rows if r[0] != "refused" and ("refused", r[1]) in rows}

print(f"# keras {keras.__version__}, tf_keras {tf_keras.__version__}, tensorflow {tf.__version__}; made by bench/formats/keras/names.py")
for r in sorted(rows):
    print(*r)
