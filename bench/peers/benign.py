#!/usr/bin/env python3
"""The control of false alarms: ordinary models by real libraries, of formats that hold data only and of pickles.

usage: benign.py [--merlon bin/merlon] [--cache .cache/peers] [--python PYTHON] [--keep]

benign_models.py makes them with the packages of formats/requirements-*.txt and requirements-current.txt, PyTorch's with
Debian's python3-torch; --python takes an interpreter that has everything instead. Exit 1: a malicious verdict, a file
that could not be judged, more than 1 % unverified, fewer than 200 models, fewer than 10 formats, or less than 40 % of
them other than pickles. What is unverified among the skops models that skops itself refuses to load is listed apart.
"""
import argparse
import collections
import hashlib
import json
import os
import shutil
import subprocess
import sys

import peers

HERE = os.path.dirname(os.path.abspath(__file__))
PICKLES = {"pickle", "torch"}
RANK = {"ok": 0, "unverified": 1, "error": 2, "malicious": 3}
MAX_UNVERIFIED, MIN_MODELS, MIN_FORMATS, MIN_OTHER = 0.01, 200, 10, 0.4

# What is made where.
SETS = [
    ("common", ["safetensors", "gguf", "onnx", "boosters", "skops", "numpy"]), ("tensorflow", ["keras", "tensorflow"]), ("jax", ["flax"]),
    ("coreml", ["coreml"]), ("openvino", ["openvino"]), ("paddle", ["paddle"]), ("current", ["pickles"]), ("debian", ["torch"]),
]


def interpreter(name, cache):
    """The Python of a set; the environments are those that peers.py and formats.py make."""
    if name == "debian":
        peers.run(["/usr/bin/python3", "-c", "import torch"])
        return "/usr/bin/python3"
    folder, wanted = ("venv-current", "requirements-current.txt") if name == "current" else ("formats-" + name, os.path.join("formats", "requirements-%s.txt" % name))
    wanted = os.path.join(HERE, wanted)
    with open(wanted, "rb") as f:
        venv = os.path.join(cache, "%s-%s" % (folder, hashlib.sha256(f.read()).hexdigest()[:12]))
    python = os.path.join(venv, "bin", "python")
    if not os.path.exists(os.path.join(venv, "made")):
        shutil.rmtree(venv, ignore_errors=True)
        peers.run([sys.executable, "-m", "venv", venv])
        peers.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", wanted])
        open(os.path.join(venv, "made"), "w").close()
    return python


def make(cache, python=None):
    """Make all models once; gives their folder and what could not be had."""
    h = hashlib.sha256()
    for name in ("benign_models.py", "make_models.py"):
        with open(os.path.join(HERE, name), "rb") as f:
            h.update(f.read())
    out = os.path.join(cache, "benign-" + h.hexdigest()[:12])
    missing = []
    for name, parts in SETS:
        if os.path.exists(os.path.join(out, "-".join(parts) + ".skipped.txt")):
            continue
        try:
            command = [python if python and name != "debian" else interpreter(name, cache), os.path.join(HERE, "benign_models.py"), out] + parts
            subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=1800)
        except (OSError, subprocess.SubprocessError) as e:
            missing.append("%s: not made: %s" % (", ".join(parts), peers.reason(e)))
    for name in sorted(os.listdir(out)):
        if name.endswith(".skipped.txt"):
            with open(os.path.join(out, name)) as f:
                missing += ["not saved by its library: " + line.strip() for line in f]
    return out, missing


def models(out):
    """{"FORMAT/NAME": reason to list it apart, or None}"""
    found = {}
    for form in sorted(os.listdir(out)):
        folder = os.path.join(out, form)
        if not os.path.isdir(folder):
            continue
        for name in sorted(os.listdir(folder)):
            stem, ext = os.path.splitext(name)
            if ext == ".untrusted" or name.endswith(".txt") and form in PICKLES:
                continue
            apart = os.path.join(folder, stem + ".untrusted")
            found["%s/%s" % (form, name)] = open(apart).read() if os.path.exists(apart) else None
    return found


