"""Writes marshalled code objects, each with the names that it uses, for the tests of
engine/marshal.

usage: python marshalled.py OUTPUT_FOLDER
"""
import json
import marshal
import pathlib
import sys
import types

source = '''
lambda x: x * 2 + 1
lambda x, y=(1, ("a", "b")): [v for v in y if v] + [x.reshape(-1)]
lambda x: (lambda y: y.merlon_test)(x) or __import__("os").system("echo merlon-test")
lambda x: {1: 2.5, "k": (3 + 4j), None: ...}.get(x, b"bytes" * 12345678901234567890)
lambda x: x[1:2] if x in {1, 2, 3} else "\\u00e9\\u20ac"
'''
version = "%d%d" % sys.version_info[:2]
out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


def names(code):
    rows = list(code.co_names)
    for c in code.co_consts:
        if isinstance(c, types.CodeType):
            rows += names(c)
    return rows


for i, line in enumerate(source.strip().splitlines()):
    code = eval(line).__code__
    (out / f"{version}-{i}.bin").write_bytes(marshal.dumps(code))
    (out / f"{version}-{i}.json").write_text(json.dumps(sorted(names(code))) + "\n")
