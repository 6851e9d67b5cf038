"""Models of XGBoost, LightGBM and CatBoost. Trees are no tensors: what the libraries count is compared."""

import kit

import catboost
import lightgbm
import numpy as np
import xgboost as xgb

rng = np.random.default_rng(1)
X = rng.random((200, 6)).astype("f4")
y = (X[:, 0] + X[:, 1] > 1).astype(int)
many = rng.integers(0, 4, 200)

for name, params, label in (("tree", {"objective": "binary:logistic", "max_depth": 4}, y), ("dart", {"booster": "dart", "objective": "reg:squarederror"}, y),
                            ("multi", {"objective": "multi:softprob", "num_class": 4}, many), ("forest", {"num_parallel_tree": 3, "objective": "reg:squarederror", "subsample": 0.5}, y),
                            ("vector", {"multi_strategy": "multi_output_tree", "objective": "reg:squarederror", "tree_method": "hist"}, np.stack([y, many], 1)),
                            ("linear", {"booster": "gblinear", "objective": "reg:squarederror"}, y)):
    b = xgb.train({"seed": 0, "nthread": 1, **params}, xgb.DMatrix(X, label, feature_names=["f é %d" % i for i in range(6)]), num_boost_round=8)
    for kind in ("json", "ubj") + (("deprecated",) if name not in ("vector",) else ()):
        file = "xgboost/%s.%s" % (name, {"deprecated": "bin"}.get(kind, kind))
        with open(kit.path(file), "wb") as f:
            f.write(b.save_raw(raw_format=kind))
        read = xgb.Booster(model_file=kit.path(file))
        facts = {"library": "xgboost", "features": read.num_features()}
        if name == "linear":
            coefficients = [l for l in read.get_dump()[0].split("\n") if l and not l.endswith(":")]
            kit.model(file, [("weights", "float32", [len(coefficients)])], facts=facts)
            continue
        if name == "vector":  # there is no dump of trees whose leaves are vectors
            facts |= {"trees": read.num_boosted_rounds()}
        else:
            facts |= {"trees": len(read.get_dump()), "nodes": sum(t.count("\n") for t in read.get_dump())}
        kit.model(file, [], facts=facts)

for name, params, label in (("gbdt", {"objective": "binary"}, y), ("multi", {"objective": "multiclass", "num_class": 4}, many), ("dart", {"boosting": "dart", "objective": "regression"}, y),
                            ("linear", {"linear_tree": True, "objective": "regression"}, y), ("category", {"objective": "regression", "min_data_per_group": 1}, y)):
    data = X if name != "category" else np.floor(X * 5)
    b = lightgbm.train({"verbose": -1, "num_threads": 1, "min_data_in_leaf": 3, **params}, lightgbm.Dataset(data, label, categorical_feature=[0, 1] if name == "category" else "auto"), num_boost_round=8)
    b.save_model(kit.path("lightgbm/%s.txt" % name))
    read = lightgbm.Booster(model_file=kit.path("lightgbm/%s.txt" % name))
    dump = read.dump_model()
    kit.model("lightgbm/%s.txt" % name, [], facts={"library": "lightgbm", "trees": read.num_trees(), "features": read.num_feature(), "leaves": sum(t["num_leaves"] for t in dump["tree_info"])})

rows = [[str(int(a * 4)), *map(float, r)] for a, *r in X]
for name, kind, data, label, options in (("plain", catboost.CatBoostClassifier, X, y, {}), ("category", catboost.CatBoostClassifier, rows, y, {"cat_features": [0]}),
                                         ("multi", catboost.CatBoostClassifier, X, many, {}), ("lossguide", catboost.CatBoostRegressor, X, y, {"grow_policy": "Lossguide"}),
                                         ("ranker", catboost.CatBoostRanker, X, y, {"loss_function": "YetiRank"})):
    fit = {"group_id": np.repeat(np.arange(20), 10)} if name == "ranker" else {}
    m = kind(iterations=8, depth=3, verbose=0, thread_count=1, random_seed=0, allow_writing_files=False, **options).fit(data, label, **fit)
    m.save_model(kit.path("catboost/%s.cbm" % name))
    read = catboost.CatBoost().load_model(kit.path("catboost/%s.cbm" % name))
    kit.model("catboost/%s.cbm" % name, [], facts={"library": "catboost", "trees": read.tree_count_, "leaves": int(sum(read.get_tree_leaf_counts())), "features": len(read.feature_names_)})
kit.uses(xgboost=xgb.__version__, lightgbm=lightgbm.__version__, catboost=catboost.__version__)
kit.finish()
