#!/usr/bin/env python3
"""Make allow.tsv again: environments, pickles, facts, hostile trials, table.

usage: make.py [--pythons ~/.pyenv/versions] [--work .cache/allowlist] [--out model/artifact/pickle/policy] [--hostile] [--partial]

Needs the interpreters of environments.tsv (MAJOR.MINOR.* folders below --pythons), pip with access to PyPI and, for
PyTorch, Debian's python3-torch. An environment that cannot be made stops the run, because a table made without it
would lose names; --partial writes the table below --work instead. --hostile tries every entry under an audit hook
(about 10 minutes per environment) and prints what is not quiet. Steps whose output exists are not repeated.
"""
import argparse
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TORCH = ("torch$ torch._utils$ torch._tensor$ torch.tensor$ torch.storage$ torch.nn. torch.optim. torch.distributions. torch.utils.data. torch.utils.hooks torch.cuda.amp "
         "torch.amp torch.ao.nn. torch.ao.quantization torch.quantization torch.functional").split()


def interpreter(pythons, version):
    if version == "system":
        return "/usr/bin/python3"
    found = sorted(glob.glob(os.path.join(pythons, version + ".*", "bin", "python")))
    if not found and sys.version_info[:2] == tuple(map(int, version.split("."))):
        return sys.executable
    if not found:
        raise OSError("no Python %s below %s" % (version, pythons))
    return found[-1]


def environment(name, version, packages, args):
    """(command prefix, environment variables) that run Python with the packages."""
    python = interpreter(args.pythons, version)
    folder = os.path.join(args.work, "venv", name)
    if version == "system":
        subprocess.check_call([python, "-c", "import torch"])
        return [python], {}
    options = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    if version == "2.7":
        if not os.path.isdir(folder):
            subprocess.check_call([python, "-m", "pip", "install", "--target", folder] + options + packages)
        return [python], {"PYTHONPATH": folder}
    if not os.path.isdir(folder):
        subprocess.check_call([python, "-m", "venv", folder])
        subprocess.check_call([os.path.join(folder, "bin", "pip"), "install"] + options + packages)
    return [os.path.join(folder, "bin", "python")], {}


def tool(name, *rest):
    return [os.path.join(HERE, name)] + list(rest)


def wheel(spec, folder):
    requirement, python, platform = spec
    os.makedirs(folder, exist_ok=True)
    pattern = os.path.join(folder, requirement.replace("==", "-") + "-*.whl")
    if not glob.glob(pattern):
        subprocess.check_call([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--python-version", python[2:], "--platform", platform, "--dest", folder, requirement])
    return glob.glob(pattern)[0]


def one(name, version, packages, args):
    """Pickles, facts and, if asked for, trials of one environment."""
    facts = os.path.join(args.work, "facts", name + ".tsv")
    if version == "source":
        if not os.path.exists(facts):
            library, number = packages[0].split("==")
            subprocess.check_call([sys.executable] + tool("introspect_source.py", library, number, wheel(packages, os.path.join(args.work, "wheels")), facts, *TORCH))
        return None
    python, env = environment(name, version, packages, args)
    env = dict(os.environ, **env)
    pickles = os.path.join(args.work, "pickles", name)
    libraries = ["torch"] if version == "system" else ["stdlib", "numpy", "scipy", "pandas", "sklearn", "boost"]
    if not os.path.isdir(pickles):
        subprocess.check_call(python + ["-W", "ignore"] + tool("emit.py", pickles, *libraries), env=env)
    if not os.path.exists(facts):
        subprocess.check_call(python + ["-W", "ignore"] + tool("introspect.py", facts, *(["torch"] if version == "system" else [])), env=env)
    return name, python, env, pickles


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--pythons", default=os.path.expanduser("~/.pyenv/versions"))
    p.add_argument("--work", default=os.path.join(".cache", "allowlist"))
    p.add_argument("--out", default=os.path.join("model", "artifact", "pickle", "policy"))
    p.add_argument("--hostile", action="store_true")
    p.add_argument("--partial", action="store_true")
    args = p.parse_args()
    args.work = os.path.abspath(args.work)
    os.makedirs(os.path.join(args.work, "facts"), exist_ok=True)
    with open(os.path.join(HERE, "environments.tsv")) as f:
        listed = [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]
    runs, missing = [], []
    for name, version, packages in listed:
        try:
            runs.append(one(name, version, packages.split(), args))
        except (OSError, subprocess.CalledProcessError) as e:
            missing.append("%s: %s" % (name, e))
    if missing and not args.partial:
        sys.exit("cannot make allow.tsv without:\n" + "\n".join(missing))
    runs = [r for r in runs if r]
    uses = os.path.join(args.work, "uses.tsv")
    with open(uses, "w") as f:
        subprocess.check_call([sys.executable] + tool("uses.py", *[r[3] for r in runs]), stdout=f)
    table = os.path.join(args.work if args.partial else args.out, "allow.tsv")
    facts = sorted(glob.glob(os.path.join(args.work, "facts", "*.tsv")))
    subprocess.check_call([sys.executable] + tool("merge.py", "--facts", *facts, "--uses", uses, "--deny", os.path.join(args.out, "deny.tsv"), "--out", table, "--report", os.path.join(args.work, "report.tsv")))
    for name, python, env, pickles in runs if args.hostile else []:
        result = os.path.join(args.work, "hostile-%s.tsv" % name)
        if "2.7" in python[0] or subprocess.call(python + ["-c", "import sys; sys.addaudithook"]) != 0:
            print("%s: no audit hooks before Python 3.8" % name)
            continue
        subprocess.check_call(python + ["-W", "ignore"] + tool("hostile.py", table, pickles, result), env=env)
        with open(result) as f:
            print("".join(line for line in f if line.split("\t")[2] in ("event", "crash", "timeout")), end="")


if __name__ == "__main__":
    main()
