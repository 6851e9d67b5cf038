"""Writes the fixtures of model/artifact/catboost/testdata with catboost 1.2.8.

Usage: python3 make.py OUT
"""

import json
import pathlib
import sys

import catboost
import numpy as np

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.RandomState(0)
X = rng.rand(60, 3)
y = (X[:, 0] > 0.5).astype(int)
rows = [[str(int(a * 3)), b] for a, b, _ in X]
expected = {}
for name, model, data, label, options in (
    ("plain", catboost.CatBoostClassifier, X, y, {}),
    ("category", catboost.CatBoostClassifier, rows, y, {"cat_features": [0]}),
    ("multi", catboost.CatBoostClassifier, X, (X[:, 0] * 3).astype(int), {}),
    ("depthwise", catboost.CatBoostRegressor, X, X[:, 1], {"grow_policy": "Depthwise"}),
):
    m = model(iterations=2, depth=2, verbose=0, thread_count=1, random_seed=0, allow_writing_files=False, **options).fit(data, label)
    m.save_model(str(out / f"{name}.cbm"))
    expected[name] = {"trees": m.tree_count_, "leaves": int(sum(m.get_tree_leaf_counts())), "features": len(m.feature_names_)}
(out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
