"""Tensors of every type, modules, optimizers, schedulers, in the zip and the legacy format.

objects() yields values that torch.save writes; see emit.py.
"""
import inspect

import torch
from torch import nn


class _Skip(Exception):
    pass


_ARGS = {
    "Linear": (3, 2), "Bilinear": (2, 2, 2), "LazyLinear": (3,), "Embedding": (5, 3), "EmbeddingBag": (5, 3), "Flatten": (), "Unflatten": (1, (2, 2)),
    "RNN": (3, 4), "LSTM": (3, 4), "GRU": (3, 4), "RNNCell": (3, 4), "LSTMCell": (3, 4), "GRUCell": (3, 4), "MultiheadAttention": (4, 2),
    "Transformer": (4, 2, 1, 1, 8), "TransformerEncoderLayer": (4, 2), "TransformerDecoderLayer": (4, 2), "GroupNorm": (2, 4), "LayerNorm": (4,), "RMSNorm": (4,),
    "LocalResponseNorm": (2,), "CrossMapLRN2d": (2,), "ConstantPad1d": (1, 0.5), "ConstantPad2d": (1, 0.5), "ConstantPad3d": (1, 0.5), "Threshold": (0.1, 1),
    "PixelShuffle": (2,), "PixelUnshuffle": (2,), "ChannelShuffle": (2,), "Fold": (2, 2), "Unfold": (2,), "AdaptiveLogSoftmaxWithLoss": (4, 10, [2, 5]),
    "FractionalMaxPool2d": (2, (2, 2)), "FractionalMaxPool3d": (2, (2, 2, 2)), "LPPool1d": (2, 2), "LPPool2d": (2, 2), "LPPool3d": (2, 2), "NLLLoss2d": (),
    "Container": (), "UninitializedParameter": (),
}


def _module(name):
    cls = getattr(nn, name)
    if name in _ARGS:
        return cls(*_ARGS[name])
    if "Conv" in name:
        return cls(*((2, 2) if name.startswith("Lazy") else (2, 2, 2)))
    if "Norm" in name and not name.startswith("Lazy"):
        return cls(2)
    if "Adaptive" in name or "Pad" in name or "Pool" in name:
        return cls(2)
    return cls()


