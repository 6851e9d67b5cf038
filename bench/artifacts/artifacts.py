#!/usr/bin/env python3
"""Ask merlon and three scanners from PyPI about the same files in the same run, and count what they say.

usage: artifacts.py [--merlon bin/merlon] [--cache .cache/artifacts] [--peers .cache/peers] [--python PYTHON] [--tools merlon,modelscan] [--write]

The files are merlon's own: attempts to get past a scanner with a harmless twin of each (internal/evasion), a harmful and
a harmless file for each threat to each format (tools/corpus writes both), and ordinary models by real libraries
(bench/peers/benign.py). The scanners are pinned and hashed in requirements.txt; worker.py says how they are asked.
--write puts the counts into bench/artifacts/results.json, from which docs/models.md is made (go test ./docs -update).
Every single answer is in CACHE/answers.json. Only scanners see the harmful files; nothing loads them.
"""
import argparse
import collections
import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "bench", "peers"))
import benign  # noqa: E402
import peers  # noqa: E402

TOOLS = ["merlon", "picklescan", "picklescan-strict", "modelscan", "fickling"]
OUTCOMES = ["caught", "warned", "passed", "skipped", "error"]
TIMEOUT = 60  # seconds for a file
KINDS = {"pickle": "pickle, joblib", "torch": "PyTorch", "npy": "NumPy", "npz": "NumPy"}


def environment(cache):
    wanted = os.path.join(HERE, "requirements.txt")
    with open(wanted, "rb") as f:
        venv = os.path.join(cache, "venv-" + hashlib.sha256(f.read()).hexdigest()[:12])
    python = os.path.join(venv, "bin", "python")
    if not os.path.exists(os.path.join(venv, "made")):
        shutil.rmtree(venv, ignore_errors=True)
        peers.run([sys.executable, "-m", "venv", venv])
        peers.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", wanted])
        open(os.path.join(venv, "made"), "w").close()
    return python


def corpus(cache, args):
    """All cases: {"corpus", "group", "class", "name", "path", "harmful", "deep"}"""
    folder = os.path.join(cache, "corpus")
    shutil.rmtree(folder, ignore_errors=True)
    peers.run(["go", "run", "./tools/corpus", "-dir", folder], cwd=ROOT)
    with open(os.path.join(folder, "labels.json")) as f:
        cases = json.load(f)
    for c in cases:
        c["path"] = os.path.join(folder, c["path"])
    out, missing = benign.make(os.path.abspath(args.peers), args.python and os.path.abspath(args.python))
    for name in benign.models(out):
        form = name.split("/")[0]
        cases.append({"corpus": "ordinary", "group": KINDS.get(form, "other formats"), "class": form, "name": name, "path": os.path.join(out, name), "harmful": False})
    return cases, [m for m in missing if "not made" in m]


