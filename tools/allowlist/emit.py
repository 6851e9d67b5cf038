#!/usr/bin/env python3
"""Write pickles of real library objects.

usage: PYTHON emit.py OUT [LIBRARY...]      (libraries: stdlib numpy scipy pandas sklearn boost torch; default: all that import)

Run it with the interpreter of the environment whose libraries are wanted; one
folder per environment. OUT/versions.tsv records the versions, OUT/skipped.tsv
what this environment could not make and why. Runs on Python 2.7 and 3.6+.
"""
from __future__ import print_function

import io
import os
import pickle
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
warnings.simplefilter("ignore")

LIBRARIES = ("stdlib", "numpy", "scipy", "pandas", "sklearn", "boost", "torch")
PACKAGES = ("numpy", "scipy", "pandas", "sklearn", "joblib", "xgboost", "lightgbm", "catboost", "statsmodels", "imblearn", "torch", "pyarrow")


def versions():
    found = [("python", "%d.%d.%d" % sys.version_info[:3])]
    for name in PACKAGES:
        try:
            found.append((name, __import__(name).__version__))
        except Exception:
            pass
    return found


def writers(library):
    if library == "torch":
        import torch
        yield "zip.pt", lambda v, f: torch.save(v, f, _use_new_zipfile_serialization=True)
        yield "legacy.pt", lambda v, f: torch.save(v, f, _use_new_zipfile_serialization=False)
        return
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        if protocol in (1, 3) and library != "stdlib":
            continue  # 1 differs from 0 and 3 from 4 in the writing of values, not in the globals
        yield "p%d.pkl" % protocol, lambda v, f, p=protocol: pickle.dump(v, f, p)


def main(out, libraries):
    if not os.path.isdir(out):
        os.makedirs(out)
    with open(os.path.join(out, "versions.tsv"), "w") as f:
        f.writelines("%s\t%s\n" % v for v in versions())
    skipped, made = [], 0
    for library in libraries:
        try:
            module = __import__("emit." + library + ("" if library == "stdlib" else "_"), fromlist=["x"])
            listed = list(module.objects())
        except Exception as e:
            skipped.append((library, "-", repr(e)))
            continue
        for name, thunk in listed:
            try:
                value = thunk()
            except Exception as e:
                skipped.append((library, name, repr(e)))
                continue
            for suffix, write in writers(library):
                made += dump(os.path.join(out, "%s.%s.%s" % (library, name.replace("/", "_"), suffix)), value, write, skipped)
    with io.open(os.path.join(out, "skipped.tsv"), "w", encoding="utf-8") as f:
        for row in skipped:
            f.write(u"\t".join(r.replace("\n", " ")[:200] for r in row) + u"\n")
    print("made %d files, skipped %d" % (made, len(skipped)))


def dump(path, value, write, skipped):
    """Write value; where a list holds something that cannot be pickled, write what can."""
    try:
        buf = io.BytesIO()
        write(value, buf)
    except Exception as e:
        if isinstance(value, list) and len(value) > 1:
            return sum(dump(path.replace(".p", ".%d.p" % i, 1), v, write, skipped) for i, v in enumerate(value))
        skipped.append((os.path.basename(path), "dump", repr(e)))
        return 0
    with open(path, "wb") as f:
        f.write(buf.getvalue())
    return 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:] or LIBRARIES)
