from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def blocks(key):
    return Cipher(algorithms.AES(key), modes.ECB())  # want: B305


def counted(key, nonce):
    return Cipher(algorithms.AES(key), modes.GCM(nonce))  # ok: another mode
