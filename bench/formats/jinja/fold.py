"""Check that the expectations of engine/jinja/analyse_test.go are what Jinja renders:
python fold.py ../../../engine/jinja/analyse_test.go
"""
import json
import re
import sys

import jinja2

from make import Generation

ENV = jinja2.Environment(extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do", Generation])
source = open(sys.argv[1]).read()


def cases(function):
    start = source.index("func " + function)
    body = source[start:source.index("\n\t} {", start)]
    return [(json.loads(a), json.loads(b)) for a, b in re.findall(r'\n\t\t("(?:[^"\\]|\\.)*"):\s+("(?:[^"\\]|\\.)*"),', body)]


wrong = 0
constants = [("{{ " + e + " }}", want) for e, want in cases("TestConstantsAreFolded") if want]
for src, want in constants + [(s, w.replace("|", "")) for s, w in cases("TestStatementsAreFollowed")]:
    got = ENV.from_string(src).render()
    if got != want:
        wrong += 1
        print(f"{src}: Jinja renders {got!r}, the test wants {want!r}")
print(f"{len(constants)} constants, {wrong} wrong")
sys.exit(wrong > 0)
