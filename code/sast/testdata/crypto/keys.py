import hashlib
import os
import random
import secrets
import tempfile

import jwt
from Crypto.Cipher import AES, DES
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def md5(data):
    return hashlib.md5(data).hexdigest()  # want: code/weak-hash


def md5_checksum(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()  # ok: says that it protects nothing


def sha256(data):
    return hashlib.sha256(data).hexdigest()  # ok: not broken


def by_name(data):
    return hashlib.new("md5", data)  # want: code/weak-hash-by-name


def by_good_name(data):
    return hashlib.new("sha256", data)  # ok: not broken


def password(password):
    return hashlib.sha256(password.encode()).hexdigest()  # want: code/weak-password-hash


def password_slow(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)  # ok: slow


def des(key):
    return DES.new(key, DES.MODE_CBC)  # want: code/weak-cipher


def blowfish(key):
    return Cipher(algorithms.Blowfish(key), modes.CBC(b"0" * 8))  # want: code/weak-cipher, code/constant-iv-mode


def ecb(key):
    return Cipher(algorithms.AES(key), modes.ECB())  # want: code/weak-cipher-mode


def ecb_pycrypto(key):
    return AES.new(key, AES.MODE_ECB)  # want: code/weak-cipher-mode-ecb


def gcm(key):
    return AES.new(key, AES.MODE_GCM)  # ok: authenticated


def short():
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # want: code/short-key


def long():
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)  # ok: long enough


def short_pycrypto():
    return RSA.generate(1024)  # want: code/short-key-pycrypto


def make_token(letters):
    return "".join(random.choice(letters) for _ in range(32))  # want: code/weak-random


def make_otp():
    code = random.randint(100000, 999999)  # want: code/weak-random
    return code


def shuffle_data(rows):
    return random.sample(rows, 10)  # ok: protects nothing


def make_good_token():
    return secrets.token_urlsafe(32)  # ok: not predictable


def temporary():
    return tempfile.mktemp()  # want: code/predictable-file


def temporary_file():
    return tempfile.mkstemp()  # ok: made at once


def token_unchecked(token):
    return jwt.decode(token, options={"verify_signature": False})  # want: code/jwt-not-verified


def token_checked(token, key):
    return jwt.decode(token, key, algorithms=["RS256"])  # ok: checked


def everybody(path):
    os.chmod(path, 0o777)  # want: code/file-for-everyone


def owner(path):
    os.chmod(path, 0o600)  # ok: the owner only
