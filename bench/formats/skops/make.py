"""Writes the fixtures of model/artifact/skops/testdata.

Needs skops 0.16.0 and scikit-learn 1.7.2 (requirements.txt). Usage: python3 make.py OUT
With --all as second argument: one file for each of many fitted estimators, too large
to be committed, for the control of false alarms.
"""

import json
import operator
import pathlib
import sys
import warnings

import numpy as np
import skops.io as sio
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

OUT = pathlib.Path(sys.argv[1])
rng = np.random.RandomState(0)
X = rng.rand(30, 3)
y = (X[:, 0] > 0.5).astype(int)


def estimators():
    from sklearn.utils import all_estimators

    for name, cls in all_estimators():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = cls().fit(X, y)
                data = sio.dumps(model)
        except Exception:
            continue
        (OUT / f"{name}.skops").write_bytes(data)
        untrusted = sio.get_untrusted_types(data=data)
        (OUT / f"{name}.untrusted.json").write_text(json.dumps(untrusted))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    if "--all" in sys.argv:
        estimators()
        return
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    sio.dump(model, OUT / "pipeline.skops", compression=8)
    sio.dump(FunctionTransformer(np.log1p), OUT / "ufunc.skops")
    sio.dump({"f": operator.attrgetter("coef_"), "m": model.predict}, OUT / "attrgetter.skops", compression=8)
    expected = {}
    for path, array in (
        ("steps.0.1.mean_", model[0].mean_),
        ("steps.0.1.n_samples_seen_", model[0].n_samples_seen_),
        ("steps.1.1.coef_", model[1].coef_),
        ("steps.1.1.classes_", model[1].classes_),
    ):
        expected[path] = [array.dtype.str, list(array.shape)]
    (OUT / "pipeline.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
