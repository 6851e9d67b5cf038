"""Hostile arguments and states, generic ones and mutations of real ones."""
import inspect
import itertools
import re

from watch import CANARY

try:
    import numpy  # here, so that its import is no event of an entry
except ImportError:
    numpy = None

called = []


class Boom(object):
    """Answers every protocol and records when somebody calls it."""

    def __call__(self, *args, **kwargs):
        called.append("call")
        return self

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 1 << 40

    def __index__(self):
        return -(1 << 40)

    def __str__(self):
        return CANARY


def values():
    """Fresh hostile values; each is something that a pickle of allowed names can hold."""
    return [None, CANARY, "/tmp/" + CANARY, "dateutil//tmp/" + CANARY, "__import__('os').getpid()", CANARY.encode(), b"\xff" * 4096, -1, (1 << 31) - 1, (1 << 62), 1 << 80, float("nan"), Boom(), type, object(),
            [], [CANARY] * 3, (), (CANARY, -1), {}, {CANARY: CANARY}, {"__setstate__": Boom()}, bytearray(b"\xff" * 64), _array(), slice(None, 1 << 60)]


def _array():
    return [] if numpy is None else numpy.full(3, 1 << 40)


def generic_args():
    """Argument tuples of length 0 to 3."""
    yield ()
    for v in values():
        yield (v,)
    few = [None, CANARY, -1, 1 << 40, Boom(), {}, [CANARY], b"\xff" * 16]
    for pair in itertools.product(few, repeat=2):
        yield pair
    for v in few:
        yield (v, v, v)
        yield (v, None, v, None)


def cython_args(func, real):
    """(class, checksum, state) for a __pyx_unpickle_X function; a wrong checksum makes it tell the right one."""
    if not getattr(func, "__name__", "").startswith("__pyx_unpickle_") or not real:
        return
    cls = real[0][0]
    try:
        func(cls, 0, None)
        return
    except Exception as e:
        sums = [int(h, 16) for h in re.findall(r"0x[0-9a-f]+", str(e))]
    for checksum in sums:
        for v in values():
            for n in range(9):
                yield (cls, checksum, (v,) * n)
            yield (cls, checksum, v)


def mutations(real):
    """Copies of one real tuple or dict with one item (also one level down) replaced by each hostile value."""
    if isinstance(real, tuple):
        for i in range(min(len(real), 12)):
            for v in values():
                yield real[:i] + (v,) + real[i + 1:]
            if isinstance(real[i], (tuple, dict)) and len(real[i]):
                for inner in itertools.islice(mutations(real[i]), 400):
                    yield real[:i] + (inner,) + real[i + 1:]
        yield real + (CANARY,)
        yield real[:-1]
    elif isinstance(real, dict):
        for k in list(real)[:40]:
            for v in values():
                changed = dict(real)
                changed[k] = v
                yield changed
            less = dict(real)
            del less[k]
            yield less
        extra = dict(real)
        extra[CANARY] = Boom()
        yield extra


def generic_states(cls):
    """States for a class: junk, and every attribute name that its hooks mention set to each hostile value."""
    yield None
    for v in values():
        yield v
    for v in values():
        yield (v, v)
        yield (None, {CANARY: v})
    for v in values():
        yield dict((n, v) for n in names(cls))


_names = {}


def names(cls):
    """Attribute names that __init__, __setstate__ and the other hooks of cls use."""
    if id(cls) not in _names:
        _names[id(cls)] = _read_names(cls)
    return _names[id(cls)]


def _read_names(cls):
    found = []
    for hook in ("__init__", "__setstate__", "__del__", "__getattr__", "__hash__", "__eq__", "__new__", "__array_finalize__"):
        code = getattr(getattr(cls, hook, None), "__code__", None)
        if code is not None:
            found += [n for n in code.co_names + code.co_varnames if n not in ("self", "state", "cls")]
            found += [c for c in code.co_consts if isinstance(c, str) and c.isidentifier()]
    try:
        found += list(inspect.signature(cls).parameters)
    except (TypeError, ValueError):
        pass
    return sorted(n for n in set(found) if not n.startswith("__") and n not in ("append", "extend", "add"))[:120]  # the scanner refuses those
