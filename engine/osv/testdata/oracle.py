"""Answers for lines of JSON {versions, events, version} whether the version is affected,
by the evaluation algorithm of the OSV schema and the order of packaging. A version that
packaging does not know gives null."""
import json
import sys

from packaging.version import InvalidVersion, Version

for line in sys.stdin:
    case = json.loads(line)
    try:
        version = Version(case["version"])
    except InvalidVersion:
        print("null")
        continue

    def key(event):
        (kind, at), = event.items()
        return (kind == "introduced" and at != "0" or kind != "introduced", Version(at) if at != "0" or kind != "introduced" else Version("0.dev0"))

    vulnerable = False
    for event in sorted(case["events"], key=key):
        (kind, at), = event.items()
        if kind == "introduced" and (at == "0" or version >= Version(at)):
            vulnerable = True
        elif kind == "fixed" and version >= Version(at):
            vulnerable = False
        elif kind == "last_affected" and version > Version(at):
            vulnerable = False
    limits = [e["limit"] for e in case["events"] if "limit" in e]
    if limits and not any(at == "*" or version < Version(at) for at in limits):
        vulnerable = False
    listed = case["version"] in case["versions"] or any(Version(v) == version for v in case["versions"])
    print(json.dumps(vulnerable or listed))
