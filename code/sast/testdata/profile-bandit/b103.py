import os
import stat


def everybody(path):
    os.chmod(path, 0o777)  # want: B103


def group(path):
    os.chmod(path, 0o620)  # want: B103


def method(handle):
    handle.fchmod(3, 0o644 | 0)  # ok: not a plain number
    handle.fchmod(3, 0o646)  # want: B103


def owner(path):
    os.chmod(path, 0o600)  # ok: the owner only


def readable(path):
    os.chmod(path, 0o644)  # ok: others read


def named(path):
    os.chmod(path, stat.S_IRWXO)  # ok: a name


def one_argument(path):
    path.chmod(0o777)  # ok: one argument
