"""Tells which names in code/sast/models and rules do not exist in their packages.

usage: names.py [--cache .cache/python/src]

A name such as flask.request.args exists if the package flask is in the cache and every part
after it stands somewhere in its source as a word: enough to find what was renamed or misspelt. Packages that are
not in the cache are not looked at and are counted.
"""

import argparse
import collections
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = re.compile(r"[\[ ,\"](?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)(?=[\],\"()\[:]|$)", re.M)
WORD = re.compile(r"[A-Za-z_]\w*")


def words(folder):
    out = set()
    for path in folder.rglob("*.py*"):
        if path.suffix not in (".py", ".pyi"):
            continue
        out.update(path.relative_to(folder).with_suffix("").parts)
        out.update(WORD.findall(path.read_text(encoding="utf-8", errors="replace")))
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--cache", default=".cache/python/src")
    cache = pathlib.Path(p.parse_args().cache)
    names = collections.defaultdict(set)
    for path in sorted((ROOT / "code/sast").glob("[mr]*/*.yaml")):
        text = "\n".join(l for l in path.read_text().splitlines() if not re.match(r"\s*(library|why|remedy|message|title|taxonomy|matches|cwe)\b", l))
        text = re.sub(r"(bad|good): \|\n(?:      .*\n?)+", "", text)
        for m in NAME.finditer(text):
            names[m["name"]].add(path.name)
    known, skipped, missing = {}, collections.Counter(), []
    checked = 0
    for name in sorted(names):
        top, *rest = name.split(".")
        if top not in known:
            found = [f for f in cache.glob("*/" + top) if f.is_dir()] if cache.is_dir() else []
            known[top] = words(found[0]) if found else None
        if known[top] is None:
            skipped[top] += 1
            continue
        checked += 1
        gone = [part for part in rest if part not in known[top]]
        if gone:
            missing.append((name, gone, sorted(names[name])))
    for name, gone, files in missing:
        print(f"{name}: {', '.join(gone)} ({', '.join(files)})")
    print(f"{checked} names checked, {len(missing)} of them not found, {sum(skipped.values())} in {len(skipped)} packages that are not here")


if __name__ == "__main__":
    main()
