#!/usr/bin/env python3
"""Write which arrays and tensors the libraries find in the small real pickles of model/artifact/testdata/real.

usage: PYTHON read_real.py FOLDER PREFIX

PREFIX names the environment that made them and that PYTHON has to have ("current-": requirements-current.txt, "old-":
requirements-old.txt, "torch113-": Debian 12). Adds to FOLDER/TENSORS.json; the tests compare merlon's reading with it.
"""
import json
import os
import pickle
import sys
import warnings

from parts import walk

warnings.simplefilter("ignore")
folder, prefix = sys.argv[1:]
said = os.path.join(folder, "TENSORS.json")
known = {}
if os.path.exists(said):
    with open(said) as f:
        known = json.load(f)
for name in sorted(os.listdir(folder)):
    path, kind = os.path.join(folder, name), os.path.splitext(name)[1]
    if not name.startswith(prefix) or kind not in (".pkl", ".joblib", ".pt"):
        continue
    protocol = 4
    if kind == ".pkl":
        protocol = int(name.split(".p")[1][0])
        with open(path, "rb") as f:
            value = pickle.load(f)
    elif kind == ".joblib":
        import joblib
        value = joblib.load(path)
    else:
        import torch
        value, protocol = torch.load(path), 2
    rows = []
    walk(value, "", frozenset(), rows, protocol)
    known[name] = [[n, t, list(s)] for n, t, s in rows]
with open(said, "w") as f:  # one line for each file
    f.write("{\n" + ",\n".join("%s:%s" % (json.dumps(k), json.dumps(known[k], separators=(",", ":"))) for k in sorted(known)) + "\n}\n")
