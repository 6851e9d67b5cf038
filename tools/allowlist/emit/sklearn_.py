"""Every estimator of scikit-learn (and imbalanced-learn), fitted where tiny data allow."""
import inspect
import warnings

import numpy as np

_RS = np.random.RandomState(0)
X = _RS.rand(24, 4)
Y = np.array([0, 1] * 12)
T = X[:, 0] * 2 + X[:, 1]
TEXT = ["alpha beta", "beta gamma", "gamma delta alpha", "delta"] * 6


# Never made here: bench/peers validates the table with these, on versions that emit.py never ran with.
HELD_OUT = frozenset("""BayesianGaussianMixture Birch ExtraTreesClassifier FeatureAgglomeration GammaRegressor HuberRegressor IsolationForest KBinsDiscretizer
LabelSpreading LarsCV LassoLarsIC MiniBatchNMF NuSVR OPTICS PowerTransformer QuantileRegressor RadiusNeighborsClassifier RidgeClassifierCV SequentialFeatureSelector
SplineTransformer StackingClassifier TheilSenRegressor TweedieRegressor""".split())


def _m(name):
    return __import__(name, fromlist=["x"])


def estimator_classes(package):
    """(name, class) of every estimator; `package` is sklearn or imblearn."""
    if package == "imblearn":
        return _m("imblearn.utils.testing").all_estimators()
    try:
        from sklearn.utils import all_estimators
    except ImportError:
        from sklearn.utils.testing import all_estimators
        return all_estimators(include_meta_estimators=True, include_other=True, include_dont_test=True)
    return all_estimators()


def build(cls):
    """An instance with the smallest arguments that its constructor asks for."""
    lin = _m("sklearn.linear_model")
    clf, reg = lin.LogisticRegression(), lin.Ridge()
    regressor = "Regress" in cls.__name__
    base = reg if regressor else clf
    try:
        parameters = inspect.signature(cls.__init__).parameters.values()
        needed = [p.name for p in parameters if p.default is p.empty and p.name != "self" and p.kind == p.POSITIONAL_OR_KEYWORD]
    except (AttributeError, ValueError):
        spec = inspect.getargspec(cls.__init__)
        needed = spec.args[1:len(spec.args) - len(spec.defaults or ())]
    values = {
        "estimator": base, "base_estimator": base, "estimators": [("a", base), ("b", type(base)())],
        "steps": [("s", _m("sklearn.preprocessing").StandardScaler()), ("e", base)],
        "transformers": [("t", _m("sklearn.preprocessing").StandardScaler(), [0, 1])],
        "transformer_list": [("t", _m("sklearn.preprocessing").StandardScaler())],
        "param_grid": {"alpha" if regressor else "C": [0.1, 1.0]},
        "param_distributions": {"alpha" if regressor else "C": [0.1, 1.0]},
        "dictionary": np.eye(4), "n_components": 2,
    }
    return cls(**dict((n, values[n]) for n in needed))


def _fitted(cls):
    est = build(cls)
    for k, v in (("n_estimators", 3), ("max_iter", 20), ("n_components", 2), ("cv", 2), ("max_leaf_nodes", 5), ("random_state", 0)):
        try:
            if k in est.get_params(deep=False) and not (k == "cv" and est.get_params()[k] == "prefit"):
                if k != "max_leaf_nodes" or "Boost" in cls.__name__:
                    est.set_params(**{k: v})
        except Exception:
            pass
    trials = ((X, Y), (X, T), (X,), (T, Y), (TEXT,), (X, np.c_[T, T + 1]), (X, np.c_[Y, 1 - Y]), (X[:, :1], T), (Y,), ([{"a": 1, "b": "x"}] * 3,), ([["a", "b"], ["c"]],))
    for data in trials:
        try:
            return est.fit(*data)
        except Exception:
            continue
    return est


def objects():
    warnings.simplefilter("ignore")
    for package in ("sklearn", "imblearn"):
        try:
            classes = estimator_classes(package)
        except Exception:
            continue
        for name, cls in classes:
            if name in HELD_OUT:
                continue
            yield "%s-new-%s" % (package, name), lambda c=cls: build(c)
            yield "%s-fit-%s" % (package, name), lambda c=cls: _fitted(c)
    for item in _composed():
        yield item


