"""What the makers of models share: they note what the library's own reader says about each file.

A maker writes files below OUT and, with finish(), OUT/expect.json: for each file or folder the tensors as its library
reads them back (name, type as the format spells it, shape), the verdict that is right for it, and facts.
"""
import json
import os
import sys

OUT = sys.argv[1] if len(sys.argv) > 1 else "."
os.makedirs(OUT, exist_ok=True)
rows, versions, notes = [], {}, []


def path(name):
    full = os.path.join(OUT, name)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def model(name, tensors, verdict="ok", facts=None, names=True):
    """Expect of the file or folder `name`: tensors [(name, type, shape)], or None where the format has no tensors and
    facts {kind: value} are compared; names=False where the format does not keep names."""
    rows.append({"path": name, "verdict": verdict, "facts": facts or {}, "names": names,
                 "tensors": None if tensors is None else [[n, str(t), [int(x) for x in s]] for n, t, s in tensors]})


def uses(**libraries):
    versions.update(libraries)


def note(text):
    notes.append(text)


def attempt(what, fn, *args, **kw):
    """Run fn; a library that cannot make something says so instead of stopping the rest."""
    try:
        return fn(*args, **kw)
    except Exception as e:
        notes.append("%s: not made: %s: %s" % (what, type(e).__name__, str(e).strip().split("\n")[0][:160]))


def finish():
    with open(path("expect.json"), "w") as f:
        json.dump({"versions": versions, "notes": notes, "models": rows}, f)
