"""XGBoost, LightGBM, CatBoost and statsmodels models."""
import numpy as np

_RS = np.random.RandomState(0)
X = _RS.rand(40, 4)
Y = np.array([0, 1] * 20)
T = X[:, 0] * 2 + X[:, 1]


def _m(name):
    return __import__(name, fromlist=["x"])


def objects():
    for name in ("XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor", "XGBModel"):
        yield "xgb-" + name, lambda n=name: getattr(_m("xgboost"), n)(n_estimators=2, max_depth=2).fit(X, Y)
        yield "xgb-new-" + name, lambda n=name: getattr(_m("xgboost"), n)()
    yield "xgb-ranker", lambda: _m("xgboost").XGBRanker(n_estimators=2).fit(X, Y, group=[20, 20])
    yield "xgb-multi", lambda: _m("xgboost").XGBClassifier(n_estimators=2).fit(X, np.arange(40) % 3)
    yield "xgb-early", lambda: _m("xgboost").XGBClassifier(n_estimators=3, early_stopping_rounds=2, eval_metric="logloss").fit(X, Y, eval_set=[(X, Y)])
    yield "xgb-callback", lambda: _m("xgboost").XGBClassifier(n_estimators=3, callbacks=[_m("xgboost").callback.EarlyStopping(2)]).fit(X, Y, eval_set=[(X, Y)])
    yield "xgb-booster", lambda: _m("xgboost").train({"verbosity": 0}, _m("xgboost").DMatrix(X, Y), 2)
    for name in ("LGBMClassifier", "LGBMRegressor", "LGBMModel"):
        yield "lgb-" + name, lambda n=name: _lgb(n)
        yield "lgb-new-" + name, lambda n=name: getattr(_m("lightgbm"), n)()
    yield "lgb-ranker", lambda: _m("lightgbm").LGBMRanker(n_estimators=2, min_child_samples=1).fit(X, Y, group=[20, 20])
    yield "lgb-frame", lambda: _m("lightgbm").LGBMClassifier(n_estimators=2).fit(_m("pandas").DataFrame(X, columns=list("abcd")), Y)
    yield "lgb-booster", lambda: _m("lightgbm").train({"verbose": -1}, _m("lightgbm").Dataset(X, Y), 2)
    yield "lgb-dataset", lambda: _m("lightgbm").Dataset(X, Y)
    yield "lgb-eval", lambda: _m("lightgbm").LGBMClassifier(n_estimators=2).fit(X, Y, eval_set=[(X, Y)])
    for name in ("CatBoostClassifier", "CatBoostRegressor", "CatBoost", "CatBoostRanker"):
        yield "cat-" + name, lambda n=name: getattr(_m("catboost"), n)(iterations=2, verbose=0, allow_writing_files=False).fit(X, Y)
    yield "cat-pool", lambda: _m("catboost").Pool(X, Y)
    api = "statsmodels.api"
    yield "sm-ols", lambda: _m(api).OLS(T, X).fit()
    yield "sm-wls", lambda: _m(api).WLS(T, X).fit()
    yield "sm-logit", lambda: _m(api).Logit(Y, X).fit(disp=0)
    yield "sm-poisson", lambda: _m(api).Poisson(Y, X).fit(disp=0)
    yield "sm-formula", lambda: _m("statsmodels.formula.api").ols("y ~ a", {"y": T, "a": X[:, 0]}).fit()
    for fam in ("Binomial", "Poisson", "Gaussian", "Gamma", "NegativeBinomial", "InverseGaussian"):
        yield "sm-glm-" + fam, lambda f=fam: _m(api).GLM(Y + (f in ("Gamma", "InverseGaussian")), X, family=getattr(_m(api).families, f)()).fit()
    yield "sm-arima", lambda: _m("statsmodels.tsa.arima.model").ARIMA(T, order=(1, 0, 0)).fit()
    yield "sm-sarimax", lambda: _m(api).tsa.SARIMAX(T, order=(1, 0, 0)).fit(disp=0)
    yield "sm-ets", lambda: [_m("statsmodels.tsa.holtwinters").ExponentialSmoothing(T + 1, trend="add").fit(), _m("statsmodels.tsa.holtwinters").SimpleExpSmoothing(T).fit()]
    yield "sm-var", lambda: _m(api).tsa.VAR(X).fit(1)
    yield "sm-ar", lambda: _m("statsmodels.tsa.ar_model").AutoReg(T, 1).fit()
    yield "sm-rlm", lambda: _m(api).RLM(T, X).fit()
    yield "sm-quantreg", lambda: _m(api).QuantReg(T, X).fit()
    yield "sm-kde", lambda: _fit(_m(api).nonparametric.KDEUnivariate(T))
    yield "sm-mnlogit", lambda: _m(api).MNLogit(np.arange(40) % 3, X).fit(disp=0)
    yield "sm-mixed", lambda: _m(api).MixedLM(T, X[:, :1], np.arange(40) % 4).fit()
    yield "sm-phreg", lambda: _m(api).PHReg(T, X).fit()
    yield "sm-stl", lambda: _m("statsmodels.tsa.seasonal").STL(T, period=4).fit()


def _fit(model):
    model.fit()
    return model


def _lgb(name):
    kw = {"objective": "binary"} if name == "LGBMModel" else {}
    return getattr(_m("lightgbm"), name)(n_estimators=2, min_child_samples=1, **kw).fit(X, Y)
