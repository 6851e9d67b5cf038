import importlib
import os

from wraps import Cached, logged, quoted, repeated


@logged
def run(cmd):
    os.system(cmd)  # want: code/command-injection


@repeated(3)
def remove(path):
    os.remove(path)  # want: code/path-traversal


@Cached
def calculate(expr):
    return eval(expr)  # want: code/code-injection


def load(name):
    return importlib.import_module(name)  # want: code/import-injection


@quoted
def run_quoted(cmd):
    os.system("ls " + cmd)  # ok: quoted by the decorator


@logged
def write(text):
    with open("/srv/out.txt", "w") as f:  # ok: a fixed name
        f.write(text)
