#!/usr/bin/env python3
"""Save ordinary models with the real libraries of the running interpreter, for the control of false alarms.

usage: PYTHON benign_models.py OUT PART...

Every entry of OUT/FORMAT/ is one model, a file or a folder. What this environment cannot make is listed in
OUT/PART.skipped.txt. A file NAME.untrusted beside a skops model lists the types in it that skops itself does not trust.
"""
import json
import os
import sys
import warnings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
warnings.simplefilter("ignore")
import numpy as np

rs = np.random.RandomState(7)
X = rs.rand(60, 4).astype("f4")
Y = (X[:, 0] + X[:, 1] > 1).astype(int)
T = (X @ [1, -2, 3, 0.5]).astype("f4")


class Maker:
    def __init__(self, out):
        self.out, self.skipped = out, []

    def path(self, form, name):
        os.makedirs(os.path.join(self.out, form), exist_ok=True)
        return os.path.join(self.out, form, name)

    def folder(self, form, name):
        p = self.path(form, name)
        os.makedirs(p, exist_ok=True)
        return p

    def attempt(self, form, name, write):
        try:
            write(self.path(form, name))
        except Exception as e:
            self.skipped.append("%s/%s: %s: %s" % (form, name, type(e).__name__, str(e).split("\n")[0][:120]))


def dump_json(path, value):
    with open(path, "w") as f:
        json.dump(value, f, indent=1)


def safetensors_(m):
    from safetensors.numpy import save_file
    for d in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "?"):
        m.attempt("safetensors", d.strip("?") + ("bool" if d == "?" else "") + ".safetensors", lambda p, d=d: save_file({"a.weight": (rs.rand(8, 4) * 9).astype(d), "a.bias": (rs.rand(4) * 9).astype(d)}, p, {"format": "np"}))
    m.attempt("safetensors", "empty.safetensors", lambda p: save_file({}, p))
    m.attempt("safetensors", "scalar.safetensors", lambda p: save_file({"step": np.array(3), "none": np.zeros((0, 4), "f4")}, p))
    m.attempt("safetensors", "large.safetensors", lambda p: save_file({"w%d" % i: rs.rand(64, 64).astype("f4") for i in range(64)}, p))

    def sharded(p):
        os.makedirs(p)
        weights = {}
        for s in range(3):
            name = "model-%05d-of-00003.safetensors" % (s + 1)
            part = {"model.layers.%d.%s.weight" % (s, k): rs.rand(4, 4).astype("f4") for k in ("q", "k", "v")}
            save_file(part, os.path.join(p, name), {"format": "pt"})
            weights.update(dict.fromkeys(part, name))
        dump_json(os.path.join(p, "model.safetensors.index.json"), {"metadata": {"total_size": 9 * 64}, "weight_map": weights})
        dump_json(os.path.join(p, "config.json"), {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4})
        dump_json(os.path.join(p, "generation_config.json"), {"do_sample": True, "temperature": 0.6})
    m.attempt("safetensors", "sharded", sharded)

    def adapter(p):
        os.makedirs(p)
        save_file({"base_model.model.q.lora_A.weight": rs.rand(2, 4).astype("f4"), "base_model.model.q.lora_B.weight": rs.rand(4, 2).astype("f4")}, os.path.join(p, "adapter_model.safetensors"), {"format": "pt"})
        dump_json(os.path.join(p, "adapter_config.json"), {"peft_type": "LORA", "base_model_name_or_path": "org/base", "revision": "a" * 40, "r": 2, "target_modules": ["q"]})
    m.attempt("safetensors", "adapter", adapter)


CHAT = "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + eos_token }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"


