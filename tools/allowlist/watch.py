"""An audit hook that records what a call does to the outside world.

arm() starts, disarm() returns the events seen since then: (event, detail). Imports and reads of the libraries' own
modules are not events; compile and exec are events unless the code comes from such a module.
"""
import os
import sys
import sysconfig

import shapes

CANARY = "MERLONCANARY"
WATCHED = ("exec", "compile", "open", "import", "code.__new__", "function.__new__", "marshal.", "pickle.find_class", "subprocess.", "os.", "socket.", "ctypes.",
           "shutil.", "tempfile.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.", "sqlite3.", "pty.", "mmap.", "glob.", "cpython.run", "builtins.input", "sys.set", "resource.", "signal.")
HARMLESS = ("os.putenv", "os.fspath", "os.getxattr", "os.listdir", "os.scandir", "sys.setswitchinterval", "os.fork")
ROOTS = tuple(os.path.realpath(p) for p in {sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["platstdlib"], sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"], "/usr/lib/python3"})

_seen = None


def own(path):
    """Whether path is a file of an installed library."""
    if isinstance(path, bytes):
        path = path.decode("utf-8", "replace")
    return isinstance(path, str) and (path.startswith("<frozen") or os.path.realpath(path).startswith(ROOTS))


def _template(source):
    """Whether source is the parser that scipy compiles for its distributions; exec of other text is an event by its compile."""
    text = source.decode() if isinstance(source, bytes) else source
    return isinstance(text, str) and shapes.TEMPLATE.fullmatch(text) is not None


def _hook(event, args):
    if _seen is None or not event.startswith(WATCHED) or event in HARMLESS:
        return
    try:
        if event == "open" and own(args[0]) and (not isinstance(args[1], str) or "r" in args[1]) and CANARY not in str(args[0]):
            return
        if event == "exec" and (own(getattr(args[0], "co_filename", "")) or any(getattr(c, "co_name", "") == "_parse_args" for c in getattr(args[0], "co_consts", ()))):
            return
        if event == "code.__new__" and own(args[1]):
            return
        if event == "compile" and (own(args[1] or "") or _template(args[0])):
            return
        if event == "import" and CANARY not in str(args[0]) and str(args[0]).split(".")[0] in KNOWN:
            return
        detail = " ".join(str(getattr(a, "co_filename", a))[:120] for a in args[:2])
    except Exception as e:  # a hostile __str__
        detail = repr(type(e))
    _seen.append((event, detail.replace("\n", " ").replace("\t", " ")))


KNOWN = set(sys.builtin_module_names) | set(getattr(sys, "stdlib_module_names", ())) | {"numpy", "scipy", "pandas", "sklearn", "imblearn", "torch", "xgboost", "lightgbm", "catboost", "_catboost", "joblib", "statsmodels", "pytz", "dateutil", "tzdata", "pyarrow"}


def install():
    sys.addaudithook(_hook)


def arm():
    global _seen
    _seen = []


def disarm():
    global _seen
    seen, _seen = _seen, None
    return seen
