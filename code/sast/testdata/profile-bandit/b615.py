from datasets import load_dataset
from huggingface_hub import hf_hub_download, snapshot_download
from transformers import AutoModel, AutoTokenizer


def model():
    return AutoModel.from_pretrained("org/model")  # want: B615


def branch():
    return AutoTokenizer.from_pretrained("org/model", revision="main")  # want: B615


def data():
    return load_dataset("org/data")  # want: B615


def file():
    return hf_hub_download("org/model", "model.safetensors")  # want: B615


def folder(name):
    return snapshot_download(repo_id=name)  # want: B615


def pinned():
    return AutoModel.from_pretrained("org/model", revision="5f0b02c75b57c5855da9ae460ce51323ea669d8a")  # ok: a commit


def pinned_by_caller(commit):
    return load_dataset("org/data", revision=commit)  # ok: the caller knows


def here():
    return AutoModel.from_pretrained("./model")  # ok: a folder


def other(store):
    return store.from_pretrained("org/model")  # ok: another library
