#!/usr/bin/env python3
"""Facts about every class, ufunc and Cython unpickler of the installed libraries.

usage: PYTHON introspect.py OUT.tsv [PACKAGE...]

Run it with the interpreter of the environment. Columns: kind, module,
qualified name, facts (space separated KEY=VALUE). Kinds:

    class    facts: meta, new, setstate, del, getattr, setattr, reduce (the class of the MRO that defines each,
             "-" for object or a builtin), dict (instances have a __dict__), slots (settable descriptors), base
             (a builtin container base), enum, exception
    unpickle a Cython __pyx_unpickle_X function
    ufunc    a numpy.ufunc and the names under which it pickles
    function a function that functions.tsv names

It imports library modules; it never runs on scanned files. Python 2.7 and 3.6+.
"""
from __future__ import print_function

import importlib
import os
import pkgutil
import re
import sys
import warnings

warnings.simplefilter("ignore")
PACKAGES = ("numpy", "scipy", "pandas", "sklearn", "imblearn", "joblib", "xgboost", "lightgbm", "catboost", "statsmodels", "torch", "pytz", "dateutil")
SKIP = re.compile(r"(^|\.)(tests?|testing|_testing|conftest|setup|setupscons|setup_common|__main__|f2py|distutils|benchmarks?|examples?|sandbox|build_utils|_build_utils|generate.*|code_generators|graphics|plotting|_plotting|_fortran)(\.|$)|"
                  r"^torch\.(_inductor|_dynamo|distributed|onnx|fx|jit|package|_export|export|_functorch|utils\.(tensorboard|benchmark|bottleneck|hipify|cpp|model_dump|viz|jit)|_C|testing|contrib|_prims|_refs|_decomp|_library|multiprocessing|cuda\._|backends|_higher_order_ops|_lazy|for_onnx|csrc|profiler|_vendor|masked|_subclasses)|"
                  r"^(pandas\.io\.|pandas\.util\.|sklearn\.externals\.|sklearn\.datasets\.|xgboost\.(dask|spark|rabit|tracker|collective|testing)|lightgbm\.dask|joblib\.(externals|_dask)|statsmodels\.(datasets|compat|iolib)|numpy\.(testing|ctypeslib|_pyinstaller|lib\.format|lib\.npyio)|scipy\.(io|datasets|misc|weave|_lib\.(array_api_extra|pyprima)))")
EXTRA_HOMES = ("_loss", "_catboost")  # extension modules that give their classes a short module name
BUILTIN = ("builtins", "__builtin__", "exceptions")


def modules(package):
    try:
        top = importlib.import_module(package)
    except Exception:
        return
    yield top
    if not hasattr(top, "__path__"):
        return
    for info in pkgutil.walk_packages(top.__path__, package + ".", onerror=lambda name: None):
        if SKIP.search(info[1]):
            continue
        try:
            yield importlib.import_module(info[1])
        except BaseException as e:
            if isinstance(e, KeyboardInterrupt):
                raise


def definer(cls, attribute):
    """The class of the MRO that defines attribute; "-" where that is object or a builtin."""
    for base in cls.__mro__:
        if attribute in vars(base):
            if base.__module__ in BUILTIN:
                return "-" if base is object else "builtins." + base.__name__
            return base.__module__ + "." + getattr(base, "__qualname__", base.__name__)
    return "-"


def facts(cls):
    out = [("meta", type(cls).__module__ + "." + type(cls).__name__)]
    for key in ("__new__", "__setstate__", "__del__", "__getattr__", "__getattribute__", "__setattr__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__", "__setitem__", "append", "extend", "add"):
        out.append((key.strip("_"), definer(cls, key)))
    out.append(("dict", int(any("__dict__" in vars(b) for b in cls.__mro__))))
    setters = [n for b in cls.__mro__ for n, v in vars(b).items() if isinstance(v, property) and v.fset]
    out.append(("setters", ",".join(sorted(set(setters))) or "-"))
    out.append(("slots", int(any(vars(b).get("__slots__") for b in cls.__mro__))))
    containers = [b.__name__ for b in (dict, list, set, tuple, int, float, str, bytes) if issubclass(cls, b)]
    out.append(("base", ",".join(containers) or "-"))
    out.append(("exception", int(issubclass(cls, BaseException))))
    out.append(("enum", int("enum.Enum" in [b.__module__ + "." + b.__name__ for b in cls.__mro__])))
    out.append(("heap", int(bool(getattr(cls, "__flags__", 0) & (1 << 9)))))
    return out


def reachable(module, name, want):
    """Whether CPython's find_class gives exactly this object for (module, name)."""
    try:
        obj = sys.modules[module]
        for part in name.split("."):
            obj = getattr(obj, part)
        return obj is want
    except (KeyError, AttributeError):
        return False


def rows(packages):
    seen = set()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "functions.tsv")) as f:
        functions = [[re.compile("(?:%s)$" % p) for p in line.rstrip("\n").split("\t")[:2]] for line in f if line.strip() and not line.startswith("#")]
    for package in packages:
        ufunc = getattr(sys.modules.get("numpy") or importlib.import_module("numpy"), "ufunc")
        for module in modules(package):
            for name, obj in sorted(vars(module).items(), key=lambda kv: kv[0]):
                if isinstance(obj, ufunc):
                    yield ("ufunc", module.__name__, name, [("same", obj.__name__)])
                elif name.startswith("__pyx_unpickle_") and callable(obj):
                    yield ("unpickle", module.__name__, name, [])
                elif callable(obj) and not isinstance(obj, type) and getattr(obj, "__module__", "") == module.__name__ and any(m.match(module.__name__) and n.match(name) for m, n in functions):
                    yield ("function", module.__name__, name, [])
                elif isinstance(obj, type) and id(obj) not in seen:
                    seen.add(id(obj))
                    home, qual = obj.__module__, getattr(obj, "__qualname__", obj.__name__)
                    if (str(home).split(".")[0] in packages or home in EXTRA_HOMES) and not SKIP.search(home) and "<" not in qual and reachable(home, qual, obj):
                        yield ("class", home, qual, facts(obj))


def main(out, packages):
    with open(out, "w") as f:
        for name in packages:
            try:
                f.write("version\t%s\t%s\t\n" % (name, importlib.import_module(name).__version__))
            except Exception:
                pass
        count = 0
        for kind, module, name, found in rows(packages):
            f.write("\t".join([kind, module, name, " ".join("%s=%s" % kv for kv in found)]) + "\n")
            count += 1
    print("%d rows" % count)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    os.environ.setdefault("MPLBACKEND", "agg")
    main(sys.argv[1], tuple(sys.argv[2:]) or PACKAGES)