def gguf_(m):
    import gguf
    kinds = {"f32": None, "f16": None, "q8_0": gguf.GGMLQuantizationType.Q8_0, "q4_0": gguf.GGMLQuantizationType.Q4_0, "q5_1": gguf.GGMLQuantizationType.Q5_1, "bf16": gguf.GGMLQuantizationType.BF16}

    def write(p, kind, arch="llama", chat=False, tokens=False, big=False):
        w = gguf.GGUFWriter(p, arch, endianess=gguf.GGUFEndian.BIG if big else gguf.GGUFEndian.LITTLE)
        w.add_name("control")
        w.add_context_length(128)
        w.add_embedding_length(64)
        w.add_block_count(1)
        if chat:
            w.add_chat_template(CHAT)
        if tokens:
            w.add_tokenizer_model("llama")
            w.add_token_list(["<unk>", "<s>", "</s>"] + ["t%d" % i for i in range(200)])
            w.add_token_scores([0.0] * 203)
            w.add_token_types([1] * 203)
        for name in ("token_embd.weight", "blk.0.attn_q.weight", "output.weight"):
            a = rs.rand(8, 64).astype("f4")
            if kinds[kind] is not None:
                w.add_tensor(name, gguf.quantize(a, kinds[kind]), raw_dtype=kinds[kind])
            else:
                w.add_tensor(name, a.astype("f2" if kind == "f16" else "f4"))
        w.write_header_to_file()
        w.write_kv_data_to_file()
        w.write_tensors_to_file()
        w.close()
    for k in kinds:
        m.attempt("gguf", k + ".gguf", lambda p, k=k: write(p, k))
    m.attempt("gguf", "chat.gguf", lambda p: write(p, "q8_0", chat=True, tokens=True))
    m.attempt("gguf", "gemma.gguf", lambda p: write(p, "f16", arch="gemma2", chat=True))
    m.attempt("gguf", "big-endian.gguf", lambda p: write(p, "f32", big=True))


def onnx_(m):
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from skl2onnx import to_onnx
    from sklearn import cluster, decomposition, ensemble, linear_model, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree
    for make in (linear_model.LogisticRegression(), linear_model.LinearRegression(), ensemble.RandomForestClassifier(4), ensemble.GradientBoostingRegressor(n_estimators=4), svm.SVC(probability=True), neighbors.KNeighborsClassifier(3),
                 naive_bayes.GaussianNB(), neural_network.MLPClassifier((4,), max_iter=20), tree.DecisionTreeRegressor(), cluster.KMeans(2, n_init=2), decomposition.PCA(2), preprocessing.StandardScaler(),
                 pipeline.make_pipeline(preprocessing.MinMaxScaler(), ensemble.ExtraTreesClassifier(3))):
        target = T if make.__class__.__name__.endswith("Regressor") else Y
        m.attempt("onnx", "skl-%s.onnx" % make.__class__.__name__.lower(), lambda p, e=make, t=target: onnx.save(to_onnx(e.fit(X, t), X[:1]), p))

    def net(ops, ir=9):
        w = numpy_helper.from_array(rs.rand(4, 4).astype("f4"), "w")
        nodes, last = [], "x"
        for i, op in enumerate(ops):
            out = "y" if i == len(ops) - 1 else "h%d" % i
            nodes.append(helper.make_node(op, [last, "w"] if op in ("MatMul", "Add", "Gemm") else [last], [out]))
            last = out
        g = helper.make_graph(nodes, "net", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])], [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])], [w])
        return helper.make_model(g, opset_imports=[helper.make_opsetid("", 17)], ir_version=ir, producer_name="control")
    m.attempt("onnx", "matmul.onnx", lambda p: onnx.save(net(["MatMul", "Relu", "Add", "Softmax"]), p))
    m.attempt("onnx", "activations.onnx", lambda p: onnx.save(net(["Sigmoid", "Tanh", "Erf", "Abs"], 8), p))

    def external(p):
        os.makedirs(p)
        onnx.save(net(["Gemm", "Relu"]), os.path.join(p, "model.onnx"), save_as_external_data=True, location="weights.bin", size_threshold=0)
    m.attempt("onnx", "external", external)


