#!/usr/bin/env python3
"""Make the small real files of this folder: models as the libraries save them.

usage: PYTHON make.py OUT PREFIX [numpy pandas scipy sklearn boosting torch]

PREFIX is put before the file names, to tell environments apart. The files here were made with the environments of
bench/peers (current-, old-) and with Debian's python3-torch (torch113-).

MANIFEST.tsv names the environment of each file. The tests expect every one of them to be ok.
"""
import io
import os
import pickle
import random
import sys

import numpy as np


def dump(value, protocol=4):
    return pickle.dumps(value, protocol)


def npy(value):
    f = io.BytesIO()
    np.save(f, value, allow_pickle=True)
    return f.getvalue()


def npz(**arrays):
    f = io.BytesIO()
    np.savez(f, **arrays)
    return f.getvalue()


def joblib(value, **kw):
    from joblib import dump as write
    f = io.BytesIO()
    write(value, f, **kw)
    return f.getvalue()


def data():
    rs = np.random.RandomState(0)
    X = rs.rand(30, 3)
    return X, (X[:, 0] > 0.5).astype(int), X @ [1.0, 2.0, 3.0]


def sklearn_files():
    from sklearn import ensemble, linear_model, neighbors, pipeline, preprocessing, svm, tree
    from sklearn.feature_extraction.text import TfidfVectorizer
    X, y, t = data()
    text = ["good day", "bad day", "good night"] * 10
    pipe = pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression()).fit(X, y)
    yield "pipeline.p5.pkl", lambda: dump(pipe, 5)
    yield "pipeline.p2.pkl", lambda: dump(pipe, 2)
    yield "pipeline.p0.pkl", lambda: dump(pipe, 0)
    yield "tree.p4.pkl", lambda: dump(tree.DecisionTreeClassifier(max_depth=2).fit(X, y))
    yield "boosting.p4.pkl", lambda: dump(ensemble.GradientBoostingRegressor(n_estimators=2, max_depth=1).fit(X, t))
    yield "hist.p4.pkl", lambda: dump(ensemble.HistGradientBoostingRegressor(max_iter=1, max_bins=4).fit(X, t))
    yield "knn.p4.pkl", lambda: dump(neighbors.KNeighborsClassifier(algorithm="kd_tree").fit(X, y))
    yield "svc.p4.pkl", lambda: dump(svm.SVC().fit(X, y))
    yield "text.p4.pkl", lambda: dump(pipeline.make_pipeline(TfidfVectorizer(), linear_model.SGDClassifier(random_state=0)).fit(text, y))
    yield "raw.joblib", lambda: joblib(pipe)
    for method in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
        yield method + ".joblib", lambda m=method: joblib(pipe, compress=(m, 3))


def numpy_files():
    arrays = {"f": np.arange(4.0), "i": np.arange(3), "s": np.array(["a", "b"]), "o": np.array([None, "x"], dtype=object)}
    for protocol in (0, 2, 5):
        yield "arrays.p%d.pkl" % protocol, lambda p=protocol: dump(arrays, p)
    yield "float.npy", lambda: npy(np.eye(3))
    yield "object.npy", lambda: npy(np.array([{"a": 1}, [2]], dtype=object))
    yield "mixed.npz", lambda: npz(a=np.arange(3), b=np.array(["x", None], dtype=object))
    yield "scalars.p4.pkl", lambda: dump([np.float32(1), np.int64(2), np.datetime64("2024-01-01"), np.dtype([("a", "i4"), ("b", "O")])])


def pandas_files():
    import pandas as pd
    frame = pd.DataFrame({"n": [1, 2], "x": [0.5, None], "s": ["a", "b"], "d": pd.to_datetime(["2024-01-01", "2024-01-02"]), "c": pd.Categorical(["u", "v"])})
    yield "frame.p4.pkl", lambda: dump(frame)
    yield "frame.p5.pkl", lambda: dump(frame, 5)


def scipy_files():
    from scipy import sparse, stats
    yield "sparse.p4.pkl", lambda: dump(sparse.csr_matrix(np.eye(3)))
    yield "frozen.p4.pkl", lambda: dump(stats.norm(1, 2))


def boosting_files():
    import lightgbm
    import xgboost
    X, y, _ = data()
    yield "xgboost.p4.pkl", lambda: dump(xgboost.XGBClassifier(n_estimators=1, max_depth=1).fit(X, y))
    yield "lightgbm.p4.pkl", lambda: dump(lightgbm.LGBMClassifier(n_estimators=1, num_leaves=2, verbose=-1).fit(X, y))


def torch_files():
    import torch
    from torch import nn

    def save(value, **kw):
        f = io.BytesIO()
        torch.save(value, f, **kw)
        return f.getvalue()
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.BatchNorm1d(3))
    yield "state-dict.pt", lambda: save(net.state_dict())
    yield "module.pt", lambda: save(net)
    yield "state-dict-legacy.pt", lambda: save(net.state_dict(), _use_new_zipfile_serialization=False)
    yield "module-legacy.pt", lambda: save(net, _use_new_zipfile_serialization=False)
    opt = torch.optim.Adam(net.parameters())
    net(torch.ones(2, 2)).sum().backward()
    opt.step()
    yield "checkpoint.pt", lambda: save({"epoch": 1, "model": net.state_dict(), "optimizer": opt.state_dict()})


def main(out, prefix, parts):
    random.seed(0)
    os.makedirs(out, exist_ok=True)
    versions = ["python=%d.%d" % sys.version_info[:2]]
    for name in ("numpy", "pandas", "scipy", "sklearn", "joblib", "xgboost", "lightgbm", "torch"):
        try:
            versions.append("%s=%s" % (name, __import__(name).__version__))
        except ImportError:
            pass
    rows = []
    for files in (numpy_files, pandas_files, scipy_files, sklearn_files, boosting_files, torch_files):
        if files.__name__.split("_")[0] not in parts:
            continue
        listed = list(files())
        for name, make in listed:
            name = prefix + files.__name__.split("_")[0] + "-" + name
            with open(os.path.join(out, name), "wb") as f:
                f.write(make())
            rows.append("%s\t%s\n" % (name, " ".join(versions)))
    with open(os.path.join(out, "MANIFEST.tsv"), "a") as f:
        f.writelines(rows)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