def judge(merlon, out, names):
    """{"FORMAT/NAME": (verdict, what was said)}; the worst verdict of the files of a model counts."""
    said = subprocess.run([merlon, "scan", "--format", "json", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if said.returncode not in (0, 1, 3):
        raise OSError("merlon exits %d: %s" % (said.returncode, said.stderr.strip()[-300:]))
    report = json.loads(said.stdout)
    answers = {n: ["", []] for n in names}

    def entry(path):
        rel = os.path.relpath(path, out).replace(os.sep, "/").split("!/")[0]
        return answers.get("/".join(rel.split("/")[:2]))
    for a in report.get("assets") or []:
        e = entry(a["path"])
        if e and a.get("verdict") in RANK and (not e[0] or RANK[a["verdict"]] > RANK[e[0]]):
            e[0] = a["verdict"]
    for f in report.get("findings") or []:
        e = entry(f["location"]["path"])
        if e and f["rule"].startswith("artifact/"):
            e[1].append("%s (%s): %s" % (f["rule"], f["severity"], f["message"][:200]))
    for x in (report.get("coverage") or {}).get("errors") or []:
        e = entry(x["path"])
        if e:
            e[0] = e[0] if e[0] == "malicious" else "error"
            e[1].append(x["error"][:200])
    for e in answers.values():
        if not e[0]:
            e[0], e[1] = "error", ["not recognised"]
    return answers


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--merlon", default="bin/merlon")
    p.add_argument("--cache", default=os.path.join(".cache", "peers"))
    p.add_argument("--python", help="an interpreter that has all libraries but PyTorch")
    p.add_argument("--keep", action="store_true", help="print every model and verdict")
    args = p.parse_args()
    cache = os.path.abspath(args.cache)
    os.makedirs(cache, exist_ok=True)
    out, missing = make(cache, args.python)
    all_models = models(out)
    answers = judge(args.merlon, out, all_models)
    counts, apart, why = collections.defaultdict(collections.Counter), collections.Counter(), []
    for name, reason in all_models.items():
        verdict, said = answers[name]
        if reason is not None and verdict == "unverified":
            apart[verdict] += 1
            why.append("%-11s %s, apart: skops itself does not trust %s" % (verdict, name, reason))
            continue
        counts[name.split("/")[0]][verdict] += 1
        if verdict != "ok":
            why.append("%-11s %s: %s" % (verdict, name, "; ".join(sorted(set(said))[:3]) or "no finding says why"))
        elif any("(high)" in s or "(critical)" in s for s in said):
            why.append("%-11s %s: %s" % ("ok, but", name, "; ".join(said[:2])))
        if args.keep:
            print(verdict, name)
    total = collections.Counter()
    print("%-14s %6s %6s %11s %10s %6s" % ("format", "models", "ok", "unverified", "malicious", "error"))
    for form, c in sorted(counts.items()) + [("all", None)]:
        c = total if c is None else c
        print("%-14s %6d %6d %11d %10d %6d" % (form, sum(c.values()), c["ok"], c["unverified"], c["malicious"], c["error"]))
        if c is not total:
            total.update(c)
    if apart:
        print("%-14s %6d %6d %11d %10d %6d   (listed apart below, not counted)" % ("skops, apart", sum(apart.values()), 0, apart["unverified"], 0, 0))
    n = sum(total.values())
    other = sum(sum(c.values()) for form, c in counts.items() if form not in PICKLES) / n if n else 0
    share = total["unverified"] / n if n else 1
    if missing:
        print("\n" + "\n".join(missing))
    if why:
        print("\nnot ok:\n" + "\n".join(why))
    good = not total["malicious"] and not total["error"] and share <= MAX_UNVERIFIED and n >= MIN_MODELS and len(counts) >= MIN_FORMATS and other >= MIN_OTHER
    print("\n%s: %d models (want %d) of %d formats (want %d), %.0f %% no pickles (want %.0f %%): %d malicious (want 0), %d errors (want 0), %.2f %% unverified (want at most %g %%)" % (
        "pass" if good else "FAIL", n, MIN_MODELS, len(counts), MIN_FORMATS, 100 * other, 100 * MIN_OTHER, total["malicious"], total["error"], 100 * share, 100 * MAX_UNVERIFIED))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
