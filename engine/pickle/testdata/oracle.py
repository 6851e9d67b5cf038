"""Oracle for the pickle machine: which globals does CPython's Unpickler ask for?

Usage: oracle.py SEED COUNT [CORPUS-FOLDER]

Makes COUNT or more pickles (standard library objects in all protocols, random programs over all opcodes, mutations of both), adds
every file of the folder, loads each with the C Unpickler and prints one line per pickle:

    name TAB base64 of the bytes (or "file:PATH") TAB 1 if it loads TAB space-separated hex(module):hex(name)

Nothing real is imported or called: find_class gives an inert stub. Standard library only.
"""
import array, base64, collections, datetime, decimal, enum, fractions, functools, io, ipaddress, os, pathlib, pickle, pickletools
import random, resource, struct, sys, types, uuid, warnings

PY3 = {op.name: op for op in pickletools.opcodes}


class Meta(type):
    def __call__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __setitem__(cls, key, value):
        pass


class Stub(metaclass=Meta):
    """Stands for every global: a class whose instances and attributes accept everything."""

    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __call__(self, *args, **kwargs):
        return object.__new__(Stub)

    def __setitem__(self, key, value):
        pass

    __setstate__ = append = extend = add = staticmethod(lambda *args: None)


class Recorder(pickle.Unpickler):
    def __init__(self, data):
        # A file with peek: the readers that lack it lose bytes where an opcode crosses the end of a frame.
        super().__init__(io.BufferedReader(io.BytesIO(data), 1 << 20), buffers=[b"out of band"] * 100)
        self.names = set()

    def find_class(self, module, name):
        self.names.add((module, name))
        return Stub

    def persistent_load(self, pid):
        return Stub()


def judge(data):
    u = Recorder(data)
    try:
        u.load()
        return True, u.names
    except (Exception, MemoryError):
        return False, u.names


# Standard library objects ---------------------------------------------------------------------------------------------------------

class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Slots:
    __slots__ = ("a", "b")


class State:
    def __init__(self, **kw):
        self.__dict__.update(kw)

    def __setstate__(self, state):
        self.__dict__.update(state)


class NewArgs(tuple):
    def __new__(cls, *, key=1):
        return tuple.__new__(cls, (key,))

    def __getnewargs_ex__(self):
        return (), {"key": self[0]}


class ListSub(list):
    pass


class DictSub(dict):
    pass


class SetSub(set):
    pass


Point = collections.namedtuple("Point", "x y")


def objects():
    slots = Slots()
    slots.a, slots.b = 1, [2]
    shared = ["shared"]
    cycle = []
    cycle.append(cycle)
    tup = ([],)
    tup[0].append(tup)
    yield from [None, True, False, 0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, -2**31, 2**31, 2**63, -2**200, 2**3000, 0.5, -1e300, float("inf")]
    yield from ["", "ascii", "\u00e9\u20ac\U0001f600", "\ud800", "line\nfeed\\u0041", b"", b"bytes\x00\xff\n", b"x" * 300, "y" * 70000, bytearray(b"ba")]
    yield from [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], list(range(3000)), {}, {"a": 1}, {i: str(i) for i in range(2500)}]
    yield from [set(), {1, 2}, frozenset(), frozenset([1, "a"]), [shared, shared], cycle, tup, 1 + 2j, slice(1, 2), range(5), ...]
    yield from [datetime.datetime(2024, 1, 2), datetime.date(2024, 1, 2), datetime.timedelta(1), datetime.timezone.utc, datetime.time(1, 2)]
    yield from [decimal.Decimal("1.5"), fractions.Fraction(1, 3), uuid.UUID(int=5), pathlib.PurePosixPath("/a/b"), ipaddress.ip_address("::1")]
    yield from [collections.OrderedDict(a=1), collections.defaultdict(list, a=[1]), collections.Counter("abca"), collections.deque([1, 2], 5)]
    yield from [array.array("d", [1.5]), Point(1, 2), Colour.RED, slots, State(a=1, b=[State(c=2)]), NewArgs(key=3), ListSub([1]), DictSub(a=1), SetSub([1])]
    yield from [functools.partial(int, base=2), len, int, collections.OrderedDict, ValueError("x"), OSError(2, "no"), types.SimpleNamespace(a=1)]
    yield from [{"state": [Point(i, [Colour.BLUE, Point]) for i in range(40)]}, [datetime.datetime(2024, 1, i) for i in range(1, 29)]]
    yield from [type(None), NotImplemented, dict.fromkeys, str.join, Point._make, pickle.PickleBuffer(b"b") if sys.version_info >= (3, 8) else 0]


