#!/usr/bin/env python3
"""Save models and data with the real libraries of the running interpreter, as their users do.

usage: PYTHON make_models.py OUT [numpy pandas scipy sklearn boosting joblib torch ...]

Files are named LIBRARY-CASE.EXTENSION. The estimators are ones that tools/allowlist/emit.py never makes. What this
environment cannot make is listed in OUT/skipped.txt.
"""
import datetime
import os
import pickle
import sys
import warnings

warnings.simplefilter("ignore")


class Maker:
    def __init__(self, out):
        self.out, self.skipped = out, []
        os.makedirs(out, exist_ok=True)

    def path(self, name):
        return os.path.join(self.out, name)

    def attempt(self, name, thunk):
        try:
            return thunk()
        except Exception as e:
            self.skipped.append("%s: %s: %s" % (name, type(e).__name__, str(e).split("\n")[0][:120]))
            return None

    def pickles(self, name, make, protocols=(2, 4, 5)):
        value = self.attempt(name, make)
        if value is None:
            return
        for protocol in protocols:
            def write(protocol=protocol):
                data = pickle.dumps(value, protocol)
                with open(self.path("%s.p%d.pkl" % (name, protocol)), "wb") as f:
                    f.write(data)
            self.attempt(name, write)


def numpy_(m):
    import numpy as np
    rs = np.random.RandomState(1)
    m.pickles("numpy-arrays", lambda: {k: rs.randint(0, 9, (3, 4)).astype(k) for k in ("f4", "f8", "i2", "i8", "u1", "c16", "?", "S4", "U6", ">f4")})
    m.pickles("numpy-object", lambda: np.array([None, "a", 1.5, {"k": [1]}], dtype=object))
    m.pickles("numpy-structured", lambda: np.zeros(3, dtype=[("id", "i8"), ("name", "U8"), ("pos", "f4", (3,))]))
    m.pickles("numpy-scalars", lambda: [np.float32(1), np.int64(2), np.bool_(True), np.datetime64("2024-01-01"), np.str_("x")])
    m.pickles("numpy-random", lambda: [np.random.RandomState(1), np.random.default_rng(1)])
    m.pickles("numpy-masked", lambda: np.ma.masked_array([1.0, 2.0], [True, False]))
    m.pickles("numpy-dates", lambda: np.arange("2024-01", "2024-05", dtype="M8[M]"))
    m.pickles("numpy-poly", lambda: np.polynomial.Polynomial([1, 2]))
    m.attempt("npy", lambda: np.save(m.path("numpy-float.npy"), rs.rand(5, 5)))
    m.attempt("npy-object", lambda: np.save(m.path("numpy-object.npy"), np.array([{"a": 1}, [2]], dtype=object), allow_pickle=True))
    m.attempt("npz", lambda: np.savez(m.path("numpy-many.npz"), a=rs.rand(3), b=np.array(["x", None], dtype=object)))
    m.attempt("npzc", lambda: np.savez_compressed(m.path("numpy-packed.npz"), a=rs.rand(3), b=np.arange(4)))


def pandas_(m):
    import numpy as np
    import pandas as pd
    df = pd.DataFrame({"n": range(5), "x": np.linspace(0, 1, 5), "s": list("abcde"), "t": pd.date_range("2024-01-01", periods=5, tz="UTC"), "c": pd.Categorical(list("aabbc")), "b": [True, False, True, None, True]})
    m.pickles("pandas-frame", lambda: df)
    m.pickles("pandas-grouped", lambda: df.pivot_table(index="c", columns="b", values="x", aggfunc="mean", observed=False))
    m.pickles("pandas-describe", lambda: df.describe(include="all"))
    m.pickles("pandas-resampled", lambda: df.set_index("t")["x"].resample("2D").mean())
    m.pickles("pandas-nullable", lambda: df.convert_dtypes())
    m.pickles("pandas-periods", lambda: pd.Series(range(3), index=pd.period_range("2024-01", periods=3, freq="M")))
    m.pickles("pandas-intervals", lambda: pd.cut(df["x"], 3))
    m.pickles("pandas-deltas", lambda: df["t"] - df["t"].iloc[0])
    m.pickles("pandas-multi", lambda: df.set_index(["c", "n"]).unstack())
    m.pickles("pandas-sparse", lambda: pd.get_dummies(df["s"], sparse=True))
    m.pickles("pandas-offsets", lambda: [pd.offsets.MonthEnd(2), pd.offsets.BDay(), pd.Timestamp.now(), pd.Timedelta("3h"), pd.NaT, pd.NA, pd.Interval(1, 2)])
    for ext in ("pkl", "pkl.gz", "pkl.bz2", "pkl.xz", "pkl.zip", "pkl.tar"):
        m.attempt("to_pickle " + ext, lambda e=ext: df.to_pickle(m.path("pandas-to_pickle." + e)))


