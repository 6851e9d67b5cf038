import json
import pickle

import joblib
import keras
import mlflow.pyfunc
import numpy as np
import pandas as pd
import skops.io
import tensorflow as tf
import torch
import yaml
from langchain_community.vectorstores import FAISS
from safetensors.torch import load_file

OPTIONS = {"weights_only": True, "map_location": "cpu"}


def torch_unsafe(path):
    return torch.load(path, weights_only=False)  # want: code/torch-load-unsafe


def torch_default(path):
    return torch.load(path)  # want: code/torch-load-default


def torch_safe(path):
    return torch.load(path, weights_only=True)  # ok: weights only


def torch_options(path):
    return torch.load(path, **OPTIONS)  # ok: the options say weights only


def torch_forwarded(path, **kwargs):
    return torch.load(path, **kwargs)  # ok: the caller decides


def torch_choice(path, weights_only):
    return torch.load(path, weights_only=weights_only)  # ok: the caller decides


def torch_safetensors(path):
    return load_file(path)  # ok: no code in the format


def joblib_file(path):
    return joblib.load(path)  # want: code/pickle-load


def pickle_file(path):
    with open(path, "rb") as f:
        return pickle.load(f)  # want: code/pickle-load


def pickle_write(obj, path):
    with open(path, "wb") as f:
        pickle.dump(obj, f)  # ok: writing runs nothing


def frame_pickle(path):
    return pd.read_pickle(path)  # want: code/pickle-load


def frame_parquet(path):
    return pd.read_parquet(path)  # ok: no code in the format


def numpy_pickle(path):
    return np.load(path, allow_pickle=True)  # want: code/numpy-allow-pickle


def numpy_plain(path):
    return np.load(path)  # ok: the default refuses pickles


def keras_unsafe(path):
    return keras.models.load_model(path, safe_mode=False)  # want: code/keras-unsafe-mode


def keras_tf_unsafe(path):
    return tf.keras.models.load_model(path, safe_mode=False)  # want: code/keras-unsafe-mode


def keras_safe(path):
    return keras.models.load_model(path)  # ok: the default is safe


def keras_global():
    keras.config.enable_unsafe_deserialization()  # want: code/keras-unsafe-mode-global


def faiss_unsafe(embeddings):
    return FAISS.load_local("index", embeddings, allow_dangerous_deserialization=True)  # want: code/dangerous-deserialization-allowed


def faiss_new(docs, embeddings):
    return FAISS.from_documents(docs, embeddings)  # ok: made here


def skops_all(path):
    return skops.io.load(path, trusted=True)  # want: code/skops-trusted-all


def skops_named(path):
    return skops.io.load(path, trusted=["sklearn.svm._classes.SVC"])  # ok: named


def mlflow_remote():
    return mlflow.pyfunc.load_model("https://example.com/model")  # want: code/mlflow-load-remote


def mlflow_registry():
    return mlflow.pyfunc.load_model("models:/fraud/3")  # ok: the registry


def yaml_plain(text):
    return yaml.load(text)  # want: code/yaml-load


def yaml_unsafe(text):
    return yaml.load(text, Loader=yaml.UnsafeLoader)  # want: code/yaml-unsafe-loader


def yaml_unsafe_function(text):
    return yaml.unsafe_load(text)  # want: code/yaml-unsafe-load


def yaml_safe(text):
    return yaml.load(text, Loader=yaml.SafeLoader)  # ok: the safe loader


def yaml_safe_function(text):
    return yaml.safe_load(text)  # ok: the safe loader


def json_file(path):
    with open(path) as f:
        return json.load(f)  # ok: JSON
