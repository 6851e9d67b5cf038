"""Estimators of scikit-learn saved and loaded by skops: its arrays, by their place in the estimator."""
import warnings

import numpy as np
import skops
import skops.io as sio
from sklearn import cluster, compose, decomposition, ensemble, feature_extraction, gaussian_process, linear_model, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree

import kit

warnings.simplefilter("ignore")
rng = np.random.default_rng(1)
X = rng.random((60, 4))
y = (X[:, 0] > 0.5).astype(int)


def arrays(value, path, above, out):
    """Arrays below value, by attribute, key and index; what is shared counts wherever it is found."""
    if isinstance(value, (np.ndarray, np.generic)) and not np.asarray(value).dtype.hasobject:
        out.append((path, np.asarray(value).dtype.str, np.asarray(value).shape))
        return
    if isinstance(value, (str, bytes, int, float, bool, type(None), type)) or id(value) in above:
        return
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple, np.ndarray)):
        items = enumerate(value)
    elif isinstance(value, np.random.RandomState):
        items = value.get_state(legacy=False).items()
    else:
        items = getattr(value, "__dict__", {}).items()
    for k, v in items:
        arrays(v, "%s.%s" % (path, k) if path else str(k), above | {id(value)}, out)


models = {
    "logistic": linear_model.LogisticRegression(), "scaled": pipeline.make_pipeline(preprocessing.StandardScaler(), svm.SVC()), "mlp": neural_network.MLPClassifier((5,), max_iter=10),
    "columns": compose.ColumnTransformer([("a", preprocessing.MinMaxScaler(), [0, 1]), ("b", preprocessing.KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf"), [2, 3])]),
    "pca": decomposition.PCA(2), "kmeans": cluster.KMeans(3), "bayes": naive_bayes.GaussianNB(), "ridge32": linear_model.Ridge(), "lasso": linear_model.Lasso(),
    "iso": preprocessing.PowerTransformer(), "voting": ensemble.VotingClassifier([("a", linear_model.LogisticRegression()), ("b", naive_bayes.GaussianNB())]),
}
for name, m in models.items():
    data = X.astype("f4") if name.endswith("32") else X
    file = name + ".skops"
    if kit.attempt(file, lambda: sio.dump(m.fit(data, y), kit.path(file)) or True):
        out = []
        arrays(sio.load(kit.path(file), trusted=sio.get_untrusted_types(file=kit.path(file))), "", frozenset(), out)
        kit.model(file, out)
kit.uses(skops=skops.__version__, **{"scikit-learn": __import__("sklearn").__version__})
kit.finish()