def real():
    for proto in range(pickle.HIGHEST_PROTOCOL + 1):
        for obj in objects():
            for kw in ({}, {"buffer_callback": lambda b: False} if proto == 5 else None):
                if kw is None:
                    continue
                for cls in (pickle.Pickler, pickle._Pickler):
                    out = io.BytesIO()
                    try:
                        cls(out, proto, **kw).dump(obj)
                    except Exception:
                        continue
                    data = out.getvalue()
                    yield data
                    if len(data) < 5000:
                        yield pickletools.optimize(data)


# Random programs ------------------------------------------------------------------------------------------------------------------

NAMES = ["os", "system", "collections", "OrderedDict", "a.b", "numpy", "x", "é", "builtins", "eval", "copyreg", "_reconstructor"]


class Program:
    """A random program that mostly loads: it keeps the types on the stack in view, and forgets to sometimes."""

    def __init__(self, rng):
        self.rng, self.out, self.stack, self.marks, self.memo = rng, bytearray(), [], [], []
        self.sloppy = rng.random() < 0.3
        if rng.random() < 0.8:
            self.out += b"\x80" + bytes([rng.randrange(2, 6)])

    def op(self, name, arg=b""):
        self.out += PY3[name].code.encode("latin-1") + arg

    def text(self):
        return self.rng.choice(NAMES).encode()

    def depth(self):
        return len(self.stack) - (self.marks[-1] if self.marks else 0)

    def literal(self):
        r = self.rng
        s = self.text()
        a = s.decode().encode("ascii", "replace")
        n = r.randrange(256)
        pick = r.choice([
            ("NONE", b"", "x"), ("NEWTRUE", b"", "x"), ("NEWFALSE", b"", "x"), ("INT", b"%d\n" % n, "x"), ("INT", b"01\n", "x"), ("BININT", struct.pack("<i", -n), "x"),
            ("BININT1", bytes([n]), "x"), ("BININT2", struct.pack("<H", n), "x"), ("LONG", b"%dL\n" % (n << 70), "x"), ("LONG1", b"\x09" + bytes(8) + b"\x01", "x"),
            ("LONG4", struct.pack("<i", 3) + b"abc", "x"), ("FLOAT", b"1.5\n", "x"), ("BINFLOAT", struct.pack(">d", n), "x"), ("STRING", b"'" + a + b"\\x41'\n", "s"),
            ("BINSTRING", struct.pack("<i", len(a)) + a, "s"), ("SHORT_BINSTRING", bytes([len(a)]) + a, "s"),
            ("UNICODE", a + b"\\u20ac\n", "s"), ("BINUNICODE", struct.pack("<I", len(s)) + s, "s"), ("SHORT_BINUNICODE", bytes([len(s)]) + s, "s"),
            ("BINUNICODE8", struct.pack("<Q", len(s)) + s, "s"), ("BINBYTES", struct.pack("<I", len(s)) + s, "x"), ("SHORT_BINBYTES", bytes([len(s)]) + s, "x"),
            ("BINBYTES8", struct.pack("<Q", len(s)) + s, "x"), ("BYTEARRAY8", struct.pack("<Q", len(s)) + s, "b"), ("EMPTY_TUPLE", b"", "t"), ("EMPTY_LIST", b"", "l"),
            ("EMPTY_DICT", b"", "d"), ("EMPTY_SET", b"", "e"), ("NEXT_BUFFER", b"", "x"), ("GLOBAL", s + b"\n" + self.text() + b"\n", "g"),
            ("PERSID", a + b"\n", "o"), ("SHORT_BINUNICODE", bytes([len(s)]) + s, "s"), ("GLOBAL", s + b"\n" + self.text() + b"\n", "g"), ("EMPTY_TUPLE", b"", "t"),
        ])
        self.op(pick[0], pick[1])
        self.stack.append(pick[2])

    def step(self):
        r, st = self.rng, self.stack
        loose = self.sloppy and r.random() < 0.05
        choice = r.randrange(34)
        top = st[-1] if self.depth() > 0 else ""
        two = st[-2] if self.depth() > 1 else ""
        if choice < 8:
            self.literal()
        elif choice == 8:
            self.op("MARK")
            self.marks.append(len(st))
        elif choice == 9 and (self.depth() > 0 or loose):
            self.op("POP")
            del st[-1:]
        elif choice == 10 and (self.marks or loose):
            self.op("POP_MARK")
            self.cut("")
        elif choice == 11 and (top or loose):
            self.op("DUP")
            st.append(top)
        elif choice == 12 and (top or loose):
            kind = r.randrange(4)
            n = len(self.memo) if not loose else r.randrange(300)
            if kind == 0:
                self.op("PUT", b"%d\n" % n)
            elif kind == 1 and n < 256:
                self.op("BINPUT", bytes([n]))
            elif kind == 2:
                self.op("LONG_BINPUT", struct.pack("<I", n))
            else:
                self.op("MEMOIZE")
            self.memo.append(top)
        elif choice in (13, 14) and self.memo:
            n = r.randrange(len(self.memo) + (3 if loose else 0))
            kind = r.randrange(3)
            if kind == 0:
                self.op("GET", b"%d\n" % n)
            elif kind == 1 and n < 256:
                self.op("BINGET", bytes([n]))
            else:
                self.op("LONG_BINGET", struct.pack("<I", n))
            st.append(self.memo[n] if n < len(self.memo) else "x")
        elif choice == 15 and self.marks:
            self.op("TUPLE")
            self.cut("t")
        elif choice == 16 and self.marks:
            self.op("LIST")
            self.cut("l")
        elif choice == 17 and self.marks and (loose or self.depth() % 2 == 0 and all(t in "sx" for t in st[self.marks[-1]::2])):
            self.op("DICT")
            self.cut("d")
        elif choice == 18 and self.marks and (loose or all(t in "sxg" for t in st[self.marks[-1]:])):
            self.op("FROZENSET")
            self.cut("f")
        elif choice == 19:
            n = r.randrange(1, 4)
            if self.depth() >= n or loose:
                self.op("TUPLE%d" % n)
                del st[max(0, len(st) - n):]
                st.append("t")
        elif choice in (20, 21) and (top == "t" and two in tuple("go") or loose):
            self.op(r.choice(["REDUCE", "NEWOBJ"]) if two == "g" else "REDUCE")
            del st[-2:]
            st.append("o")
        elif choice == 22 and (top == "d" and two == "t" and self.depth() > 2 and st[-3] == "g" or loose):
            self.op("NEWOBJ_EX")
            del st[-3:]
            st.append("o")
        elif choice == 23 and self.marks and (self.depth() > 0 and st[self.marks[-1]] == "g" or loose):
            self.op("OBJ")
            self.cut("o")
        elif choice == 24 and self.marks:
            self.op("INST", b"mod\n" + self.text().decode().encode("ascii", "replace") + b"\n")
            self.cut("o")
        elif choice in (25, 26) and (top == "s" and two == "s" or loose):
            self.op("STACK_GLOBAL")
            del st[-2:]
            st.append("g")
        elif choice == 27 and (two in tuple("go") or loose):
            self.op("BUILD")
            del st[-1:]
        elif choice == 28 and (two in tuple("lgo") or loose):
            self.op("APPEND")
            del st[-1:]
        elif choice == 29 and (two in tuple("sx") and self.depth() > 2 and st[-3] in tuple("dgo") or loose):
            self.op("SETITEM")
            del st[-2:]
        elif choice == 30 and self.marks:
            at = self.marks[-1]
            below = st[at - 1] if at > (self.marks[-2] if len(self.marks) > 1 else 0) else ""
            n = len(st) - at
            if below in tuple("lgo") or loose:
                self.op("APPENDS")
                self.cut("")
            elif below == "d" and n % 2 == 0 and all(t in "sx" for t in st[at::2]):
                self.op("SETITEMS")
                self.cut("")
            elif below == "e" and all(t in "sxg" for t in st[at:]):
                self.op("ADDITEMS")
                self.cut("")
        elif choice == 31 and top:
            self.op("BINPERSID")
            st[-1] = "o"
        elif choice == 32:
            self.op("FRAME", struct.pack("<Q", 0 if not loose else 99))
        elif choice == 33 and (top == "b" or loose):
            self.op(r.choice(["READONLY_BUFFER", "EXT1", "EXT2", "EXT4"]) if loose else "READONLY_BUFFER", b"" if not loose else b"\x07\x07\x07\x00")

    def cut(self, result):
        at = self.marks.pop() if self.marks else len(self.stack)
        del self.stack[at:]
        if result:
            self.stack.append(result)

    def make(self):
        for _ in range(self.rng.randrange(4, 60)):
            self.step()
            self.marks = [min(at, len(self.stack)) for at in self.marks]
        if self.depth() == 0:
            self.op("NONE")
        return bytes(self.out) + b"."


