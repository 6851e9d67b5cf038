import tempfile
from tempfile import mktemp as name_for


def name():
    return tempfile.mktemp()  # want: B306


def name_short():
    return name_for(suffix=".bin")  # want: B306


def made():
    return tempfile.mkstemp()  # ok: made at once


def folder():
    return tempfile.mkdtemp()  # ok: made at once
