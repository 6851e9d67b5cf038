"""Files of PyTorch: weights, checkpoints and modules (zip and legacy), TorchScript and exported programs, read back by it."""
import collections
import json
import sys

import torch

import kit

torch.manual_seed(1)
NEW = tuple(int(v) for v in torch.__version__.split(".")[:2])


class Net(torch.nn.Module):
    def __init__(self, kind=torch.float32):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 4, 3)
        self.norm = torch.nn.BatchNorm2d(4)
        self.blocks = torch.nn.ModuleList([torch.nn.Linear(36, 36, dtype=kind) for _ in range(6)])
        self.register_buffer("steps", torch.tensor(7))

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x))).flatten(1)[:, :36]
        for b in self.blocks:
            x = torch.relu(b(x))
        return x


def walk(value, path, above, out):
    """Tensors below value, by attribute, key and index."""
    if isinstance(value, torch.Tensor):
        out.append((path, str(value.dtype).replace("torch.", ""), value.shape))
        return
    if isinstance(value, (str, bytes, int, float, bool, type(None), type)) or id(value) in above:
        return
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    else:
        items = getattr(value, "__dict__", {}).items()
    for k, v in items:
        walk(v, "%s.%s" % (path, k) if path else str(k), above | {id(value)}, out)


def load(name):
    try:
        return torch.load(kit.path(name), weights_only=False)
    except TypeError:  # before PyTorch 1.13
        return torch.load(kit.path(name))


def keep(name, value, verdict="ok"):
    for file, how in ((name + ".pt", {}), (name + "-legacy.pt", {"_use_new_zipfile_serialization": False}), (name + "-p4.pt", {"pickle_protocol": 4})):
        out = []
        if kit.attempt(file, lambda: (torch.save(value, kit.path(file), **how), walk(load(file), "", frozenset(), out)) and True):
            kit.model(file, out, verdict=verdict)


types = {}
for t in ("float32", "float16", "bfloat16", "float64", "int8", "uint8", "int16", "int32", "int64", "bool", "complex64", "complex128", "uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"):
    if hasattr(torch, t):
        types["w." + t] = torch.zeros((2, 3)).to(getattr(torch, t))
keep("types", types)
base = torch.arange(24.0).reshape(4, 6)
keep("views", {"base": base, "row": base[1], "column": base[:, 2], "turned": base.t(), "scalar": torch.tensor(1.5), "empty": torch.zeros(0, 3), "parameter": torch.nn.Parameter(torch.zeros(4))})
net = Net()
keep("weights", net.state_dict())
keep("half", collections.OrderedDict((k, v.half()) for k, v in net.state_dict().items()))
optimizer = torch.optim.Adam(net.parameters())
net(torch.zeros(2, 1, 8, 8)).sum().backward()
optimizer.step()
keep("checkpoint", {"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict(), "history": [torch.zeros(2), (torch.ones(1), {"x": torch.zeros(3)})], "args": {"lr": 0.1}})
keep("module", torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.LSTM(3, 2)))
keep("tensor", torch.zeros(5, 2))
keep("quantised", {"q": torch.quantize_per_tensor(torch.zeros(4, 3), 0.1, 0, torch.qint8), "c": torch.quantize_per_channel(torch.zeros(4, 3), torch.ones(4), torch.zeros(4), 0, torch.quint8)})
keep("sparse", {"coo": torch.eye(3).to_sparse(), "csr": torch.eye(3).to_sparse_csr()})


def named(module):
    found = dict(module.state_dict())
    for name, part in module.named_modules():
        found.update({("%s._flat_weights.%d" % (name, i)).lstrip("."): t for i, t in enumerate(getattr(part, "_flat_weights", []))})
    return [(n, str(t.dtype).replace("torch.", ""), t.shape) for n, t in found.items()]


net.eval()
for file, make in (("script.pt", lambda: torch.jit.script(net)), ("trace.pt", lambda: torch.jit.trace(net, torch.zeros(1, 1, 8, 8))), ("lstm.pt", lambda: torch.jit.script(torch.nn.LSTM(3, 2)))):
    m = kit.attempt(file, make)
    if m is not None:
        torch.jit.save(m, kit.path(file))
        kit.model(file, named(torch.jit.load(kit.path(file))), verdict="unverified")
# Sharded, as transformers laid weights out before safetensors.
state, index = net.state_dict(), {}
for i, part in enumerate((list(state)[::2], list(state)[1::2]), 1):
    file = "pytorch_model-%05d-of-00002.bin" % i
    torch.save({k: state[k] for k in part}, kit.path("sharded/" + file))
    index.update({k: file for k in part})
with open(kit.path("sharded/pytorch_model.bin.index.json"), "w") as f:
    json.dump({"metadata": {"total_size": sum(t.numel() * t.element_size() for t in state.values())}, "weight_map": index}, f)
rows = []
for file in sorted(set(index.values())):
    walk(load("sharded/" + file), "", frozenset(), rows)
kit.model("sharded", rows)
mobile = kit.attempt("mobile.ptl", lambda: torch.jit.script(net)._save_for_lite_interpreter(kit.path("mobile.ptl")) or True)
if mobile:
    kit.model("mobile.ptl", named(torch.jit.load(kit.path("mobile.ptl"))), verdict="unverified")
if NEW >= (2, 1):
    def exported(file, program):
        torch.export.save(program, kit.path(file))
        read = torch.export.load(kit.path(file))
        rows = []
        for node in read.graph.nodes:
            v = node.meta.get("val") if node.op != "output" else None
            for i, t in enumerate(v if isinstance(v, (list, tuple)) else [v]):
                if isinstance(t, torch.Tensor):
                    rows.append((node.name, str(t.dtype).replace("torch.", ""), [d if isinstance(d, int) else -1 for d in t.shape]))
        kit.model(file, rows)
    dim = torch.export.Dim("batch", max=64)
    kit.attempt("exported.pt2", lambda: exported("exported.pt2", torch.export.export(net, (torch.zeros(4, 1, 8, 8),), dynamic_shapes=({0: dim},))))
    kit.attempt("linear.pt2", lambda: exported("linear.pt2", torch.export.export(torch.nn.Linear(3, 2), (torch.zeros(4, 3),))))
    kit.attempt("half.pt2", lambda: exported("half.pt2", torch.export.export(torch.nn.Linear(3, 2, dtype=torch.bfloat16), (torch.zeros(4, 3, dtype=torch.bfloat16),))))
kit.uses(torch=torch.__version__, python="%d.%d" % sys.version_info[:2])
kit.finish()