def mutate(rng, data, pool):
    data = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        i = rng.randrange(len(data)) if data else 0
        kind = rng.randrange(6)
        if kind == 0 and data:
            data[i] = rng.randrange(256)
        elif kind == 1:
            data[i:i] = rng.choice(pickletools.opcodes).code.encode("latin-1")
        elif kind == 2:
            del data[i:i + rng.randrange(1, 4)]
        elif kind == 3:
            other = rng.choice(pool)
            j = rng.randrange(len(other))
            data[i:i] = other[j:j + rng.randrange(1, 40)]
        elif kind == 4:
            data = data[:i]
        elif data:
            data[i] ^= 1 << rng.randrange(8)
    return bytes(data)


def main():
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    warnings.simplefilter("ignore")
    sys.set_int_max_str_digits(0) if hasattr(sys, "set_int_max_str_digits") else None
    rng, count = random.Random(int(sys.argv[1])), int(sys.argv[2])
    corpus = [("real-%d" % i, d) for i, d in enumerate(real())]
    programs = [Program(rng).make() for _ in range(count // 2)]
    corpus += [("program-%d" % i, d) for i, d in enumerate(programs)]
    pool = [d for _, d in corpus if len(d) < 3000]
    corpus += [("mutation-%d" % i, mutate(rng, rng.choice(pool), pool)) for i in range(count // 2)]
    for name, data in corpus:
        emit(name, base64.b64encode(data).decode(), data)
    if len(sys.argv) > 3 and sys.argv[3]:
        for folder, _, files in sorted(os.walk(sys.argv[3])):
            for f in sorted(files):
                path = os.path.join(folder, f)
                with open(path, "rb") as fh:
                    emit(path, "file:" + path, fh.read())


def emit(name, shown, data):
    ok, names = judge(data)
    hexed = sorted(m.encode("utf-8", "surrogatepass").hex() + ":" + n.encode("utf-8", "surrogatepass").hex() for m, n in names)
    sys.stdout.write("%s\t%s\t%d\t%s\n" % (name, shown, ok, " ".join(hexed)))


if __name__ == "__main__":
    main()
