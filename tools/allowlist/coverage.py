#!/usr/bin/env python3
"""Which names and uses of real pickles the table does not list, by symbolic reading (no argument shapes).

usage: coverage.py allow.tsv FOLDER...       a quick check while the table is being made; bench/peers is the real one
"""
import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
import zipfile
import zlib

import symbolic
import uses


def unpack(data):
    for head, opener in ((b"\x1f\x8b", gzip.decompress), (b"BZh", bz2.decompress), (b"\xfd7zXZ", lzma.decompress), (b"\x5d\x00\x00", lzma.decompress), (b"x", zlib.decompress)):
        if data.startswith(head):
            return opener(data)
    return data


def streams(path):
    with open(path, "rb") as f:
        data = unpack(f.read())
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            return [z.read(n) for n in z.namelist() if n.endswith(("pkl", "/data.pkl"))]
    if tarfile.is_tarfile(path):
        with tarfile.open(path) as t:
            return [t.extractfile(n).read() for n in t.getmembers()]
    return uses.legacy(data) if path.endswith("legacy.bin") else [data]


def main(table, folders):
    allowed = {}
    with open(table) as f:
        for line in f:
            if not line.startswith("#"):
                module, name, listed = line.split("\t")[:3]
                allowed[module, name] = set(listed.split(","))
    total, bad = 0, 0
    for folder in folders:
        for base in sorted(os.listdir(folder)):
            if base.endswith((".txt", ".tsv", ".npy", ".npz", ".lz4")) or base.startswith("joblib"):
                continue
            total += 1
            missing = set()
            for data in streams(os.path.join(folder, base)):
                for key, found in symbolic.read(data).items():
                    if key not in allowed:
                        missing.add("%s.%s" % key)
                        continue
                    for u in found:
                        if u.startswith("arg:"):
                            if not any(a == "newobj" or a == "ref" or a.startswith("is:") for a in allowed[key]):
                                missing.add("%s.%s as %s" % (key + (u,)))
                        elif u not in allowed[key]:
                            missing.add("%s.%s %s" % (key + (u,)))
            if missing:
                bad += 1
                print("%s/%s: %s" % (os.path.basename(folder), base, "; ".join(sorted(missing))))
    print("%d files, %d with names or uses that are not listed" % (total, bad))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
