"""Programs that ExecuTorch's own exporter writes, with the PyTorch of Debian forky, and reads back with its own reader.

usage: make_exporter.py OUT PACKAGES
"""
import sys

sys.path.insert(1, sys.argv[2])
import torch
from executorch.exir import to_edge
from executorch.exir._serialize._program import deserialize_pte_binary
from executorch.exir.schema import Tensor

import kit

torch.manual_seed(1)


class Net(torch.nn.Module):
    def __init__(self, kind=torch.float32):
        super().__init__()
        self.layers = torch.nn.ModuleList([torch.nn.Linear(8, 8, dtype=kind) for _ in range(4)])

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x


class Conv(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.out = torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(144, 2)

    def forward(self, x):
        return torch.softmax(self.out(self.norm(self.conv(x)).flatten(1)), 1)


def keep(name, module, *inputs):
    program = to_edge(torch.export.export(module.eval(), inputs)).to_executorch()
    with open(kit.path(name), "wb") as f:
        f.write(program.buffer)
    with open(kit.path(name), "rb") as f:
        read = deserialize_pte_binary(f.read())
    rows = []
    for plan in getattr(read, "program", read).execution_plan:
        for i, v in enumerate(plan.values):
            if isinstance(v.val, Tensor) and v.val.data_buffer_idx:
                named = v.val.extra_tensor_info and v.val.extra_tensor_info.fully_qualified_name
                rows.append((named or "%s.%d" % (plan.name, i), str(getattr(torch, NAMES[v.val.scalar_type.name])).replace("torch.", ""), v.val.sizes))
    kit.model(name, rows)


NAMES = {"FLOAT": "float32", "HALF": "float16", "BFLOAT16": "bfloat16", "DOUBLE": "float64", "LONG": "int64", "INT": "int32", "SHORT": "int16", "CHAR": "int8", "BYTE": "uint8", "BOOL": "bool"}
kit.attempt("dense.pte", keep, "dense.pte", Net(), torch.zeros(1, 8))
kit.attempt("half.pte", keep, "half.pte", Net(torch.float16), torch.zeros(1, 8, dtype=torch.float16))
kit.attempt("conv.pte", keep, "conv.pte", Conv(), torch.zeros(1, 1, 8, 8))
kit.uses(executorch="1.5.1", torch=torch.__version__)
kit.finish()