def boosters_(m):
    import catboost
    import lightgbm as lgb
    import xgboost as xgb
    xgb.set_config(verbosity=0)
    for booster in ("gbtree", "gblinear", "dart"):
        for ext in ("json", "ubj"):
            m.attempt("xgboost", booster + "." + ext, lambda p, b=booster: xgb.train({"booster": b, "objective": "binary:logistic"}, xgb.DMatrix(X, Y), 4).save_model(p))
    m.attempt("xgboost", "multi.json", lambda p: xgb.XGBClassifier(n_estimators=3).fit(X, Y + (X[:, 2] > 0.8)).get_booster().save_model(p))
    m.attempt("xgboost", "regressor.ubj", lambda p: xgb.XGBRegressor(n_estimators=3, max_depth=2).fit(X, T).get_booster().save_model(p))
    for boosting in ("gbdt", "dart", "rf"):
        kw = {"bagging_freq": 1, "bagging_fraction": 0.7} if boosting == "rf" else {}
        m.attempt("lightgbm", boosting + ".txt", lambda p, b=boosting, k=kw: lgb.train({"boosting": b, "verbose": -1, "min_data_in_leaf": 2, "objective": "binary", **k}, lgb.Dataset(X, Y), 4).save_model(p))
    m.attempt("lightgbm", "linear.txt", lambda p: lgb.train({"linear_tree": True, "verbose": -1, "min_data_in_leaf": 2}, lgb.Dataset(X, T), 3).save_model(p))
    for name, cls, t in (("classifier", catboost.CatBoostClassifier, Y), ("regressor", catboost.CatBoostRegressor, T)):
        model = cls(iterations=4, depth=3, verbose=0, allow_writing_files=False).fit(X, t)
        m.attempt("catboost", name + ".cbm", lambda p, c=model: c.save_model(p))
        m.attempt("onnx", "catboost-%s.onnx" % name, lambda p, c=model: c.save_model(p, format="onnx"))
        m.attempt("coreml", "catboost-%s.mlmodel" % name, lambda p, c=model: c.save_model(p, format="coreml"))
    cats = np.array([["a", "b", "c"][i % 3] for i in range(60)])[:, None]
    m.attempt("catboost", "category.cbm", lambda p: catboost.CatBoostClassifier(iterations=3, verbose=0, allow_writing_files=False).fit(cats, Y, cat_features=[0]).save_model(p))


def skops_(m):
    import skops.io as sio
    from sklearn.utils import all_estimators
    for i, (name, cls) in enumerate(all_estimators()):
        try:
            data = sio.dumps(cls().fit(np.abs(X), Y))
        except Exception:
            continue
        untrusted = sio.get_untrusted_types(data=data)
        if i % 4 and not untrusted:
            continue  # one library shall not be most of the control
        with open(m.path("skops", name + ".skops"), "wb") as f:
            f.write(data)
        if untrusted:
            with open(m.path("skops", name + ".untrusted"), "w") as f:
                f.write(", ".join(sorted(untrusted)))


def numpy_(m):
    for d in ("f4", "f8", "i8", "u1", "?", "c8", "U8", "M8[D]", ">f4"):
        m.attempt("npy", "a%d.npy" % len(os.listdir(m.folder("npy", ""))), lambda p, d=d: np.save(p, np.zeros((3, 4), d)))
    m.attempt("npy", "record.npy", lambda p: np.save(p, np.zeros(3, [("id", "i8"), ("x", "f4", (2,))])))
    m.attempt("npy", "fortran.npy", lambda p: np.save(p, np.asfortranarray(X)))
    m.attempt("npz", "plain.npz", lambda p: np.savez(p, x=X, y=Y))
    m.attempt("npz", "packed.npz", lambda p: np.savez_compressed(p, x=X, t=T))


