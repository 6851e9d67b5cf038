"""Signs the model in this folder with one version of model_signing, and keeps the
signatures and public keys in a folder named after it. The private keys are thrown
away. Run it with each version installed:

    pip install model-signing==1.1.1 pyopenssl        # also 1.0.1, 0.3.1, 0.2.0
    python make.py

Versions before 1.1 need sigstore 3.6 (0.2.0: sigstore-protobuf-specs 0.3.2).
"""

import datetime
import importlib.metadata
import pathlib
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

here = pathlib.Path(__file__).resolve().parent
version = importlib.metadata.version("model-signing")
out = here / version
out.mkdir(exist_ok=True)
model, single = here / "model", here / "model" / "weights" / "a.bin"
tmp = pathlib.Path(tempfile.mkdtemp())


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def spki(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


keys = {}
for name, curve in ("p256", ec.SECP256R1()), ("p384", ec.SECP384R1()), ("p521", ec.SECP521R1()):
    keys[name] = ec.generate_private_key(curve)
    (tmp / name).write_bytes(pem(keys[name]))
    if version != "0.2.0" or name == "p256":
        (out / f"{name}.pub").write_bytes(spki(keys[name]))


def certificate(name, key, issuer=None, issuer_key=None):
    """Valid from 2025 to 2045."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    b = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
    b = b.public_key(key.public_key()).serial_number(x509.random_serial_number())
    b = b.not_valid_before(datetime.datetime(2025, 1, 1)).not_valid_after(datetime.datetime(2045, 1, 1))
    ca = name != "signer"
    b = b.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    b = b.add_extension(x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), critical=True)
    if not ca:
        b = b.add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
    return b.sign(issuer_key or key, hashes.SHA256())


def sign_old():
    from model_signing import model as api
    from model_signing.hashing import file, memory
    from model_signing.serialization import serialize_by_file
    from model_signing.signature import key
    from model_signing.signing import in_toto, in_toto_signature

    signer = in_toto_signature.IntotoSigner(key.ECKeySigner.from_path(str(tmp / "p256")))
    serializer = serialize_by_file.ManifestSerializer(lambda p: file.SimpleFileHasher(p, memory.SHA256()))
    api.sign(model, signer, in_toto.DigestsIntotoPayload.from_manifest, serializer).write(out / "folder.sig")


def sign_new():
    from model_signing import hashing, signing
    from model_signing._signing import sign_sigstore

    if version < "1.1":  # it asks the network although it signs with a key
        sign_sigstore.Signer.__init__ = lambda self, **kwargs: None

    def with_key(name):
        return signing.Config().use_elliptic_key_signer(private_key=tmp / name)

    for name in keys:
        with_key(name).sign(model, out / f"folder-{name}.sig")
    with_key("p256").sign(single, out / "file.sig")
    shards = hashing.Config().use_shard_serialization(shard_size=4)
    with_key("p256").set_hashing_config(shards).sign(model, out / "shards.sig")

    if version == "0.3.1":
        return  # it cannot sign with certificates: an argument is misspelt in it

    root_key, middle_key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1())
    root = certificate("root", root_key)
    middle = certificate("middle", middle_key, root, root_key)
    leaf = certificate("signer", keys["p256"], middle, middle_key)
    for name, cert in ("root", root), ("middle", middle), ("leaf", leaf):
        (tmp / f"{name}.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    (out / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    signing.Config().use_certificate_signer(
        private_key=tmp / "p256", signing_certificate=tmp / "leaf.pem", certificate_chain=[tmp / "middle.pem"]
    ).sign(model, out / "certificate.sig")


sign_old() if version == "0.2.0" else sign_new()
print(version, sorted(p.name for p in out.iterdir()))
