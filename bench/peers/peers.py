#!/usr/bin/env python3
"""Scan models that real libraries saved and print how many are ok, unverified, malicious or unreadable.

usage: peers.py [--merlon bin/merlon] [--cache .cache/peers] [--sets current,middle,old] [--torch system,bullseye,trixie,forky] [--keep-going]

Every set is one environment with pinned and hashed packages (requirements-SET.txt), none of which tools/allowlist saw;
the estimators are ones it never made (make_models.py). PyTorch comes from Debian without CUDA: "system" is the
installed python3-torch, the others are Debian releases unpacked by mmdebstrap (which needs root or user namespaces).
What could not be had is said. Exit 1: a malicious file, or more than 2 % unverified, or a file that could not be judged.
"""
import argparse
import collections
import hashlib
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = ["numpy", "pandas", "scipy", "sklearn", "boosting", "joblib"]
MAX_UNVERIFIED = 0.02
RANK = {"ok": 0, "unverified": 1, "error": 2, "malicious": 3}


def run(command, **kw):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)


def reason(e):
    if isinstance(e, subprocess.CalledProcessError):
        lines = (e.stderr or e.stdout or "").strip().splitlines()
        return lines[-1][:160] if lines else "exit %d" % e.returncode
    return "%s: %s" % (type(e).__name__, e)


