"""The argument shapes of allow.tsv as far as hostile.py needs them: what the scanner refuses is not tried.

The shapes themselves are implemented and tested in model/artifact/pickle/policy; this file only narrows the battery.
"""
import math
import re

_ARG = r"(?:[A-Za-z_][A-Za-z0-9_]*, )*"
_LOC, _OUT = r"(?:loc=0, scale=1|loc=0)", r"(?:loc, scale|loc, 1)"
TEMPLATE = re.compile(r"\ndef _parse_args\(self, {a} ?{l}\):\n    return \({a}\), {o}\n\ndef _parse_args_rvs\(self, {a} ?{l}, size=None\):\n    return self\._argcheck_rvs\({a} ?{o}, size=size\)\n"
                      r"\ndef _parse_args_stats\(self, {a} ?{l}, moments='mv'\):\n    return \({a}\), {o}, moments\n".format(a=_ARG, l=_LOC, o=_OUT))
RV_KEYS = set("momtype a b xtol badvalue name longname shapes extradoc seed inc values".split())
PLAIN = (int, str, bool, type(None), float)


def _plain_numbers(value):
    return isinstance(value, tuple) and all(isinstance(v, int) for v in value)


def permits(shape, args, real):
    """Whether the scanner would let these arguments pass."""
    try:
        return _permits(shape, args, real)
    except Exception:  # a comparison of arrays
        return False


def permits_state(shape, state, real):
    """Whether the scanner would let this state pass."""
    try:
        return _permits_state(shape, state, real)
    except Exception:
        return False


def _permits(shape, args, real):
    for one in shape.split(","):
        if one == "none" and args:
            return False
        if one == "never":
            return False
        if one == "plain-1" and not (len(args) == 1 and isinstance(args[0], PLAIN)):
            return False
        if one == "containers" and not all(isinstance(a, (int, str, bytes, bool, list, tuple, dict, set, type, type(None), float)) for a in args):
            return False
        if one == "arrow-array" and not any(len(args) == 1 and args[0][0] == r[0][0] and len(args[0]) == 7 and all(isinstance(n, int) and n >= 0 for n in args[0][1:4]) and len(args[0][4]) == len(r[0][4])
                                            and all(b is None or type(b) is type(r[0][4][-1]) for b in args[0][4]) and args[0][5] == [] and args[0][6] is None for r in real):
            return False
        if one in ("pandas-index", "no-paths") and "dateutil/" in repr(args):
            return False
        if one == "pandas-index" and not (args and any(r and args[0] is r[0] for r in real)):
            return False
        if one == "data" and not (all(isinstance(a, (bytes, bytearray, str, list, tuple)) for a in args) and (len(args) < 2 or args[1] in ("latin-1", "latin1", "ascii", "utf-8"))):
            return False
        if one.startswith(("class:", "class2:")) and not (args and any(r and args[0] is r[0] for r in real)):
            return False
        if one == "class2:ndarray" and not (len(args) > 1 and isinstance(args[1], type)):
            return False
        if one == "ndarray-reconstruct" and not (len(args) == 3 and any(args[0] is r[0] for r in real) and args[1] == (0,) and args[2] in (b"b", "b")):
            return False
        if one in ("dtype", "scalar", "frombuffer", "codec-latin1", "ufunc-reconstruct", "partial", "numpy-random-ctor", "tz-key", "type-none", "getattr-member", "newobj-func", "reconstructor", "tensor-class",
                   "rebuild-from-type", "storage-bytes", "sklearn-tree", "tensor-rebuild") and not _like(args, real):
            return False
    return True


def _like(args, real):
    """Same length and types as a real argument tuple, and the same strings, callables and classes."""
    for r in real:
        if len(r) == len(args) and all(type(a) is type(b) and (not isinstance(a, (str, type)) or a == b) and (not callable(a) or a is b) for a, b in zip(args, r)):
            return True
    return False


def _permits_state(shape, state, real):
    for one in shape.split(","):
        if one.startswith("s:len") and not (isinstance(state, tuple) and len(state) == int(one[5:])):
            return False
        if one in ("s:dist-metric", "s:binary-tree") and not (isinstance(state, tuple) and len(state) == (3 if one == "s:dist-metric" else 13) and all(
                v is not None or (i == 12) for i, v in enumerate(state))):
            return False
        if one == "s:pyx" and not (isinstance(state, tuple) and any(isinstance(r, tuple) and len(r) == len(state) for r in real)):
            return False
        if one == "s:random-state" and not (isinstance(state, dict) or (isinstance(state, tuple) and len(state) in (2, 5))):
            return False
        if one == "s:scipy-rv" and not _scipy(state):
            return False
        if one == "s:no-formula" and not (isinstance(state, dict) and "restore_design_info" not in state):
            return False
        if one == "s:ndarray" and not (isinstance(state, tuple) and len(state) >= 5 and (not isinstance(state[4], list) or len(state[4]) >= math.prod(state[1])) and any(state[2] is r[2] for r in real)):
            return False
        if one == "s:dtype" and not any(state[5:8] == r[5:8] and state[2:5] == r[2:5] for r in real):
            return False
        if one in ("s:dtype", "s:partial") and not any(type(state) is type(r) and _like(state, [r]) for r in real):
            return False
    parts = state if isinstance(state, tuple) and len(state) == 2 else (state,)
    return not any(isinstance(part, dict) and "__setstate__" in part for part in parts)


def _scipy(state):
    if isinstance(state, dict):
        text = state.get("_parse_arg_template")
        return text is None or (isinstance(text, str) and TEMPLATE.fullmatch(text) is not None)
    return isinstance(state, tuple) and len(state) == 2 and isinstance(state[0], dict) and len(state[0]) > 2 and set(state[0]) <= RV_KEYS
