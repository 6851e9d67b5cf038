"""Signs and verifies with model_signing what a Go test asks for.

Reads one JSON object per line from stdin, {"op": "sign"|"verify"|"dsse", "model": PATH,
"sig": PATH, "key": PATH, "cert": PATH, "chain": [PATH], "shard": N, "links": BOOL,
"ignore": [PATH]}, and prints one line for each: "ok" or the error.
"""

import hashlib
import json
import sys

from cryptography.hazmat.primitives import serialization
from google.protobuf import json_format
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from model_signing import hashing, signing, verifying
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey


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


def dsse(job):
    """Verifies evidence with the reference implementations of DSSE and in-toto."""
    with open(job["key"], "rb") as f:
        pem = f.read()
    key = SSlibKey.from_crypto(serialization.load_pem_public_key(pem), keyid=hashlib.sha256(pem).hexdigest())
    with open(job["sig"], "rb") as f:
        envelope = Envelope.from_dict(json.load(f))
    envelope.verify([key], 1)
    statement = json_format.Parse(envelope.payload, statement_pb2.Statement())
    Statement.copy_from_pb(statement).validate()


stdout, sys.stdout = sys.stdout, sys.stderr  # the library prints warnings
for line in sys.stdin:
    job = json.loads(line)
    try:
        {"sign": sign, "verify": verify, "dsse": dsse}[job["op"]](job)
        print("ok", file=stdout, flush=True)
    except Exception as e:  # every refusal is an exception of some kind
        print(f"{type(e).__name__}: {e}".replace("\n", " ")[:500], file=stdout, flush=True)