def make_set(name, cache):
    """Models of one requirements file; returns (folder, versions)."""
    wanted = os.path.join(HERE, "requirements-%s.txt" % name)
    with open(wanted, "rb") as f, open(os.path.join(HERE, "make_models.py"), "rb") as g:
        packages, stamp = hashlib.sha256(f.read()).hexdigest()[:12], hashlib.sha256(g.read()).hexdigest()[:12]
    venv = os.path.join(cache, "venv-%s-%s" % (name, packages))
    if not os.path.exists(os.path.join(venv, "made")):
        shutil.rmtree(venv, ignore_errors=True)
        run([sys.executable, "-m", "venv", venv])
        run([os.path.join(venv, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", wanted])
        open(os.path.join(venv, "made"), "w").close()
    return models(os.path.join(cache, "models-%s-%s-%s" % (name, packages, stamp)), [os.path.join(venv, "bin", "python")], PARTS)


def models(folder, python, parts, inside=None):
    """Run make_models.py once; `inside` is the folder's name as the (chrooted) interpreter sees it."""
    said = os.path.join(folder, "..", os.path.basename(folder) + ".versions")
    if not os.path.exists(said):
        shutil.rmtree(folder, ignore_errors=True)
        script = os.path.join(HERE, "make_models.py") if inside is None else "/tmp/make_models.py"
        text = run(python + [script, inside or folder] + parts).stdout
        if inside:
            shutil.copytree(os.path.join(os.path.dirname(folder), inside_root(folder) + inside), folder)
        versions = " ".join(line for line in text.splitlines() if len(line.split()) == 2 and line.split()[0].isidentifier())
        with open(said, "w") as f:
            f.write(versions)
    with open(said) as f:
        return folder, f.read()


def inside_root(folder):
    return os.path.basename(folder).replace("models-", "root-")


def torch_root(suite, cache):
    """A Debian release with PyTorch, unpacked."""
    root = os.path.join(cache, "root-torch-" + suite)
    if not os.path.exists(os.path.join(root, "made")):
        if not shutil.which("mmdebstrap"):
            raise OSError("mmdebstrap is not installed: apt-get install mmdebstrap")
        shutil.rmtree(root, ignore_errors=True)
        run(["mmdebstrap", "--variant=essential", "--aptopt=APT::Install-Recommends \"0\"", "--aptopt=Acquire::Check-Valid-Until \"false\"", "--include=python3-torch,python3-minimal", suite, root, "http://deb.debian.org/debian"])
        open(os.path.join(root, "made"), "w").close()
    return root


def make_torch(suite, cache):
    if suite == "system":
        run(["/usr/bin/python3", "-c", "import torch"])
        return models(os.path.join(cache, "models-torch-system"), ["/usr/bin/python3"], ["torch"])
    root = torch_root(suite, cache)
    shutil.copy(os.path.join(HERE, "make_models.py"), os.path.join(root, "tmp"))
    return models(os.path.join(cache, "models-torch-" + suite), ["chroot", root, "python3"], ["torch"], "/tmp/merlon-peers")


def judge(merlon, folder):
    """{file: (verdict, names)} from merlon's JSON report; a file without an asset was not recognised: error."""
    said = subprocess.run([merlon, "scan", "--format", "json", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if said.returncode not in (0, 1, 3):
        raise OSError("merlon exits %d: %s" % (said.returncode, said.stderr.strip()[-300:]))
    report = json.loads(said.stdout)
    files = {os.path.relpath(os.path.join(d, f), folder): ["error", {"not recognised"}] for d, _, fs in os.walk(folder) for f in fs if not f.endswith(".txt")}

    def entry(path):
        path = path.split("!/")[0]
        for candidate in (path, os.path.relpath(path, folder) if os.path.isabs(path) or path.startswith(folder) else path):
            if candidate in files:
                return files[candidate]
        return None
    for asset in report.get("assets") or []:
        found = entry(asset["path"])
        if found is None or asset.get("verdict") not in RANK:
            continue
        if found[1] == {"not recognised"}:
            found[0], found[1] = "ok", set()
        if RANK[asset["verdict"]] > RANK[found[0]]:
            found[0] = asset["verdict"]
    for finding in report.get("findings") or []:
        found = entry(finding["location"]["path"])
        if found is not None and finding["rule"].startswith("artifact/"):
            found[1].add("%s: %s" % (finding["rule"], finding["message"][:200]))
    for error in (report.get("coverage") or {}).get("errors") or []:
        found = entry(error["path"])
        if found is not None:
            found[0] = found[0] if found[0] == "malicious" else "error"
            found[1].add(error["error"][:200])
    return files


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--merlon", default="bin/merlon")
    p.add_argument("--cache", default=os.path.join(".cache", "peers"))
    p.add_argument("--sets", default="current,middle,old")
    p.add_argument("--torch", default="system,bullseye,trixie,forky")
    args = p.parse_args()
    cache = os.path.abspath(args.cache)
    os.makedirs(cache, exist_ok=True)
    rows, notes, why = [], [], []
    jobs = [(s, make_set) for s in args.sets.split(",") if s] + [("torch " + s, lambda n, c: make_torch(n.split()[1], c)) for s in args.torch.split(",") if s]
    for name, make in jobs:
        try:
            folder, versions = make(name, cache)
        except (OSError, subprocess.CalledProcessError) as e:
            notes.append("%s: not made: %s" % (name, reason(e)))
            continue
        notes.append("%s: %s%s" % (name, versions, " (a version that the allowlist was made with)" if "torch 1.13" in versions else ""))
        with open(os.path.join(folder, "skipped.txt")) as f:
            notes += ["%s: the libraries could not save %s" % (name, line.strip()) for line in f]
        counts = collections.defaultdict(collections.Counter)
        for path, (verdict, names) in sorted(judge(args.merlon, folder).items()):
            counts[path.split("-")[0]][verdict] += 1
            if verdict != "ok":
                why.append("%-11s %s/%s: %s" % (verdict, name, path, "; ".join(sorted(names)) or "no finding says why"))
        rows += [(library, name, c) for library, c in sorted(counts.items())]
    total = collections.Counter()
    print("%-12s %-16s %6s %6s %11s %10s %6s" % ("library", "set", "files", "ok", "unverified", "malicious", "error"))
    for library, name, c in sorted(rows, key=lambda r: r[0]):
        total.update(c)
        print("%-12s %-16s %6d %6d %11d %10d %6d" % (library, name, sum(c.values()), c["ok"], c["unverified"], c["malicious"], c["error"]))
    files = sum(total.values())
    print("%-12s %-16s %6d %6d %11d %10d %6d" % ("all", "", files, total["ok"], total["unverified"], total["malicious"], total["error"]))
    print("\n" + "\n".join(notes))
    if why:
        print("\nnot ok:\n" + "\n".join(why))
    share = total["unverified"] / files if files else 1
    good = files and not total["malicious"] and not total["error"] and share <= MAX_UNVERIFIED
    print("\n%s: %d files, %d malicious (want 0), %.2f %% unverified (want at most %g %%), %d errors (want 0)" % ("pass" if good else "FAIL", files, total["malicious"], 100 * share, 100 * MAX_UNVERIFIED, total["error"]))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