def scipy_(m):
    import numpy as np
    from scipy import interpolate, optimize, sparse, stats
    x = np.linspace(0, 5, 12)
    m.pickles("scipy-sparse", lambda: [sparse.random(6, 6, 0.3, format=f, random_state=1) for f in ("csr", "csc", "coo", "bsr", "dia", "lil", "dok")])
    m.pickles("scipy-arrays", lambda: [sparse.csr_array(np.eye(3)), sparse.coo_array(np.eye(2))])
    m.pickles("scipy-frozen", lambda: [stats.norm(1, 2), stats.beta(2, 3), stats.lognorm(0.5), stats.gamma(2.0), stats.expon(), stats.uniform(0, 2), stats.t(3), stats.randint(0, 9), stats.poisson(3), stats.binom(9, 0.5), stats.loguniform(0.1, 1)])
    m.pickles("scipy-kde", lambda: stats.gaussian_kde(x))
    m.pickles("scipy-interp1d", lambda: interpolate.interp1d(x, x ** 2, kind="quadratic", fill_value="extrapolate"))
    m.pickles("scipy-splines", lambda: [interpolate.CubicSpline(x, x), interpolate.PchipInterpolator(x, x), interpolate.UnivariateSpline(x, x), interpolate.make_interp_spline(x, x)])
    m.pickles("scipy-grid", lambda: interpolate.RegularGridInterpolator((x, x), np.outer(x, x)))
    m.pickles("scipy-optimize", lambda: [optimize.minimize(lambda v: ((v - 1) ** 2).sum(), [0.0, 0.0]), optimize.curve_fit(lambda a, b, c: b * a + c, x, x)[0], optimize.brentq(lambda v: v - 1, 0, 3)])
    m.pickles("scipy-tests", lambda: [stats.linregress(x, x ** 2), stats.ttest_rel(x, x + x ** 2), stats.describe(x)], (4, 5))


def estimators():
    """(name, thunk of a fitted estimator): the held-out ones, then pipelines and searches."""
    import numpy as np
    from sklearn import cluster, compose, decomposition, ensemble, feature_selection, kernel_ridge, linear_model, mixture, model_selection, neighbors, pipeline, preprocessing, semi_supervised, svm, tree
    from sklearn.feature_extraction import text
    rs = np.random.RandomState(2)
    X, y = rs.rand(60, 5), rs.randint(0, 3, 60)
    t = X @ np.arange(1.0, 6.0) + 0.1
    single = [
        (mixture.BayesianGaussianMixture(n_components=2), X, None), (cluster.Birch(n_clusters=2), X, None), (ensemble.ExtraTreesClassifier(4), X, y), (cluster.FeatureAgglomeration(n_clusters=2), X, None),
        (linear_model.GammaRegressor(), X, t), (linear_model.HuberRegressor(), X, t), (ensemble.IsolationForest(n_estimators=4), X, None), (preprocessing.KBinsDiscretizer(3), X, None),
        (semi_supervised.LabelSpreading(), X, y), (linear_model.LarsCV(cv=3), X, t), (linear_model.LassoLarsIC(), X, t), (decomposition.MiniBatchNMF(n_components=2) if hasattr(decomposition, "MiniBatchNMF") else decomposition.NMF(n_components=2), X, None),
        (svm.NuSVR(), X, t), (cluster.OPTICS(min_samples=3), X, None), (preprocessing.PowerTransformer(), X, None), (linear_model.QuantileRegressor(solver="highs"), X, t),
        (neighbors.RadiusNeighborsClassifier(3.0), X, y), (linear_model.RidgeClassifierCV(), X, y), (feature_selection.SequentialFeatureSelector(linear_model.Ridge(), n_features_to_select=2, cv=2), X, t),
        (preprocessing.SplineTransformer(3), X, None), (ensemble.StackingClassifier([("a", tree.DecisionTreeClassifier()), ("b", svm.SVC())]), X, y), (linear_model.TheilSenRegressor(max_subpopulation=100), X, t), (linear_model.TweedieRegressor(), X, t),
    ]
    for est, data, target in single:
        yield type(est).__name__, lambda e=est, d=data, v=target: e.fit(d, v)
    yield "pipeline-scale-iforest", lambda: pipeline.make_pipeline(preprocessing.PowerTransformer(), ensemble.IsolationForest(n_estimators=4)).fit(X)
    yield "pipeline-columns", lambda: pipeline.make_pipeline(compose.make_column_transformer((preprocessing.KBinsDiscretizer(3), [0, 1]), (preprocessing.SplineTransformer(3), [2]), remainder="passthrough"), linear_model.TweedieRegressor()).fit(X, t)
    yield "pipeline-names", lambda: named_columns(X, y)
    yield "pipeline-text", lambda: pipeline.make_pipeline(text.TfidfVectorizer(analyzer="char", ngram_range=(1, 3)), linear_model.RidgeClassifierCV()).fit(["good thing", "bad thing", "fine"] * 20, y)
    yield "pipeline-text-words", lambda: pipeline.make_pipeline(text.CountVectorizer(stop_words="english"), text.TfidfTransformer(), decomposition.TruncatedSVD(n_components=2), ensemble.ExtraTreesClassifier(3)).fit(["good thing here", "bad thing there", "fine words"] * 20, y)
    yield "search-grid", lambda: model_selection.GridSearchCV(ensemble.ExtraTreesClassifier(3), {"max_depth": [2, 3]}, cv=2, scoring="f1_macro").fit(X, y)
    yield "search-random", lambda: model_selection.RandomizedSearchCV(kernel_ridge.KernelRidge(), {"alpha": __import__("scipy.stats", fromlist=["x"]).loguniform(0.1, 1)}, n_iter=3, cv=2).fit(X, t)
    yield "voting-mixed", lambda: ensemble.VotingRegressor([("h", linear_model.HuberRegressor()), ("q", svm.NuSVR())]).fit(X, t)
    yield "function-transformer", lambda: pipeline.make_pipeline(preprocessing.FunctionTransformer(np.sqrt), linear_model.GammaRegressor()).fit(X, t)
    yield "boosting-hist", lambda: ensemble.HistGradientBoostingClassifier(max_iter=4).fit(X, y)
    yield "forest-multi", lambda: ensemble.ExtraTreesRegressor(3).fit(X, np.c_[t, -t])
    yield "knn-pipeline", lambda: pipeline.make_pipeline(preprocessing.QuantileTransformer(n_quantiles=9), neighbors.RadiusNeighborsRegressor(2.0)).fit(X, t)