def _composed():
    pre, lin, tree, ens = (_m("sklearn." + n) for n in ("preprocessing", "linear_model", "tree", "ensemble"))
    text = _m("sklearn.feature_extraction.text")
    select = _m("sklearn.model_selection") if _has("sklearn.model_selection") else None
    yield "pipeline", lambda: _m("sklearn.pipeline").make_pipeline(pre.StandardScaler(), lin.LogisticRegression()).fit(X, Y)
    yield "union", lambda: _m("sklearn.pipeline").make_union(pre.StandardScaler(), pre.MinMaxScaler()).fit(X)
    yield "text", lambda: [c().fit(TEXT) for c in (text.CountVectorizer, text.TfidfVectorizer, text.HashingVectorizer)]
    yield "text-pipeline", lambda: _m("sklearn.pipeline").make_pipeline(text.TfidfVectorizer(stop_words="english", ngram_range=(1, 2)), lin.SGDClassifier()).fit(TEXT, Y)
    yield "columns", lambda: _m("sklearn.compose").make_column_transformer((pre.OneHotEncoder(), [0]), (pre.StandardScaler(), slice(1, 3)), remainder="passthrough").fit(np.c_[Y, X])
    yield "columns-frame", lambda: _frame()
    yield "columns-remainder", lambda: _frame("passthrough")
    yield "selector", lambda: _m("sklearn.compose").make_column_selector(dtype_include="number")
    yield "grid", lambda: select.GridSearchCV(tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2).fit(X, Y)
    yield "grid-scorer", lambda: select.GridSearchCV(lin.Ridge(), {"alpha": [1, 2]}, cv=2, scoring="neg_mean_squared_error").fit(X, T)
    yield "random-search", lambda: select.RandomizedSearchCV(lin.Ridge(), {"alpha": _m("scipy.stats").uniform(0, 1)}, n_iter=2, cv=2).fit(X, T)
    yield "splitters", lambda: [getattr(select, n)() for n in ("KFold", "StratifiedKFold", "ShuffleSplit", "TimeSeriesSplit", "GroupKFold", "LeaveOneOut", "StratifiedShuffleSplit", "RepeatedKFold", "RepeatedStratifiedKFold", "GroupShuffleSplit")]
    kernels = _m("sklearn.gaussian_process.kernels")
    yield "kernels", lambda: [kernels.RBF() + kernels.WhiteKernel() * kernels.ConstantKernel(), kernels.Matern(), kernels.RationalQuadratic(), kernels.ExpSineSquared(), kernels.DotProduct() ** 2, kernels.PairwiseKernel(), kernels.CompoundKernel([kernels.RBF()])]
    yield "gp", lambda: _m("sklearn.gaussian_process").GaussianProcessRegressor(kernels.RBF() + kernels.WhiteKernel()).fit(X, T)
    nb = _m("sklearn.neighbors")
    yield "trees", lambda: [nb.KDTree(X), nb.BallTree(X)]
    yield "knn", lambda: [nb.KNeighborsClassifier(algorithm=a).fit(X, Y) for a in ("kd_tree", "ball_tree", "brute")]
    for metric in ("euclidean", "manhattan", "chebyshev", "minkowski", "haversine", "hamming", "canberra", "braycurtis", "jaccard", "dice"):
        yield "metric-" + metric, lambda n=metric: _metric(n)
    for loss in ("hinge", "log", "log_loss", "modified_huber", "squared_hinge", "perceptron"):
        yield "sgd-" + loss, lambda n=loss: lin.SGDClassifier(loss=n).fit(X, Y)
    for loss in ("squared_loss", "squared_error", "huber", "epsilon_insensitive", "squared_epsilon_insensitive"):
        yield "sgdr-" + loss, lambda n=loss: lin.SGDRegressor(loss=n).fit(X, T)
    for loss in ("ls", "lad", "huber", "quantile", "squared_error", "absolute_error"):
        yield "gbr-" + loss, lambda n=loss: ens.GradientBoostingRegressor(loss=n, n_estimators=2, init=lin.Ridge()).fit(X, T)
    for loss in ("deviance", "exponential", "log_loss"):
        yield "gbc-" + loss, lambda n=loss: ens.GradientBoostingClassifier(loss=n, n_estimators=2).fit(X, Y)
    yield "gbc-multi", lambda: ens.GradientBoostingClassifier(n_estimators=2).fit(X, np.arange(24) % 3)
    for loss in ("squared_error", "absolute_error", "poisson", "gamma", "quantile", "least_squares"):
        yield "hgb-" + loss, lambda n=loss: _hist().HistGradientBoostingRegressor(loss=n, max_iter=2, **({"quantile": 0.5} if n == "quantile" else {})).fit(X, T + 1)
    yield "hgbc", lambda: [_hist().HistGradientBoostingClassifier(max_iter=2).fit(X, Y), _hist().HistGradientBoostingClassifier(max_iter=2).fit(X, np.arange(24) % 3)]
    for criterion in ("gini", "entropy", "log_loss"):
        yield "tree-" + criterion, lambda n=criterion: tree.DecisionTreeClassifier(criterion=n).fit(X, Y)
    yield "calibrated", lambda: [_m("sklearn.calibration").CalibratedClassifierCV(_m("sklearn.svm").LinearSVC(), method=n, cv=2).fit(X, Y) for n in ("sigmoid", "isotonic")]
    yield "function", lambda: [pre.FunctionTransformer(np.log1p, np.expm1), pre.FunctionTransformer()]
    yield "ohe-frame", lambda: pre.OneHotEncoder().fit(np.array([["a", 1], ["b", 2]], dtype=object))
    yield "encoders", lambda: [pre.LabelEncoder().fit(["a", "b"]), pre.OrdinalEncoder().fit([["a"], ["b"]]), pre.LabelBinarizer().fit(["a", "b"]), pre.MultiLabelBinarizer().fit([["a"], ["b", "c"]])]
    fs = _m("sklearn.feature_selection")
    yield "select", lambda: [fs.SelectKBest(k=2).fit(X, Y), fs.SelectKBest(fs.chi2, k=2).fit(X, Y), fs.SelectFromModel(lin.Lasso()).fit(X, T), fs.RFE(lin.Ridge()).fit(X, T), fs.SelectPercentile(fs.mutual_info_classif).fit(X, Y), fs.SelectKBest(fs.f_regression, k=2).fit(X, T)]
    metrics = _m("sklearn.metrics")
    yield "scorers", lambda: [metrics.make_scorer(metrics.accuracy_score), metrics.make_scorer(metrics.mean_squared_error, greater_is_better=False), metrics.make_scorer(metrics.f1_score, average="macro")]
    yield "scorers-named", lambda: [metrics.get_scorer(n) for n in ("accuracy", "roc_auc", "r2", "neg_log_loss", "f1_macro", "average_precision", "neg_mean_absolute_error", "balanced_accuracy", "neg_root_mean_squared_error", "precision", "recall", "explained_variance")]
    yield "scorer-all", lambda: dict(getattr(metrics, "SCORERS", None) or getattr(_m("sklearn.metrics._scorer"), "_SCORERS"))
    yield "bunch", lambda: _m("sklearn.datasets").load_iris()
    yield "svm-kernels", lambda: [_m("sklearn.svm").SVC(kernel=n, probability=True).fit(X, Y) for n in ("linear", "poly", "rbf", "sigmoid")]
    yield "mlp", lambda: [_m("sklearn.neural_network").MLPClassifier((3,), max_iter=3, solver=s).fit(X, Y) for s in ("adam", "sgd", "lbfgs")]
    yield "forest", lambda: ens.RandomForestClassifier(3, oob_score=True, bootstrap=True).fit(X, np.c_[Y, 1 - Y])
    yield "voting", lambda: ens.VotingClassifier([("a", lin.LogisticRegression()), ("b", tree.DecisionTreeClassifier())], voting="soft").fit(X, Y)
    yield "ttr", lambda: _m("sklearn.compose").TransformedTargetRegressor(lin.Ridge(), func=np.log, inverse_func=np.exp).fit(X, T + 1)
    yield "imputers", lambda: [_m("sklearn.impute").SimpleImputer(strategy="most_frequent").fit(X), _m("sklearn.impute").KNNImputer().fit(X)]
    yield "iterative", lambda: (_m("sklearn.experimental.enable_iterative_imputer"), _m("sklearn.impute").IterativeImputer(max_iter=2).fit(np.where(X > 0.9, np.nan, X)))[1]
    yield "halving", lambda: (_m("sklearn.experimental.enable_halving_search_cv"), select.HalvingGridSearchCV(lin.Ridge(), {"alpha": [1, 2]}, cv=2).fit(X, T))[1]
    yield "pandas-out", lambda: pre.StandardScaler().set_output(transform="pandas").fit(X)
    yield "displays", lambda: metrics.ConfusionMatrixDisplay(np.eye(2))
    yield "tags", lambda: lin.Ridge().__sklearn_tags__()
    yield "routing", lambda: lin.Ridge().get_metadata_routing()
    yield "request", lambda: lin.Ridge().set_fit_request(sample_weight=True)


def _has(name):
    try:
        return _m(name)
    except ImportError:
        return None


def _hist():
    _has("sklearn.experimental.enable_hist_gradient_boosting")
    return _m("sklearn.ensemble")


def _metric(name):
    cls = getattr(_has("sklearn.metrics"), "DistanceMetric", None) or _m("sklearn.neighbors").DistanceMetric
    return cls.get_metric(name, **({"p": 3} if name == "minkowski" else {}))


def _frame(remainder="drop"):
    import pandas as pd
    pre = _m("sklearn.preprocessing")
    df = pd.DataFrame({"a": Y, "b": X[:, 0], "c": ["x", "y"] * 12})
    ct = _m("sklearn.compose").ColumnTransformer([("o", pre.OneHotEncoder(), ["c"]), ("s", pre.StandardScaler(), ["a"] if remainder != "drop" else _m("sklearn.compose").make_column_selector(dtype_include="number"))], remainder=remainder)
    return _m("sklearn.pipeline").make_pipeline(ct, _m("sklearn.linear_model").LogisticRegression()).fit(df, Y)
