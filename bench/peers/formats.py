#!/usr/bin/env python3
"""Ask every format's own library and merlon about the same files, and print where they differ.

usage: formats.py [--merlon bin/merlon] [--cache .cache/peers] [--only gguf,onnx] [--fresh]

For each format a script (formats/make_NAME.py) makes models with the real library, reads them back with the library's own
reader and notes names, types and shapes of tensors (formats/kit.py). Then `merlon inspect --tensors` has to say the same
and `merlon scan` has to give the expected verdict: ok, or unverified with a finding that says why for what carries code.
Packages are pinned and hashed (formats/requirements-*.txt); PyTorch comes from Debian (see peers.py), R from the system.
Exit 1: a difference. What could not be had is said.
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
SCRIPTS = os.path.join(HERE, "formats")

# The maker, and where it runs: a set of requirements, or an environment of its own.
FORMATS = [
    ("safetensors", "common"), ("gguf", "common"), ("numpy", "common"), ("pickle", "common"),
    ("onnx", "common"), ("skops", "common"), ("boosters", "common"), ("pmml", "common"), ("mar", "common"), ("nemo", "common"),
    ("tensorflow", "tensorflow"), ("keras", "tensorflow"), ("tflite", "tensorflow"), ("flax", "jax"), ("coreml", "coreml"),
    ("openvino", "openvino"), ("paddle", "paddle"), ("torch", "debian system"), ("torch", "debian trixie"), ("torch", "debian forky"),
    ("executorch", "executorch"), ("exporter", "exporter"), ("rdata", "R"),
]
NOT_HAD = ["tensorrt: an engine is built by NVIDIA's library on a GPU and read by it alone; merlon says unverified (opaque)"]


def stamp(*paths):
    h = hashlib.sha256()
    for p in paths:
        with open(p, "rb") as f:
            h.update(f.read())
    return h.hexdigest()[:12]


def venv(name, cache):
    wanted = os.path.join(SCRIPTS, "requirements-%s.txt" % name)
    folder = os.path.join(cache, "formats-%s-%s" % (name, stamp(wanted)))
    if not os.path.exists(os.path.join(folder, "made")):
        shutil.rmtree(folder, ignore_errors=True)
        peers.run([sys.executable, "-m", "venv", folder])
        peers.run([os.path.join(folder, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", wanted])
        open(os.path.join(folder, "made"), "w").close()
    return [os.path.join(folder, "bin", "python")]


def wheel(name, cache, *how):
    """Packages that are only unpacked: their own requirements would be gigabytes."""
    wanted = os.path.join(SCRIPTS, "requirements-%s.txt" % name)
    folder = os.path.join(cache, "formats-%s-%s" % (name, stamp(wanted)))
    if not os.path.exists(os.path.join(folder, "made")):
        shutil.rmtree(folder, ignore_errors=True)
        peers.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--target", folder, *how, "-r", wanted])
        open(os.path.join(folder, "made"), "w").close()
    return folder


def make(name, where, cache, fresh):
    """Run the maker once for each state of script and environment; gives the folder of its files."""
    script = os.path.join(SCRIPTS, "make_" + name + (".R" if where == "R" else ".py"))
    tag = "-".join([name] + where.split()[1:])
    requirements = os.path.join(SCRIPTS, "requirements-%s.txt" % where)
    out = os.path.join(cache, "formats-made-%s-%s" % (tag, stamp(script, os.path.join(SCRIPTS, "kit.py"), *([requirements] if os.path.exists(requirements) else []))))
    if os.path.exists(os.path.join(out, "expect.json")) and not fresh:
        return out
    shutil.rmtree(out, ignore_errors=True)
    env = dict(os.environ, CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", OMP_NUM_THREADS="2")
    if where == "debian system":
        peers.run(["/usr/bin/python3", script, out], env=env)
        return out
    if where.startswith("debian") or where == "exporter":
        root = peers.torch_root("forky" if where == "exporter" else where.split()[1], cache)
        inside = os.path.join(root, "tmp", "merlon-formats")
        shutil.rmtree(inside, ignore_errors=True)
        shutil.copytree(SCRIPTS, inside)
        if where == "exporter":
            shutil.copytree(wheel(where, cache, "--python-version", "3.14", "--ignore-requires-python"), os.path.join(inside, "packages"))
        peers.run(["chroot", root, "python3", "/tmp/merlon-formats/make_" + name + ".py", "/tmp/merlon-formats/out", "/tmp/merlon-formats/packages"])
        shutil.copytree(os.path.join(inside, "out"), out)
        return out
    if where == "R":
        peers.run(["Rscript", script, out])
        return out
    if where == "executorch":
        peers.run([sys.executable, script, out, wheel(where, cache)], env=env)
        return out
    peers.run(venv(where, cache) + [script, out], env=env)
    return out


def inspect(merlon, path):
    """(tensors, facts, error) of merlon inspect."""
    said = subprocess.run([merlon, "inspect", "--tensors", "--format", "json", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if said.returncode not in (0, 3):
        raise OSError("merlon inspect exits %d: %s" % (said.returncode, said.stderr.strip()[-300:]))
    report = json.loads(said.stdout)
    tensors, facts = [], collections.defaultdict(list)
    errors = []
    for f in report["files"]:
        if f.get("error"):
            errors.append("%s: %s" % (f["path"], f["error"]))
        if not f.get("index"):
            tensors += [(t["name"], t["dtype"], t["shape"]) for t in f.get("tensors") or []]
        for fact in f.get("facts") or []:
            facts[fact["kind"]].append(fact["value"])
    return tensors, facts, "; ".join(errors)


def compare(expected, tensors, facts):
    """Differences between the library and merlon, as lines."""
    said = []
    if expected["tensors"] is not None:
        strip = (lambda t: (t[0], t[1], tuple(t[2]))) if expected["names"] else (lambda t: ("", t[1], tuple(t[2])))
        want, got = collections.Counter(map(strip, expected["tensors"])), collections.Counter(map(strip, tensors))
        said += ["the library has %s %s %s" % t for t in sorted((want - got).elements())]
        said += ["merlon has %s %s %s" % t for t in sorted((got - want).elements())]
    for kind, value in expected["facts"].items():
        found = facts.get(kind, [])
        if value not in found and str(value) not in ["%s %s" % (f["name"], f["value"]) if isinstance(f, dict) else str(f) for f in found]:
            said.append("the library says %s %r, merlon %r" % (kind, value, found[:5]))
    return said


def verdict(merlon, path):
    """The worst verdict of merlon scan below path, and what was found."""
    said = subprocess.run([merlon, "scan", "--format", "json", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if said.returncode not in (0, 1, 3):
        raise OSError("merlon scan exits %d: %s" % (said.returncode, said.stderr.strip()[-300:]))
    report = json.loads(said.stdout)
    worst = "not recognised"
    for a in report.get("assets") or []:
        v = a.get("verdict")
        if v in peers.RANK and (worst == "not recognised" or peers.RANK[v] > peers.RANK[worst]):
            worst = v
    why = sorted({"%s: %s" % (f["rule"], f["message"][:160]) for f in report.get("findings") or [] if f["rule"].startswith("artifact/")})
    errors = [e["error"][:160] for e in (report.get("coverage") or {}).get("errors") or []]
    return ("error" if errors else worst), why + errors


def judge(merlon, folder):
    """One row of the table for the files of one maker."""
    with open(os.path.join(folder, "expect.json")) as f:
        said = json.load(f)
    row = {"models": 0, "tensors": 0, "differences": 0, "verdicts": collections.Counter(), "wrong": 0}
    lines = []
    for m in said["models"]:
        path = os.path.join(folder, m["path"])
        tensors, facts, error = inspect(merlon, path)
        wrong = compare(m, tensors, facts) + (["inspect: " + error] if error else [])
        row["models"] += 1
        row["tensors"] += len(m["tensors"] or [])
        row["differences"] += len(wrong)
        got, why = verdict(merlon, path)
        row["verdicts"][got] += 1
        if got != m["verdict"] or got == "unverified" and not why:
            row["wrong"] += 1
            wrong.append("verdict %s, want %s: %s" % (got, m["verdict"], "; ".join(why) or "no finding"))
        lines += ["%s: %s" % (m["path"], w) for w in wrong[:12]] + (["%s: and %d more" % (m["path"], len(wrong) - 12)] if len(wrong) > 12 else [])
    return row, said, lines


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--merlon", default="bin/merlon")
    p.add_argument("--cache", default=os.path.join(".cache", "peers"))
    p.add_argument("--only", default="")
    p.add_argument("--fresh", action="store_true", help="make the models again")
    args = p.parse_args()
    cache = os.path.abspath(args.cache)
    os.makedirs(cache, exist_ok=True)
    bad, notes, missing = [], [], list(NOT_HAD)
    print("%-22s %6s %8s %11s %5s %11s %9s %6s" % ("format", "models", "tensors", "differences", "ok", "unverified", "malicious", "error"))
    total = collections.Counter()
    for name, where in FORMATS:
        if args.only and name not in args.only.split(","):
            continue
        label = name + (" (%s)" % where.split()[1] if " " in where else "")
        try:
            folder = make(name, where, cache, args.fresh)
        except (OSError, subprocess.CalledProcessError) as e:
            missing.append("%s: not made: %s" % (label, peers.reason(e)))
            continue
        row, said, lines = judge(args.merlon, folder)
        v = row["verdicts"]
        print("%-22s %6d %8d %11d %5d %11d %9d %6d" % (label, row["models"], row["tensors"], row["differences"], v["ok"], v["unverified"], v["malicious"], v["error"] + v["not recognised"]), flush=True)
        total.update(models=row["models"], tensors=row["tensors"], differences=row["differences"], wrong=row["wrong"])
        bad += ["%s/%s" % (label, l) for l in lines]
        notes.append("%s: %s" % (label, " ".join("%s %s" % kv for kv in sorted(said["versions"].items()))))
        missing += ["%s: %s" % (label, n) for n in said["notes"]]
    print("\n" + "\n".join(notes))
    if missing:
        print("\ncould not be had:\n" + "\n".join(missing))
    if bad:
        print("\ndiffers:\n" + "\n".join(bad))
    good = total["models"] and not total["differences"] and not total["wrong"]
    print("\n%s: %d models, %d tensors compared, %d differences (want 0), %d verdicts other than expected (want 0)" % ("pass" if good else "FAIL", total["models"], total["tensors"], total["differences"], total["wrong"]))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