def named_columns(X, y):
    """A transformer of a frame's columns by name, the rest passed through."""
    import pandas as pd
    from sklearn import compose, linear_model, pipeline, preprocessing
    frame = pd.DataFrame(X, columns=list("abcde"))
    frame["city"] = ["x", "y", "z"] * (len(frame) // 3)
    columns = compose.ColumnTransformer([("p", preprocessing.PowerTransformer(), ["a", "b"]), ("o", preprocessing.OneHotEncoder(), ["city"])], remainder="passthrough")
    return pipeline.make_pipeline(columns, linear_model.RidgeClassifierCV()).fit(frame, y)


def sklearn_(m):
    for name, make in estimators():
        m.pickles("sklearn-" + name, make)


def boosting_(m):
    import numpy as np
    rs = np.random.RandomState(3)
    X, y = rs.rand(80, 4), rs.randint(0, 2, 80)

    def xgboost(name, **kw):
        import xgboost as xgb
        return getattr(xgb, name)(n_estimators=4, **kw).fit(X, y)

    def lightgbm(name, **kw):
        import lightgbm as lgb
        return getattr(lgb, name)(n_estimators=4, min_child_samples=2, verbose=-1, **kw).fit(X, y)
    m.pickles("xgboost-classifier", lambda: xgboost("XGBClassifier", booster="dart"))
    m.pickles("xgboost-regressor", lambda: xgboost("XGBRegressor", objective="reg:absoluteerror"))
    m.pickles("xgboost-forest", lambda: xgboost("XGBRFClassifier"))
    m.pickles("xgboost-booster", lambda: xgboost("XGBRegressor").get_booster())
    m.pickles("lightgbm-classifier", lambda: lightgbm("LGBMClassifier", boosting_type="dart"))
    m.pickles("lightgbm-regressor", lambda: lightgbm("LGBMRegressor", objective="huber"))
    m.pickles("lightgbm-booster", lambda: lightgbm("LGBMRegressor").booster_)

    def wrapped(make):
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import RobustScaler
        return make_pipeline(RobustScaler(), make).fit(X, y)
    m.pickles("xgboost-pipeline", lambda: wrapped(__import__("xgboost").XGBClassifier(n_estimators=3)))
    m.pickles("lightgbm-pipeline", lambda: wrapped(__import__("lightgbm").LGBMClassifier(n_estimators=3, verbose=-1)))


def joblib_(m):
    import joblib
    model = dict(estimators())["pipeline-columns"]()
    forest = dict(estimators())["ExtraTreesClassifier"]()
    m.attempt("raw", lambda: joblib.dump(model, m.path("joblib-raw.joblib")))
    m.attempt("raw-forest", lambda: joblib.dump(forest, m.path("joblib-forest.joblib")))
    for method in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
        for level in (1, 3, 9):
            m.attempt("joblib %s %d" % (method, level), lambda a=method, b=level: joblib.dump(model, m.path("joblib-%s-%d.joblib" % (a, b)), compress=(a, b)))
    for ext in ("z", "gz", "bz2", "xz", "lzma", "lz4"):
        m.attempt("joblib ." + ext, lambda e=ext: joblib.dump(forest, m.path("joblib-named.pkl." + e)))
    for protocol in (2, 3, 4, 5):
        m.attempt("joblib protocol", lambda p=protocol: joblib.dump(forest, m.path("joblib-protocol%d.joblib" % p), compress=0, protocol=p))


def torch_(m):
    import torch
    from torch import nn
    torch.manual_seed(0)

    def save(name, make):
        value = m.attempt(name, make)
        if value is None:
            return
        m.attempt(name, lambda: torch.save(value, m.path("torch-%s.pt" % name)))
        m.attempt(name, lambda: torch.save(value, m.path("torch-%s-legacy.bin" % name), _use_new_zipfile_serialization=False))
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.SiLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4 * 36, 10), nn.LogSoftmax(dim=1))
    save("state-dict", net.state_dict)
    save("module", lambda: net)
    save("half", lambda: {k: v.half() for k, v in net.state_dict().items()})
    save("bfloat16", lambda: {k: v.to(torch.bfloat16) for k, v in net.state_dict().items()})
    save("lstm", lambda: nn.LSTM(4, 8, 2, bidirectional=True))
    save("attention", lambda: nn.MultiheadAttention(8, 2))
    save("transformer", lambda: nn.Transformer(8, 2, 1, 1, 16))
    save("encoder-gelu", lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, activation="gelu"), 2))
    save("embedding", lambda: nn.ModuleDict({"e": nn.Embedding(9, 4), "l": nn.ModuleList([nn.GRUCell(4, 4), nn.PReLU(), nn.Dropout(0.1)])}))
    save("tensors", lambda: {"a": torch.rand(3), "b": torch.arange(4), "c": torch.ones(2, dtype=torch.bool), "s": torch.eye(3).to_sparse(), "p": nn.Parameter(torch.ones(1))})

    def trained(cls, **kw):
        opt = cls(net.parameters(), lr=0.01, **kw)
        net(torch.rand(2, 1, 14, 14)).sum().backward()
        opt.step()
        return opt
    for cls, kw in ((torch.optim.AdamW, {}), (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}), (torch.optim.RMSprop, {})):
        save("checkpoint-" + cls.__name__, lambda c=cls, k=kw: {"epoch": 2, "model": net.state_dict(), "optimizer": trained(c, **k).state_dict(), "rng": torch.get_rng_state(), "args": {"lr": 0.01, "at": datetime.date(2024, 1, 2)}})
        save("optimizer-" + cls.__name__, lambda c=cls, k=kw: trained(c, **k))
    save("scheduler", lambda: torch.optim.lr_scheduler.CosineAnnealingLR(torch.optim.SGD(net.parameters(), 0.1), 5).state_dict())
    save("loss", lambda: nn.CrossEntropyLoss(weight=torch.ones(3)))
    save("weight-norm", lambda: nn.utils.weight_norm(nn.Linear(2, 3)))
    save("numpy", lambda: {"mean": net.state_dict()["1.running_mean"].numpy(), "classes": ["a", "b"]})


PARTS = {"numpy": numpy_, "pandas": pandas_, "scipy": scipy_, "sklearn": sklearn_, "boosting": boosting_, "joblib": joblib_, "torch": torch_}


def main(out, parts):
    maker = Maker(out)
    for part in parts:
        maker.attempt(part, lambda: PARTS[part](maker))
    with open(maker.path("skipped.txt"), "w") as f:
        f.write("".join(s + "\n" for s in maker.skipped))
    for name in ("numpy", "scipy", "pandas", "sklearn", "joblib", "xgboost", "lightgbm", "torch"):
        if any(name in p or (p == "boosting" and name in ("xgboost", "lightgbm")) for p in parts):
            try:
                print(name, __import__(name).__version__)
            except ImportError:
                pass


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
    sys.stdout.flush()
    os._exit(0)  # PyTorch 1.7 of Debian aborts in its exit handlers