def objects():
    for name in sorted(dir(nn)):
        if isinstance(getattr(nn, name), type):
            yield "nn-" + name, lambda n=name: _module(n)
    yield "sequential", lambda: nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Dropout(), nn.BatchNorm1d(3))
    yield "state-dict", lambda: nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)).state_dict()
    yield "lists", lambda: [nn.ModuleList([nn.Linear(1, 1)]), nn.ModuleDict({"a": nn.Linear(1, 1)}), nn.ParameterList([nn.Parameter(torch.ones(1))]), nn.ParameterDict({"a": nn.Parameter(torch.ones(1))})]
    yield "encoder", lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2), 2)
    yield "decoder", lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2), 2)
    for name in sorted(set(str(v) for v in vars(torch).values() if isinstance(v, torch.dtype))):
        yield "tensor-" + name, lambda n=name: torch.empty(3, dtype=getattr(torch, n.split(".")[1]))
        yield "dtype-" + name, lambda n=name: getattr(torch, n.split(".")[1])
    yield "views", lambda: (lambda t: [t, t[1:], t.t(), t[:, 1]])(torch.arange(6.0).reshape(2, 3))
    yield "parameter", lambda: [nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2), requires_grad=False), torch.ones(1, requires_grad=True)]
    yield "parameter-state", lambda: _state(nn.Parameter(torch.ones(2)))
    yield "tensor-state", lambda: _state(torch.ones(2))
    yield "buffer", lambda: nn.Buffer(torch.ones(2))
    yield "conj", lambda: [torch.ones(2, dtype=torch.complex64).conj(), torch.ones(2)._neg_view()]
    yield "meta", lambda: torch.ones(2, device="meta")
    yield "sparse", lambda: [torch.eye(3).to_sparse()]
    yield "sparse-csr", lambda: [getattr(torch.eye(4), "to_sparse_" + n)(*a) for n, a in (("csr", ()), ("csc", ()), ("bsr", ((2, 2),)), ("bsc", ((2, 2),)))]
    yield "nested", lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    yield "nested-jagged", lambda: torch.nested.nested_tensor([torch.ones(2, 2), torch.ones(3, 2)], layout=torch.jagged)
    yield "quantized", lambda: [torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8), torch.quantize_per_channel(torch.ones(2, 2), torch.ones(2), torch.zeros(2), 0, torch.qint8)]
    yield "storage", lambda: [torch.ones(2).storage(), torch.ones(2).untyped_storage()]
    yield "misc", lambda: [torch.Size([1, 2]), torch.device("cpu"), torch.device("cuda", 0), torch.strided, torch.channels_last, torch.per_tensor_affine]
    yield "generator", lambda: torch.Generator()
    yield "rng", lambda: torch.get_rng_state()
    yield "finfo", lambda: torch.finfo(torch.float32)
    for name in sorted(dir(torch.optim)):
        cls = getattr(torch.optim, name)
        if isinstance(cls, type) and name != "Optimizer":
            yield "optim-" + name, lambda c=cls: _step(c)
            yield "optim-state-" + name, lambda c=cls: _step(c).state_dict()
    for name, args in (("StepLR", (2,)), ("MultiStepLR", ([2],)), ("ExponentialLR", (0.1,)), ("CosineAnnealingLR", (3,)), ("ReduceLROnPlateau", ()), ("ConstantLR", ()), ("LinearLR", ()), ("CosineAnnealingWarmRestarts", (3,)), ("CyclicLR", (0.1, 0.2)), ("OneCycleLR", (0.1, 10)), ("PolynomialLR", ()), ("LambdaLR", (abs,)), ("MultiplicativeLR", (abs,))):
        yield "sched-" + name, lambda n=name, a=args: getattr(torch.optim.lr_scheduler, n)(torch.optim.SGD([nn.Parameter(torch.ones(1))], 0.1, momentum=0.9), *a)
        yield "sched-state-" + name, lambda n=name, a=args: getattr(torch.optim.lr_scheduler, n)(torch.optim.SGD([nn.Parameter(torch.ones(1))], 0.1, momentum=0.9), *a).state_dict()
    yield "checkpoint", lambda: {"epoch": 3, "model": nn.Linear(2, 2).state_dict(), "optim": _step(torch.optim.Adam).state_dict(), "loss": 0.5, "best": torch.tensor(1.0)}
    yield "weight-norm", lambda: nn.utils.weight_norm(nn.Linear(2, 2))
    yield "spectral-norm", lambda: nn.utils.spectral_norm(nn.Linear(2, 2))
    yield "parametrize", lambda: nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)).state_dict()
    yield "swa", lambda: torch.optim.swa_utils.AveragedModel(nn.Linear(2, 2))
    yield "dataset", lambda: torch.utils.data.TensorDataset(torch.ones(2, 2))
    yield "datasets", lambda: [torch.utils.data.Subset([1, 2], [0]), torch.utils.data.ConcatDataset([[1], [2]]), torch.utils.data.DataLoader([1, 2])]
    dist = torch.distributions
    yield "distributions", lambda: [dist.Normal(torch.tensor(0.0), torch.tensor(1.0)), dist.Categorical(torch.ones(2)), dist.Bernoulli(torch.tensor(0.5))]
    yield "data-parallel", lambda: nn.DataParallel(nn.Linear(1, 1))
    yield "amp", lambda: torch.cuda.amp.GradScaler(enabled=False)
    yield "quant", lambda: _quant()
    yield "numpy", lambda: {"a": __import__("numpy").ones(2), "s": __import__("numpy").float64(1)}
    yield "functions", lambda: [nn.functional.relu, torch.tanh, torch.nn.functional.gelu, torch.sigmoid, torch.relu]
    yield "subclass-fx", lambda: torch.fx.symbolic_trace(nn.Linear(1, 1))
    yield "script-like", lambda: {"a": torch.ones(1)}


def _state(t):
    t.extra = {"a": 1}
    return t


def _step(cls):
    weight = nn.Parameter(torch.ones(2, 2))
    names = list(inspect.signature(cls.__init__).parameters)
    opt = cls([weight], **({"lr": 0.1} if "lr" in names else {}))
    def loss():
        value = (weight ** 2).sum()
        value.backward()
        return value
    opt.step(loss) if cls.__name__ == "LBFGS" else (loss(), opt.step())
    return opt


def _quant():
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.LSTM(4, 4))
    return torch.quantization.quantize_dynamic(model, {nn.Linear, nn.LSTM}, dtype=torch.qint8)
