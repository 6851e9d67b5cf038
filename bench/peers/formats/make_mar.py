"""Archives of torch-model-archiver. They carry code, unless a handler of TorchServe itself is named."""
import pathlib
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import version

import kit

HANDLER = """from ts.torch_handler.base_handler import BaseHandler


class Handler(BaseHandler):
    def preprocess(self, data):
        return data
"""


def keep(name, verdict, *args):
    tool = pathlib.Path(sys.executable).with_name("torch-model-archiver")
    subprocess.run([tool, "--model-name", name, "--version", "1.0", "--export-path", kit.OUT, "--force", *args], check=True)
    with zipfile.ZipFile(kit.path(name + ".mar")) as z:
        assert "MAR-INF/MANIFEST.json" in z.namelist()
    kit.model(name + ".mar", None, verdict=verdict)


with tempfile.TemporaryDirectory() as d:
    d = pathlib.Path(d)
    (d / "weights.bin").write_bytes(b"\0" * 64)
    (d / "handler.py").write_text(HANDLER)
    (d / "model.py").write_text("import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n")
    (d / "labels.json").write_text('{"0": "cat"}')
    keep("builtin", "ok", "--serialized-file", d / "weights.bin", "--handler", "image_classifier", "--extra-files", d / "labels.json")
    keep("custom", "unverified", "--serialized-file", d / "weights.bin", "--handler", d / "handler.py")
    keep("eager", "unverified", "--serialized-file", d / "weights.bin", "--model-file", d / "model.py", "--handler", "image_classifier")
kit.uses(**{"torch-model-archiver": version("torch-model-archiver")})
kit.finish()
