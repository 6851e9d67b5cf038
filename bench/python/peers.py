#!/usr/bin/env python3
"""Compare our syntax trees with those of the newest CPython, over its library and the packages of packages.txt.

usage: peers.py [--cache .cache/python] [--python PROGRAM] [--compare PROGRAM] [--jobs N] [--mutants N]

CPython is PROGRAM, else python3.14 from PATH, else the one of Debian forky, unpacked by mmdebstrap (which needs root or
user namespaces) with its test suite. The wheels (1.7 GB, once) come from PyPI with pip download; only their .py and .pyi
files are kept. Mutants are pieces of the standard library with a token changed, removed or added: both must accept or reject
them, with the same tree. Exit 1: a difference.
"""
import argparse
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ORACLE = os.path.join(HERE, "oracle.py")
MIRROR = "http://deb.debian.org/debian"
PLATFORMS = ["manylinux_2_28_x86_64", "manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_27_x86_64", "any"]


def newest_cpython(wanted, cache):
    """The command of an interpreter and the folder of its library."""
    for program in [wanted] if wanted else ["python3.14", "python3.15"]:
        if program and shutil.which(program):
            return [program], library([program])
    root = os.path.join(cache, "root-forky")
    if not os.path.exists(os.path.join(root, "made")):
        shutil.rmtree(root, ignore_errors=True)
        subprocess.run(["mmdebstrap", "--variant=extract", "--aptopt=APT::Install-Recommends \"0\"",
                        "--aptopt=Acquire::Check-Valid-Until \"false\"",
                        "--include=python3.14-minimal,libpython3.14-stdlib,libpython3.14-testsuite,libc6", "forky", root, MIRROR], check=True, stdout=subprocess.DEVNULL)
        open(os.path.join(root, "made"), "w").close()
    # Not in a chroot: the interpreter has to see the files.
    libs = ":".join(os.path.join(root, d) for d in ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib"))
    loader = next(os.path.join(root, d) for d in ("usr/lib64/ld-linux-x86-64.so.2", "usr/lib/ld-linux-aarch64.so.1") if os.path.exists(os.path.join(root, d)))
    os.environ["PYTHONHOME"] = os.path.join(root, "usr")
    command = [loader, "--library-path", libs, os.path.join(root, "usr/bin/python3.14")]
    return command, library(command)


def library(command):
    ask = "import os, sys; assert sys.version_info >= (3, 12), 'CPython 3.12 or newer is needed'; print(os.path.dirname(os.__file__))"
    return subprocess.run(command + ["-c", ask], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def pinned():
    with open(os.path.join(HERE, "packages.txt")) as f:
        return [line.strip() for line in f if line.strip() and not line.startswith("#")]


def packages(cache, pins):
    """Download and unpack what is not there yet; returns the folders and what could not be had."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONHOME"}
    folders, missing = [], []
    for pin in pins:
        folder = os.path.join(cache, "src", pin)
        if not os.path.exists(folder):
            wheels = os.path.join(cache, "wheel")
            shutil.rmtree(wheels, ignore_errors=True)
            platforms = [a for p in PLATFORMS for a in ("--platform", p)]
            got = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                                  "--only-binary", ":all:", "--python-version", "3.12", *platforms, "-d", wheels, pin],
                                 env=environment, stderr=subprocess.PIPE, text=True)
            if got.returncode:  # no wheel: the sources
                got = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:", "-d", wheels, pin],
                                     env=environment, stderr=subprocess.PIPE, text=True)
            if got.returncode:
                missing.append("%s: %s" % (pin, (got.stderr.strip().splitlines() or ["?"])[-1]))
                continue
            os.makedirs(folder + ".part", exist_ok=True)
            for name in os.listdir(wheels):
                if name.endswith(".tar.gz"):
                    unpack_source(os.path.join(wheels, name), folder + ".part")
                    continue
                with zipfile.ZipFile(os.path.join(wheels, name)) as z:
                    for member in z.infolist():
                        if member.filename.endswith((".py", ".pyi")) and ".." not in member.filename:
                            z.extract(member, folder + ".part")
            os.rename(folder + ".part", folder)
            shutil.rmtree(wheels)
        folders.append(folder)
    return folders, missing


def unpack_source(archive, folder):
    """Keep the Python files of a source distribution, without the folders above the packages."""
    with tarfile.open(archive) as t:
        for member in t:
            path = re.sub(r"^[^/]+/((Lib|lib|src)/)?", "", member.name)
            if member.isfile() and path.endswith((".py", ".pyi")) and ".." not in path:
                target = os.path.join(folder, path)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "wb") as f:
                    f.write(t.extractfile(member).read())


def sources(folder):
    found = (os.path.join(d, f) for d, _, files in os.walk(folder) for f in files if f.endswith(".py"))
    return sorted(f for f in found if os.path.isfile(f))


TOKENS = """( ) [ ] { } , : . ; = == -> ... := ! + - * @ / % ** << | ~ < != += False None and as assert async await break class
continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while
with yield match case type _ x 1 "s" b'' f'{x}' t'{y}' print 0777 1L *x **x x=1 x:int""".split() + ["\n", "\n    ", "\\\n", "#c\n", "\t", "\f"]


def mutants(files, folder, count):
    """Write pieces of files with up to two changes."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    dice = random.Random(count)
    made = []
    while len(made) < count:
        try:
            with open(dice.choice(files), encoding="utf-8", newline="") as f:
                lines = f.readlines()
        except UnicodeDecodeError:
            continue
        starts = [i for i, line in enumerate(lines) if line[:1].isalpha() or line[:1] == "@"]
        if not starts:
            continue
        first = dice.randrange(len(starts))
        last = min(first + dice.randint(1, 3), len(starts) - 1)
        end = starts[last] if last > first else len(lines)
        tokens = re.findall(r"\w+|\s+|\W", "".join(lines[starts[first]:min(end, starts[first] + 60)]))
        for _ in range(dice.randint(0, 2)):
            i, how = dice.randrange(len(tokens)), dice.random()
            if how < 0.3 and len(tokens) > 1:
                del tokens[i]
            elif how < 0.7:
                tokens.insert(i, dice.choice(TOKENS))
            else:
                tokens[i] = dice.choice(TOKENS)
        path = os.path.join(folder, "%06d.py" % len(made))
        with open(path, "wb") as f:
            f.write("".join(tokens).encode())
        made.append(path)
    return made


def ask(command, files):
    return subprocess.run(command + [ORACLE], input="\n".join(files), stdout=subprocess.PIPE, check=True, text=True, errors="replace").stdout


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--cache", default=os.path.join(".cache", "python"))
    p.add_argument("--python", default="")
    p.add_argument("--compare", default=os.path.join(".cache", "python", "compare"))
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("--mutants", type=int, default=20000)
    args = p.parse_args()
    cache = os.path.abspath(args.cache)
    os.makedirs(cache, exist_ok=True)
    folders, missing = packages(cache, pinned())
    command, lib = newest_cpython(args.python, cache)
    version = subprocess.run(command + ["-c", "import sys; print(sys.version.split()[0])"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    print("CPython %s, library %s, %d packages" % (version, lib, len(folders)), flush=True)
    standard = sources(lib)
    sets = [("standard library", standard), ("packages", [f for d in folders for f in sources(d)])]
    if args.mutants:
        sets.append(("mutants", mutants(standard, os.path.join(cache, "mutants"), args.mutants)))
    good = True
    for name, files in sets:
        step = 200
        chunks = [files[i:i + step] for i in range(0, len(files), step)]
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            said = "".join(pool.map(lambda c: ask(command, c), chunks))
        print("\n%s:" % name, flush=True)
        good &= subprocess.run([args.compare, "-v"], input=said, text=True).returncode == 0
    for m in missing:
        print("not had: " + m)
    if len(folders) < 60:
        print("only %d packages, at least 60 are wanted" % len(folders))
        good = False
    print("\n" + ("pass" if good else "FAIL"))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
