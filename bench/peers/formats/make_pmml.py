"""PMML written by Nyoka and read by its parser: fields and models."""
import warnings

import numpy as np
import pandas as pd
from nyoka import PMML44, skl_to_pmml
from importlib.metadata import version
from sklearn import ensemble, linear_model, naive_bayes, neighbors, neural_network, svm, tree, cluster
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import kit

warnings.simplefilter("ignore")
rng = np.random.default_rng(1)
x = pd.DataFrame(rng.standard_normal((80, 3)), columns=["a", "b", "c é"])
y = (x.a > 0).astype(int)


def keep(name, steps, target="y"):
    p = Pipeline(steps).fit(x, y)
    skl_to_pmml(p, list(x.columns), target, kit.path(name))
    read = PMML44.parse(kit.path(name), silence=True)
    facts = {"metadata": "fields %d" % len(read.DataDictionary.DataField)}
    for kind in ("TreeModel", "RegressionModel", "SupportVectorMachineModel", "NaiveBayesModel", "NeuralNetwork", "ClusteringModel", "NearestNeighborModel"):
        n = len(getattr(read, kind, None) or [])
        if n:
            facts["operator"] = "%s %d" % (kind, n)
    for m in read.MiningModel or []:
        facts["operator"] = "MiningModel 1"
    kit.model(name, [], facts=facts)


for name, steps in {"tree": [("s", StandardScaler()), ("m", tree.DecisionTreeClassifier(max_depth=4))], "logistic": [("m", linear_model.LogisticRegression())], "linear": [("s", MinMaxScaler()), ("m", linear_model.LinearRegression())],
                    "svc": [("m", svm.SVC())], "forest": [("m", ensemble.RandomForestRegressor(4, max_depth=3))], "bayes": [("m", naive_bayes.GaussianNB())], "mlp": [("m", neural_network.MLPRegressor(hidden_layer_sizes=(4,), max_iter=10))],
                    "kmeans": [("m", cluster.KMeans(2))], "boosting": [("m", ensemble.GradientBoostingRegressor(n_estimators=3))]}.items():
    kit.attempt(name, keep, name + ".pmml", steps)
kit.uses(nyoka=version("nyoka"), **{"scikit-learn": version("scikit-learn")})
kit.finish()
