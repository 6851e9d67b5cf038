import marshal


def read(f):
    return marshal.load(f)  # want: B302


def read_bytes(data):
    return marshal.loads(data)  # want: B302


def write(value):
    return marshal.dumps(value)  # ok: written
