"""Makes the PaddlePaddle fixtures of model/artifact/paddle/testdata.

usage: python make.py OUTPUT_FOLDER

NAME.parameters.txt: the parameters by name, type and shape.
"""
import json
import os
import pathlib
import subprocess
import sys

import paddle

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


def net():
    paddle.seed(1)
    return paddle.nn.Sequential(paddle.nn.Linear(4, 3), paddle.nn.ReLU(), paddle.nn.Linear(3, 1))


spec = [paddle.static.InputSpec([None, 4], "float32", "x")]
# The new representation (JSON).
m = net()
paddle.jit.save(m, str(out / "new"), input_spec=spec)
(out / "new.parameters.txt").write_text(json.dumps(sorted(({"dtype": str(p.dtype).split(".")[-1], "shape": p.shape} for p in m.parameters()), key=str), indent=1) + "\n")

# The old one (protocol buffers), which Paddle still reads: a process of its own.
subprocess.run([sys.executable, "-c", '''
import paddle, sys
paddle.seed(1)
m = paddle.nn.Sequential(paddle.nn.Linear(4, 3), paddle.nn.ReLU(), paddle.nn.Linear(3, 1))
paddle.jit.save(m, sys.argv[1], input_spec=[paddle.static.InputSpec([None, 4], "float32", "x")])
''', str(out / "old")], env=dict(os.environ, FLAGS_enable_pir_api="0"), check=True)
(out / "old.pdiparams.info").unlink(missing_ok=True)
