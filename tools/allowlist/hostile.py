#!/usr/bin/env python3
"""Try every entry of allow.tsv with hostile arguments and states, and report what it does.

usage: PYTHON hostile.py allow.tsv REAL_PICKLES_FOLDER OUT.tsv [MODULE_PREFIX...]

Needs Python 3.8 or newer (audit hooks) and the libraries. Each entry runs in a forked child under an audit hook, with a
time and a memory limit. Real arguments and states, taken from the pickles that emit.py wrote with the same
environment, are mutated; generic ones are added. OUT.tsv: module, name, verdict, detail; verdicts:

    quiet     nothing watched happened            calls     it called an argument (fine: arguments are allowed names)
    event     an audit event (exec, compile, open, import, os, socket, ctypes ...) happened: to be read by a person
    crash     the process died by a signal        timeout   it did not end in time        absent    not in this environment
"""
import gc
import importlib
import os
import pickle
import resource
import signal
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import battery
import shapes
import watch

LIMIT_S, LIMIT_BYTES, REAL_EACH = 60, 6 << 30, 6


def resolve(module, name):
    obj = importlib.import_module(module)
    for part in name.split("."):
        obj = getattr(obj, part)
    return obj


def signature(value):
    """What makes real values different enough to be worth mutating each: types, classes themselves, keys."""
    if isinstance(value, tuple):
        return tuple(v if isinstance(v, type) else type(v) for v in value)
    return tuple(sorted(map(str, value))) if isinstance(value, dict) else type(value)


class Recorder(pickle._Unpickler):
    """Loads a real pickle and keeps the arguments and states of every call, by (module, name)."""

    calls, states, kinds = {}, {}, {}
    dispatch = dict(pickle._Unpickler.dispatch)

    def find_class(self, module, name):
        obj = super().find_class(module, name)
        if self.proto < 3 and self.fix_imports:
            import _compat_pickle
            module, name = _compat_pickle.NAME_MAPPING.get((module, name), (_compat_pickle.IMPORT_MAPPING.get(module, module), name))
        self.origin[id(obj)] = (module, name)
        self.keep.append(obj)
        return obj

    def note(self, table, key, value):
        found = table.setdefault(key, [])
        kind = signature(value)
        if len(found) < REAL_EACH and kind not in self.kinds.setdefault((id(table), key), set()):
            self.kinds[id(table), key].add(kind)
            found.append(value)

    def load_reduce(self):
        args, func = self.stack[-1], self.stack[-2]
        if id(func) in self.origin:
            self.note(self.calls, self.origin[id(func)], args)
        super().load_reduce()
        if id(func) in self.origin:
            self.made[id(self.stack[-1])] = self.origin[id(func)]
            self.keep.append(self.stack[-1])
    dispatch[pickle.REDUCE[0]] = load_reduce

    def load_newobj(self):
        args, cls = self.stack[-1], self.stack[-2]
        super().load_newobj()
        if id(cls) in self.origin:
            self.note(self.calls, self.origin[id(cls)], args)
            self.made[id(self.stack[-1])] = self.origin[id(cls)]
            self.keep.append(self.stack[-1])
    dispatch[pickle.NEWOBJ[0]] = load_newobj

    def load_build(self):
        state, inst = self.stack[-1], self.stack[-2]
        if id(inst) in self.made:
            self.note(self.states, self.made[id(inst)], state)
        super().load_build()
    dispatch[pickle.BUILD[0]] = load_build

    def read(self):
        self.origin, self.made, self.keep = {}, {}, []
        return self.load()


def collect(folder):
    for base in sorted(os.listdir(folder)):
        if base.endswith((".p2.pkl", ".p4.pkl", ".p5.pkl")):
            with open(os.path.join(folder, base), "rb") as f:
                try:
                    Recorder(f).read()
                except Exception:
                    pass


def fresh(obj, uses, real):
    """An instance as NEWOBJ or REDUCE would give it, or None."""
    for args in real + [()]:
        try:
            return obj.__new__(obj, *args) if "newobj" in uses else obj(*args)
        except Exception:
            pass
    return None


