"""Objects of the standard library that are found in saved models."""
import array
import collections
import datetime
import decimal
import fractions
import functools
import operator
import random
import re
import string
import uuid


class _Missing(Exception):
    pass


def _mod(name):
    try:
        return __import__(name, fromlist=["x"])
    except ImportError:
        raise _Missing(name)


def objects():
    utc = getattr(datetime, "timezone", None)
    day = datetime.datetime(2024, 2, 29, 12, 30, 1, 5)
    plain = [
        None, True, 0, 255, 65536, -1, 1 << 40, 1 << 3000, 1.5, float("inf"),
        2 + 3j, "text", u"text \u00e9 \U0001f600", b"", b"bytes", b"x" * 300,
        (), (1,), (1, 2, 3, 4), [], [1, [2]], {}, {"a": {"b": 1}}, set([1, 2]),
        frozenset([1]), bytearray(b"abc"), bytearray(b"x" * 70000), Ellipsis,
        NotImplemented, range(3), slice(1, 2, 3),
    ]
    for i, value in enumerate(plain):
        yield "plain-%d" % i, (lambda v=value: v)
    yield "recursive", _recursive
    yield "types", lambda: [int, float, complex, str, bytes, bool, list, tuple, dict, set, frozenset, object, type(None)]
    yield "defaultdict", lambda: collections.defaultdict(list, {"a": [1]})
    yield "defaultdict-types", lambda: [collections.defaultdict(t) for t in (int, float, dict, set, str, None)]
    yield "counter", lambda: collections.Counter("abca")
    yield "ordered", lambda: collections.OrderedDict([("a", 1), ("b", 2)])
    yield "deque", lambda: [collections.deque([1, 2]), collections.deque([1], 3)]
    yield "chainmap", lambda: collections.ChainMap({"a": 1}, {"b": 2})
    yield "userdict", lambda: [collections.UserDict(a=1), collections.UserList([1]), collections.UserString("s")]
    yield "datetime", lambda: [day, day.date(), day.time(), datetime.timedelta(3, 4, 5)]
    yield "timezone", lambda: [utc.utc, utc(datetime.timedelta(hours=2)), utc(datetime.timedelta(hours=2), "X"), day.replace(tzinfo=utc.utc), day.replace(fold=1)]
    yield "zoneinfo", lambda: [_mod("zoneinfo").ZoneInfo("Europe/Paris"), day.replace(tzinfo=_mod("zoneinfo").ZoneInfo("UTC"))]
    yield "decimal", lambda: [decimal.Decimal("1.50"), decimal.Decimal("NaN")]
    yield "decimal-context", lambda: decimal.Context(prec=5)
    yield "fraction", lambda: fractions.Fraction(1, 3)
    yield "uuid", lambda: [uuid.UUID(int=5), uuid.UUID(int=6).hex]
    yield "re", lambda: [re.compile("a+"), re.compile(b"b"), re.compile("x", re.I | re.M)]
    yield "re-flag", lambda: re.I
    yield "array", lambda: [array.array(c, [1, 2, 3]) for c in "bBhHiIlLfd"]
    yield "random", lambda: random.Random(3)
    yield "template", lambda: string.Template("$a")
    yield "partial", lambda: functools.partial(operator.add, 1)
    yield "partial-kw", lambda: functools.partial(int, base=2)
    yield "operator", lambda: [operator.itemgetter(1), operator.itemgetter("a", "b")]
    yield "attrgetter", lambda: operator.attrgetter("name")
    yield "namespace", lambda: _mod("types").SimpleNamespace(a=1)
    yield "pathlib", lambda: [getattr(_mod("pathlib"), n)("a", "b.c") for n in ("PurePosixPath", "PureWindowsPath", "PosixPath", "Path", "PurePath")]
    ip = ["IPv4Address", "IPv6Address"]
    yield "ip", lambda: [getattr(_mod("ipaddress"), n)(5) for n in ip]
    yield "ipnet", lambda: [_mod("ipaddress").ip_network(u"10.0.0.0/8"), _mod("ipaddress").ip_interface(u"10.0.0.1/8"), _mod("ipaddress").ip_network(u"fe80::/64"), _mod("ipaddress").ip_interface(u"fe80::1/64")]
    yield "itertools", lambda: [_mod("itertools").count(3), _mod("itertools").chain([1], [2]), _mod("itertools").repeat(1, 2)]
    yield "iterators", lambda: [iter([1, 2]), iter((1,)), iter("ab"), iter(range(3)), reversed([1]), enumerate([1]), zip([1], [2])]
    yield "exceptions", lambda: [ValueError("x"), KeyError(1)]
    yield "enum", lambda: [_mod("http").HTTPStatus(200)]
    yield "signature", lambda: [_mod("inspect").signature(lambda a, b=1: 0), _mod("inspect").Parameter("a", _mod("inspect").Parameter.KEYWORD_ONLY)]
    yield "statistics", lambda: _mod("statistics").NormalDist(1, 2)
    yield "builtin-functions", lambda: [len, sum, max, min, abs, round, sorted]
    yield "methods", lambda: ["a".upper, dict.fromkeys]
    yield "struct-time", lambda: _mod("time").gmtime(0)
    yield "calendar", lambda: _mod("calendar").Calendar()
    yield "dataclass-field", lambda: _mod("dataclasses").field(default=1).default
    yield "generic-alias", lambda: [_mod("typing").List[int], _mod("typing").Optional[str], _mod("typing").Any, _mod("typing").Dict[str, int]]
    yield "builtin-alias", lambda: list[int]


def _recursive():
    value = [1]
    value.append(value)
    loop = {"self": value}
    loop["loop"] = loop
    return (value, loop, set([1]))
