"""Writes the fixtures of model/artifact/xgboost/testdata.

Needs xgboost (xgboost-cpu 3.0.5); the legacy binary format needs 3.0 or older.
Usage: python3 make.py OUT
"""

import json
import pathlib
import sys

import numpy as np
import xgboost as xgb

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.RandomState(0)
X = rng.rand(40, 3).astype(np.float32)
y = (X[:, 0] + X[:, 1] > 1).astype(int)
expected = {}
for name, params in {
    "tree": {"objective": "binary:logistic", "max_depth": 2},
    "linear": {"objective": "reg:squarederror", "booster": "gblinear"},
    "dart": {"objective": "reg:squarederror", "booster": "dart", "max_depth": 2},
    "multi": {"objective": "multi:softprob", "num_class": 3, "max_depth": 1},
    "category": {"objective": "reg:squarederror", "max_depth": 2, "tree_method": "hist"},
}.items():
    label = rng.randint(0, 3, 40) if name == "multi" else y
    if name == "category":
        data = xgb.DMatrix(np.floor(X * 5), label, feature_types=["c", "c", "q"], feature_names=["a", "b", "c"], enable_categorical=True)
    else:
        data = xgb.DMatrix(X, label)
    booster = xgb.train({"seed": 0, "nthread": 1, **params}, data, num_boost_round=2)
    booster.set_attr(made_by="bench/formats/xgboost")
    for kind in ("json", "ubj"):
        (out / f"{name}.{kind}").write_bytes(booster.save_raw(raw_format=kind))
    if name in ("tree", "linear", "dart"):
        (out / f"{name}.bin").write_bytes(booster.save_raw(raw_format="deprecated"))
    expected[name] = {
        "trees": 0 if name == "linear" else len(booster.get_dump()),
        "nodes": 0 if name == "linear" else [d.count("\n") for d in booster.get_dump()],
        "features": booster.num_features(),
    }
(out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
