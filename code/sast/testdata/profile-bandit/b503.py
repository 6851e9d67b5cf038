import ssl


def connect(host, version=ssl.PROTOCOL_SSLv2):  # want: B503
    return host, version


def connect_new(host, version=ssl.PROTOCOL_TLS_CLIENT):  # ok: the newest
    return host, version


def connect_none(host, version=None):  # ok: no version
    return host, version
