from Cryptodome.Cipher import AES, ARC4
from cryptography.hazmat.primitives.ciphers import algorithms


def old(key):
    return ARC4.new(key)  # want: B304


def old_other(key):
    return algorithms.Blowfish(key)  # want: B304


def new(key, nonce):
    return AES.new(key, AES.MODE_GCM, nonce)  # ok: not broken


def new_other(key):
    return algorithms.AES(key)  # ok: not broken
