from Crypto.Hash import MD5, SHA256  # want: B413
from cryptography.hazmat.primitives import hashes


def digest():
    return MD5.new()  # want: B303


def digest_other():
    return hashes.SHA1()  # want: B303


def digest_good():
    return SHA256.new()  # ok: not broken


def digest_good_other():
    return hashes.SHA256()  # ok: not broken
