"""Makes the Core ML fixtures of model/artifact/coreml/testdata with coremltools.

usage: python make.py OUTPUT_FOLDER
"""
import json
import pathlib
import shutil
import sys

import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder as mb
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
w = np.arange(12, dtype=np.float32).reshape(4, 3)

b = NeuralNetworkBuilder([("x", datatypes.Array(4))], [("y", datatypes.Array(3))])
b.add_inner_product("dense", w.T, np.zeros(3, np.float32), 4, 3, True, "x", "h")
b.add_activation("act", "RELU", "h", "y")
ct.utils.save_spec(b.spec, str(out / "network.mlmodel"))
layer = b.spec.neuralNetwork.layers.add()
layer.name, layer.custom.className = "evil", "EvilLayer"
layer.input.append("h")
layer.output.append("z")
ct.utils.save_spec(b.spec, str(out / "custom.mlmodel"))


@mb.program(input_specs=[mb.TensorSpec((1, 64))])
def program(x):
    return mb.relu(x=mb.matmul(x=x, y=np.ones((64, 32), np.float32)), name="y")


m = ct.convert(program, convert_to="mlprogram", compute_precision=ct.precision.FLOAT32)
shutil.rmtree(out / "program.mlpackage", ignore_errors=True)
m.save(str(out / "program.mlpackage"))

from coremltools.proto import Model_pb2

s = Model_pb2.Model()
s.specificationVersion = 3
s.customModel.className = "EvilModel"
(out / "model.mlmodel").write_bytes(s.SerializeToString())

s = Model_pb2.Model()
s.specificationVersion = 4
f = s.description.input.add()
f.name = "x"
f.type.doubleType.MergeFromString(b"")
s.description.predictedFeatureName = "y"
o = s.description.output.add()
o.name = "y"
o.type.doubleType.MergeFromString(b"")
r = s.glmRegressor
r.weights.add().value.extend([1.0, 2.0])
r.offset.append(0.5)
(out / "regressor.mlmodel").write_bytes(s.SerializeToString())

# What the messages say about the constants of programs, the oracle for merlon's reader. Before iOS 18 compressed weights
# are attributes of the operation that expands them.
import coremltools.optimize.coreml as opt
from coremltools.proto import MIL_pb2


def kind(t):
    return MIL_pb2.DataType.Name(t.dataType).lower()


def constants(name):
    rows = []
    for f in ct.utils.load_spec(str(out / f"{name}.mlpackage")).mlProgram.functions.values():
        for block in f.block_specializations.values():
            for op in block.operations:
                found = {}
                if op.type == "const":
                    found = {op.outputs[0].name: op.outputs[0].type.tensorType}
                elif op.type.startswith("constexpr_"):
                    found = {f"{op.outputs[0].name}.{k}": v.type.tensorType for k, v in op.attributes.items() if k != "name"}
                rows += [{"name": n, "dtype": kind(t), "shape": [d.constant.size for d in t.dimensions]} for n, t in found.items()]
    (out / f"{name}.json").write_text(json.dumps(sorted(rows, key=lambda r: r["name"]), indent=1) + "\n")


m = ct.convert(program, convert_to="mlprogram", compute_precision=ct.precision.FLOAT32, minimum_deployment_target=ct.target.iOS16)
m = opt.linear_quantize_weights(m, opt.OptimizationConfig(opt.OpLinearQuantizerConfig(weight_threshold=0)))
shutil.rmtree(out / "quantised.mlpackage", ignore_errors=True)
m.save(str(out / "quantised.mlpackage"))
constants("program")
constants("quantised")
