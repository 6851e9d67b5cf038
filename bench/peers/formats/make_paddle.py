"""PaddlePaddle: programs in both representations, combined parameters, and state_dicts."""
import json
import os
import subprocess
import sys

import numpy as np
import paddle

import kit

SPEC = [paddle.static.InputSpec([None, 4], "float32", "x")]


class Deep(paddle.nn.Layer):
    def __init__(self, kind="float32"):
        super().__init__()
        self.blocks = paddle.nn.LayerList([paddle.nn.Linear(4, 4) for _ in range(6)])
        self.norm = paddle.nn.LayerNorm(4)
        self.kind = kind

    def forward(self, x):
        for b in self.blocks:
            x = paddle.nn.functional.relu(b(x))
        return self.norm(x)


class Conv(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.conv, self.bn, self.out = paddle.nn.Conv2D(1, 4, 3), paddle.nn.BatchNorm2D(4), paddle.nn.Linear(16, 2)

    def forward(self, x):
        return self.out(paddle.flatten(self.bn(self.conv(x)), 1))


def nets():
    paddle.seed(1)
    yield "linear", paddle.nn.Sequential(paddle.nn.Linear(4, 3), paddle.nn.ReLU(), paddle.nn.Linear(3, 1)), SPEC
    yield "deep", Deep(), SPEC
    conv = Conv()
    conv.eval()
    yield "conv", conv, [paddle.static.InputSpec([1, 1, 4, 4], "float32", "x")]


def kind(t):
    return str(t).split(".")[-1].lower()


def write(where):
    """Save all nets; the parameters are those of the program that Paddle loads again."""
    files = []
    for name, net, spec in nets():
        files.append("%s/%s" % (where, name))
        paddle.jit.save(net, kit.path(files[-1]), input_spec=spec)
    paddle.enable_static()
    for file in files:
        program = paddle.static.load_inference_model(kit.path(file), paddle.static.Executor())[0]
        found = program.global_block().all_parameters() if where == "new" else [v for v in program.list_vars() if v.persistable and v.name not in ("feed", "fetch")]
        rows = [(p.name, kind(p.dtype), p.shape) for p in found]
        kit.model(file + (".pdmodel" if where == "old" else ".json"), rows)
        kit.model(file + ".pdiparams", rows, names=False)  # which has none
    paddle.disable_static()


if len(sys.argv) > 2:  # the old representation needs a process of its own
    write("old")
    kit.finish()
    sys.exit()
write("new")
subprocess.run([sys.executable, __file__, sys.argv[1], "old"], env=dict(os.environ, FLAGS_enable_pir_api="0"), check=True, stdout=subprocess.DEVNULL)
with open(kit.path("expect.json")) as f:
    kit.rows.extend(json.load(f)["models"])
for name, net, _ in nets():
    paddle.save(net.state_dict(), kit.path("state/%s.pdparams" % name))
    kit.model("state/%s.pdparams" % name, None)
kit.uses(paddle=paddle.__version__, numpy=np.__version__)
kit.finish()
