import ssl


def wrap(s):
    return ssl.wrap_socket(s)  # want: B504


def wrap_new(s):
    return ssl.wrap_socket(s, ssl_version=ssl.PROTOCOL_TLS_CLIENT)  # ok: a version


def wrap_context(s):
    return ssl.create_default_context().wrap_socket(s)  # ok: a context decides
