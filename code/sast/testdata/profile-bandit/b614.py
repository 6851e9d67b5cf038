import torch
from torch import load


def read(path):
    return torch.load(path)  # want: B614


def read_short(path):
    return load(path, map_location="cpu")  # want: B614


def read_all(path):
    return torch.load(path, weights_only=False)  # want: B614


def read_weights(path):
    return torch.load(path, weights_only=True)  # ok: weights only


def read_graph(path):
    return torch.jit.load(path)  # ok: another format
