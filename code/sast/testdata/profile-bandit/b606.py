import os


def replace(path, words):
    os.execv(path, words)  # want: B606


def spawn(path, word):
    os.spawnlp(os.P_WAIT, path, word)  # want: B606


def open_file(path):
    os.startfile(path)  # want: B606


def fork():
    return os.fork()  # ok: no other program
