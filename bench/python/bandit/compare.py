#!/usr/bin/env python3
"""Compare profile bandit of merlon with the real Bandit: the same ids in the same lines, no more and no fewer.

usage: compare.py --merlon PROGRAM --bandit PROGRAM FIXTURES [FOLDER...]

FIXTURES holds a file for every id that Bandit knows, named b101.py, with lines that are found ("# want: B101") and lines
that look like it and are not. Both tools must say what stands there. On FOLDERs, which are real programs, both are run and
the differences counted. Exit 1: a difference in FIXTURES, or an id without a fixture.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys

IDS = """
from bandit.core import extension_loader as e
print(*sorted([*e.MANAGER.plugins_by_id, *e.MANAGER.blacklist_by_id]))
"""


def bandit(program, folder):
    """What Bandit reports, and the files that it could not read."""
    out = subprocess.run([program, "-q", "-r", "-f", "json", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    report = json.loads(out)
    name = lambda path: os.path.relpath(path, folder)
    return ({(name(r["filename"]), r["line_number"], r["test_id"]) for r in report["results"]},
            {name(e["filename"]) for e in report["errors"]})


def merlon(program, folder):
    """What merlon reports, suppressed findings apart, and the files that it could not read whole."""
    out = subprocess.run([program, "scan", "--profile", "bandit", "--format", "json", folder], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout
    report = json.loads(out)
    found = set()
    for f in report["findings"]:
        if f["rule"].startswith("code/") and not f["suppressed"] and not f["location"].get("cell"):
            at = f["location"]
            found.update((os.path.relpath(at["path"], folder), at["line"], a) for a in f["aliases"])
    return found, {os.path.relpath(e["path"], folder) for e in report["coverage"]["errors"]}


def fixtures(folder):
    want = set()
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            for i, line in enumerate(f, 1):
                if m := re.search(r"# want: ([B0-9, ]+)", line):
                    want.update((name, i, a.strip()) for a in m.group(1).split(","))
    return want


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--merlon", required=True)
    p.add_argument("--bandit", required=True)
    p.add_argument("fixtures")
    p.add_argument("folders", nargs="*")
    a = p.parse_args()

    python = os.path.join(os.path.dirname(a.bandit), "python")
    ids = subprocess.run([python, "-c", IDS], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    want, theirs, ours = fixtures(a.fixtures), bandit(a.bandit, a.fixtures)[0], merlon(a.merlon, a.fixtures)[0]
    bad = 0
    print("id    lines  agree")
    for i in sorted({*ids, *(x[2] for x in want | theirs | ours)}):
        w, t, o = ({x for x in s if x[2] == i} for s in (want, theirs, ours))
        there = os.path.exists(os.path.join(a.fixtures, i.lower() + ".py")) and any(x[0] == i.lower() + ".py" for x in w)
        same = w == t == o and there and i in ids
        bad += not same
        print("%s  %5d  %s" % (i, len(w), "yes" if same else "NO"))
        for who, s in (("Bandit", t), ("merlon", o)):
            for x in sorted(s - w):
                print("      %s:%d found by %s only" % (x[0], x[1], who))
            for x in sorted(w - s):
                print("      %s:%d not found by %s" % (x[0], x[1], who))
        if not there:
            print("      no fixture")
    print("%d of %d ids agree" % (len(ids) - bad, len(ids)))

    for folder in a.folders:
        (theirs, unread), (ours, partly) = bandit(a.bandit, folder), merlon(a.merlon, folder)
        skip = unread | partly
        theirs, ours = ({x for x in s if x[0] not in skip} for s in (theirs, ours))
        print("%s: %d places in common, %d of Bandit only, %d of merlon only, %d files left out that one of them could not read" %
              (folder, len(theirs & ours), len(theirs - ours), len(ours - theirs), len(skip)))
        for who, s in (("Bandit", theirs - ours), ("merlon", ours - theirs)):
            for i, n in sorted(collections.Counter(x[2] for x in s).items()):
                some = ", ".join("%s:%d" % x[:2] for x in sorted(s) if x[2] == i and s)[:160]
                print("  %s only: %s %d, such as %s" % (who, i, n, some))
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
