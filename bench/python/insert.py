#!/usr/bin/env python3
"""Insert vulnerable flows into packages of PyPI, and count how many of them merlon finds at its default gate.

usage: insert.py --src FOLDER --out FOLDER --set A|B|AB [--merlon PROGRAM] [--details]

FOLDER of --src holds one folder package==version for each line of evaluation.txt (see evaluate.py). A set has 100 flows,
ten in each package, made by chance from a fixed seed out of sinks, sources and routes (flows/), which were written
from the CWE catalogue, OWASP's lists and the documentation of libraries, without a look at merlon's rules. A third of
them belongs to set A only, a third to set B only: set B was held out while misses of set A were looked at. Each flow
has a twin, which takes the same way and is safe.

A flow is found when a finding of the default gate (high or worse, confidence medium or better) stands in the inserted
lines, at most two lines from the sink or with a trace that ends there, and its CWE fits FITS. A twin is flagged when any
finding of the default gate stands in its inserted lines.
"""
import argparse
import ast
import collections
import concurrent.futures
import json
import os
import random
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from flows import compose, package, routes, sinks, sinks_more, sources, sources_ai  # noqa: E402,F401

SEEDS = {"A": 20261121, "B": 77340917}
COUNTS = {78: 14, 94: 7, 95: 6, 89: 12, 943: 1, 22: 14, 918: 11, 502: 12, 1336: 4, 79: 6, 601: 4, 90: 1, 643: 1, 611: 1, 117: 1, 1333: 1, 915: 1, 829: 1, 1427: 1, 470: 1}
KINDS = {"web": 50, "model": 24, "tool": 14, "socket": 7, "retrieved": 5}
# What else a finding may be called: parents and siblings in the CWE tree.
FITS = {78: {77, 88}, 94: {95, 96, 470, 706, 829, 98, 77, 78}, 95: {94, 96, 77}, 89: {943, 564}, 943: {89}, 22: {23, 36, 73, 59, 35, 41, 409}, 918: {441},
        502: {94, 95, 913, 829, 915}, 1336: {94, 95, 96}, 79: {80, 116, 83}, 601: set(), 90: set(), 643: {91}, 611: {776, 827}, 117: {93, 116},
        1333: {400, 730, 625, 185}, 915: {913, 470}, 829: {94, 494, 502, 913, 98}, 1427: {77}, 470: {94, 95, 913}}
PARENTS = {20, 74, 707}
# Sinks that the name of an uploaded file suits.
PATHS = {"open-read", "open-write", "path-read", "path-write", "copy", "os-remove", "torch-load", "joblib", "os-system", "popen-shell"}
# The twin of these needs another call: the call itself is the risk, wherever its argument comes from.
ONLY_SAFE_CALL = {502, 829, 611, 1427}


def split():
    """A third of the atoms to A, a third to B, a third to both."""
    groups = collections.defaultdict(list)
    for s in sinks.SINKS:
        groups["sink", s.cwe].append(s.name)
    for s in sources.SOURCES:
        groups["source", s.kind].append(s.name)
    for name in routes.ROUTES:
        groups["route", 0].append(name)
    result = {}
    rng = random.Random("split")
    for key in sorted(groups, key=str):
        names = sorted(groups[key])
        rng.shuffle(names)
        for i, name in enumerate(names):
            result[key[0], name] = "ab" if len(names) == 1 else ("a", "b", "ab")[i % 3]
    return result


def suits(sink, source, route_async, route_name):
    if sink.only and source.framework not in sink.only and source.kind not in sink.only:
        return False
    if source.data == "path" and sink.name not in PATHS:
        return False
    can_await = source.is_async or bool(source.inline)
    if (sink.is_async or route_async is True) and not can_await:
        return False
    if sink.is_async and route_async is False:
        return False
    if route_name == "existing_function" and (sink.returns or sink.data == "bytes"):
        return False
    if source.kind in ("model", "retrieved", "tool") and sink.cwe == 601:
        return False
    return True


