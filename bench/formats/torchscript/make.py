"""Writes the fixtures of model/artifact/torchscript/testdata.

Needs PyTorch: Debian's python3-torch 1.13.1 made the TorchScript files, 2.6.0 the
exported program (Debian 12 and 13). Usage: python3 make.py OUT

The harmful variants are made by replacing source text inside a saved archive; none
of them is ever loaded here.
"""

import io
import json
import pathlib
import sys
import zipfile

import torch

OUT = pathlib.Path(sys.argv[1])
PATH = '"/nonexistent/merlon-test"'


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(3, 2)

    def forward(self, x):
        return torch.relu(self.fc(x)) + 1.0


class Keeps(torch.nn.Module):
    """Has a method with the name of an operator that writes files."""

    def save(self, x):
        return x * 2

    def forward(self, x):
        return self.save(x)


class Plain(torch.nn.Module):
    def forward(self, x):
        return x


def script(module):
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(module), buffer)
    return buffer.getvalue()


def edit(name, body):
    """Plain, with another body of forward."""
    source = zipfile.ZipFile(io.BytesIO(script(Plain())))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as z:
        for n in source.namelist():
            data = source.read(n)
            if n.endswith(".debug_pkl"):
                continue
            if n.endswith(".py"):
                assert b"    return x\n" in data
                data = data.replace(b"    return x\n", ("    " + body + "\n    return x\n").encode())
            z.writestr(zipfile.ZipInfo(n, (1980, 1, 1, 0, 0, 0)), data)
    (OUT / name).write_bytes(target.getvalue())


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    if tuple(int(v) for v in torch.__version__.split(".")[:2]) >= (2, 1):
        dim = torch.export.Dim("batch", max=64)
        program = torch.export.export(Net(), (torch.zeros(4, 3),), dynamic_shapes=({0: dim},))
        torch.export.save(program, str(OUT / "net.pt2"))
        return
    state = {"fc": torch.nn.Linear(3, 2).state_dict(), "half": torch.zeros(2, 2, dtype=torch.float16), "param": torch.nn.Parameter(torch.zeros(4)),
             "steps": [torch.tensor(7), torch.zeros(2, dtype=torch.bool)], "epoch": 3}
    torch.save(state, OUT / "weights.pt")
    torch.save(state, OUT / "weights_v4.pt", pickle_protocol=4)
    flat = {}
    for key, value in (("fc.weight", state["fc"]["weight"]), ("fc.bias", state["fc"]["bias"]), ("half", state["half"]), ("param", state["param"]),
                       ("steps.0", state["steps"][0]), ("steps.1", state["steps"][1])):
        flat[key] = [str(value.dtype).removeprefix("torch."), list(value.shape)]
    (OUT / "weights.json").write_text(json.dumps(flat, indent=1) + "\n")
    (OUT / "net.pt").write_bytes(script(Net()))
    (OUT / "keeps.pt").write_bytes(script(Keeps()))
    torch.jit.script(Net())._save_for_lite_interpreter(str(OUT / "mobile.ptl"))
    with torch.package.PackageExporter(str(OUT / "package.pt")) as exporter:
        exporter.save_source_string("net", "import torch\n\n\nclass Net(torch.nn.Linear):\n    pass\n")
        exporter.extern("torch.**")
        exporter.save_pickle("model", "weights.pkl", torch.nn.Linear(3, 2).state_dict())
    edit("save.pt", f"torch.save(x, {PATH})")
    edit("save_ops.pt", f"ops.aten.save(x, {PATH})")
    edit("save_alias.pt", f"t = torch\n    t.save(x, {PATH})")
    edit("save_function.pt", f"g = torch.save\n    g(x, {PATH})")
    edit("save_getattr.pt", f'getattr(torch, "sa" "ve")(x, {PATH})')
    edit("save_parentheses.pt", f"(torch).save(x, {PATH})")
    edit("from_file.pt", f"y = torch.from_file({PATH}, True, 4)")
    edit("rpc.pt", 'ops.prim.rpc_async("worker", "merlon-test")')
    edit("in_text.pt", 'y = "torch.save(x, f)"  # torch.save(x, f)')
    edit("custom.pt", "y = ops.merlon_test.process(x)")

    class Writes(torch.nn.Module):
        def forward(self, x):
            torch.save(x, "/nonexistent/merlon-test")
            return x

    torch.jit.script(Writes())._save_for_lite_interpreter(str(OUT / "save.ptl"))


main()
