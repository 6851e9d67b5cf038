"""Makes the PMML fixtures of model/artifact/pmml/testdata with nyoka.

usage: python make.py OUTPUT_FOLDER
"""
import pathlib
import sys

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from nyoka import skl_to_pmml

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
x = pd.DataFrame(np.random.default_rng(1).standard_normal((40, 2)), columns=["a", "b"])
y = (x.a > 0).astype(int)
for name, m in {"tree": DecisionTreeClassifier(max_depth=2, random_state=1), "logistic": LogisticRegression()}.items():
    p = Pipeline([("scale", StandardScaler()), ("model", m)]).fit(x, y)
    skl_to_pmml(p, ["a", "b"], "y", str(out / f"{name}.pmml"))
