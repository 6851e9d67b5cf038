"""OpenVINO models: constants as OpenVINO finds them in the model that it reads back."""
import numpy as np
import openvino as ov
from openvino import opset13 as op

import kit


def constants(model):
    rows = []
    for n in model.get_ops():
        kind = n.get_type_name()
        if kind == "Constant":
            rows.append((n.get_friendly_name(), n.get_element_type().get_type_name(), n.get_output_shape(0)))
        elif kind in ("If",):
            rows += constants(n.get_function(0)) + constants(n.get_function(1))
        elif kind in ("Loop", "TensorIterator"):
            rows += constants(n.get_function())
    return rows


def keep(name, model, **how):
    how.setdefault("compress_to_fp16", False)
    ov.save_model(model, kit.path(name), **how)
    kit.model(name, constants(ov.Core().read_model(kit.path(name))))


rng = np.random.default_rng(1)


def dense(layers, kind=np.float32):
    x = op.parameter([-1, 16], np.float32, "x")
    y = x
    for i in range(layers):
        w = op.constant(rng.standard_normal((16, 16)).astype(kind), name="layer%d.weight" % i)
        y = op.relu(op.matmul(y, w if kind == np.float32 else op.convert(w, "f32"), False, True), "layer%d.out" % i)
    return ov.Model([y], [x], "dense")


keep("dense.xml", dense(12))
keep("half.xml", dense(4, np.float16))
keep("compressed.xml", dense(4), compress_to_fp16=True)
types = ["f32", "f16", "bf16", "f64", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "boolean", "i4", "u4", "u1", "nf4", "f8e4m3", "f8e5m2", "f8e8m0", "f4e2m1", "u2", "u3", "u6"]
outs = []
for t in types:
    def constant(t=t):
        kind = getattr(ov.Type, t)
        return op.result(op.constant(ov.Tensor(kind, ov.Shape([2, 8])), name="w." + t))
    r = kit.attempt("type " + t, constant)
    outs += [r] if r is not None else []
kit.attempt("types", keep, "types.xml", ov.Model(outs, [], "types"))
c = op.parameter([], np.bool_, "c")
x = op.parameter([1, 3], np.float32, "x")
t, e = op.parameter([1, 3], np.float32), op.parameter([1, 3], np.float32)
branch = op.if_op(c)
branch.set_then_body(ov.Model([op.multiply(t, op.constant(np.float32(2), name="two"))], [t], "then"))
branch.set_else_body(ov.Model([op.add(e, op.constant(np.ones((1, 3), np.float32), name="ones"))], [e], "else"))
branch.set_input(x.output(0), t, e)
res = branch.set_output(branch.get_function(0).get_results()[0], branch.get_function(1).get_results()[0])
keep("branch.xml", ov.Model([res], [c, x], "branch"))
empty = op.concat([op.parameter([2, 3], np.float32, "a"), op.constant(np.zeros((0, 3), np.float32), name="nothing")], 0)
keep("empty.xml", ov.Model([empty], [empty.input_value(0).get_node()], "empty"))
kit.uses(openvino=ov.__version__.split("-")[0])
kit.finish()
