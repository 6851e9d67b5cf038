import urllib.request

import requests
import torch
from datasets import load_dataset
from huggingface_hub import hf_hub_download, snapshot_download
from openai import OpenAI
from transformers import AutoConfig, AutoModel, AutoTokenizer, pipeline

REVISION = "0123456789abcdef0123456789abcdef01234567"


def remote_code():
    return AutoModel.from_pretrained("org/model", trust_remote_code=True)  # want: code/trust-remote-code, code/unpinned-model


def remote_code_pinned():
    return AutoModel.from_pretrained("org/model", trust_remote_code=True, revision=REVISION)  # want: code/trust-remote-code-pinned


def remote_code_dataset():
    return load_dataset("org/data", trust_remote_code=True, revision="main")  # want: code/trust-remote-code


def no_remote_code():
    return AutoModel.from_pretrained("org/model", trust_remote_code=False, revision=REVISION)  # ok: switched off


def forwarded_remote_code(trust):
    return AutoModel.from_pretrained("/models/m", trust_remote_code=trust)  # ok: the caller decides


def unpinned():
    return AutoModel.from_pretrained("org/model")  # want: code/unpinned-model


def unpinned_file():
    return hf_hub_download("org/model", "weights.bin")  # want: code/unpinned-model


def unpinned_snapshot():
    return snapshot_download(repo_id="org/model")  # want: code/unpinned-model


def unpinned_dataset():
    return load_dataset("org/data")  # want: code/unpinned-model


def pinned():
    return AutoModel.from_pretrained("org/model", revision=REVISION)  # ok: pinned


def local_path():
    return AutoModel.from_pretrained("/models/m")  # ok: a local folder


def relative_path():
    return AutoTokenizer.from_pretrained("./models/m")  # ok: a local folder


def local_only():
    return AutoTokenizer.from_pretrained("org/model", local_files_only=True)  # ok: from the cache


def variable_path(path):
    return AutoConfig.from_pretrained(path)  # ok: the caller decides


def dataset_format(path):
    return load_dataset("csv", data_files=path)  # ok: a format, not a repository


def hub():
    return torch.hub.load("owner/repo", "model")  # want: code/torch-hub


def hub_local():
    return torch.hub.load("/opt/repo", "model", source="local")  # ok: a local folder


def http_weights():
    urllib.request.urlretrieve("http://models.acme.org/m.bin", "m.bin")  # want: code/plain-http-download


def http_local():
    return requests.get("http://localhost:8000/health", timeout=3)  # ok: this machine


def https_weights():
    urllib.request.urlretrieve("https://models.acme.org/m.bin", "m.bin")  # ok: encrypted


def http_client():
    return OpenAI(base_url="http://llm.acme.org/v1")  # want: code/plain-http-model-client


def http_client_local():
    return OpenAI(base_url="http://localhost:11434/v1")  # ok: this machine


def https_client():
    return OpenAI(base_url="https://llm.acme.org/v1")  # ok: encrypted


def task_only():
    return pipeline("sentiment-analysis")  # ok: a task, not a repository
