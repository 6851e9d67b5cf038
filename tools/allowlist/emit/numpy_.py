"""Arrays, scalars, data types, masked and record arrays, generators, polynomials."""
import numpy as np

_KINDS = ["?", "b", "B", "h", "H", "i", "I", "l", "L", "q", "Q", "e", "f", "d", "g", "F", "D", "G",
          "S5", "U3", "V4", "M8[ns]", "M8[D]", "m8[s]", ">i4", ">f8", "<U7"]


def objects():
    for kind in _KINDS:
        yield "array-" + kind, lambda k=kind: np.zeros(3, dtype=k)
        yield "scalar-" + kind, lambda k=kind: np.zeros(1, dtype=k)[0]
        yield "dtype-" + kind, lambda k=kind: np.dtype(k)
        yield "type-" + kind, lambda k=kind: np.dtype(k).type
        yield "dtypeclass-" + kind, lambda k=kind: type(np.dtype(k))
    yield "object", lambda: np.array([1, "a", None, [2]], dtype=object)
    yield "object-scalar", lambda: np.array(None, dtype=object)
    yield "fortran", lambda: np.asfortranarray(np.ones((3, 4)))
    yield "strided", lambda: np.arange(20).reshape(4, 5)[::2, 1:]
    yield "big", lambda: np.arange(20000).reshape(100, 200)
    yield "structured", lambda: np.zeros(2, dtype=[("a", "i4"), ("b", "f8", (2,)), ("c", "S3")])
    yield "structured-object", lambda: np.zeros(2, dtype=[("a", "O"), ("b", "f8")])
    yield "structured-aligned", lambda: np.zeros(2, dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True))
    yield "structured-titles", lambda: np.zeros(2, dtype=[(("title", "a"), "i4")])
    yield "structured-nested", lambda: np.zeros(2, dtype=[("a", [("x", "i4"), ("y", "f8")])])
    yield "void-scalar", lambda: np.zeros(2, dtype=[("a", "i4")])[0]
    yield "metadata", lambda: np.dtype("i4", metadata={"a": 1})
    yield "subarray-dtype", lambda: np.dtype(("i4", (2, 3)))
    yield "recarray", lambda: np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])
    yield "record", lambda: np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])[0]
    yield "masked", lambda: np.ma.array([1, 2, 3], mask=[0, 1, 0])
    yield "masked-const", lambda: np.ma.masked
    yield "mrecords", lambda: __import__("numpy.ma.mrecords", fromlist=["x"]).fromarrays([[1], [2]])
    yield "masked-rec", lambda: np.ma.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])[0]
    yield "matrix", lambda: np.matrix([[1, 2]])
    yield "memmap", _memmap
    yield "chararray", lambda: np.char.array(["a", "b"])
    yield "stringdtype", lambda: [np.dtypes.StringDType(), np.array(["a", "bb"], dtype=np.dtypes.StringDType()), np.dtypes.StringDType(na_object=None)]
    for name in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"):
        yield "bitgen-" + name, lambda n=name: getattr(np.random, n)(3)
        yield "generator-" + name, lambda n=name: np.random.Generator(getattr(np.random, n)(3))
    yield "randomstate", lambda: np.random.RandomState(3)
    yield "mtrand", lambda: np.random.mtrand._rand
    yield "seedsequence", lambda: [np.random.SeedSequence(3), np.random.SeedSequence(3).spawn(2)]
    yield "generator", lambda: np.random.default_rng(3)
    for name in ("Polynomial", "Chebyshev", "Legendre", "Laguerre", "Hermite", "HermiteE"):
        yield "poly-" + name, lambda n=name: getattr(np.polynomial, n)([1, 2, 3])
    yield "poly1d", lambda: np.poly1d([1, 2])
    yield "ufuncs", lambda: [getattr(np, n) for n in dir(np) if isinstance(getattr(np, n), np.ufunc)]
    yield "functions", lambda: [np.mean, np.median, np.sum, np.std, np.var, np.min, np.max, np.dot, np.argmax, np.unique, np.percentile, np.quantile, np.nanmean, np.concatenate, np.where, np.linalg.norm, np.prod, np.argsort, np.sort, np.round, np.clip, np.cumsum]
    yield "vectorize", lambda: np.vectorize(len)
    yield "finfo", lambda: [np.finfo(float), np.iinfo(int)]
    yield "errstate", lambda: np.errstate(divide="ignore")
    yield "index-exp", lambda: [np.s_, np.r_, np.c_]
    yield "nditer-flat", lambda: np.ndindex(2, 2)
    yield "busday", lambda: np.busdaycalendar()
    yield "types", lambda: [getattr(np, n) for n in ("ndarray", "generic", "number", "integer", "floating", "inexact", "bool_", "str_", "bytes_", "object_", "void", "datetime64", "timedelta64", "float16", "longdouble", "intp", "uintp", "dtype", "matrix", "recarray", "record", "memmap")]


def _memmap():
    import tempfile
    f = tempfile.NamedTemporaryFile()
    return np.memmap(f.name, dtype="i4", mode="w+", shape=(3,))