def plan(which):
    """100 times sink, source, route, by chance, each atom about as often as the others."""
    groups = split()
    rng = random.Random(SEEDS[which])
    letter = which.lower()
    slots = [cwe for cwe, n in COUNTS.items() for _ in range(n)]
    rng.shuffle(slots)
    used = collections.Counter()
    least = lambda items, key: min(items, key=lambda i: (used[key(i)], rng.random()))
    result = []
    for cwe in slots:
        pool = [s for s in sinks.SINKS if s.cwe == cwe and letter in groups["sink", s.name]]
        s = least(pool, lambda i: ("sink", i.name))
        for attempt in range(200):
            kind = rng.choices(list(KINDS), KINDS.values())[0]
            candidates = [o for o in sources.SOURCES if o.kind == kind and letter in groups["source", o.name]]
            ways = [n for n in routes.ROUTES if letter in groups["route", n]]
            fits = [(o, w) for o in candidates for w in ways if suits(s, o, routes.ROUTES[w][2], w)]
            if attempt > 100:
                fits = [(o, w) for o in sources.SOURCES for w in ways if suits(s, o, routes.ROUTES[w][2], w)]
            if fits:
                break
        o = least(sorted({f[0].name for f in fits}), lambda n: ("source", n))
        w = least([f[1] for f in fits if f[0].name == o], lambda n: ("route", n))
        source = next(f[0] for f in fits if f[0].name == o)
        used.update([("sink", s.name), ("source", o), ("route", w)])
        place = "module"
        if source.inline:
            place = rng.choices(["module", "method", "body"], [35, 25, 40])[0]
            if place == "body" and (s.returns or (not source.is_async and (s.is_async or routes.ROUTES[w][2] is True))):
                place = "method"
        elif source.name in ("fastapi-query", "fastapi-query-sync", "fastapi-path", "fastapi-annotated", "crewai-tool", "langchain-basetool") and not s.returns:
            place = rng.choice(["module", "own", "own"])
        guard = "safe"
        if cwe not in ONLY_SAFE_CALL and s.data == "text":
            guard = rng.choices(["safe", "allow", "table"], [60, 20, 20])[0]
        result.append((s, source, w, place, guard, rng.randrange(len(s.safe)), rng.randrange(2**60)))
    return result


def write(edits, root, flow_id):
    """Put the edits into the files; returns the inserted lines by file, and the file and line of the sink."""
    inserted, where = {}, None
    outputs = {}
    for e in edits:
        rows = e.result()
        for i, (text, new) in enumerate(rows):
            if new and text.endswith("  #!"):
                where = e.module.path, i + 1
        text = "\n".join(t.removesuffix("  #!") if new else t for t, new in rows)
        ast.parse(text)
        outputs[e.module.path] = text
        inserted[e.module.path] = [i + 1 for i, (_, new) in enumerate(rows) if new]
    if where is None:
        raise compose.Conflict("no sink")
    for path, text in outputs.items():
        with open(os.path.join(root, path), "w", encoding="utf-8", newline="") as f:
            f.write(text)
    return inserted, where


