import os
import tarfile

import jinja2


def unpack(path):
    tarfile.open(path).extractall("x")  # want: code/tar-unfiltered


def unpack_filtered(path):
    tarfile.open(path).extractall("x", filter="data")  # ok: filtered


def wildcard():
    os.system("/bin/tar cf x.tar *")  # want: code/shell-wildcard


def no_wildcard():
    os.system("/bin/tar cf x.tar ./*")  # ok: a name cannot begin with -


def jinja():
    return jinja2.Environment()  # want: code/jinja-autoescape-default


def jinja_escaped():
    return jinja2.Environment(autoescape=True)  # ok: escaped