def keras_models(keras):
    L = keras.layers
    yield "dense", keras.Sequential([keras.Input((4,)), L.Dense(3, "relu"), L.Dense(1)])
    yield "conv", keras.Sequential([keras.Input((8, 8, 3)), L.Conv2D(4, 3, activation="gelu"), L.BatchNormalization(), L.MaxPooling2D(), L.Flatten(), L.Dense(2, "softmax")])
    yield "lstm", keras.Sequential([keras.Input((5, 3)), L.Bidirectional(L.LSTM(2)), L.Dense(1, "tanh")])
    yield "gru", keras.Sequential([keras.Input((5,)), L.Embedding(10, 4), L.GRU(3), L.Dropout(0.2), L.Dense(1, "sigmoid")])
    x = keras.Input((6, 8))
    y = L.LayerNormalization()(L.Add()([x, L.MultiHeadAttention(2, 4)(x, x)]))
    yield "attention", keras.Model(x, L.Dense(2)(L.GlobalAveragePooling1D()(y)))
    x = keras.Input((4,))
    yield "two-heads", keras.Model(x, [L.Dense(1, name="a")(x), L.Dense(2, "softmax", name="b")(L.Dense(3, "swish")(x))])
    n = L.Normalization()
    n.adapt(X)
    yield "preprocessing", keras.Sequential([keras.Input((4,)), n, L.Dense(2, kernel_regularizer=keras.regularizers.L2(1e-3))])


def keras_(m):
    import keras
    for name, model in keras_models(keras):
        if name in ("dense", "two-heads"):
            model.compile("adam", "mse")
        m.attempt("keras", name + ".keras", model.save)
        m.attempt("hdf5", name + ".h5", model.save)
        m.attempt("hdf5", name + ".weights.h5", model.save_weights)
        m.attempt("keras-json", name + ".json", lambda p, k=model: open(p, "w").write(k.to_json()))


def tensorflow_(m):
    import keras
    import tensorflow as tf
    for name, model in keras_models(keras):
        m.attempt("savedmodel", name, model.export)

        def lite(p, k=model, quantise=False):
            c = tf.lite.TFLiteConverter.from_keras_model(k)
            if quantise:
                c.optimizations = [tf.lite.Optimize.DEFAULT]
            open(p, "wb").write(c.convert())
        if name not in ("lstm", "gru"):  # these need the flex delegate
            m.attempt("tflite", name + ".tflite", lite)
            m.attempt("tflite", name + "-quantised.tflite", lambda p, k=model: lite(p, k, True))

    class Module(tf.Module):
        def __init__(self):
            self.w = tf.Variable(tf.ones((4, 2)))

        @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32)])
        def __call__(self, x):
            return tf.nn.relu(tf.matmul(x, self.w))
    m.attempt("savedmodel", "module", lambda p: tf.saved_model.save(Module(), p))


