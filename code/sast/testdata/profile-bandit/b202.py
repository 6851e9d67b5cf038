import tarfile


def unpack(path):
    tarfile.open(path).extractall("models")  # want: B202


def unpack_members(path, members):
    with tarfile.open(path) as tar:
        tar.extractall("models", members=members)  # want: B202


def unpack_chosen(path, chosen):
    with tarfile.open(path) as tar:
        tar.extractall("models", members=chosen(tar))  # want: B202


def unpack_trusted(path):
    tarfile.open(path).extractall("models", filter="fully_trusted")  # want: B202


def unpack_filtered(path):
    tarfile.open(path).extractall("models", filter="data")  # ok: filtered


def unpack_one(path):
    tarfile.open(path).extract("model.bin", "models")  # ok: one member
