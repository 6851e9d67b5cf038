#!/usr/bin/env python3
"""Collect how the pickles below FOLDER... (written by emit.py) use globals; print a table.

usage: uses.py FOLDER... > candidates.tsv       module, name, uses, argument shapes (at most 6), libraries=versions
"""
import io
import os
import pickletools
import sys
import zipfile

import symbolic


def _python2_string(f):
    return pickletools.codecs.escape_decode(f.readline()[1:-2])[0].decode("latin-1")


# Python 2 wrote str objects with the STRING opcodes; pickletools insists on ASCII there.
pickletools.code2op["S"].arg.reader = _python2_string
pickletools.code2op["U"].arg.reader = lambda f: f.read(f.read(1)[0]).decode("latin-1")
pickletools.code2op["T"].arg.reader = lambda f: f.read(int.from_bytes(f.read(4), "little")).decode("latin-1")


def pickles(path):
    """The pickle streams of one file: plain, torch zip, or torch legacy (several in a row)."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            return [z.read(n) for n in z.namelist() if n.endswith(".pkl")]
    if path.endswith(".legacy.pt"):
        return legacy(data)
    return [data]


def legacy(data):
    """Magic, protocol, system info, object, storage keys: five pickles; then raw storages."""
    import pickletools
    f, out = io.BytesIO(data), []
    for _ in range(5):
        start = f.tell()
        for _op in pickletools.genops(f):
            pass
        out.append(data[start:f.tell()])
    return out


def main(folders):
    table = {}
    for folder in folders:
        with open(os.path.join(folder, "versions.tsv")) as f:
            version = dict(line.split() for line in f)
        for base in sorted(os.listdir(folder)):
            if base.endswith(".tsv"):
                continue
            for data in pickles(os.path.join(folder, base)):
                try:
                    uses = symbolic.read(data)
                except Exception as e:
                    print("cannot read %s: %r" % (base, e), file=sys.stderr)
                    continue
                for key, found in uses.items():
                    row = table.setdefault(key, ({}, set()))
                    for use, shapes in found.items():
                        row[0].setdefault(use, set()).update(shapes)
                    top = key[0].split(".")[0]
                    top = {"_loss": "sklearn", "_catboost": "catboost"}.get(top, top)
                    row[1].add((top, version[top]) if top in version else ("python", version["python"]))
    for (module, name), (uses, seen) in sorted(table.items()):
        shapes = sorted("%s%s" % (u, s) for u, ss in uses.items() for s in list(ss)[:6] if s)
        print("\t".join([module, name, ",".join(sorted(uses)), " ".join(shapes[:6]), ",".join("%s=%s" % v for v in sorted(seen))]))


if __name__ == "__main__":
    main(sys.argv[1:])
