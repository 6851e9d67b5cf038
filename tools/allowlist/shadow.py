#!/usr/bin/env python3
"""List the methods that code which runs during loading calls on the objects it is given.

usage: shadow.py allow.tsv [allow.tsv ...] > names        (in an environment with the libraries)

For every listed class whose attributes a pickle may fill, the methods that the Unpickler or Python itself calls (TRIGGERS) are read, without running them,
and every method that they call, on themselves or on anything else, is a name that an attribute must not replace by something that can be called.
The union over the environments, less the names that real models have as attributes, is model/artifact/pickle/policy/shadow.txt.
"""
import ast
import importlib
import inspect
import sys
import textwrap
import warnings

TRIGGERS = ("__setstate__ __hash__ __eq__ __del__ __getattr__ __getattribute__ __setattr__ __new__ __contains__ __missing__ __reduce_ex__").split()


def parse(fn):
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(fn)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None


def called(tree):
    """Names of the methods that a function calls: on self, and on others."""
    args = getattr(getattr(tree.body[0], "args", None), "args", None)
    me = args[0].arg if args else "self"
    own, others = set(), set()
    for n in ast.walk(tree):
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute):
            mine = isinstance(n.func.value, ast.Name) and n.func.value.id == me
            (own if mine else others).add(n.func.attr)
        elif isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == me:
            own.add(n.attr)  # a property may call more
    return own, others


def definition(cls, name):
    for base in cls.__mro__:
        if name in base.__dict__:
            fn = base.__dict__[name]
            fn = fn.fget if isinstance(fn, property) else fn
            fn = getattr(fn, "__func__", fn)
            fn = getattr(fn, "__wrapped__", fn)
            return fn if inspect.isfunction(fn) else None
    return None


def of_class(cls):
    names, todo, done = set(), list(TRIGGERS), set()
    while todo:
        name = todo.pop()
        if name in done:
            continue
        done.add(name)
        fn = definition(cls, name)
        tree = parse(fn) if fn else None
        if tree:
            own, others = called(tree)
            methods = {n for n in own if definition(cls, n)}
            names |= methods | others
            todo.extend(methods)
    return names


def main():
    warnings.simplefilter("ignore")
    names = set()
    for path in sys.argv[1:]:
        with open(path) as f:
            for line in f:
                fields = line.rstrip("\n").split("\t")
                if line.startswith("#") or len(fields) < 4 or "build-dict" not in fields[2]:
                    continue
                try:
                    cls = importlib.import_module(fields[0])
                    for part in fields[1].split("."):
                        cls = getattr(cls, part)
                except Exception:  # a name of another version
                    continue
                if isinstance(cls, type):
                    names |= of_class(cls)
    print("\n".join(sorted(n for n in names if not (n.startswith("__") and n.endswith("__")))))


if __name__ == "__main__":
    main()
