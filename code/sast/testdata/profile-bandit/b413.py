import Crypto.PublicKey.RSA  # want: B413
from Crypto import Random  # want: B413
from Crypto.Cipher import AES  # want: B413


def other():
    from Cryptodome.Cipher import AES as good  # ok: another library

    return good, AES, Random
