import os
import subprocess  # want: B404
from os import popen


def system(text):
    os.system(text)  # want: B605


def read(text):
    return popen("/bin/cat " + text).read()  # want: B605


def output(text):
    return subprocess.getoutput(text)  # want: B605


def system_constant():
    os.system("/bin/sync")  # want: B605


def nothing():
    return os.system  # ok: not called


def listed():
    return os.listdir(".")  # ok: no shell
