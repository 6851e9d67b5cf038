"""Which globals a pickle uses, and how: an abstract reader on pickletools.genops.

Nothing is imported or called. A value is a tuple whose first item is its kind:

    ("global", (module, name))   ("call", func, args)   ("new", cls, args)   ("tuple", [..])   ("list",)  ("dict", [keys])  ("set",)
    ("const", python value)      ("mark",)              ("unknown",)

read(data) returns {(module, name): {use: set of argument shapes}} with the uses
of allow.tsv: ref reduce newobj newobj_ex obj build-dict build-tuple build-other
append setitem additem; and "arg:MODULE.NAME:I" where the global itself is
argument I of a call of MODULE.NAME.
"""
import _compat_pickle
import pickletools

UNKNOWN = ("unknown",)


class Reader(object):
    def __init__(self, data):
        self.data = data
        self.stack, self.memo, self.uses = [], {}, {}
        self.proto = 0

    def use(self, key, use, shape=""):
        self.uses.setdefault(key, {}).setdefault(use, set()).add(shape)

    def glob(self, module, name):
        if self.proto < 3:
            if (module, name) in _compat_pickle.NAME_MAPPING:
                module, name = _compat_pickle.NAME_MAPPING[module, name]
            elif module in _compat_pickle.IMPORT_MAPPING:
                module = _compat_pickle.IMPORT_MAPPING[module]
        self.uses.setdefault((module, name), {})
        return ("global", (module, name))

    def pop(self):
        return self.stack.pop() if self.stack else UNKNOWN

    def popmark(self):
        items = []
        while self.stack:
            v = self.stack.pop()
            if v[0] == "mark":
                break
            items.append(v)
        return items[::-1]

    def held(self, value):
        """A value came to rest inside another one: a bare global is a reference."""
        if value[0] == "global":
            self.use(value[1], "ref")
        elif value[0] == "tuple":
            for v in value[1]:
                self.held(v)

    def call(self, use, func, args):
        items = args[1] if args[0] == "tuple" else None
        if func[0] == "global":
            self.use(func[1], use, describe(args))
            for i, v in enumerate(items or ()):
                if v[0] == "global":
                    self.use(v[1], "arg:%s.%s:%d" % (func[1][0], func[1][1], i))
                else:
                    self.held(v)
        else:
            self.held(args)
        first = items[0] if items else None
        if func == ("global", ("copyreg", "_reconstructor")) and first and first[0] == "global":
            return ("new", first, args)
        if func == ("global", ("copyreg", "__newobj__")) and first and first[0] == "global":
            self.use(first[1], "newobj", describe(("tuple", items[1:])))
            return ("new", first, args)
        return ("call" if use in ("reduce", "obj") else "new", func, args)

    def target(self, use, shape=""):
        top = self.stack[-1] if self.stack else UNKNOWN
        if top[0] in ("call", "new") and top[1][0] == "global":
            self.use(top[1][1], use, shape)

    def build(self):
        state = self.pop()
        kind, shape = "build-other", describe(state)
        if state[0] == "dict":
            kind = "build-dict"
        elif state[0] == "tuple":
            kind = "build-tuple"
        self.held(state)
        self.target(kind, shape if kind != "build-dict" else "")

    def run(self):
        for op, arg, _ in pickletools.genops(self.data):
            self.step(op.name, arg)
        if self.stack:
            self.held(self.stack[-1])
        return self.uses

    def step(self, op, arg):
        push = self.stack.append
        if op == "PROTO":
            self.proto = arg
        elif op == "MARK":
            push(("mark",))
        elif op == "GLOBAL":
            push(self.glob(*arg.split(" ", 1)))
        elif op == "STACK_GLOBAL":
            name, module = self.pop(), self.pop()
            push(self.glob(module[1], name[1]) if name[0] == module[0] == "const" else UNKNOWN)
        elif op in ("PUT", "BINPUT", "LONG_BINPUT"):
            self.memo[arg] = self.stack[-1]
        elif op == "MEMOIZE":
            self.memo[len(self.memo)] = self.stack[-1]
        elif op in ("GET", "BINGET", "LONG_BINGET"):
            push(self.memo.get(int(arg), UNKNOWN))
        elif op == "REDUCE":
            args, func = self.pop(), self.pop()
            push(self.call("reduce", func, args))
        elif op == "NEWOBJ":
            args, func = self.pop(), self.pop()
            push(self.call("newobj", func, args))
        elif op == "NEWOBJ_EX":
            kw, args, func = self.pop(), self.pop(), self.pop()
            push(self.call("newobj_ex", func, args))
        elif op == "OBJ":
            items = self.popmark()
            push(self.call("obj", items[0], ("tuple", items[1:])))
        elif op == "INST":
            push(self.call("obj", self.glob(*arg.split(" ", 1)), ("tuple", self.popmark())))
        elif op == "BUILD":
            self.build()
        elif op in ("TUPLE", "LIST", "DICT", "FROZENSET"):
            items = self.popmark()
            self.collect(op.lower(), items)
        elif op in ("TUPLE1", "TUPLE2", "TUPLE3"):
            n = int(op[-1])
            items = self.stack[-n:]
            del self.stack[-n:]
            self.collect("tuple", items)
        elif op in ("EMPTY_TUPLE", "EMPTY_LIST", "EMPTY_DICT", "EMPTY_SET"):
            self.collect(op[6:].lower(), [])
        elif op in ("APPENDS", "SETITEMS", "ADDITEMS"):
            self.fill(op[:-1].lower(), self.popmark())
        elif op == "APPEND":
            self.fill("append", [self.pop()])
        elif op == "SETITEM":
            v, k = self.pop(), self.pop()
            self.fill("setitem", [k, v])
        elif op == "POP":
            self.pop()
        elif op == "POP_MARK":
            self.popmark()
        elif op == "DUP":
            push(self.stack[-1])
        elif op == "BINPERSID":
            self.held(self.pop())
            push(UNKNOWN)
        elif op == "PERSID":
            push(UNKNOWN)
        elif op not in ("STOP", "FRAME"):
            push(("const", {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}.get(op, arg)))

    def collect(self, kind, items):
        if kind == "tuple":
            self.stack.append(("tuple", items))
            return
        for v in items:
            self.held(v)
        self.stack.append((kind,))

    def fill(self, use, items):
        for v in items:
            self.held(v)
        self.target(use)


def describe(value):
    """A short text for the shape of an argument."""
    kind = value[0]
    if kind == "tuple":
        return "(" + ",".join(describe(v) for v in value[1][:8]) + (",.." if len(value[1]) > 8 else "") + ")"
    if kind == "const":
        return {"unicode": "str"}.get(type(value[1]).__name__, type(value[1]).__name__)
    if kind == "global":
        return "@" + value[1][1]
    if kind in ("call", "new"):
        return "call " + (value[1][1][1] if value[1][0] == "global" else "?")
    return kind


def read(data):
    return Reader(data).run()
