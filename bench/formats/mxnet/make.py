"""Makes the MXNet fixtures of model/artifact/mxnet/testdata (mxnet 1.9.1 with numpy 1.23, Python 3.9).

usage: python make.py OUTPUT_FOLDER

NAME.json holds what MXNet itself says about the arrays: name, type and shape.
With --operators it prints the operators that MXNet defines instead.
"""
import ctypes
import json
import pathlib
import sys

import mxnet as mx
import numpy
from mxnet.base import _LIB, check_call, py_str


def operators():
    n, names = ctypes.c_uint(), ctypes.POINTER(ctypes.c_char_p)()
    check_call(_LIB.MXListAllOpNames(ctypes.byref(n), ctypes.byref(names)))
    return sorted(py_str(names[i]) for i in range(n.value))


if sys.argv[1] == "--operators":
    print("\n".join(operators()))
    sys.exit()
out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


def describe(name, arrays):
    rows = [{"name": k, "dtype": str(numpy.dtype(v.dtype)), "shape": list(v.shape)} for k, v in arrays.items()]
    (out / (name + ".tensors.json")).write_text(json.dumps(sorted(rows, key=lambda r: r["name"]), indent=1) + "\n")


# A network with a loop in it.
mx.random.seed(1)
x = mx.sym.Variable("data")
y = mx.sym.Activation(mx.sym.FullyConnected(x, num_hidden=3, name="fc"), act_type="relu", name="relu")
y, _ = mx.sym.contrib.foreach(lambda a, s: (a + s[0], [s[0] * 2]), y, [mx.sym.Variable("state")], name="each")
y.save(str(out / "net-symbol.json"))
args = {"arg:fc_weight": mx.nd.random.uniform(shape=(3, 4)), "arg:fc_bias": mx.nd.zeros((3,)), "arg:state": mx.nd.ones((3,), dtype="float64"),
        "aux:steps": mx.nd.array([1, 2], dtype="int64")}
mx.nd.save(str(out / "net-0001.params"), args)
describe("net-0001.params", args)

# Sparse arrays, and a list without names.
rows = mx.nd.sparse.row_sparse_array(([[1.0, 2.0], [3.0, 4.0]], [0, 2]), shape=(5, 2))
csr = mx.nd.sparse.csr_matrix(([1.0, 2.0, 3.0], [0, 2, 1], [0, 1, 2, 3]), shape=(3, 3))
mx.nd.save(str(out / "sparse.params"), {"rows": rows, "csr": csr})
describe("sparse.params", {"rows": rows, "csr": csr})
mx.nd.save(str(out / "list.params"), [mx.nd.zeros((2, 2), dtype="float16")])

# NumPy's shapes: an array of no dimension.
mx.npx.set_np()
scalar = {"scalar": mx.np.array(3.0), "empty": mx.np.zeros((0, 2))}
mx.npx.save(str(out / "numpy.params"), scalar)
describe("numpy.params", scalar)
