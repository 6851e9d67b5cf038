import ssl

from pyOpenSSL import SSL


def old(s):
    return ssl.wrap_socket(s, ssl_version=ssl.PROTOCOL_SSLv3)  # want: B502


def old_context():
    return SSL.Context(method=SSL.TLSv1_METHOD)  # want: B502


def old_elsewhere(connect):
    return connect(ssl_version=ssl.PROTOCOL_TLSv1)  # want: B502


def old_positional():
    return SSL.Context(SSL.SSLv2_METHOD)  # ok: keywords only


def new(s):
    return ssl.wrap_socket(s, ssl_version=ssl.PROTOCOL_TLSv1_2)  # ok: 1.2


def new_elsewhere(connect):
    return connect(ssl_version=ssl.PROTOCOL_TLS_CLIENT)  # ok: the newest
