#!/usr/bin/env python3
"""Is every finding of merlon at the default gate in the packages of evaluation.txt judged, and is each judged one still found?

usage: evaluate.py [--merlon PROGRAM] [--cache .cache/python/evaluation] [--flows A|B|AB]

The wheels (about 170 MB, once) come from PyPI with pip download, are compared with their SHA-256, and of them only the .py
files are unpacked; nothing is installed or run. Each package is scanned by itself with its folder as the current one.
The default gate fails on findings of severity high or worse with confidence medium or better; the ones of code/ are
compared with evaluation.tsv, where a person who wrote no rule says of each whether it is true, and why.
--flows also inserts flows into the packages (insert.py) and counts how many are found.

Exit 1: a finding without a judgement, a judgement without a finding, precision under 80 % or more than one finding
in 20,000 lines.
"""
import argparse
import hashlib
import io
import os
import subprocess
import sys
import zipfile

from insert import scan

HERE = os.path.dirname(os.path.abspath(__file__))
PRECISION, LINES = 0.80, 20000


def pins():
    """Package, wheel, digest and lines of each row of evaluation.txt."""
    with open(os.path.join(HERE, "evaluation.txt"), encoding="utf-8") as f:
        for row in f:
            if row.strip() and not row.startswith("#"):
                pin, wheel, digest, _, lines, _ = row.rstrip("\n").split("\t")
                yield pin, wheel, digest, int(lines)


def fetch(cache):
    """Download and unpack what is not there yet; returns the folder that holds one folder for each package."""
    wheels, source = os.path.join(cache, "wheels"), os.path.join(cache, "src")
    os.makedirs(wheels, exist_ok=True)
    for pin, wheel, digest, _ in pins():
        folder = os.path.join(source, pin)
        if os.path.exists(folder):
            continue
        path = os.path.join(wheels, wheel)
        if not os.path.exists(path):
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "--python-version", "3.12", "--dest", wheels, pin], check=True)
        with open(path, "rb") as f:
            content = f.read()
        if hashlib.sha256(content).hexdigest() != digest:
            raise SystemExit(f"{wheel}: the SHA-256 differs from evaluation.txt; delete {path} and fetch it again")
        unpack(content, folder)
    return source


def unpack(content, folder):
    half = folder + ".part"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.namelist():
            if member.endswith(".py"):
                archive.extract(member, half)
    os.rename(half, folder)


def judged():
    """The rows of evaluation.tsv by package, place and rule."""
    rows = {}
    with open(os.path.join(HERE, "evaluation.tsv"), encoding="utf-8") as f:
        table = [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]
    for row in table[1:]:
        package, _, place, rule, verdict, reason, _ = row
        if verdict not in ("true", "false") or not reason:
            raise SystemExit(f"evaluation.tsv: {place}: a verdict is true or false and has a reason")
        rows[package, place, rule] = verdict
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--merlon", default=os.path.join(os.getcwd(), "bin", "merlon"))
    parser.add_argument("--cache", default=os.path.join(".cache", "python", "evaluation"))
    parser.add_argument("--flows", default="")
    o = parser.parse_args()
    merlon = os.path.abspath(o.merlon)
    source = fetch(o.cache)
    found, lines = set(), 0
    for pin, _, _, n in pins():
        lines += n
        for f in scan(merlon, os.path.join(source, pin)):
            found.add((pin.partition("==")[0], f"{f['location']['path']}:{f['location']['line']}", f["rule"]))
    known = judged()
    wrong = [("not judged", k) for k in sorted(found - set(known))] + [("not found any more", k) for k in sorted(set(known) - found)]
    for what, (package, place, rule) in wrong:
        print(f"{what}: {package} {place} {rule}")
    true = sum(known.get(k) == "true" for k in found)
    print(f"{true} of {len(found)} findings are true; one in {lines // max(len(found), 1)} of {lines} lines")
    bad = bool(wrong) or true < PRECISION * len(found) or len(found) * LINES > lines
    for which in o.flows:
        run = subprocess.run([sys.executable, os.path.join(HERE, "insert.py"), "--src", source, "--out", os.path.join(o.cache, "flows"), "--set", which, "--merlon", merlon])
        bad = bad or run.returncode != 0
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
