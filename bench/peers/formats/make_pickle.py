"""Pickles and joblib files of the scientific libraries: their arrays, found by taking the loaded objects apart as pickle does."""
import pickle
import warnings
from importlib.metadata import version

import joblib
import ml_dtypes
import numpy as np
import pandas as pd
import scipy.sparse
from sklearn import cluster, decomposition, ensemble, feature_extraction, gaussian_process, linear_model, mixture, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree

import kit
from parts import walk

warnings.simplefilter("ignore")
rng = np.random.default_rng(1)
def keep(name, value, protocols=(2, 4, 5), verdict="ok", **compressions):
    for p in protocols:
        file = "%s.p%d.pkl" % (name, p)
        with open(kit.path(file), "wb") as f:
            pickle.dump(value, f, p)
        with open(kit.path(file), "rb") as f:
            note(file, pickle.load(f), p, verdict)
    for how, compress in {"raw": 0, **compressions}.items() if verdict == "ok" else ():
        file = "%s-%s.joblib" % (name, how)
        joblib.dump(value, kit.path(file), compress=compress)
        note(file, joblib.load(kit.path(file)), 4, verdict)


def note(file, value, protocol, verdict):
    out = []
    walk(value, "", frozenset(), out, protocol)
    kit.model(file, out, verdict=verdict)


# Of another byte order than the machine's there are none: NumPy turns them round when it loads a pickle.
ALL = {"gzip": ("gzip", 3), "zlib": ("zlib", 3), "bz2": ("bz2", 3), "xz": ("xz", 3), "lzma": ("lzma", 3)}
arrays = {t: np.zeros((2, 3), t) for t in ("?", "i1", "u1", "<i2", "i4", "i8", "u8", "f2", "f4", "f8", "c8", "c16", "S5", "U3", "M8[ns]", "m8[25D]", "V4")}
arrays |= {"scalar": np.array(1.5), "empty": np.zeros((0, 4)), "fortran": np.asfortranarray(rng.random((3, 4))), "view": rng.random((8, 8))[::2, 1], "nested": [(np.zeros(2), {"deep": np.ones(1)})], 7: np.zeros(1), (1, 2): np.zeros(1),
           "objects": np.array([np.zeros(2), "text", None], object), "fields": np.zeros(3, [("a", "f4"), ("b", "i2", 3)]), "masked": np.ma.array([1.0, 2.0], mask=[0, 1]), "matrix": np.asmatrix(np.eye(2)), "number": np.float32(1)}
keep("arrays", arrays, (0, 1, 2, 3, 4, 5), **ALL)
keep("array", rng.random((50, 20)), (0, 2, 5), **ALL)
keep("ml", {t: np.zeros((2, 2), getattr(ml_dtypes, t)) for t in ("bfloat16", "float8_e4m3fn", "float8_e5m2", "int4")}, (4, 5), "unverified")
keep("sparse", {"csr": scipy.sparse.random(8, 8, 0.2, format="csr"), "coo": scipy.sparse.random(8, 8, 0.2, format="coo")})
keep("frame", pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, None], "c": pd.Categorical(["x", "y", "x"])}))
X = rng.random((60, 4))
y = (X[:, 0] > 0.5).astype(int)
for name, m in {
    "pipeline": pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression()), "forest": ensemble.RandomForestClassifier(6, max_depth=4), "boosting": ensemble.GradientBoostingClassifier(n_estimators=4),
    "hist": ensemble.HistGradientBoostingRegressor(max_iter=4), "tree": tree.DecisionTreeRegressor(max_depth=5), "svc": svm.SVC(), "mlp": neural_network.MLPClassifier((8,), max_iter=10), "kmeans": cluster.KMeans(3),
    "pca": decomposition.PCA(2), "knn": neighbors.KNeighborsClassifier(), "gauss": gaussian_process.GaussianProcessRegressor(), "mixture": mixture.GaussianMixture(2), "bayes": naive_bayes.GaussianNB(), "lasso": linear_model.LassoCV(cv=3),
}.items():
    keep("sklearn-" + name, m.fit(X, y), (4, 5), **({"gzip": ("gzip", 3)} if name == "forest" else {}))
keep("sklearn-text", feature_extraction.text.TfidfVectorizer().fit(["a bc de", "de fg", "hi jk lm"]), (4,))
with open(kit.path("two.pkl"), "wb") as f:
    pickle.dump({"a": np.zeros(3)}, f, 4)
    pickle.dump([np.ones((2, 2))], f, 4)
kit.model("two.pkl", [("a", "<f8", [3]), ("#2.0", "<f8", [2, 2])])
kit.uses(joblib=joblib.__version__, numpy=np.__version__, pandas=pd.__version__, scipy=version("scipy"), **{"scikit-learn": version("scikit-learn")})
kit.finish()
