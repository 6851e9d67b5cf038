import importlib

import telnetlib  # want: B401
from telnetlib import Telnet  # want: B401


def late():
    return importlib.import_module("telnetlib")  # want: B401


def other():
    return importlib.import_module("telnetlib3")  # ok: another module
