"""Ask one scanner about many files, as its own command line would, and print a line of JSON for each.

usage: worker.py picklescan|picklescan-strict|modelscan|fickling < paths.json

The scanner is imported once; every file is then looked at in a forked process with a time and a memory limit, so the
CPU time of a file is that of the scan, without the start of the interpreter. Scanners only: nothing is loaded.

An outcome is one of caught, warned (said something that is no verdict), passed, skipped (not a file the scanner reads)
and error (it crashed, gave up or ran out of time). `fails` says whether the command line would end with a code other
than 0.
"""
import json
import os
import resource
import signal
import sys

TIMEOUT = 60  # seconds for a file
MEMORY = 12 << 30  # bytes of address space


def picklescan(strict=False):
    import logging
    from picklescan import scanner
    logging.getLogger("picklescan").setLevel(logging.CRITICAL)

    def scan(path):
        look = scanner.scan_directory_path if os.path.isdir(path) else scanner.scan_file_path
        r = look(path, strict=strict)
        said = ["%s.%s %s" % (g.module, g.name, g.safety.value) for g in r.globals if g.safety.value != "innocuous"]
        if r.issues_count:
            return "caught", said
        if r.scan_err:
            return "error", said
        if r.suspicious_count:
            return "warned", said
        return ("passed" if r.scanned_files else "skipped"), said
    return scan, {"caught": True, "error": True}


def modelscan():
    import logging
    from modelscan.modelscan import ModelScan
    from modelscan.settings import DEFAULT_SETTINGS
    logging.getLogger("modelscan").setLevel(logging.CRITICAL)
    try:
        import tensorflow  # noqa: F401  (the scanner of SavedModel imports it on first use)
    except ImportError:
        pass

    def scan(path):
        m = ModelScan(settings=DEFAULT_SETTINGS)
        m.scan(path)
        issues = m.issues.all_issues
        said = ["%s: %s" % (i.severity.name, i.details.output_lines()[0]) for i in issues]
        if any(i.severity.name in ("CRITICAL", "HIGH") for i in issues):
            return "caught", said
        if m.errors:
            return "error", said + [str(e.to_dict()) for e in m.errors]
        if issues:
            return "warned", said
        return ("passed" if m.scanned else "skipped"), said
    return scan, {"caught": True, "warned": True, "error": True, "skipped": True}


def fickling():
    """As its mode for whole repositories (fickling --huggingface) takes the files of one."""
    import types
    from fickling.analysis import Severity
    from fickling.cli import HF_RAW_PICKLE_EXTENSIONS, HF_ZIP_PICKLE_EXTENSIONS
    from fickling.loader import scan_file, scan_zip_archive
    # Of PyTorch, fickling needs this function alone to tell what a file is.
    serialization = types.ModuleType("torch.serialization")
    serialization._is_zipfile = lambda f: (f.seek(0), f.read(4), f.seek(0))[1] == b"PK\3\4"
    sys.modules.update({"torch": types.ModuleType("torch"), "torch.serialization": serialization})
    from fickling.polyglot import find_file_properties

    def one(path):
        ext, props = os.path.splitext(path)[1].lower(), find_file_properties(path)
        if props["is_torch_zip"] or props["is_standard_zip"] or ext in HF_ZIP_PICKLE_EXTENSIONS:
            return list(scan_zip_archive(path, graceful=True, json_output_path=os.devnull).values())
        if props["is_valid_pickle"] or ext in HF_RAW_PICKLE_EXTENSIONS:
            return [scan_file(path, graceful=True, json_output_path=os.devnull)]
        return []

    def scan(path):
        files = [os.path.join(d, f) for d, _, fs in os.walk(path) for f in fs] if os.path.isdir(path) else [path]
        results = [r for f in files for r in one(f)]
        said = [str(e) for r in results for e in r.errors] + [a.to_string() for r in results for a in r.results if a.severity > Severity.LIKELY_SAFE]
        read = [a for r in results for a in r.results]
        if any(a.severity > Severity.SUSPICIOUS for a in read):
            return "caught", said
        if any(a.severity > Severity.LIKELY_SAFE for a in read):
            return "warned", said
        if any(r.errors for r in results):
            return "error", said
        return ("passed" if results else "skipped"), said
    return scan, {"caught": True, "warned": True, "error": True}


def child(scan, path, out):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(TIMEOUT)
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.dup2(devnull, 2)
    try:
        outcome, said = scan(path)
    except BaseException as e:  # a crash of the scanner, recursion and memory included
        outcome, said = "error", ["%s: %s" % (type(e).__name__, e)]
    os.write(out, json.dumps([outcome, [s[:160] for s in said[:3]]]).encode())
    os._exit(0)


def main():
    name = sys.argv[1]
    scan, fails = {"picklescan": picklescan, "picklescan-strict": lambda: picklescan(True), "modelscan": modelscan, "fickling": fickling}[name]()
    answers = os.fdopen(os.dup(1), "w")
    for path in json.load(sys.stdin):
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(r)
            child(scan, path, w)
        os.close(w)
        text = b""
        while part := os.read(r, 1 << 16):
            text += part
        os.close(r)
        _, status, usage = os.wait4(pid, 0)
        try:
            outcome, said = json.loads(text)
        except ValueError:
            outcome, said = "error", ["ended by signal %d" % (status & 127)]
        answers.write(json.dumps({"path": path, "outcome": outcome, "said": said, "fails": fails.get(outcome, False), "cpu": usage.ru_utime + usage.ru_stime}) + "\n")
    answers.flush()


main()
