"""Writes the fixtures of model/artifact/lightgbm/testdata with lightgbm 4.6.0.

Usage: python3 make.py OUT
"""

import json
import pathlib
import sys

import lightgbm as lgb
import numpy as np

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.RandomState(0)
X = rng.rand(60, 3)
y = (X[:, 0] + X[:, 1] > 1).astype(int)
expected = {}
for name, params, label in (
    ("binary", {"objective": "binary"}, y),
    ("multi", {"objective": "multiclass", "num_class": 3}, rng.randint(0, 3, 60)),
    ("linear", {"objective": "regression", "linear_tree": True}, X[:, 0] * 2),
    ("category", {"objective": "regression"}, y),
):
    data = lgb.Dataset(np.floor(X * 5) if name == "category" else X, label,
                       categorical_feature=[0, 1] if name == "category" else "auto")
    booster = lgb.train({"num_leaves": 4, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1, "seed": 0, **params}, data, 2)
    (out / f"{name}.txt").write_text(booster.model_to_string())
    dump = booster.dump_model()
    expected[name] = {
        "trees": booster.num_trees(),
        "leaves": sum(t["num_leaves"] for t in dump["tree_info"]),
        "features": booster.num_feature(),
    }
(out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
