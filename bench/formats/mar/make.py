"""Writes the fixtures of model/artifact/mar/testdata with torch-model-archiver 0.12.0.

Usage: python3 make.py OUT WEIGHTS, which are model/artifact/testdata/real/torch113-torch-state-dict.pt
"""

import pathlib
import subprocess
import sys
import tempfile

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)

HANDLER = """\
from ts.torch_handler.base_handler import BaseHandler


class Handler(BaseHandler):
    def preprocess(self, data):
        return data
"""


def archive(name, *args):
    tool = pathlib.Path(sys.executable).with_name("torch-model-archiver")
    subprocess.run([tool, "--model-name", name, "--version", "1.0", "--export-path", out, "--force", *args], check=True)


with tempfile.TemporaryDirectory() as d:
    d = pathlib.Path(d)
    (d / "model.pt").write_bytes(pathlib.Path(sys.argv[2]).read_bytes())
    (d / "handler.py").write_text(HANDLER)
    (d / "requirements.txt").write_text("numpy==2.2.6\n")
    (d / "config.yaml").write_text("minWorkers: 1\nmaxWorkers: 2\nhandler:\n  profile: true\n")
    archive("custom", "--serialized-file", d / "model.pt", "--handler", d / "handler.py",
            "--requirements-file", d / "requirements.txt", "--config-file", d / "config.yaml")
    archive("builtin", "--serialized-file", d / "model.pt", "--handler", "image_classifier")