def use(thing):
    """What loading can do with an object besides making it: put it into a dict or set, which hashes and compares it; drop it."""
    try:
        hash(thing)
        {thing: 1}.get(thing)
        thing == watch.CANARY
    except Exception:
        pass


def attack(obj, key, uses, shape):
    """Every argument tuple and state that the shape permits; where the shape wants a class, the real one."""
    real_args, real_states = Recorder.calls.get(key, []), Recorder.states.get(key, [])
    if uses & {"reduce", "newobj", "obj", "newobj_ex"}:
        for args in [m for r in real_args for m in battery.mutations(r)] + list(battery.generic_args()) + list(battery.cython_args(obj, real_args)):
            if not shapes.permits(shape, args, real_args):
                continue
            try:
                use(obj.__new__(obj, *args) if "newobj" in uses and "reduce" not in uses else obj(*args))
            except Exception:
                pass
    if uses & {"build-dict", "build-tuple", "build-other"}:
        for state in [m for r in real_states for m in battery.mutations(r)] + list(battery.generic_states(obj)):
            if not shapes.permits_state(shape, state, real_states):
                continue
            inst = fresh(obj, uses, real_args)
            if inst is None:
                break
            for _ in range(2):
                try:
                    build(inst, state)
                except Exception:
                    pass
            use(inst)
            for item in battery.values():
                fill(inst, item, uses)
            del inst
    gc.collect()


def fill(inst, item, uses):
    """SETITEMS, APPENDS and ADDITEMS with one item."""
    for wanted, act in (("setitem", lambda: inst.__setitem__(item, item)), ("append", lambda: inst.extend([item])), ("append", lambda: inst.append(item)), ("additem", lambda: inst.add(item))):
        if wanted in uses:
            try:
                act()
            except Exception:
                pass


def build(inst, state):
    """BUILD as pickle.py does it."""
    setstate = getattr(inst, "__setstate__", None)
    if setstate is not None:
        setstate(state)
        return
    slots = None
    if isinstance(state, tuple) and len(state) == 2:
        state, slots = state
    if state:
        inst.__dict__.update(state)
    for k, v in (slots or {}).items():
        setattr(inst, k, v)


def child(write, module, name, uses, shape):
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(LIMIT_S)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    try:
        obj = resolve(module, name)
    except Exception:
        os.write(write, b"absent\t-")
        os._exit(0)
    open("/tmp/" + watch.CANARY, "a").close()  # a file that a hostile path can find
    battery.names(obj)  # inspect.signature compiles: not an event of the attack
    watch.arm()
    attack(obj, (module, name), uses, shape)
    events = watch.disarm()
    kinds = sorted(set(events))
    verdict = "event" if kinds else "calls" if battery.called else "quiet"
    os.write(write, ("%s\t%s" % (verdict, "; ".join("%s(%s)" % k for k in kinds[:4]) or "-")).encode("utf-8", "replace")[:4000])
    os._exit(0)


def run(module, name, uses, shape):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            child(write, module, name, uses, shape)
        finally:
            os._exit(99)
    os.close(write)
    with os.fdopen(read, "rb") as f:
        said = f.read().decode()
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status):
        return "timeout\t-" if os.WTERMSIG(status) == signal.SIGALRM else "crash\tsignal %d" % os.WTERMSIG(status)
    return said or "crash\texit %d" % os.WEXITSTATUS(status)


def main(table, folder, out, prefixes):
    warnings.simplefilter("ignore")
    watch.install()
    collect(folder)
    with open(table) as f:
        rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
    with open(out, "w") as f:
        for module, name, uses, shape, _ in rows:
            uses = set(uses.split(","))
            if prefixes and not module.startswith(prefixes):
                continue
            if not uses & {"reduce", "newobj", "newobj_ex", "obj", "build-dict", "build-tuple", "build-other"}:
                continue
            try:  # in the parent, so that children share the loaded library
                importlib.import_module(module)
            except Exception:
                continue
            f.write("%s\t%s\t%s\t%s\n" % (module, name, run(module, name, uses, shape), shape))
            f.flush()


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], sys.argv[3], tuple(sys.argv[4:]))
