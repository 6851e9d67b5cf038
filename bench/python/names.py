#!/usr/bin/env python3
"""Finds every name of code/sast/models and rules in the source of the package that it is from.

usage: names.py [--cache .cache/python] [--write]

The packages are those of packages.txt and models.txt, at the versions there; what is missing is downloaded with pip. A name
is found if resolve.py finds its definition: a class, function, method, attribute or module. Names of the standard library
are looked up in typeshed, as mypy and jedi carry it. With --write the places go to code/sast/testdata/names.tsv, which the
Go tests compare with the models. Exit 1: a name is not found, or the file is out of date.
"""

import argparse
import os
import pathlib
import re
import sys
import time

import yaml

import peers
import resolve

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
TABLE = ROOT / "code/sast/testdata/names.tsv"
# Where a method of that name is looked for if a model gives no class.
LIKELY = ("mypy", "django", "sqlalchemy", "lxml-stubs", "gradio", "starlette", "flask", "werkzeug", "openai", "anthropic", "paramiko", "playwright",
          "psycopg", "asyncpg", "python-ldap", "pymongo", "pandas", "langchain-core", "langchain-community", "fastmcp", "mcp", "uvicorn", "typer", "click", "mypy-boto3-bedrock-runtime")
GROUPS = ("reads", "sources", "sinks", "cleaners", "checks", "passes", "params", "feeds")


def collect():
    """Every name, with the files that use it, and the classes that stand for real ones."""
    names, stands = {}, {}
    for path in sorted((ROOT / "code/sast").glob("[mr]*/*.yaml")):
        doc = yaml.safe_load(path.read_text()) or {}
        for abstract, real in (doc.get("stands_for") or {}).items():
            stands[abstract] = real

        def add(name):
            if not name.startswith("*"):  # every call; what protoc makes
                names.setdefault(name, set()).add(path.name)

        for group in GROUPS:
            for g in doc.get(group) or ():
                for name in g["names"]:
                    add(name)
                for key in ("types", "clean", "except"):
                    for name in g.get(key) or ():
                        add(name)
        for key in ("aliases", "types"):
            for a, b in (doc.get(key) or {}).items():
                add(a)
                add(b)
        for b in (doc.get("named") or {}).values():
            add(b)
        for real in (doc.get("stands_for") or {}).values():
            for name in real:
                add(name)
        for name in (doc.get("exits") or []) + (doc.get("undoes") or []):
            add(name)
        for r in doc.get("rules") or ():
            for name in r.get("calls") or ():
                add(name)
    return names, stands


def pins():
    out = []
    for file in ("models.txt", "packages.txt"):
        out += [line.split("#")[0].strip() for line in (HERE / file).read_text().splitlines()]
    # The newest version of a package is asked first.
    return sorted({p for p in out if p}, key=lambda p: (p.split("==")[0], [-int(n) for n in re.findall(r"\d+", p.split("==")[1])]))


def folders(cache):
    """Packages and their folders, the standard library last."""
    out = []
    for pin in pins():
        path = os.path.join(cache, "src", pin)
        if not os.path.isdir(path):
            raise SystemExit("%s is not there: run without --offline" % pin)
        out.append((pin, path))
    for pin, sub in (("mypy", "mypy/typeshed/stdlib"), ("jedi==0.20", "jedi/third_party/typeshed/stdlib"), ("jedi==0.17", "jedi/third_party/typeshed/stdlib/2"), ("jedi==0.17", "jedi/third_party/typeshed/stdlib/2and3"), ("jedi==0.17", "jedi/third_party/typeshed/third_party/2and3"), ("jedi==0.17", "jedi/third_party/typeshed/third_party/2")):
        for p in [p for p in out if p[0].startswith(pin)]:
            if os.path.isdir(os.path.join(p[1], sub)):
                out.append((p[0], os.path.join(p[1], sub)))
    return out


class Finder:
    def __init__(self, world, stands, likely):
        self.world, self.stands, self.likely = world, stands, likely
        self.methods, self.texts = {}, {}

    def find(self, name):
        for abstract, real in sorted(self.stands.items(), key=lambda a: -len(a[0])):
            if name == abstract or re.match(re.escape(abstract) + r"[.\[(]", name):
                for r in real:
                    found = self.find(r + name[len(abstract):])
                    if found:
                        return found
                return None
        if name.startswith(".") or name.startswith("?."):
            return self.method(name.lstrip("?."))
        found = self.world.find(name)
        if not found and "." not in name:
            found = self.world.find("builtins." + name)
        if not found and "." in name:
            found = self.world.find("builtins." + name)
        return found

    def method(self, name):
        """Some class of some package that has a method with this name."""
        last = re.findall(r"\w+", name)[-1]
        if last not in self.methods:
            self.methods[last] = None
            definition = re.compile(r"^ +(?:async )?def %s\(" % last, re.M)
            for package, path in self.likely:
                for d, _, files in os.walk(path):
                    for f in sorted(files):
                        file = os.path.join(d, f)
                        text = self.texts.get(file)
                        if text is None:
                            with open(file, encoding="utf-8", errors="replace") as h:
                                text = self.texts[file] = h.read()
                        m = definition.search(text) if "def " + last in text else None
                        if m:
                            line = text.count("\n", 0, m.start()) + 1
                            self.methods[last] = resolve.Place(package, resolve.short(file), line, "method of that name")
                            return self.methods[last]
        return self.methods[last]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--cache", default=str(ROOT / ".cache/python"))
    p.add_argument("--write", action="store_true")
    p.add_argument("--slow", action="store_true", help="name what takes more than 3 seconds")
    args = p.parse_args()
    os.makedirs(args.cache, exist_ok=True)
    _, missing = peers.packages(os.path.abspath(args.cache), pins())
    names, stands = collect()
    all_folders = folders(args.cache)
    finder = Finder(resolve.World(all_folders), stands, [f for f in all_folders if f[0].split("==")[0] in LIKELY])
    sys.setrecursionlimit(20000)
    rows, lost = [], []
    for name in sorted(names):
        start = time.monotonic()
        found = finder.find(name)
        if args.slow and time.monotonic() - start > 3:
            print("slow:", name, round(time.monotonic() - start, 1), flush=True)
        if found:
            rows.append("\t".join((name, found.package, "%s:%d" % (found.file, found.line), found.how)))
        else:
            lost.append((name, ", ".join(sorted(names[name]))))
    for name, files in lost:
        print("not found: %s (%s)" % (name, files))
    for m in missing:
        print("not had: " + m)
    text = "name\tpackage\tplace\thow\n" + "\n".join(rows) + "\n"
    old = TABLE.read_text() if TABLE.exists() else ""
    if args.write:
        TABLE.write_text(text)
    elif old != text:
        print("%s is out of date: run names.py --write" % TABLE.relative_to(ROOT))
    print("%d names, %d not found, %d packages" % (len(names), len(lost), len(pins())))
    sys.exit(bool(lost or missing or (old != text and not args.write)))


if __name__ == "__main__":
    main()
