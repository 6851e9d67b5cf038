"""Arrays and tensors in an object, by the attributes, keys and positions that lead to them, as pickle takes it apart."""
import copyreg
import types

import numpy as np

ATOMS = (str, bytes, bytearray, int, float, complex, type(None), type, np.generic, np.dtype, np.ufunc, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)


def spelled(d):
    return d.name if d.type.__module__ == "ml_dtypes" else d.str


def walk(v, path, above, out, protocol):
    """Append (path, type, shape) for what is below v to out. above: ids of what v is part of."""
    if isinstance(v, ATOMS) or id(v) in above:
        return
    above = above | {id(v)}
    join = lambda k: "%s.%s" % (path, k) if path else str(k)
    if type(v).__module__.startswith("torch") and hasattr(v, "stride"):
        out.append((path, str(v.dtype).replace("torch.", ""), tuple(v.shape)))
    elif isinstance(v, np.ndarray):
        out.append((path, spelled(v.dtype), v.shape))
        for i, x in enumerate(v.ravel() if v.dtype == object else ()):
            walk(x, join(i), above, out, protocol)
    elif type(v) is dict:
        for k, x in v.items():
            walk(x, join(k if type(k) in (str, int) else "?"), above, out, protocol)
    elif type(v) in (list, tuple, set, frozenset):
        for i, x in enumerate(v):
            walk(x, join(i), above, out, protocol)
    else:
        reducer = copyreg.dispatch_table.get(type(v))
        how = reducer(v) if reducer else v.__reduce_ex__(protocol)
        if isinstance(how, str):
            return
        fn, args, state, items, pairs = (*how, None, None, None)[:5]
        if fn is getattr(copyreg, "__newobj__") or fn is copyreg._reconstructor:
            args = args[1:]
        for i, x in enumerate(args):
            walk(x, join("args.%d" % i), above, out, protocol)
        parts = state if isinstance(state, tuple) and len(state) == 2 and dict in map(type, state) else [state]
        for part in parts:
            walk(part, path, above, out, protocol)
        for i, x in enumerate(items or ()):
            walk(x, join(i), above, out, protocol)
        for k, x in pairs or ():
            walk(x, join(k if type(k) in (str, int) else "?"), above, out, protocol)
