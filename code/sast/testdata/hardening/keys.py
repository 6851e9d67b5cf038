"""Keys, starting values and salts that stand in the code."""
import hashlib
import hmac
import os

import jwt
from Crypto.Cipher import AES
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def key_in_code(data):
    return AES.new(b"sixteen byte key", AES.MODE_GCM)  # want: code/hard-coded-key


def key_from_environment(data):
    return AES.new(bytes.fromhex(os.environ["DATA_KEY"]), AES.MODE_GCM)  # ok: from the environment


def fernet_key_in_code():
    return Fernet("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=")  # want: code/hard-coded-key


def fernet_key_from_file(path):
    with open(path, "rb") as f:
        return Fernet(f.read())  # ok: read


def mac_in_code(message):
    return hmac.new(b"k1-very-secret", message, hashlib.sha256)  # want: code/hard-coded-key


def mac_from_caller(key, message):
    return hmac.new(key, message, hashlib.sha256)  # ok: only the caller knows


def token_key_in_code(claims):
    return jwt.encode(claims, "secret", algorithm="HS256")  # want: code/hard-coded-jwt-key


def token_key_from_environment(claims):
    return jwt.encode(claims, os.environ["JWT_KEY"], algorithm="HS256")  # ok: from the environment


def same_start(key):
    return AES.new(key, AES.MODE_CBC, b"0000000000000000")  # want: code/constant-iv


def own_start(key):
    return AES.new(key, AES.MODE_CBC)  # ok: the library makes one


def same_start_of_mode(key):
    return Cipher(algorithms.AES(key), modes.CBC(b"0000000000000000"))  # want: code/constant-iv-mode


def own_start_of_mode(key):
    return Cipher(algorithms.AES(key), modes.CBC(os.urandom(16)))  # ok: random


def one_salt(password):
    return hashlib.pbkdf2_hmac("sha256", password, b"salt", 600000)  # want: code/constant-salt


def own_salt(password):
    return hashlib.pbkdf2_hmac("sha256", password, os.urandom(16), 600000)  # ok: random


def one_salt_scrypt(password):
    return hashlib.scrypt(password, salt=b"salt", n=2 ** 14, r=8, p=1)  # want: code/constant-salt-scrypt


def own_salt_scrypt(password, salt):
    return hashlib.scrypt(password, salt=salt, n=2 ** 14, r=8, p=1)  # ok: only the caller knows