def ask_merlon(program, cases):
    """As worker.py does for the others, but with the start of the program in the CPU time."""
    for c in cases:
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(w, 1)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.closerange(3, 64)
            os.execv("/usr/bin/timeout", ["timeout", str(TIMEOUT), program, "scan", "--jobs", "1", "--format", "json", "--severity", "info"] + (["--deep"] if c.get("deep") else []) + [c["path"]])
        os.close(w)
        with os.fdopen(r, "rb") as f:
            text = f.read()
        _, status, usage = os.wait4(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        try:
            outcome, said = read_merlon(json.loads(text))
        except (ValueError, KeyError):
            outcome, said = "error", ["ended with %d" % code]
        yield {"path": c["path"], "outcome": outcome, "said": said, "fails": code != 0, "cpu": usage.ru_utime + usage.ru_stime}


def read_merlon(report):
    """caught: a malicious model, or a finding that is critical or high and sure. warned: the rest that is said."""
    findings = [f for f in report.get("findings") or [] if f["severity"] in ("critical", "high", "medium")]
    said = ["%s: %s" % (f["rule"], f["message"]) for f in findings]
    verdicts = {a.get("verdict") for a in report.get("assets") or []}
    errors = (report.get("coverage") or {}).get("errors") or []
    if "malicious" in verdicts or any(f["severity"] in ("critical", "high") and f["confidence"] == "high" for f in findings):
        return "caught", said
    if errors or "error" in verdicts:
        return "error", said + [e["error"] for e in errors]
    if "unverified" in verdicts or findings:
        return "warned", said
    return ("passed" if verdicts & {"ok"} else "skipped"), said


def ask(tool, python, program, cases):
    if tool == "merlon":
        return {a["path"]: a for a in ask_merlon(program, cases)}
    env = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
    said = subprocess.run([python, os.path.join(HERE, "worker.py"), tool], input=json.dumps([c["path"] for c in cases]), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    answers = {a["path"]: a for a in map(json.loads, said.stdout.splitlines())}
    if len(answers) != len({c["path"] for c in cases}):
        raise OSError("%s answered %d times for %d files: %s" % (tool, len(answers), len(cases), said.stderr[-300:]))
    return answers


def count(cases, answers, tools):
    rows = collections.OrderedDict()
    for tool in tools:
        for c in cases:
            key = (c["corpus"], c["harmful"], c["group"], tool)
            row = rows.setdefault(key, {"corpus": c["corpus"], "harmful": c["harmful"], "group": c["group"], "tool": tool, "files": 0, **{o: 0 for o in OUTCOMES}, "fails": 0, "cpu_seconds": 0.0})
            a = answers[tool][c["path"]]
            row["files"] += 1
            row[a["outcome"]] += 1
            row["fails"] += a["fails"]
            row["cpu_seconds"] += a["cpu"]
    for row in rows.values():
        row["cpu_seconds"] = round(row["cpu_seconds"], 2)
    return list(rows.values())


def show(rows, tools):
    for which in dict.fromkeys((r["corpus"], r["harmful"]) for r in rows):
        part = [r for r in rows if (r["corpus"], r["harmful"]) == which]
        print("\n%s, %s%s" % (which[0], "harmful" if which[1] else "harmless", "" if which[1] else ": everything but passed is a false alarm, skipped apart"))
        print("%-34s %-18s %6s %s %7s %9s" % ("group", "scanner", "files", " ".join("%7s" % o for o in OUTCOMES), "fails", "CPU s"))
        for group in dict.fromkeys(r["group"] for r in part):
            for r in [r for r in part if r["group"] == group]:
                print("%-34s %-18s %6d %s %7d %9.2f" % (group[:34], r["tool"], r["files"], " ".join("%7d" % r[o] for o in OUTCOMES), r["fails"], r["cpu_seconds"]))
        for tool in tools:
            mine = [r for r in part if r["tool"] == tool]
            print("%-34s %-18s %6d %s %7d %9.2f" % ("all", tool, sum(r["files"] for r in mine), " ".join("%7d" % sum(r[o] for r in mine) for o in OUTCOMES), sum(r["fails"] for r in mine), sum(r["cpu_seconds"] for r in mine)))


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--merlon", default=os.path.join(ROOT, "bin", "merlon"))
    p.add_argument("--cache", default=os.path.join(ROOT, ".cache", "artifacts"))
    p.add_argument("--peers", default=os.path.join(ROOT, ".cache", "peers"), help="where bench/peers keeps its models")
    p.add_argument("--python", help="an interpreter with the libraries of benign.py")
    p.add_argument("--tools", default=",".join(TOOLS))
    p.add_argument("--write", action="store_true", help="write bench/artifacts/results.json")
    args = p.parse_args()
    cache, tools = os.path.abspath(args.cache), args.tools.split(",")
    os.makedirs(cache, exist_ok=True)
    os.makedirs(os.path.abspath(args.peers), exist_ok=True)
    python = environment(cache)
    cases, missing = corpus(cache, args)
    answers = {tool: ask(tool, python, os.path.abspath(args.merlon), cases) for tool in tools}
    rows = count(cases, answers, tools)
    show(rows, tools)
    with open(os.path.join(cache, "answers.json"), "w") as f:
        json.dump([{**c, **{t: answers[t][c["path"]] for t in tools}} for c in cases], f, indent=1)
    said = peers.run([python, "-c", "import sys; from importlib.metadata import version as v; print(*[n + ' ' + v(n) for n in ('picklescan', 'modelscan', 'fickling', 'tensorflow-cpu', 'h5py', 'py7zr', 'numpy')], sys.version.split()[0], sep='\\n')"]).stdout.split("\n")
    versions = dict(line.split() for line in said if len(line.split()) == 2)
    versions["python"] = said[len(versions)]
    versions["merlon"] = peers.run([os.path.abspath(args.merlon), "version"]).stdout.split()[1]
    print("\n" + ", ".join("%s %s" % v for v in versions.items()))
    if missing:
        print("not had:\n" + "\n".join(missing))
    if args.write:
        if tools != TOOLS or missing:
            sys.exit("results.json is written only when every scanner and every model was there")
        with open(os.path.join(HERE, "results.json"), "w") as f:
            json.dump({"date": datetime.date.today().isoformat(), "versions": versions, "timeout_seconds": TIMEOUT, "rows": rows}, f, indent=1)
            f.write("\n")


if __name__ == "__main__":
    main()
