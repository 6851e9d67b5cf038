from Crypto.PublicKey import RSA  # want: B413
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa


def short():
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # want: B505


def short_positional():
    return rsa.generate_private_key(65537, 2047)  # want: B505


def short_dsa():
    return dsa.generate_private_key(1024)  # want: B505


def short_curve():
    return ec.generate_private_key(curve=ec.SECP192R1)  # want: B505


def short_bits():
    return RSA.generate(bits=512)  # want: B505


def long():
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)  # ok: long enough


def long_curve():
    return ec.generate_private_key(ec.SECP256R1)  # ok: long enough


def unknown(bits):
    return RSA.generate(bits)  # ok: no constant
