"""Scan the chat templates that public packages ship: all must be ok.
python public.py /path/to/merlon
"""
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

PACKAGES = ["llama-cpp-python==0.3.36", "axolotl==0.19.0", "trl==1.16.0", "sglang==0.5.23", "unsloth==2026.10.9"]

with tempfile.TemporaryDirectory() as tmp:
    tmp = pathlib.Path(tmp)
    out = tmp / "templates"
    out.mkdir()
    for package in PACKAGES:
        kind = ["--no-binary", ":all:"] if package.startswith("llama") else ["--only-binary", ":all:"]
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", *kind, "-d", tmp, package], check=True)
    for archive in sorted(tmp.iterdir()):
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as z:
                files = {n: z.read(n) for n in z.namelist() if n.endswith(".jinja")}
        elif archive.name.endswith(".tar.gz"):
            with tarfile.open(archive) as t:
                files = {m.name: t.extractfile(m).read() for m in t if m.isfile() and m.name.endswith(".jinja")}
        else:
            continue
        for name, content in files.items():
            (out / f"chat_template-{archive.name.split('-')[0]}-{name.replace('/', '_')}").write_bytes(content)
    run = subprocess.run([sys.argv[1], "scan", str(out), "--format", "json"], capture_output=True, text=True)
    report = json.loads(run.stdout)
    bad = [a for a in report["assets"] if a["verdict"] != "ok"]
    for a in bad:
        print(a["verdict"], a["path"])
    for f in report["findings"]:
        print(f["rule"], f["location"]["path"], f["message"][:200])
    print(f"{len(report['assets'])} templates, {len(bad)} not ok, {len(report['findings'])} findings")
    sys.exit(bool(bad or report["findings"] or not report["assets"]))
