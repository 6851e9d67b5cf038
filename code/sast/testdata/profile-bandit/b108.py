def shared():
    return open("/tmp/model.bin", "rb")  # want: B108


def shared_memory(name):
    return f"/dev/shm/{name}"  # want: B108


def shared_old():
    folder = "/var/tmp"  # want: B108
    return folder


def data():
    return open("/data/tmp/model.bin", "rb")  # ok: another folder


def relative():
    return open("tmp/model.bin", "rb")  # ok: below the folder of the program
