"""Signs and verifies with model_signing what a Go test asks for.

Reads one JSON object per line from stdin, {"op": "sign"|"verify", "model": PATH,
"sig": PATH, "key": PATH, "cert": PATH, "chain": [PATH], "shard": N, "links": BOOL,
"ignore": [PATH]}, and prints one line for each: "ok" or the error.
"""

import json
import sys

from model_signing import hashing, signing, verifying


def config(job):
    c = hashing.Config()
    links = job.get("links", False)
    if job.get("shard"):
        c.use_shard_serialization(shard_size=job["shard"], allow_symlinks=links)
    c.set_ignored_paths(paths=job.get("ignore", []))
    c.set_allow_symlinks(links)
    return c


def sign(job):
    c = signing.Config()
    if job.get("cert"):
        c.use_certificate_signer(private_key=job["key"], signing_certificate=job["cert"], certificate_chain=job["chain"])
    else:
        c.use_elliptic_key_signer(private_key=job["key"])
    c.set_hashing_config(config(job)).sign(job["model"], job["sig"])


def verify(job):
    c = verifying.Config()
    if job.get("chain"):
        c.use_certificate_verifier(certificate_chain=job["chain"])
    else:
        c.use_elliptic_key_verifier(public_key=job["key"])
    if job.get("links"):
        c.set_hashing_config(config(job))
    c.verify(job["model"], job["sig"])


stdout, sys.stdout = sys.stdout, sys.stderr  # the library prints warnings
for line in sys.stdin:
    job = json.loads(line)
    try:
        {"sign": sign, "verify": verify}[job["op"]](job)
        print("ok", file=stdout, flush=True)
    except Exception as e:  # every refusal is an exception of some kind
        print(f"{type(e).__name__}: {e}".replace("\n", " ")[:500], file=stdout, flush=True)
