"""Core ML models made by coremltools; constants as its own messages have them."""
import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder as mb
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder
from coremltools.proto import MIL_pb2

import kit

rng = np.random.default_rng(1)
NAMES = {"FLOAT16": "float16", "FLOAT32": "float32", "FLOAT64": "float64", "BFLOAT16": "bfloat16", "BOOL": "bool", "STRING": "string"}


def kind(t):
    name = MIL_pb2.DataType.Name(t)
    return NAMES.get(name, name.lower())


def constants(block):
    rows = []
    for o in block.operations:
        if o.type == "const":
            for v in o.outputs:
                t = v.type.tensorType
                rows.append((v.name, kind(t.dataType), [d.constant.size for d in t.dimensions]))
        elif o.type.startswith("constexpr_"):  # before iOS 18 the weights are its attributes
            for k, v in o.attributes.items():
                if k != "name":
                    t = v.type.tensorType
                    rows.append((o.outputs[0].name + "." + k, kind(t.dataType), [d.constant.size for d in t.dimensions]))
        for b in o.blocks:
            rows += constants(b)
    return rows


def program(name, fn, *specs, precision=ct.precision.FLOAT32, change=None, target=ct.target.iOS18):
    m = ct.convert(mb.program(input_specs=list(specs))(fn), convert_to="mlprogram", compute_precision=precision, minimum_deployment_target=target)
    if change:
        m = change(m)
    m.save(kit.path(name))
    spec = ct.utils.load_spec(kit.path(name))
    rows = []
    for f in spec.mlProgram.functions.values():
        for block in f.block_specializations.values():
            rows += constants(block)
    kit.model(name, rows)


w, k = rng.standard_normal((64, 32)).astype("f4"), rng.standard_normal((8, 1, 3, 3)).astype("f4")
vector = mb.TensorSpec((1, 64))
program("dense.mlpackage", lambda x: mb.relu(x=mb.linear(x=x, weight=w.T, bias=np.zeros(32, "f4"))), vector)
program("half.mlpackage", lambda x: mb.relu(x=mb.linear(x=x, weight=w.T, bias=np.zeros(32, "f4"))), vector, precision=ct.precision.FLOAT16)
program("conv.mlpackage", lambda x: mb.softmax(x=mb.reshape(x=mb.conv(x=x, weight=k), shape=(1, -1))), mb.TensorSpec((1, 1, 8, 8)))
program("branch.mlpackage", lambda x: mb.cond(pred=mb.greater(x=mb.reduce_sum(x=x), y=0.0), _true_fn=lambda: mb.mul(x=x, y=2.0), _false_fn=lambda: mb.add(x=x, y=np.ones((1, 64), "f4"))), vector)
import coremltools.optimize.coreml as opt

for name, change in (("palettised", lambda m: opt.palettize_weights(m, opt.OptimizationConfig(opt.OpPalettizerConfig(nbits=4, weight_threshold=0)))),
                     ("int8", lambda m: opt.linear_quantize_weights(m, opt.OptimizationConfig(opt.OpLinearQuantizerConfig(weight_threshold=0)))),
                     ("pruned", lambda m: opt.prune_weights(m, opt.OptimizationConfig(opt.OpMagnitudePrunerConfig(target_sparsity=0.5, weight_threshold=0))))):
    for suffix, target in (("", ct.target.iOS18), ("-ios16", ct.target.iOS16)):
        kit.attempt(name + suffix, program, name + suffix + ".mlpackage", lambda x: mb.relu(x=mb.linear(x=x, weight=w.T)), vector, change=change, target=target)

b = NeuralNetworkBuilder([("x", datatypes.Array(64))], [("y", datatypes.Array(32))])
b.add_inner_product("dense", w.T, np.zeros(32, "f4"), 64, 32, True, "x", "h")
b.add_activation("act", "RELU", "h", "y")
ct.utils.save_spec(b.spec, kit.path("network.mlmodel"))
layer = ct.utils.load_spec(kit.path("network.mlmodel")).neuralNetwork.layers[0].innerProduct
kit.model("network.mlmodel", [("dense.weights", "float32", [len(layer.weights.floatValue)]), ("dense.bias", "float32", [len(layer.bias.floatValue)])])
from coremltools.models.tree_ensemble import TreeEnsembleRegressor

t = TreeEnsembleRegressor([("x", datatypes.Double())], "y")
t.set_default_prediction_value(0.0)
t.add_branch_node(0, 0, 0, 0.5, "BranchOnValueLessThanEqual", 1, 2)
t.add_leaf_node(0, 1, 1.0)
t.add_leaf_node(0, 2, 2.0)
ct.utils.save_spec(t.spec, kit.path("trees.mlmodel"))
kit.model("trees.mlmodel", [], facts={"architecture": ct.utils.load_spec(kit.path("trees.mlmodel")).WhichOneof("Type")})
kit.uses(coremltools=ct.__version__)
kit.finish()
