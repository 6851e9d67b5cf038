import crypt
import hashlib
from hashlib import md5


def digest(data):
    return hashlib.sha1(data)  # want: B324


def digest_imported(data):
    return md5(data)  # want: B324


def digest_by_name(data):
    return hashlib.new("MD4", data)  # want: B324


def old(word):
    return crypt.crypt(word, crypt.METHOD_MD5)  # want: B324


def salt():
    return crypt.mksalt(crypt.METHOD_CRYPT)  # want: B324


def cache_key(data):
    return hashlib.md5(data, usedforsecurity=False)  # ok: it says so


def digest_good(data):
    return hashlib.sha256(data)  # ok: not broken


def digest_good_by_name(data):
    return hashlib.new("sha512", data)  # ok: not broken


def new_salt():
    return crypt.mksalt(crypt.METHOD_SHA512)  # ok: not broken
