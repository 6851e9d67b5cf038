import shlex
from functools import partial

import effects


def make_runner(cmd):
    def run():
        effects.run(cmd)
    return run


def make_safe_runner(cmd):
    quoted = shlex.quote(cmd)

    def run():
        effects.run("ls " + quoted)
    return run


def make_deleter(root):
    return lambda path: effects.delete(root + "/" + path)


def make_evaluator(expr, n):
    def outer():
        def inner():
            return effects.evaluate(expr)
        return inner() * n
    return outer


def make_fetcher():
    return partial(effects.fetch, timeout=3)


def with_default(table="t"):
    def query(value):
        effects.query(table, value)
    return query


def counter(n):
    return lambda: effects.sleep(n)