def insert(src, out, which, twin, loaded):
    """Write the copy of the packages with the flows, or with their twins, into out; returns the manifest."""
    pins = sorted(loaded)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(src, out)
    used = {p: set() for p in pins}
    manifest = []
    for number, (sink, source, way, place, guard, variant, seed) in enumerate(plan(which)):
        flow_id = f"{which}{number:03d}"
        function = routes.ROUTES[way][0]
        # A package without a fitting place hands the flow to the next one.
        for attempt in range(400):
            pin = pins[(number + attempt // 40) % len(pins)]
            rng = random.Random(seed + attempt)
            wanted_place = place if attempt < 360 or place != "own" else "module"
            arguments = (loaded[pin], used[pin], sink, source, function, wanted_place)
            try:
                # Both are made, so that a flow and its twin stand in the same places.
                plain, _ = compose.compose(random.Random(seed + attempt), *arguments)
                safe, _ = compose.compose(rng, *arguments, guard=None if guard == "safe" else guard, safe=sink.safe[variant] if guard == "safe" else None)
                for e in plain + safe:
                    ast.parse("\n".join(t for t, _ in e.result()))
                inserted, (path, line) = write(safe if twin else plain, os.path.join(out, pin), flow_id)
            except (compose.Conflict, SyntaxError) as e:
                if os.environ.get("DEBUG"):
                    print(flow_id, attempt, sink.name, source.name, way, place, repr(e), file=sys.stderr)
                continue
            break
        else:
            raise SystemExit(f"{flow_id}: no place for {sink.name} {source.name} {way} {place}")
        used[pin] |= {e.module.path for e in plain + safe}
        manifest.append({"id": flow_id, "package": pin, "file": path, "line": line, "cwe": sink.cwe, "sink": sink.name, "source": source.name, "kind": source.kind,
                         "route": way, "place": wanted_place, "twin": guard, "inserted": inserted})
    return manifest


def scan(merlon, folder):
    """The findings of code/ at the default gate in one package."""
    run = subprocess.run([merlon, "scan", ".", "--format", "json"], cwd=folder, stdout=subprocess.PIPE)
    if run.returncode not in (0, 1, 3):
        raise SystemExit(f"{merlon} scan in {folder}: exit {run.returncode}")
    return [f for f in json.loads(run.stdout)["findings"] if f["severity"] in ("high", "critical") and f["confidence"] in ("medium", "high")
            and not f["suppressed"] and f["rule"].startswith("code/")]


def gate(merlon, folder, jobs):
    """The findings of the default gate, by package."""
    pins = sorted(p for p in os.listdir(folder) if "==" in p)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return dict(zip(pins, pool.map(lambda p: scan(merlon, os.path.join(folder, p)), pins)))


def ends(f):
    """Where a finding points to: its place, and the end of its trace."""
    yield f["location"]["path"], f["location"]["line"]
    if f["trace"]:
        yield f["trace"][-1]["path"], f["trace"][-1]["line"]


def is_found(m, f):
    cwes = {int(c.removeprefix("CWE-")) for c in f["cwe"]}
    if not cwes & ({m["cwe"]} | FITS[m["cwe"]] | PARENTS):
        return False
    return any(path == m["file"] and abs(line - m["line"]) <= 2 and line in m["inserted"].get(path, []) for path, line in ends(f))


def is_flagged(m, f):
    return any(line in m["inserted"].get(path, []) for path, line in ends(f))


def table(title, rows, hits):
    print(f"\n{title}")
    groups = collections.defaultdict(list)
    for key, m in rows:
        groups[key].append(m["id"] in hits)
    for key in sorted(groups, key=str):
        print(f"  {key!s:24} {sum(groups[key])}/{len(groups[key])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--src", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--set", choices=["A", "B", "AB"], required=True)
    parser.add_argument("--merlon", default="merlon")
    parser.add_argument("--details", action="store_true")
    parser.add_argument("--only-insert", action="store_true")
    parser.add_argument("--jobs", type=int, default=2, help="packages scanned at once")
    parser.add_argument("--reuse", action="store_true", help="scan what an earlier run inserted")
    o = parser.parse_args()
    loaded = {} if o.reuse else {p: package.load(os.path.join(o.src, p)) for p in sorted(os.listdir(o.src)) if "==" in p}
    for which in o.set:
        one(o, which, loaded)


def one(o, which, loaded):
    """Insert, scan and count one set."""
    manifests, results = {}, {}
    for twin in (False, True):
        folder = os.path.join(o.out, which + ("-twins" if twin else "-flows"))
        if o.reuse:
            with open(folder + ".json") as f:
                manifests[twin] = json.load(f)
        else:
            manifests[twin] = insert(o.src, folder, which, twin, loaded)
            with open(folder + ".json", "w") as f:
                json.dump(manifests[twin], f, indent=1)
        if not o.only_insert:
            results[twin] = gate(os.path.abspath(o.merlon), folder, o.jobs)
    if o.only_insert:
        return
    hits = {m["id"]: next((f["rule"] for f in results[False][m["package"]] if is_found(m, f)), None) for m in manifests[False]}
    hits = {k: v for k, v in hits.items() if v}
    flagged = {m["id"]: next((f["rule"] for f in results[True][m["package"]] if is_flagged(m, f)), None) for m in manifests[True]}
    flagged = {k: v for k, v in flagged.items() if v}
    print(f"set {which}: {len(hits)} of {len(manifests[False])} flows found, {len(flagged)} of {len(manifests[True])} twins flagged")
    for title, key in (("by CWE", "cwe"), ("by kind of source", "kind"), ("by place", "place"), ("by route", "route"), ("by source", "source"), ("by sink", "sink")):
        table(title, [(m[key], m) for m in manifests[False]], hits)
    if o.details:
        for m in manifests[False]:
            print("found" if m["id"] in hits else "MISSED", m["id"], m["cwe"], m["sink"], m["source"], m["route"], m["place"], f"{m['package']}/{m['file']}:{m['line']}", hits.get(m["id"], ""))
        for m in manifests[True]:
            if m["id"] in flagged:
                print("FLAGGED", m["id"], m["cwe"], m["sink"], m["source"], m["route"], m["place"], m["twin"], f"{m['package']}/{m['file']}:{m['line']}", flagged[m["id"]])


if __name__ == "__main__":
    main()
