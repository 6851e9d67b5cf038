"""Prints the types that a scikit-learn model saved by skops may hold and that only hold data.

Usage: python3 names.py >> model/artifact/skops/types.txt, once per set of versions;
then sort -u. Each line is a kind (object, function, dtype) and a dotted name.
Made with scikit-learn 0.24.2, 1.0.2, 1.2.2, 1.4.2, 1.7.2 (numpy 1.19 to 2.2).
"""

import warnings

warnings.simplefilter("ignore")

import numpy
import scipy.special
from sklearn.utils import all_estimators

names = set()
for _, cls in all_estimators():
    if cls.__module__.startswith("sklearn."):
        names.add(("object", cls.__module__ + "." + cls.__name__))

for module in ("sklearn._loss.link", "sklearn._loss.loss"):
    try:
        members = vars(__import__(module, fromlist=["x"]))
    except ImportError:
        continue
    for name, value in members.items():
        if isinstance(value, type) and value.__module__ == module:
            names.add(("object", module + "." + name))

for library, kind in ((numpy, numpy.ufunc), (scipy.special, numpy.ufunc)):
    for name in dir(library):
        value = getattr(library, name, None)
        if isinstance(value, kind):
            for module in (library.__name__, getattr(value, "__module__", None) or library.__name__):
                names.add(("function", module + "." + name))

types = getattr(numpy, "sctypeDict", {}).values()
for cls in types:
    if cls.__module__ == "numpy" and cls is not numpy.object_ and cls is not numpy.void:
        names.add(("dtype", "numpy." + cls.__name__))

for kind, name in sorted(names):
    print(kind, name)