def flax_(m):
    import flax.linen as nn
    import flax.serialization
    import jax

    class Net(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Dense(2)(nn.relu(nn.Dense(3)(x)))
    params = Net().init(jax.random.PRNGKey(0), X[:1])

    def write(value):
        return lambda p: open(p, "wb").write(flax.serialization.to_bytes(value))
    m.attempt("flax", "dense.msgpack", write(params))
    m.attempt("flax", "half.msgpack", write(jax.tree_util.tree_map(lambda a: a.astype("bfloat16"), params)))
    m.attempt("flax", "numpy.msgpack", write({"step": 3, "w": X, "rng": np.arange(4, dtype="u4")}))
    import optax
    m.attempt("flax", "optimizer.msgpack", write({"params": params, "opt": optax.adam(1e-3).init(params), "epoch": 4}))


def coreml_(m):
    import coremltools as ct
    from coremltools.converters.mil import Builder as mb
    from coremltools.models import datatypes
    from coremltools.models.neural_network import NeuralNetworkBuilder
    for act in ("RELU", "SIGMOID", "TANH"):
        b = NeuralNetworkBuilder([("x", datatypes.Array(4))], [("y", datatypes.Array(3))])
        b.add_inner_product("dense", rs.rand(3, 4).astype("f4"), np.zeros(3, "f4"), 4, 3, True, "x", "h")
        b.add_activation("act", act, "h", "y")
        m.attempt("coreml", "network-%s.mlmodel" % act.lower(), lambda p, s=b.spec: ct.utils.save_spec(s, p))

    @mb.program(input_specs=[mb.TensorSpec((1, 64))])
    def program(x):
        return mb.relu(x=mb.matmul(x=x, y=np.ones((64, 32), "f4")), name="y")
    for precision in ("FLOAT16", "FLOAT32"):
        m.attempt("coreml", "program-%s.mlpackage" % precision.lower(), lambda p, c=precision: ct.convert(program, convert_to="mlprogram", compute_precision=getattr(ct.precision, c)).save(p))


def openvino_(m):
    import openvino as ov
    from openvino import opset13 as op

    def model(dtype):
        x = op.parameter([-1, 4], dtype, name="x")
        return ov.Model([op.softmax(op.relu(op.matmul(x, op.constant(rs.rand(4, 3).astype(dtype)), False, False)), 1)], [x], "net")

    def save(p, dtype, half):
        os.makedirs(p)
        ov.save_model(model(dtype), os.path.join(p, "model.xml"), compress_to_fp16=half)
    for name, dtype, half in (("f32", np.float32, False), ("compressed", np.float32, True), ("f64", np.float64, False)):
        m.attempt("openvino", name, lambda p, d=dtype, h=half: save(p, d, h))


def paddle_(m):
    import paddle

    class Net(paddle.nn.Layer):
        def __init__(self, act):
            super().__init__()
            self.a, self.act = paddle.nn.Linear(4, 2), act

        def forward(self, x):
            return self.act(self.a(x))

    def save(p, act):
        os.makedirs(p)
        paddle.jit.save(Net(act), os.path.join(p, "model"), input_spec=[paddle.static.InputSpec([None, 4], "float32", "x")])
    for name in ("relu", "gelu", "sigmoid"):
        m.attempt("paddle", name, lambda p, n=name: save(p, getattr(paddle.nn.functional, n)))


def pickles_(m):
    """The pickles of make_models.py, each object once, in the protocol that the library takes by default."""
    import make_models

    class Once(make_models.Maker):
        def pickles(self, name, make, protocols=(4,)):
            super().pickles(name, make, (4,))
    out = m.folder("pickle", "")
    once = Once(out)
    for part in ("numpy", "pandas", "scipy", "sklearn", "boosting", "joblib"):
        once.attempt(part, lambda: make_models.PARTS[part](once))
    import pandas as pd
    for zone in ("Europe/Berlin", "America/Argentina/Buenos_Aires"):
        once.pickles("pandas-zone-" + zone.split("/")[-1], lambda z=zone: pd.DataFrame({"t": pd.date_range("2024-01-01", periods=4, tz=z)}))
    m.skipped += once.skipped
    for f in os.listdir(out):  # arrays that are no pickles have folders of their own above
        if f.endswith((".npy", ".npz")) and "object" not in f and "many" not in f:
            os.remove(os.path.join(out, f))


def torch_(m):
    import make_models
    once = make_models.Maker(m.folder("torch", ""))
    make_models.torch_(once)
    m.skipped += once.skipped


PARTS = {n[:-1]: f for n, f in list(globals().items()) if n.endswith("_") and callable(f) and not n.startswith("_")}


def main(out, parts):
    os.makedirs(out, exist_ok=True)
    m = Maker(out)
    for part in parts:
        try:
            PARTS[part](m)
        except Exception as e:  # a library that is not there
            m.skipped.append("%s: %s: %s" % (part, type(e).__name__, str(e).split("\n")[0][:160]))
    with open(os.path.join(out, "-".join(parts) + ".skipped.txt"), "w") as f:
        f.write("".join(s + "\n" for s in m.skipped))
    sys.stdout.flush()
    os._exit(0)  # some libraries abort in their exit handlers


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
