import ssl


def believe():
    return ssl._create_unverified_context()  # want: B323


def check():
    return ssl.create_default_context()  # ok: checked


def kept():
    return ssl._create_unverified_context  # ok: not called
