import json
import pickle  # want: B403
import shelve  # want: B403

import jsonpickle
import pandas as pd
from dill import loads  # want: B403


def read(f):
    return pickle.load(f)  # want: B301


def read_class(f):
    return pickle.Unpickler(f)  # want: B301


def read_dill(data):
    return loads(data)  # want: B301


def read_table(path):
    return pd.read_pickle(path)  # want: B301


def read_text(text):
    return jsonpickle.decode(text)  # want: B301


def read_shelf(path):
    return shelve.open(path)  # want: B301


def write(value, f):
    pickle.dump(value, f)  # ok: written


def read_json(f):
    return json.load(f)  # ok: no code


def read_csv(path):
    return pd.read_csv(path)  # ok: no code
