"""Arrays in .npy and .npz, written and read by NumPy."""
import os

import numpy as np

import kit

rng = np.random.default_rng(1)


def row(name, a):
    return (name, a.dtype.str, a.shape)


def npy(name, a):
    np.save(kit.path(name), a)
    kit.model(name, [row(os.path.basename(name)[:-4], np.load(kit.path(name), allow_pickle=a.dtype.hasobject))])


def npz(name, save, arrays):
    save(kit.path(name), **arrays)
    with np.load(kit.path(name)) as z:
        kit.model(name, [row(k, z[k]) for k in z.files])


codes = ["?", "i1", "u1", "<i2", ">i4", "<i8", "<u2", "<u4", ">u8", "<f2", "<f4", ">f8", "<c8", "<c16", "S5", "<U3", "<M8[ns]", "<m8[D]", "V4"]
for i, code in enumerate(codes):
    npy("types/a%02d.npy" % i, np.zeros((3, i % 4, 2), code))
npy("scalar.npy", np.float32(1.5) + np.zeros((), "f4"))
npy("fortran.npy", np.asfortranarray(rng.standard_normal((7, 5))))
npy("wide.npy", np.zeros((1,) * 30 + (2,), "i1"))
npy("structured.npy", np.zeros(4, [("a", "<f4"), ("b", "<i2", (2, 3)), ("c", [("d", "S3"), ("e", "?")])]))
npy("objects.npy", np.array([{"a": 1}, None, "text"], object))
with open(kit.path("long.npy"), "wb") as f:
    np.lib.format.write_array(f, np.zeros(2, [("field%04d" % i, "<f4") for i in range(4000)]), version=(2, 0))
kit.model("long.npy", [row("long", np.load(kit.path("long.npy"), max_header_size=10**6))])
with open(kit.path("utf8.npy"), "wb") as f:
    np.lib.format.write_array(f, np.zeros(2, [("é", "<f4")]), version=(3, 0))
kit.model("utf8.npy", [row("utf8", np.load(kit.path("utf8.npy")))])
weights = {"layer%d/%s" % (i, part): rng.standard_normal((4, 3) if part == "kernel" else 3).astype(t) for i, t in enumerate(("f4", "f2", "f8")) for part in ("kernel", "bias")}
npz("weights.npz", np.savez, weights)
npz("compressed.npz", np.savez_compressed, weights | {"step": np.array(7), "none": np.zeros((0, 3), "f4")})
npz("many.npz", np.savez, {"arr_%d" % i: np.full(i % 5, i, "<i4") for i in range(200)})
kit.uses(numpy=np.__version__)
kit.finish()
